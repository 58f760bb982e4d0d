"""Data cuts and editions: what each was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from schemas.errors import LedgerError, UsageError
from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.database import now, reading, writing
from warehouse.ledger import Actor
from warehouse.outbox import manifest_hash, put_folder
from warehouse.recorded import (
    NOW,
    changed_units,
    edition_units,
    file_digests,
    of_cut,
    of_edition,
    unit_digests,
)
from warehouse.registered import registered_authorities
from warehouse.releases import edition_subject, publication_detail
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.store import ACCEPTED

_UNSETTLED = (State.REJECTED, State.HELD)


@dataclass(frozen=True)
class CutSubmission:
    """One submission of a cut.

    Attributes:
        state: `rejected` or `held` of one that does not count; empty of one that does.
        reason_code: what it was refused or is held for, likewise.
    """

    submission_id: str
    la_code: str
    return_name: str
    quarter: str
    version: int
    state: str = ""
    reason_code: str = ""


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
        unsettled: what was sent last for a return and quarter and was refused, or was held, at
            that moment: nothing is made of it, but what is missing is told by it. In the same
            order; none in a cut from before cuts named it.
    """

    id: str
    number: int
    made_at: str
    code_version: str
    config_hash: str
    key_id: str
    authorities: tuple[str, ...]
    submissions: tuple[CutSubmission, ...]
    unsettled: tuple[CutSubmission, ...] = ()


def record_cut(
    root: Root, *, code_version: str, config_hash: str, key_id: str, actor: Actor
) -> tuple[Cut, bool]:
    """Record what is in force now as a cut; return whether it is new.

    A cut equal to an earlier one is that one: nothing is recorded.
    """
    submissions, unsettled = _standing(root)
    registered = {*registered_authorities(root), *(given.la_code for given in submissions)}
    codes = tuple(sorted(registered))
    cut = Cut("", 0, now(), code_version, config_hash, key_id, codes, submissions, unsettled)
    cut_id = _cut_id(cut)
    with writing(root, "cuts") as connection:
        is_new = not connection.execute(select(tables.cuts.c.id).filter_by(id=cut_id)).first()
        if is_new:
            _insert(connection, cut, cut_id, actor)
        # Equal cuts have equal submissions: only when and as which it was recorded is asked for.
        recorded = _row(connection, cut_id)
    return replace(cut, id=cut_id, number=recorded.number, made_at=recorded.made_at), is_new


def _standing(root: Root) -> tuple[tuple[CutSubmission, ...], tuple[CutSubmission, ...]]:
    """Return what is in force now, and what was sent last and does not count, at one moment."""
    counts = tables.in_force.c.until.is_(None)
    with reading(root) as connection:
        in_force = connection.execute(
            _submissions().join_from(tables.in_force, tables.submissions).where(counts)
        )
        submissions = tuple(CutSubmission(*row) for row in in_force)
        return submissions, _unsettled(connection)


def unsettled_now(root: Root) -> tuple[CutSubmission, ...]:
    """Return what was sent last for a return and quarter and is refused, or held, as of now."""
    with reading(root) as connection:
        return _unsettled(connection)


def _unsettled(connection: Connection) -> tuple[CutSubmission, ...]:
    given, later = tables.submissions.c, tables.submissions.alias().c
    is_newer = (
        (later.la_code == given.la_code)
        & (later.return_name == given.return_name)
        & (later.quarter == given.quarter)
        & (later.version > given.version)
    )
    found = connection.execute(
        _submissions()
        .add_columns(given.state, given.reason_code)
        .where(given.state.in_(_UNSETTLED), ~select(later.id).where(is_newer).exists())
    )
    return tuple(CutSubmission(*row) for row in found)


def _submissions() -> Select[tuple[str, str, str, str, int]]:
    """Return the query for what a cut knows of submissions, in its order."""
    given = tables.submissions.c
    return select(
        given.id, given.la_code, given.return_name, given.quarter, given.version
    ).order_by(given.la_code, given.return_name, given.quarter)


def _cut_id(cut: Cut) -> str:
    facts: list[object] = [
        cut.code_version,
        cut.config_hash,
        cut.key_id,
        list(cut.authorities),
        [given.submission_id for given in cut.submissions],
    ]
    if cut.unsettled:
        facts.append([(one.submission_id, one.state, one.reason_code) for one in cut.unsettled])
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
    _insert_difference(connection, number, [*cut.submissions, *cut.unsettled])
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="cut",
        subject=f"cut {number} {cut_id}",
        counts={"submissions": len(cut.submissions)},
        detail={NOW: unit_digests(connection, of_cut(cut_id))},
    )


def _insert_difference(connection: Connection, number: int, given: Iterable[CutSubmission]) -> None:
    """Record what a cut, the newest now, takes in and lets go, compared with the one before."""
    held = tables.cut_submissions
    standing = select(held.c.submission_id, held.c.state, held.c.reason_code)
    rows = connection.execute(standing.where(held.c.until_cut.is_(None)))
    before = {tuple(row) for row in rows}
    now_held = {(one.submission_id, one.state, one.reason_code) for one in given}
    gone, new = sorted(before - now_held), sorted(now_held - before)
    if gone:
        ended = update(held).where(
            held.c.submission_id == bindparam("gone"), held.c.until_cut.is_(None)
        )
        connection.execute(ended.values(until_cut=number), [{"gone": one} for one, *_ in gone])
    if new:
        names = ("submission_id", "state", "reason_code")
        values = [dict(zip(names, one, strict=True), since_cut=number) for one in new]
        connection.execute(insert(held), values)


def held_in(number: int) -> ColumnElement[bool]:
    """Return what is true of the rows of `cut_submissions` that a cut of this number holds."""
    held = tables.cut_submissions.c
    return and_(held.since_cut <= number, or_(held.until_cut.is_(None), held.until_cut > number))


def _read(connection: Connection, cut_id: str) -> Cut:
    row = _row(connection, cut_id)
    held = tables.cut_submissions
    found = connection.execute(
        _submissions()
        .add_columns(held.c.state, held.c.reason_code)
        .join_from(held, tables.submissions)
        .where(held_in(row.number))
    )
    given = [CutSubmission(*one) for one in found]
    return Cut(
        id=row.id,
        number=row.number,
        made_at=row.made_at,
        code_version=row.code_version,
        config_hash=row.config_hash,
        key_id=row.key_id,
        authorities=tuple(json.loads(row.authorities)),
        submissions=tuple(one for one in given if not one.state),
        unsettled=tuple(one for one in given if one.state),
    )


def altered_cuts(connection: Connection) -> Iterator[int]:
    """Yield the numbers of cuts that are not what their id says: it is made from all they hold."""
    rows = connection.execute(select(tables.cuts.c.id, tables.cuts.c.number).order_by("number"))
    for row in rows.all():
        try:
            found = _cut_id(_read(connection, row.id))
        except ValueError:
            # Its list of authorities is no list any more.
            found = ""
        if found != row.id:
            yield row.number


def why_lost(root: Root, cut: Cut) -> str:
    """Return why a cut cannot be computed again; empty when it can.

    It cannot when a child was erased from a submission it holds, or when the pseudonym key was
    changed since and the rows of a submission could not be made again with the new one.
    """
    with reading(root) as connection:
        erased, rowless = _lost(connection)
    ids = {given.submission_id for given in cut.submissions}
    return _why_lost(len(ids & erased), len(ids & rowless))


def lost_cuts(root: Root) -> dict[int, str]:
    """Return why, as `why_lost`, of every cut that cannot be computed again, by its number."""
    held = tables.cut_submissions
    with reading(root) as connection:
        erased, rowless = _lost(connection)
        numbers = connection.execute(select(tables.cuts.c.number)).scalars().all()
        counting = connection.execute(select(held).where(held.c.state == ""))
        spans = [row for row in counting if row.submission_id in erased | rowless]
    found = {}
    for number in numbers:
        ids = {row.submission_id for row in spans if _is_held(row, number)}
        if why := _why_lost(len(ids & erased), len(ids & rowless)):
            found[number] = why
    return found


def _is_held(row: Row[Any], number: int) -> bool:
    """Return the same as `held_in` of one row."""
    return bool(row.since_cut <= number and (row.until_cut is None or row.until_cut > number))


def _lost(connection: Connection) -> tuple[frozenset[str], frozenset[str]]:
    """Return the submissions from which a child was erased, and those that lost their rows."""
    given, parts = tables.submissions.c, tables.parts.c
    erased = connection.execute(select(given.id).where(given.state == State.ERASED)).scalars().all()
    kept = select(parts.submission_id).where(parts.kind == ACCEPTED)
    others = connection.execute(select(given.id, given.row_counts).where(given.id.not_in(kept)))
    rowless = (row.id for row in others if any(json.loads(row.row_counts).values()))
    return frozenset(erased), frozenset(rowless)


def _why_lost(erased: int, rowless: int) -> str:
    if erased:
        return f"a child was erased from {erased} of its submissions"
    if rowless:
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
    sizes = _sizes().subquery()
    with reading(root) as connection:
        return list(
            connection.execute(
                select(tables.cuts, sizes.c.submissions)
                .join_from(tables.cuts, sizes, sizes.c.number == tables.cuts.c.number)
                .order_by(tables.cuts.c.number)
            )
        )


def _sizes() -> Select[tuple[int, int]]:
    """Return the query for how many submissions the cut of each number holds."""
    held, cuts = tables.cut_submissions.c, tables.cuts.c
    counts = held.state == ""
    changes = union_all(
        select(held.since_cut.label("number"), literal(1).label("change")).where(counts),
        select(held.until_cut, literal(-1)).where(held.until_cut.is_not(None), counts),
        # A cut without any submission is a cut all the same.
        select(cuts.number, literal(0)),
    ).subquery()
    at = changes.c.number
    held_then = func.sum(func.sum(changes.c.change)).over(order_by=at)
    return select(at, held_then.label("submissions")).group_by(at)


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
    release: Mapping[str, Any] | None = None,
) -> bool:
    """Put an edition in place whole and record it; return whether it is new.

    The files come first, then the ledger: a crash between them leaves files that no ledger row
    names, which the next attempt replaces. A draft may be made again; a final edition never.

    Args:
        root: where.
        name: of the edition.
        cut: the cut it is made from.
        is_final: whether it is for good.
        public: published files, by name.
        restricted: the files behind them, by name.
        actor: who makes it.
        release: of a final edition, who made the draft that was read, and what was confirmed
            (`warehouse/releases.py`).

    Raises:
        UsageError: a final edition of that name stands already, made from something else; or
            the cut is not in the ledger any more.
    """
    sha256 = manifest_hash(public)
    known = edition_named(root, name)
    if known is not None and known.sha256 == sha256 and known.is_final == is_final:
        return False
    if known is not None and known.is_final:
        raise UsageError(
            f"edition {name} is final and cannot be changed. Publish a revision under a new name."
        )
    units = edition_units(name)
    # Retention holds the root alone: neither the cut nor the folder goes meanwhile.
    with shared_lock(root):
        read_cut(root, cut.id)
        put_folder(root, root.restricted / name, restricted)
        folder = put_folder(root, root.editions / name, public, has_readers=True)
        row = {
            "name": name,
            "cut_id": cut.id,
            "is_final": is_final,
            "folder": str(folder.relative_to(root.path)),
            "sha256": sha256,
        }
        files = dict(zip(units, map(file_digests, (public, restricted)), strict=True))
        told = publication_detail(actor, release)
        _record_edition(root, row, cut.number, files, actor, told)
    return True


def _record_edition(
    root: Root,
    row: Mapping[str, Any],
    cut_number: int,
    files: Mapping[str, Mapping[str, str]],
    actor: Actor,
    told: Mapping[str, Any],
) -> None:
    name = row["name"]
    with writing(root, "editions") as connection:
        with changed_units(connection, of_edition(name)) as changed:
            connection.execute(tables.editions.delete().filter_by(name=name, is_final=False))
            connection.execute(insert(tables.editions).values(**row, made_at=now()))
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="publish",
            subject=edition_subject(name, cut_number, is_final=row["is_final"]),
            counts={"cut": cut_number},
            detail={NOW: {**changed, **files}, **told},
        )


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
