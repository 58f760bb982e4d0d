"""Audit: an append-only chain in which every entry seals the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from warehouse import tables

FIRST = "0" * 64
_HEAD = "audit_head"
"""Name of the fact that says which entry is the newest."""
_FIELDS = ("number", "at", "actor", "run", "action", "subject", "counts", "previous")


def append(
    connection: Connection,
    *,
    actor: str,
    run: str,
    action: str,
    subject: str,
    counts: Mapping[str, int],
) -> None:
    """Add one entry inside the caller's transaction; it stands or falls with what it records."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(903903)"))
    last = connection.execute(
        select(tables.audit.c.number, tables.audit.c.sha256)
        .order_by(tables.audit.c.number.desc())
        .limit(1)
    ).first()
    entry: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "run": run,
        "action": action,
        "subject": subject,
        "counts": json.dumps(dict(counts), sort_keys=True),
        "previous": last.sha256 if last else FIRST,
    }
    sealed = seal(entry)
    connection.execute(insert(tables.audit).values(**entry, sha256=sealed))
    # Without it no one would miss the newest entries if they were taken away.
    connection.execute(tables.facts.delete().where(tables.facts.c.name == _HEAD))
    connection.execute(
        insert(tables.facts).values(name=_HEAD, value=_head(entry["number"], sealed))
    )


def _head(number: int, sealed: str) -> str:
    return f"{number} {sealed}"


def seal(entry: Mapping[str, Any]) -> str:
    """Return the hash that seals an entry and, through `previous`, every one before it."""
    text_form = json.dumps([entry[name] for name in _FIELDS], ensure_ascii=False)
    return hashlib.sha256(text_form.encode()).hexdigest()


def breaks(connection: Connection) -> list[int]:
    """Return the numbers of entries that do not follow from the one before; empty when whole."""
    broken: list[int] = []
    previous, number = FIRST, 0
    for row in connection.execute(select(tables.audit).order_by(tables.audit.c.number)):
        if not _follows(row, previous, number):
            broken.append(row.number)
        previous, number = row.sha256, row.number
    head = connection.execute(
        select(tables.facts.c.value).where(tables.facts.c.name == _HEAD)
    ).scalar()
    if head is not None and head != _head(number, previous) and number not in broken:
        broken.append(number)
    return broken


def _follows(row: Row[Any], previous: str, number: int) -> bool:
    entry = row._asdict()
    found = (entry["previous"], entry["number"], entry["sha256"])
    return found == (previous, number + 1, seal(entry))
