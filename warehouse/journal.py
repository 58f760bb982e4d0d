"""The journal: one line of JSON per stage of work, under `logs/`, for operators and their tools.

It says who, which submission, which stage, how long and how many; never anything from a row. It is
not the truth: the ledger and its audit chain are. Losing a line loses a figure of a chart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from warehouse.root import Root, file_mode, make_folder

_PATTERN = "journal-*.jsonl"


def write_line(root: Root, line: Mapping[str, Any]) -> None:
    """Append one line to this user's journal of the month.

    Appending one short line is whole or not at all, so that processes need not take turns. A disk
    that is full loses the line and stops nothing.
    """
    at = datetime.now(UTC)
    text = json.dumps({"at": at.isoformat(timespec="milliseconds"), **line}, ensure_ascii=False)
    try:
        make_folder(root.logs)
        path = root.logs / f"journal-{at:%Y-%m}-{os.getuid()}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(path, flags, file_mode(root.logs))
        try:
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)
    except OSError:
        return


def lines(root: Root, *, since: datetime) -> Iterator[dict[str, Any]]:
    """Return the lines of all journals from a moment on; a torn line is left out."""
    first = f"journal-{since:%Y-%m}"
    for path in sorted(root.logs.glob(_PATTERN)):
        if path.name < first:
            continue
        for text in path.read_text("utf-8", errors="replace").splitlines():
            line = _parsed(text)
            if line is not None and str(line.get("at", "")) >= since.isoformat():
                yield line


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
