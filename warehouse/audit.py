"""Audit: an append-only chain in which every entry seals the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from warehouse import tables

FIRST = "0" * 64
HEAD_FACT = "audit_head"
"""Name of the fact that says which entry is the newest."""
_FIELDS = ("number", "at", "actor", "run", "action", "subject", "counts", "previous")
_NO_DETAIL = "{}"


def append(
    connection: Connection,
    *,
    actor: str,
    run: str,
    action: str,
    subject: str,
    counts: Mapping[str, int],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry inside the caller's transaction; it stands or falls with what it records.

    `detail` holds what the entry did in values that JSON knows: hashes, codes, ids. It is kept for
    ever: no value of a child's row and no name of a file may stand in it.
    """
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
        "detail": _compact(detail or {}),
    }
    sealed = seal(entry)
    connection.execute(insert(tables.audit).values(**entry, sha256=sealed))
    # Without it no one would miss the newest entries if they were taken away.
    connection.execute(tables.facts.delete().where(tables.facts.c.name == HEAD_FACT))
    connection.execute(
        insert(tables.facts).values(name=HEAD_FACT, value=_head(entry["number"], sealed))
    )


def _compact(detail: Mapping[str, Any]) -> str:
    """Return a detail as the shortest JSON, in order of its keys."""
    return json.dumps(dict(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(values: Sequence[Any]) -> str:
    """Return one hash over values that JSON knows, in the order given: 64 hexadecimal digits."""
    text_form = json.dumps(list(values), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text_form.encode()).hexdigest()


def _head(number: int, sealed: str) -> str:
    return f"{number} {sealed}"


def seal(entry: Mapping[str, Any]) -> str:
    """Return the hash that seals an entry and, through `previous`, every one before it."""
    fields = [entry[name] for name in _FIELDS]
    if entry["detail"] != _NO_DETAIL:
        # Entries of a ledger that had no details were sealed without one.
        fields.append(entry["detail"])
    text_form = json.dumps(fields, ensure_ascii=False)
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
        select(tables.facts.c.value).where(tables.facts.c.name == HEAD_FACT)
    ).scalar()
    if number and head != _head(number, previous) and number not in broken:
        broken.append(number)
    return broken


def _follows(row: Row[Any], previous: str, number: int) -> bool:
    entry = row._asdict()
    found = (entry["previous"], entry["number"], entry["sha256"])
    return found == (previous, number + 1, seal(entry))
