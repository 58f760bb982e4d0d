"""Notices to people: off by default, to a file or through a Prefect notification block.

A notice says who, which return, when and what; never anything from a child's row. That a notice
cannot be sent stops nothing: the same is in `sfp status` and in the notices folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect.blocks.core import Block

from tasks.runtime.faults import kind_and_place
from warehouse.root import PRIVATE_FILE, Root

_NOTICED_STATES = ("rejected", "held")


def send_notice(root: Root, subject: str, body: str) -> bool:
    """Send a notice where the root's settings say; return whether it was sent.

    `notify = "/path/of/a/file"` appends one line to the file; `notify = "slack-webhook/ops"` uses
    the Prefect block of that type and name; empty sends nothing.
    """
    to = root.settings().notify
    if not to:
        return False
    try:
        if Path(to).is_absolute():
            _append(Path(to), subject, body)
        else:
            _through_block(to, subject, body)
    except Exception as error:  # its text may hold the block's secret address
        sys.stderr.write(f"notice not sent: {kind_and_place(error)}\n")
        return False
    return True


def _append(path: Path, subject: str, body: str) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    # One line, whatever the texts hold.
    line = " | ".join(f"{at} {subject}: {body}".splitlines()) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line.encode())


def _through_block(name: str, subject: str, body: str) -> None:
    block: Any = Block.load(name)
    block.notify(body=body, subject=subject)


def notify_end(root: str, *, flow_name: str, run_name: str, run_id: str, how: str) -> bool:
    """Send a notice of a run that ended badly; return whether it was sent.

    Only its name and state are sent: the text of a fault stays in Prefect's own pages.
    """
    return send_notice(
        Root.at(root),
        f"{flow_name} {how}",
        f"run {run_name} ({run_id}) did not finish; a crashed run is made again by itself, a "
        "failed one by the next event or the nightly sweep. See Prefect's pages.",
    )


def notify_verdict(root: Root, verdict: Mapping[str, str]) -> bool:
    """Send a notice of a rejected or held submission; return whether one was sent."""
    if verdict["state"] not in _NOTICED_STATES:
        return False
    which = f"{verdict['la_code']} {verdict['return_name']} {verdict['quarter']}"
    return send_notice(
        root,
        f"{which} {verdict['state']}",
        f"submission {verdict['submission_id']}: {verdict['reason_code']}; {verdict['errors']} "
        f"errors, {verdict['queries']} queries. See `sfp findings {verdict['submission_id']}`.",
    )
