"""Stages of work, timed and written down: read, check, answer, refresh, publish and the like."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid

from prefect.runtime import flow_run

from schemas.errors import UnreadableError
from tasks.runtime.faults import kind_and_place
from warehouse.journal import write_line
from warehouse.root import Root


@contextmanager
def stage(
    root: Root, name: str, *, submission: str = "", la_code: str = ""
) -> Iterator[dict[str, int]]:
    """Time a stage of work and write one line about it when it ends, whether well or not.

    Hands over a dictionary for counts (rows, findings, files), which go into the line. In a flow
    run the line also goes to standard error, where the service's own log is.
    """
    counts: dict[str, int] = {}
    began = time.monotonic()
    fault = ""
    try:
        yield counts
    except UnreadableError:
        counts["refused"] = 1
        raise
    except BaseException as error:
        fault = kind_and_place(error)
        raise
    finally:
        run = str(flow_run.id or f"pid{getpid()}")
        line = {
            "run": run,
            "stage": name,
            "submission": submission,
            "la_code": la_code,
            "seconds": round(time.monotonic() - began, 4),
            "counts": counts,
            "fault": fault,
        }
        write_line(root, line)
        if flow_run.id:
            sys.stderr.write(f"{json.dumps(line)}\n")
