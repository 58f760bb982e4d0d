"""Files and ledger held against each other: what nothing names, what is missing, what differs."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Row, select

from schemas.errors import DropFolderError, KeyMissingError, LedgerError
from schemas.submission import State
from warehouse import tables
from warehouse.audit import breaks
from warehouse.cache import cache_discrepancies
from warehouse.cuts import all_editions, stored_edition_files
from warehouse.database import any_age, ledger_age_words, reading
from warehouse.discrepancy import Discrepancy
from warehouse.drop_place import require_marked
from warehouse.erasure import unfinished_erasures
from warehouse.head_check import head_discrepancies
from warehouse.key import unusable_keys
from warehouse.landing import landed_chunks
from warehouse.ledger_schema import schema_discrepancies
from warehouse.orphans import still_unnamed, unnamed_files
from warehouse.outbox import manifest_hash
from warehouse.removals import unfinished_removals
from warehouse.replay import differing_on_disk, disk_discrepancies, replay_discrepancies
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.rule_books import rule_book_discrepancies
from warehouse.sealed import old_storage_key_file
from warehouse.store import ACCEPTED, part_bytes

_RESTORE = "Restore it from its backup."
_ID_IN_SUBJECT = 5
"""Place of the submission's id among the words of an entry's subject."""


def discrepancies(root: Root, *, heads: Path | None = None) -> list[Discrepancy]:
    """Return everything in which files, editions, ledger and audit chain do not agree.

    Args:
        root: what is verified.
        heads: a second place of signed heads, besides the one that the settings name.
    """
    with shared_lock(root), any_age(root):
        found = [
            *_age(root),
            *_parts(root),
            *_landing(root),
            *_counts(root),
            *_editions(root),
            *_chain(root),
            *replay_discrepancies(root),
            *schema_discrepancies(root),
            *head_discrepancies(root, heads),
            *rule_book_discrepancies(root),
            *_keys(root),
            *cache_discrepancies(root),
            *_unfinished(root),
            *_drop_folder(root),
        ]
        loose, differing = unnamed_files(root), differing_on_disk(root)
    with any_age(root):
        found += [*disk_discrepancies(root, differing), *_extra(root, loose)]
    # Of an altered edition both its row and the chain tell: the chain says which file.
    return list({(one.kind, one.subject): one for one in found}.values())


def _age(root: Root) -> Iterator[Discrepancy]:
    if words := ledger_age_words(root):
        yield Discrepancy("older", "ledger", words)


def _keys(root: Root) -> Iterator[Discrepancy]:
    for path, words in unusable_keys(root):
        yield Discrepancy("altered", str(path.relative_to(root.path)), words)


def _parts(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        rows = list(connection.execute(select(tables.parts).order_by(tables.parts.c.path)))
    for row in rows:
        if not (root.path / row.path).exists():
            yield _missing(row.path, _RESTORE)
            continue
        if (root.path / row.path).is_symlink():
            # Nobody knows what a link leads to a moment later.
            yield _altered(row.path, _RESTORE)
            continue
        try:
            data = part_bytes(root, row.path)
        except (LedgerError, KeyMissingError):
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
    except (LedgerError, KeyMissingError):
        return False


def _counts(root: Root) -> Iterator[Discrepancy]:
    """Hold what the ledger says of each submission against what the audit chain was told."""
    with reading(root) as connection:
        told, received = _told(connection), _received_as(connection)
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
        label = f"{row.return_name} from {row.la_code} for {row.quarter}"
        if received.get(row.id, label) != label:
            words = f"It was received as {received[row.id]}, and stands as {label}. {_RESTORE}"
            yield Discrepancy("altered", f"submission {row.id}", words)
        try:
            odd = list(_odd(row, told.get(row.id, {}), by_submission.get(row.id), counting))
        except (ValueError, TypeError, AttributeError):
            odd = ["Its state or its counts cannot be read."]
        for words in odd:
            yield Discrepancy("count", f"submission {row.id}", words)


def _told(connection: Connection) -> dict[str, dict[str, dict[str, int]]]:
    """Return, per submission, the counts the chain was told when it was received and judged."""
    told: dict[str, dict[str, dict[str, int]]] = {}
    entries = connection.execute(
        select(tables.audit.c.action, tables.audit.c.subject, tables.audit.c.counts)
        .where(tables.audit.c.action.in_(["receive", "check", "load", "restate"]))
        .order_by(tables.audit.c.number)
    )
    for action, subject, counts in entries:
        # `ssda903 from E08000035 for 2025-26Q1 0123456789abcdef accepted`
        words = subject.split(" ")
        if len(words) > _ID_IN_SUBJECT:
            event = "received" if action == "receive" else "judged"
            told.setdefault(words[_ID_IN_SUBJECT], {})[event] = _loaded(counts)
    return told


def _received_as(connection: Connection) -> dict[str, str]:
    """Return as what each submission was first received: return, authority and quarter."""
    audit, received = tables.audit.c, dict[str, str]()
    subjects = connection.execute(
        select(audit.subject).where(audit.action == "receive").order_by(audit.number)
    ).scalars()
    for subject in subjects:
        label, _, submission_id = subject.rpartition(" ")
        received.setdefault(submission_id, label)
    return received


def _loaded(counts: str) -> Any:
    """Return counts from their JSON; None where they were altered so that they cannot be read."""
    try:
        return json.loads(counts)
    except ValueError:
        return None


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


def _drop_folder(root: Root) -> Iterator[Discrepancy]:
    try:
        require_marked(root)
    except DropFolderError as error:
        yield Discrepancy("missing", "drop folder", str(error))


def _unfinished(root: Root) -> Iterator[Discrepancy]:
    for la_code in unfinished_erasures(root):
        yield Discrepancy(
            "unfinished", f"erasure {la_code}", "It was interrupted. The next sweep finishes it."
        )
    for plan in unfinished_removals(root):
        words = "Files were being removed when it was cut off. The next sweep finishes it."
        yield Discrepancy("unfinished", plan.name, words)
    if old_storage_key_file(root).exists():
        yield Discrepancy(
            "unfinished", "storage key", "Its change was interrupted. Run `sfp rotate storage`."
        )


def _extra(root: Root, loose: list[Path]) -> list[Discrepancy]:
    """Return the unnamed files that are still so while no process is at work."""
    return [
        Discrepancy(
            "extra",
            str(path.relative_to(root.path)),
            "No ledger row names it. If no one put it there, a killed process left it: the nightly "
            "sweep sets it aside a day later.",
        )
        for path in still_unnamed(root, loose)
    ]
