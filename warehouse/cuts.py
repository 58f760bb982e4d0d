"""Data cuts and editions: what each was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from schemas.errors import LedgerError, UsageError
from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.database import now, reading, writing
from warehouse.ledger import Actor
from warehouse.outbox import put_folder
from warehouse.root import Root
from warehouse.store import ACCEPTED


@dataclass(frozen=True)
class CutSubmission:
    """One submission of a cut."""

    submission_id: str
    la_code: str
    return_name: str
    quarter: str
    version: int


@dataclass(frozen=True)
class Cut:
    """The submissions in force at a moment, with the code and configuration that read them.

    Attributes:
        id: 16 hexadecimal digits made from everything below but number and made_at, so that equal
            cuts have equal ids on every machine.
        number: order in which this ledger recorded its cuts.
        made_at: moment, UTC.
        code_version: hash of the rooms' source and reference files.
        config_hash: hash of the analysis plan and other declared configuration.
        key_id: name of the pseudonym key.
        authorities: registered authorities, whether or not they sent anything.
        submissions: in order of authority, return and quarter.
    """

    id: str
    number: int
    made_at: str
    code_version: str
    config_hash: str
    key_id: str
    authorities: tuple[str, ...]
    submissions: tuple[CutSubmission, ...]


def record_cut(
    root: Root, *, code_version: str, config_hash: str, key_id: str, actor: Actor
) -> tuple[Cut, bool]:
    """Record what is in force now as a cut; return whether it is new.

    A cut equal to an earlier one is that one: nothing is recorded.
    """
    submissions = _in_force(root)
    registered = {*root.settings().authorities, *(given.la_code for given in submissions)}
    cut = Cut(
        "", 0, now(), code_version, config_hash, key_id, tuple(sorted(registered)), submissions
    )
    cut_id = _cut_id(cut)
    with writing(root, "cuts") as connection:
        is_new = not connection.execute(select(tables.cuts.c.id).filter_by(id=cut_id)).first()
        if is_new:
            _insert(connection, cut, cut_id, actor)
        # Equal cuts have equal submissions: only when and as which it was recorded is asked for.
        recorded = _row(connection, cut_id)
    return replace(cut, id=cut_id, number=recorded.number, made_at=recorded.made_at), is_new


def _in_force(root: Root) -> tuple[CutSubmission, ...]:
    with reading(root) as connection:
        found = connection.execute(
            _submissions()
            .join_from(tables.in_force, tables.submissions)
            .where(tables.in_force.c.until.is_(None))
        )
        return tuple(CutSubmission(*row) for row in found)


def _submissions() -> Select[tuple[str, str, str, str, int]]:
    """Return the query for what a cut knows of submissions, in its order."""
    given = tables.submissions.c
    return select(
        given.id, given.la_code, given.return_name, given.quarter, given.version
    ).order_by(given.la_code, given.return_name, given.quarter)


def _cut_id(cut: Cut) -> str:
    facts = [
        cut.code_version,
        cut.config_hash,
        cut.key_id,
        list(cut.authorities),
        [given.submission_id for given in cut.submissions],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _insert(connection: Connection, cut: Cut, cut_id: str, actor: Actor) -> None:
    number = (connection.execute(select(func.max(tables.cuts.c.number))).scalar() or 0) + 1
    connection.execute(
        insert(tables.cuts).values(
            id=cut_id,
            number=number,
            made_at=cut.made_at,
            code_version=cut.code_version,
            config_hash=cut.config_hash,
            key_id=cut.key_id,
            authorities=json.dumps(cut.authorities),
        )
    )
    rows = [{"cut_id": cut_id, "submission_id": given.submission_id} for given in cut.submissions]
    if rows:
        connection.execute(insert(tables.cut_submissions), rows)
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="cut",
        subject=f"cut {number} {cut_id}",
        counts={"submissions": len(rows)},
    )


def _read(connection: Connection, cut_id: str) -> Cut:
    row = _row(connection, cut_id)
    submissions = connection.execute(
        _submissions()
        .join_from(tables.cut_submissions, tables.submissions)
        .where(tables.cut_submissions.c.cut_id == cut_id)
    )
    return Cut(
        id=row.id,
        number=row.number,
        made_at=row.made_at,
        code_version=row.code_version,
        config_hash=row.config_hash,
        key_id=row.key_id,
        authorities=tuple(json.loads(row.authorities)),
        submissions=tuple(CutSubmission(*found) for found in submissions),
    )


def why_lost(root: Root, cut: Cut) -> str:
    """Return why a cut cannot be computed again; empty when it can.

    It cannot when a child was erased from a submission it holds, or when the pseudonym key was
    changed since and the rows of a submission could not be made again with the new one.
    """
    ids = {given.submission_id for given in cut.submissions}
    given, parts = tables.submissions.c, tables.parts.c
    with reading(root) as connection:
        rows = [
            row
            for row in connection.execute(select(given.id, given.state, given.row_counts))
            if row.id in ids
        ]
        accepted = select(parts.submission_id).where(parts.kind == ACCEPTED)
        kept = set(connection.execute(accepted.distinct()).scalars())
    erased = sum(row.state == State.ERASED for row in rows)
    if erased:
        return f"a child was erased from {erased} of its submissions"
    if any(row.id not in kept and any(json.loads(row.row_counts).values()) for row in rows):
        return "the pseudonym key was changed, and not all of its rows could be made again"
    return ""


def check_computable(root: Root, cut: Cut) -> None:
    """Refuse a cut that cannot be computed again.

    Raises:
        UsageError: with the reason.
    """
    if why := why_lost(root, cut):
        raise UsageError(
            f"cut {cut.number} cannot be computed again: {why}. Its editions stay as they were "
            "published. Run `sfp refresh` for what counts now."
        )


def _row(connection: Connection, cut_id: str) -> Row[Any]:
    row = connection.execute(select(tables.cuts).filter_by(id=cut_id)).first()
    if row is None:
        raise UsageError(f"no cut {cut_id}. `sfp cuts` lists them.")
    return row


def read_cut(root: Root, cut: str) -> Cut:
    """Return one cut by its id or number; `latest` for the newest.

    Raises:
        UsageError: there is no such cut, or none at all.
    """
    with reading(root) as connection:
        return _read(connection, _resolved(connection, cut))


def _resolved(connection: Connection, cut: str) -> str:
    if cut == "latest":
        found = connection.execute(
            select(tables.cuts.c.id).order_by(tables.cuts.c.number.desc()).limit(1)
        ).scalar()
        if found is None:
            raise UsageError("nothing has been computed yet. Run `sfp refresh` first.")
        return str(found)
    if cut.isdigit() and len(cut) < len("0123456789abcdef"):
        found = connection.execute(select(tables.cuts.c.id).filter_by(number=int(cut))).scalar()
        return str(found or cut)
    return cut


def tables_sent(root: Root, submission_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return per submission the tables it brought, those without rows included."""
    given = tables.submissions.c
    with reading(root) as connection:
        rows = connection.execute(
            select(given.id, given.row_counts).where(given.id.in_(list(submission_ids)))
        )
        return {row.id: frozenset(json.loads(row.row_counts)) for row in rows}


def all_cuts(root: Root) -> list[Row[Any]]:
    """Return every cut with its number of submissions, oldest first."""
    count = func.count(tables.cut_submissions.c.submission_id).label("submissions")
    with reading(root) as connection:
        return list(
            connection.execute(
                select(tables.cuts, count)
                .join_from(tables.cuts, tables.cut_submissions, isouter=True)
                .group_by(*tables.cuts.c)
                .order_by(tables.cuts.c.number)
            )
        )


def all_editions(root: Root) -> list[Row[Any]]:
    """Return every edition, oldest first."""
    with reading(root) as connection:
        return list(connection.execute(select(tables.editions).order_by(tables.editions.c.made_at)))


def edition_named(root: Root, name: str) -> Row[Any] | None:
    """Return one edition; None when there is none of that name."""
    with reading(root) as connection:
        return connection.execute(select(tables.editions).filter_by(name=name)).first()


def put_edition(
    root: Root,
    *,
    name: str,
    cut: Cut,
    is_final: bool,
    public: Mapping[str, bytes],
    restricted: Mapping[str, bytes],
    actor: Actor,
) -> bool:
    """Put an edition in place whole and record it; return whether it is new.

    The files come first, then the ledger: a crash between them leaves files that no ledger row
    names, which the next attempt replaces. A draft may be made again; a final edition never.

    Raises:
        UsageError: a final edition of that name stands already, made from something else.
    """
    sha256 = manifest_hash(public)
    known = edition_named(root, name)
    if known is not None and known.sha256 == sha256 and known.is_final == is_final:
        return False
    if known is not None and known.is_final:
        raise UsageError(
            f"edition {name} is final and cannot be changed. Publish a revision under a new name."
        )
    put_folder(root, root.restricted / name, restricted)
    folder = put_folder(root, root.editions / name, public, has_readers=True)
    _record_edition(root, name, cut, is_final, str(folder.relative_to(root.path)), sha256, actor)
    return True


def _record_edition(
    root: Root, name: str, cut: Cut, is_final: bool, folder: str, sha256: str, actor: Actor
) -> None:
    with writing(root, "editions") as connection:
        connection.execute(tables.editions.delete().filter_by(name=name, is_final=False))
        connection.execute(
            insert(tables.editions).values(
                name=name,
                cut_id=cut.id,
                is_final=is_final,
                made_at=now(),
                folder=folder,
                sha256=sha256,
            )
        )
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="publish",
            subject=f"edition {name} of cut {cut.number} {'final' if is_final else 'draft'}",
            counts={"cut": cut.number},
        )


def manifest_hash(files: Mapping[str, bytes]) -> str:
    """Return one hash over the names and bytes of a set of files."""
    lines = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in sorted(files.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def stored_edition_files(root: Root, name: str, *, restricted: bool = False) -> dict[str, bytes]:
    """Return the files of an edition by their names.

    Raises:
        LedgerError: the ledger names an edition whose folder is not there.
    """
    folder = (root.restricted if restricted else root.editions) / name
    if not folder.is_dir():
        raise LedgerError(f"edition {name} is in the ledger but not on disk. Run `sfp verify`.")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
