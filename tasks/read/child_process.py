"""The parent's side of `worker`: asks, waits, and turns whatever happened into an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from schemas.errors import UnreadableError
from schemas.limits import Limits

_WORKER = Path(__file__).with_name("worker.py")
_STOPPED = -1
_OPEN_FILES = "/proc/self/fd"
_SAYS = {
    "NOT_READ": "cannot be read, for a reason we did not foresee. Send it again as your system "
    "exports it, and tell us if that does not help",
    "XML_DTD": "holds a document type definition, which is not allowed. Take it out",
    "XML_LIMIT": "nests too deep or holds more than any return. Send only the return",
    "XML_DAMAGED": "is not well-formed XML. Send it again as your system exports it",
    "XML_ROOT": "does not begin as a return does. Send the return itself",
    "XML_STRUCTURE": "holds text or an element where the return has none. Check the export",
    "XML_REPEATED": "has an element twice where the return has it once. Send it once",
    "WORKBOOK_DAMAGED": "is a damaged or unusual workbook. Save it again as .xlsx and send that",
    "SHEET_TOO_LARGE": "has cells far outside any table, or too many sheets. Copy the rows of the "
    "return into a new workbook and send that",
    "MACRO": "holds macros. Save it as .xlsx without macros",
    "CELL_TOO_LONG": "holds a text that is too long. Shorten it",
    "CONTROL_CHARACTER": "holds an invisible or control character. Retype the text as plain text",
}


def answer_of(
    request: dict[str, Any], *, name: str, too_large: str, limits: Limits
) -> dict[str, Any]:
    """Return what the worker makes of a file.

    Args:
        request: what to read, by what plan.
        name: file name, for messages.
        too_large: reason code when the worker runs out of memory or time, or is killed.
        limits: what it may use.

    Raises:
        UnreadableError: the file was refused, or was too much for the worker.
    """
    exit_code, answered = _run(request | {"limits": _worker_limits(limits)}, limits)
    if exit_code < 0:
        raise _refused(name, too_large, "MEMORY", None, "")
    if exit_code > 0:
        raise _refused(name, too_large, "NOT_READ", None, "")
    answer: dict[str, Any] = json.loads(answered)
    if "refused" in answer:
        raise _refused(name, too_large, *answer["refused"])
    return answer


def _worker_limits(limits: Limits) -> dict[str, int]:
    return {
        "memory": limits.child_memory_bytes,
        "cpu": limits.child_cpu_seconds,
        "answer": limits.child_answer_bytes,
        "elements": limits.xml_elements,
        "depth": limits.xml_depth,
        "attributes": limits.xml_attributes,
        "characters": limits.cell_characters,
        "rows": limits.rows,
        "columns": limits.columns,
        "cells": limits.cells,
        "sheets": limits.sheets,
    }


def _run(request: dict[str, Any], limits: Limits) -> tuple[int, bytes]:
    """Return how the worker ended, below 0 when it was stopped, and what it wrote."""
    isolated = ["-I", "-B"] if request["kind"] == "workbook" else ["-I", "-B", "-S"]
    with subprocess.Popen(
        [sys.executable, *isolated, str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        close_fds=True,
        pass_fds=_descriptors(request),
    ) as process:
        try:
            answer, _ = process.communicate(
                json.dumps(request).encode(), timeout=limits.child_wall_seconds
            )
        except subprocess.TimeoutExpired:
            process.kill()
            return _STOPPED, b""
        return process.returncode, answer


def _descriptors(request: dict[str, Any]) -> tuple[int, ...]:
    """Return the descriptor of a file that lies in memory alone, for the worker to open."""
    folder, _, number = str(request["path"]).rpartition("/")
    return (int(number),) if folder == _OPEN_FILES else ()


def _refused(name: str, too_large: str, code: str, row: int | None, detail: str) -> UnreadableError:
    where = "" if row is None else f", line {row}"
    if code == "MEMORY":
        return UnreadableError(
            too_large,
            f"{name}: too large or too tangled to be read within our limits. "
            "Send only the rows of the return.",
        )
    return UnreadableError(code, f"{name}{where}: {_SAYS[code]}{detail}.", row=row)
