"""Files and ledger held against each other: what nothing names, what is missing, what differs."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Row, select

from schemas.errors import LedgerError
from schemas.submission import State
from warehouse import tables
from warehouse.audit import breaks
from warehouse.cuts import all_editions, manifest_hash, stored_edition_files
from warehouse.database import reading
from warehouse.erasure import unfinished_erasures
from warehouse.landing import landed_chunks
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock, shared_lock
from warehouse.sealed import old_storage_key_file
from warehouse.store import ACCEPTED, parquet_files, part_bytes

DRAFT = ".draft"
_RESTORE = "Restore it from its backup."


@dataclass(frozen=True)
class Discrepancy:
    """One thing in which files, ledger and audit chain do not agree.

    Attributes:
        kind: `missing`, `altered`, `extra`, `count`, `chain`, `unfinished`.
        subject: file relative to the root, submission, edition or entry number.
        words: what is wrong and what to do.
    """

    kind: str
    subject: str
    words: str


def discrepancies(root: Root) -> list[Discrepancy]:
    """Return everything in which files, editions, ledger and audit chain do not agree."""
    with shared_lock(root):
        found = [
            *_parts(root),
            *_landing(root),
            *_counts(root),
            *_editions(root),
            *_chain(root),
            *_unfinished(root),
        ]
        loose = _unnamed(root)
    return [*found, *_extra(root, loose)]


def _parts(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        rows = list(connection.execute(select(tables.parts).order_by(tables.parts.c.path)))
    for row in rows:
        if not (root.path / row.path).exists():
            yield _missing(row.path, _RESTORE)
            continue
        try:
            data = part_bytes(root, row.path)
        except LedgerError:
            yield _altered(row.path, _RESTORE)
            continue
        if hashlib.sha256(data).hexdigest() != row.sha256 or len(data) != row.size:
            yield _altered(row.path, _RESTORE)
        elif _row_count(data) != row.row_count:
            words = f"The ledger counts {row.row_count} rows, the file holds {_row_count(data)}."
            yield Discrepancy("count", row.path, words)


def _row_count(data: bytes) -> int:
    try:
        return int(pq.read_metadata(io.BytesIO(data)).num_rows)
    except (pa.ArrowInvalid, OSError):
        return -1


def _missing(relative: str, remedy: str) -> Discrepancy:
    return Discrepancy("missing", relative, f"The ledger names it, the disk lacks it. {remedy}")


def _altered(relative: str, remedy: str) -> Discrepancy:
    return Discrepancy("altered", relative, f"It is not what the ledger recorded. {remedy}")


def _landing(root: Root) -> Iterator[Discrepancy]:
    files = tables.submission_files.c
    with reading(root) as connection:
        rows = connection.execute(
            select(files.sha256, files.size, files.part)
            .where(files.removed.is_(False), files.erased.is_(False))
            .distinct()
        ).all()
    for row in sorted(rows):
        if not (root.landing / row.sha256).exists():
            # Files that were refused unopened have a name of their own and no bytes.
            if row.size or row.part != "unrecognised":
                yield _missing(f"landing/{row.sha256}", "Ask the authority to send it.")
        elif not _opens(root, row):
            yield _altered(f"landing/{row.sha256}", "Ask the authority to send it.")


def _opens(root: Root, row: Row[Any]) -> bool:
    try:
        size = sum(map(len, landed_chunks(root, row.sha256)))
        return size == int(row.size)
    except LedgerError:
        return False


def _counts(root: Root) -> Iterator[Discrepancy]:
    """Hold what the ledger says of each submission against what the audit chain was told."""
    with reading(root) as connection:
        told = _told(connection)
        rows = list(connection.execute(select(tables.submissions).order_by("id")))
        by_submission = _part_counts(connection)
        in_force = connection.execute(
            select(tables.in_force.c.submission_id).where(tables.in_force.c.until.is_(None))
        ).scalars()
        counting = set(in_force)
    known = {row.id for row in rows}
    for submission_id in sorted(told.keys() - known):
        yield Discrepancy("count", f"submission {submission_id}", "The ledger has lost its row.")
    for row in rows:
        for words in _odd(row, told.get(row.id, {}), by_submission.get(row.id), counting):
            yield Discrepancy("count", f"submission {row.id}", words)


def _told(connection: Connection) -> dict[str, dict[str, dict[str, int]]]:
    """Return, per submission, the counts the chain was told when it was received and judged."""
    told: dict[str, dict[str, dict[str, int]]] = {}
    entries = connection.execute(
        select(tables.audit.c.action, tables.audit.c.subject, tables.audit.c.counts)
        .where(tables.audit.c.action.in_(["receive", "check", "load"]))
        .order_by(tables.audit.c.number)
    )
    for action, subject, counts in entries:
        # `ssda903 from E08000035 for 2025-26Q1 0123456789abcdef accepted`
        submission_id = subject.split(" ")[5]
        event = "received" if action == "receive" else "judged"
        told.setdefault(submission_id, {})[event] = json.loads(counts)
    return told


def _part_counts(connection: Connection) -> dict[str, dict[str, int]]:
    parts = tables.parts.c
    rows = connection.execute(
        select(parts.submission_id, parts.table_name, parts.row_count)
        .where(parts.kind == ACCEPTED)
        .order_by(parts.submission_id)
    )
    return {
        submission_id: {row.table_name: row.row_count for row in group}
        for submission_id, group in groupby(rows, key=lambda row: row.submission_id)
    }


def _odd(
    row: Row[Any],
    told: dict[str, dict[str, int]],
    parts: dict[str, int] | None,
    counting: set[str],
) -> Iterator[str]:
    state = State(row.state)
    if "received" not in told:
        yield "The audit chain knows nothing of its receipt."
    counts = json.loads(row.row_counts) | {"errors": row.error_count}
    if state.is_final and told.get("judged", counts) != counts:
        yield "Its counts are not those the audit chain was told."
    if state.is_accepted and parts != _with_rows(json.loads(row.row_counts)):
        yield "Its Parquet files do not have the rows that were accepted."
    if row.id in counting and not state.is_accepted:
        yield f"It counts as in force, and is {state}."


def _with_rows(counts: dict[str, int]) -> dict[str, int] | None:
    return {name: count for name, count in counts.items() if count} or None


def _editions(root: Root) -> Iterator[Discrepancy]:
    for row in all_editions(root):
        if not (root.path / row.folder).is_dir():
            yield Discrepancy("missing", row.folder, "Publish the edition again from its cut.")
        elif manifest_hash(stored_edition_files(root, row.name)) != row.sha256:
            yield Discrepancy("altered", row.folder, "A published file was changed. Restore it.")


def _chain(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        for number in breaks(connection):
            yield Discrepancy(
                "chain",
                f"audit entry {number}",
                "The chain is broken here: this entry, or one next to it, was altered or removed.",
            )


def _unfinished(root: Root) -> Iterator[Discrepancy]:
    for la_code in unfinished_erasures(root):
        yield Discrepancy(
            "unfinished", f"erasure {la_code}", "It was interrupted. The next sweep finishes it."
        )
    if old_storage_key_file(root).exists():
        yield Discrepancy(
            "unfinished", "storage key", "Its change was interrupted. Run `sfp rotate storage`."
        )


def _unnamed(root: Root) -> list[Path]:
    """Return the files that no ledger row names, drafts left out."""
    named = _named(root)
    candidates = (*parquet_files(root), *root.landing.iterdir())
    return [
        path
        for path in candidates
        if not path.name.endswith(DRAFT) and str(path.relative_to(root.path)) not in named
    ]


def _named(root: Root) -> set[str]:
    files, arrivals = tables.submission_files.c, tables.arrivals.c
    with reading(root) as connection:
        parts = connection.execute(select(tables.parts.c.path)).scalars().all()
        landed = connection.execute(
            select(files.sha256).where(files.erased.is_(False), files.removed.is_(False))
        ).scalars()
        came = connection.execute(
            select(arrivals.sha256).where(arrivals.sha256.is_not(None))
        ).scalars()
        return {*parts, *(f"landing/{sha256}" for sha256 in (*landed, *came))}


def _extra(root: Root, loose: list[Path]) -> list[Discrepancy]:
    """Return the unnamed files that are still so while no process is at work."""
    if not loose:
        return []
    with exclusive_lock(root):
        named = _named(root)
        left = [path for path in loose if path.exists()]
    return [
        Discrepancy(
            "extra",
            relative,
            "No ledger row names it. If no one put it there, a killed process left it: the nightly "
            "sweep removes it a day later.",
        )
        for path in left
        if (relative := str(path.relative_to(root.path))) not in named
    ]


def orphans(root: Root, *, older_than_seconds: float) -> list[Path]:
    """Return files that no ledger row names and no process can still be writing."""
    moment = time.time()
    candidates: Iterable[Path] = (*_unnamed(root), *root.path.rglob(f".*{DRAFT}"))
    return [path for path in candidates if moment - path.stat().st_ctime > older_than_seconds]


def remove(paths: Iterable[Path]) -> int:
    """Remove files; return how many."""
    count = 0
    for path in paths:
        path.unlink(missing_ok=True)
        count += 1
    return count
