"""What the ledger and the folders lose when a child is erased, in steps that can be done again.

1. One transaction puts up the tombstones and flags every file that names a child. From here on the
   ledger knows what has to go, and the identifier is needed no more.
2. Copies without the child are registered in place of what counts, and judged like any other.
3. Each flagged submission that no longer counts becomes `erased`.
4. What rested of it is removed from the folders, and then the names of it from the ledger.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from schemas.claims import CLAIM_CODES
from schemas.submission import State, Submission, SubmittedFile
from warehouse import tables
from warehouse.audit import append
from warehouse.claims import forget_claim
from warehouse.database import now, reading, writing
from warehouse.ledger import Actor, register, submission, withdraw
from warehouse.outbox import pack_folder
from warehouse.recorded import (
    NOW,
    changed_units,
    of_arrivals,
    of_authority,
    of_submissions,
    pack_unit,
    places_of_hashes,
)
from warehouse.root import Root, sync_folder
from warehouse.rule_books import forget_rule_counts
from warehouse.tombstones import put_tombstones

Flagged = Row[Any]
_GONE = "erased"
"""Stands in the ledger for the name of a file that named an erased child."""


@dataclass(frozen=True)
class KnownFile:
    """One landed file of an authority, as some submission holds it.

    Attributes:
        sha256, name, part, return_name: as the ledger knows it.
        submission_ids: every submission of the authority that holds it.
    """

    sha256: str
    name: str
    part: str
    return_name: str
    submission_ids: tuple[str, ...]


def known_files(root: Root, la_code: str) -> list[KnownFile]:
    """Return every landed file of an authority that is still there and is not flagged."""
    files, given = tables.submission_files.c, tables.submissions.c
    with reading(root) as connection:
        rows = connection.execute(
            select(files.sha256, files.name, files.part, given.return_name, given.id)
            .join_from(tables.submission_files, tables.submissions)
            .where(given.la_code == la_code, files.erased.is_(False), files.removed.is_(False))
            .order_by(files.sha256, files.part, given.return_name, given.id)
        ).all()
    found: dict[tuple[str, str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.sha256, row.part, row.return_name), []).append(row)
    return [
        KnownFile(sha256, group[0].name, part, return_name, tuple(row.id for row in group))
        for (sha256, part, return_name), group in found.items()
        if (root.landing / sha256).exists()
    ]


def known_parts(root: Root, la_code: str) -> list[Row[Any]]:
    """Return every part of an authority's submissions: submission_id, kind, path."""
    parts, given = tables.parts.c, tables.submissions.c
    with reading(root) as connection:
        return list(
            connection.execute(
                select(parts.submission_id, parts.kind, parts.path)
                .join_from(tables.parts, tables.submissions)
                .where(given.la_code == la_code)
                .order_by(parts.path)
            )
        )


def pack_count(root: Root, submission_ids: Collection[str]) -> int:
    """Return how many of these submissions have a pack in the outbox."""
    return sum(pack_folder(root, submission(root, found)).exists() for found in submission_ids)


def unfinished_erasures(root: Root) -> list[str]:
    """Return the authorities of whose children an erasure was started and not finished."""
    files, given, parts = tables.submission_files.c, tables.submissions.c, tables.parts.c
    flagged_ids = select(files.submission_id).where(files.erased.is_(True), files.name != _GONE)
    left = select(parts.submission_id)
    with reading(root) as connection:
        rows = connection.execute(
            select(given.la_code)
            .where(given.id.in_(flagged_ids) | ((given.state == State.ERASED) & given.id.in_(left)))
            .distinct()
            .order_by(given.la_code)
        )
        return list(rows.scalars())


def flag(
    root: Root,
    la_code: str,
    marks: Collection[int],
    naming: Collection[str],
    submission_ids: Collection[str],
    actor: Actor,
) -> None:
    """Put up tombstones and flag the files that name a child, in one transaction.

    Args:
        root: where.
        la_code: whose children.
        marks: of the children.
        naming: hashes of the files that name them.
        submission_ids: of submissions whose files or rows name them. Where none of the files that
            are left does, because the one that did was removed long ago, all are flagged.
        actor: who does it.
    """
    with writing(root, la_code) as connection:
        with changed_units(connection, of_authority(la_code)) as changed:
            new = put_tombstones(connection, la_code, marks)
            flagged = _flag_files(connection, la_code, naming)
            flagged += _flag_whole(connection, submission_ids)
        if new or flagged:
            append(
                connection,
                actor=actor.name,
                run=actor.run,
                action="erase",
                subject=f"{la_code} begun",
                counts={"children": new, "files": flagged},
                detail={NOW: changed},
            )


def _flag_files(connection: Connection, la_code: str, naming: Collection[str]) -> int:
    files, given = tables.submission_files.c, tables.submissions.c
    of_authority = select(given.id).where(given.la_code == la_code)
    count = 0
    for sha256 in sorted(naming):
        done = connection.execute(
            update(tables.submission_files)
            .where(files.sha256 == sha256, files.submission_id.in_(of_authority))
            .where(files.erased.is_(False))
            .values(erased=True)
        )
        count += int(done.rowcount)
    return count


def _flag_whole(connection: Connection, submission_ids: Collection[str]) -> int:
    files = tables.submission_files.c
    known = select(files.submission_id).where(files.erased.is_(True))
    count = 0
    for submission_id in sorted(submission_ids):
        done = connection.execute(
            update(tables.submission_files)
            .where(files.submission_id == submission_id, files.submission_id.not_in(known))
            .values(erased=True)
        )
        count += int(done.rowcount)
    return count


def flagged_submissions(root: Root, la_code: str) -> list[Row[Any]]:
    """Return the submissions of an authority that hold a flagged file and are not erased yet.

    With `counts` (whether in force now), `counted` (whether it ever was) and `copy_id` (its copy
    without the child, if any).
    """
    files, given, force = tables.submission_files.c, tables.submissions.c, tables.in_force.c
    holding = select(files.submission_id).where(files.erased.is_(True))
    counting = select(force.submission_id).where(force.until.is_(None))
    copies = tables.submissions.alias("copies")
    query = (
        select(
            tables.submissions,
            given.id.in_(counting).label("counts"),
            given.id.in_(select(force.submission_id)).label("counted"),
            copies.c.id.label("copy_id"),
        )
        .join_from(tables.submissions, copies, copies.c.erased_from == given.id, isouter=True)
        .where(given.la_code == la_code, given.id.in_(holding), given.state != State.ERASED)
        .order_by(given.quarter, given.return_name, given.version)
    )
    with reading(root) as connection:
        return list(connection.execute(query))


def without_copy(root: Root, rows: Iterable[Row[Any]]) -> list[Submission]:
    """Return, of flagged submissions, those that need a copy: what counts, and what came last.

    What came last after what counts must have one too: a later part of the return is joined to it.
    Files held before they were read, and files of no known return, need none.
    """
    newest = _newest(root)
    return [
        submission(root, row.id)
        for row in rows
        if row.copy_id is None
        and row.return_name != "unrecognised"
        and not _is_held_unread(row)
        and (row.counts or newest[row.la_code, row.return_name, row.quarter] == row.version)
    ]


def _is_held_unread(row: Row[Any]) -> bool:
    return bool(row.state == State.HELD and row.reason_words) and row.reason_code not in CLAIM_CODES


def _newest(root: Root) -> dict[tuple[str, str, str], int]:
    given = tables.submissions.c
    where = (given.la_code, given.return_name, given.quarter)
    with reading(root) as connection:
        rows = connection.execute(select(*where, func.max(given.version)).group_by(*where))
        return {(row[0], row[1], row[2]): row[3] for row in rows}


def flagged_files(root: Root, submission_id: str) -> frozenset[str]:
    """Return the hashes of the flagged files of one submission."""
    files = tables.submission_files.c
    with reading(root) as connection:
        rows = connection.execute(
            select(files.sha256).where(files.submission_id == submission_id, files.erased.is_(True))
        )
        return frozenset(rows.scalars())


def register_copy(
    root: Root, given: Submission, files: tuple[SubmittedFile, ...], actor: Actor
) -> str:
    """Register a copy of a submission with other files as its newest version; return its id."""
    ordered = tuple(sorted(files, key=lambda file: (file.part, file.sha256)))
    lines = ["erased", given.id, *(f"{file.part} {file.sha256}" for file in ordered)]
    copy_id = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    rows = tables.submissions.c
    with writing(root, f"{given.la_code}/{given.quarter}") as connection:
        if connection.execute(select(rows.id).where(rows.erased_from == given.id)).first():
            return copy_id
        newest = connection.execute(
            select(func.max(rows.version)).where(
                rows.la_code == given.la_code,
                rows.return_name == given.return_name,
                rows.quarter == str(given.quarter),
            )
        ).scalar_one()
        copy = Submission(
            copy_id, given.la_code, given.return_name, given.quarter, newest + 1, ordered
        )
        register(connection, copy, actor, erased_from=given.id)
    return copy_id


def mark_erased(root: Root, submission_ids: Collection[str], actor: Actor) -> None:
    """Let the ledger say of submissions that they were erased; none of them may count any more."""
    rows = tables.submissions.c
    with writing(root, "erase") as connection:
        for submission_id in sorted(submission_ids):
            with changed_units(connection, of_submissions([submission_id])) as changed:
                connection.execute(
                    update(tables.submissions)
                    .where(rows.id == submission_id)
                    .values(state=State.ERASED, reason_code="", reason_words="", answered=True)
                )
                withdraw(connection, submission_id)
                forget_claim(connection, submission_id)
                connection.execute(
                    insert(tables.submission_states).values(
                        submission_id=submission_id, state=State.ERASED, at=now(), run=actor.run
                    )
                )
            _append(connection, actor, f"{submission_id} withdrawn", changed)


def _append(
    connection: Connection, actor: Actor, subject: str, changed: Mapping[str, str | None]
) -> None:
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="erase",
        subject=subject,
        counts={},
        detail={NOW: changed},
    )


def to_clear(root: Root) -> list[str]:
    """Return the erased submissions of which the ledger still names files."""
    rows, parts, files = tables.submissions.c, tables.parts.c, tables.submission_files.c
    named = select(parts.submission_id).union(
        select(files.submission_id).where(files.erased.is_(True), files.name != _GONE)
    )
    with reading(root) as connection:
        found = connection.execute(
            select(rows.id).where(rows.state == State.ERASED, rows.id.in_(named)).order_by(rows.id)
        )
        return list(found.scalars())


def clear(root: Root, submission_id: str, actor: Actor) -> dict[str, int]:
    """Remove what rests of an erased submission: first the files, then their names.

    Returns:
        how many files went, by folder.
    """
    given = submission(root, submission_id)
    counts = _remove_parts(root, submission_id)
    counts["outbox"] = _remove_pack(root, given)
    counts["landing"] = unland(root, flagged_files(root, submission_id))
    _forget(root, given, actor)
    return counts


def _remove_parts(root: Root, submission_id: str) -> dict[str, int]:
    parts = tables.parts.c
    with reading(root) as connection:
        found = connection.execute(
            select(parts.path).where(parts.submission_id == submission_id)
        ).scalars()
        paths = list(found)
    counts: dict[str, int] = {}
    for relative in paths:
        path = root.path / relative
        if path.exists():
            path.unlink()
            sync_folder(path.parent)
            folder = relative.split("/", 1)[0]
            counts[folder] = counts.get(folder, 0) + 1
    return counts


def _remove_pack(root: Root, given: Submission) -> int:
    folder = pack_folder(root, given)
    if not folder.exists():
        return 0
    shutil.rmtree(folder)
    sync_folder(folder.parent)
    return 1


def unland(root: Root, hashes: Collection[str]) -> int:
    """Remove landed bytes that no submission holds any more; return how many files went."""
    files = tables.submission_files.c
    with reading(root) as connection:
        held = set(
            connection.execute(
                select(files.sha256).where(files.sha256.in_(list(hashes)), files.erased.is_(False))
            ).scalars()
        )
    gone = [root.landing / sha256 for sha256 in sorted(set(hashes) - held)]
    count = 0
    for path in gone:
        if path.exists():
            path.unlink()
            count += 1
    sync_folder(root.landing)
    return count


def _forget(root: Root, given: Submission, actor: Actor) -> None:
    """Take the names of what is gone out of the ledger, last of all.

    The hash of a small file could be found again by trying identifiers and dates, and a file may
    be named after the child: neither stays.
    """
    submission_id = given.id
    hashes = flagged_files(root, submission_id)
    with writing(root, "erase") as connection:
        places = places_of_hashes(connection, hashes)
        scope = {**of_submissions([submission_id]), **of_arrivals(places)}
        with changed_units(connection, scope) as changed:
            _forget_rows(connection, submission_id)
            _forget_hashes(connection, hashes)
        gone = {pack_unit(given): None}
        _append(connection, actor, f"{submission_id} cleared", changed | gone)


def _forget_rows(connection: Connection, submission_id: str) -> None:
    parts, files = tables.parts.c, tables.submission_files.c
    connection.execute(delete(tables.parts).where(parts.submission_id == submission_id))
    forget_rule_counts(connection, submission_id)
    mine = connection.execute(
        select(files.part, files.position).where(
            files.submission_id == submission_id, files.erased.is_(True)
        )
    ).all()
    for row in mine:
        connection.execute(
            update(tables.submission_files)
            .where(files.submission_id == submission_id)
            .where(files.part == row.part, files.position == row.position)
            .values(name=_GONE, sha256=secrets.token_hex(32))
        )


def _forget_hashes(connection: Connection, hashes: Collection[str]) -> None:
    connection.execute(
        update(tables.arrivals)
        .where(tables.arrivals.c.sha256.in_(list(hashes)))
        .values(sha256=None, size=None)
    )


def zip_archives(root: Root, la_code: str) -> list[Row[Any]]:
    """Return the files an authority sent that were landed besides what a submission holds: zips."""
    arrivals, files = tables.arrivals.c, tables.submission_files.c
    held = select(files.sha256).where(files.erased.is_(False))
    with reading(root) as connection:
        rows = connection.execute(
            select(arrivals.id, arrivals.name, arrivals.sha256)
            .where(arrivals.la_code == la_code, arrivals.sha256.is_not(None))
            .where(arrivals.sha256.not_in(held))
            .order_by(arrivals.id)
        ).all()
    return [row for row in rows if (root.landing / row.sha256).exists()]


def forget_arrivals(root: Root, hashes: Collection[str], actor: Actor) -> None:
    """Take the hashes of files that are gone out of the list of arrivals."""
    with writing(root, "erase") as connection:
        places = places_of_hashes(connection, hashes)
        with changed_units(connection, of_arrivals(places)) as changed:
            _forget_hashes(connection, hashes)
        if changed:
            _append(connection, actor, "files that brought a child forgotten", changed)


def empty_folder(folder: Path) -> int:
    """Remove everything in a folder whose files can be made again; return how many went."""
    count = 0
    for path in sorted(folder.iterdir()):
        count += sum(1 for found in path.rglob("*") if found.is_file()) or 1
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return count


def record_finished(root: Root, la_code: str, counts: Mapping[str, int], actor: Actor) -> None:
    """Record in the audit chain what went."""
    with writing(root) as connection:
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="erase",
            subject=f"{la_code} finished",
            counts=counts,
        )
