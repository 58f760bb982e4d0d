"""What the ledger knows of one submission before it is judged: read once, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from schemas.claims import CODED
from schemas.errors import LedgerError
from schemas.identifiers import NAMING_TABLE, YEARS_KNOWN
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.returns.child_ids import CHILD_IDS
from schemas.submission import State, Submission
from warehouse import tables
from warehouse.claims import Claim, claims_before, rival_claims
from warehouse.database import reading
from warehouse.ledger import submission_of
from warehouse.registry import NOTED
from warehouse.root import Root
from warehouse.store import ACCEPTED


class StoredTable(NamedTuple):
    """One table at rest of one submission: its name, its file under the root, its quarter."""

    table_name: str
    path: str
    quarter: str


class VersionBefore(NamedTuple):
    """What a submission is compared with: rows by table, children, and of which quarter."""

    row_counts: Mapping[str, int]
    child_count: int | None
    quarter: str


@dataclass(frozen=True)
class SubmissionFacts:
    """Everything that judging a submission and answering it look up, as values.

    Attributes:
        submission: who, which return, when, which files.
        state: where it stands.
        reason_code, reason_words: why it was refused or held before it could be read.
        received_at: moment its files were registered, UTC.
        waits_for: submissions still to be judged that its answer looks at.
        previous: tables of the submission in force for the last quarter before this one.
        replaced: tables of the submission this one would replace or, once decided, replaced.
        version_before: the last accepted version before it; of a first version, what counts for
            the last quarter before; None when there is none.
        past_patterns: (quarter, rule code, findings) of what counts for earlier quarters.
        key_ids: names of the keys the ledger was made with, and what else it knows by name.
        known_children: claims to children before its quarter; none for a return that carries the
            authority's code.
        rivals: claims of other submissions of its return and quarter; likewise.
        noted: (name, code of its form) of files that came with it and are no data.
        naming: tables of what counts for its quarter and the years before it that name the
            children it should speak of, the last of each return and year; its own place left out.
            Among them the last list of children with two identifiers, of whichever quarter.
    """

    submission: Submission
    state: State = State.LANDED
    reason_code: str = ""
    reason_words: str = ""
    received_at: str = ""
    waits_for: frozenset[str] = frozenset()
    previous: tuple[StoredTable, ...] = ()
    replaced: tuple[StoredTable, ...] = ()
    version_before: VersionBefore | None = None
    past_patterns: tuple[tuple[str, str, int], ...] = ()
    key_ids: Mapping[str, str] = field(default_factory=dict)
    known_children: tuple[Claim, ...] = ()
    rivals: tuple[Claim, ...] = ()
    noted: tuple[tuple[str, str], ...] = ()
    naming: tuple[StoredTable, ...] = ()


def submission_facts(root: Root, submission_id: str) -> SubmissionFacts:
    """Return what the ledger knows of a submission, in one state of the ledger.

    Raises:
        LedgerError: there is no such submission.
    """
    with reading(root) as connection:
        row = connection.execute(select(tables.submissions).filter_by(id=submission_id)).first()
        if row is None:
            raise LedgerError(f"no submission {submission_id}. `sfp status` lists them.")
        in_force = _in_force_until(connection, row)
        facts = connection.execute(select(tables.facts.c.name, tables.facts.c.value))
        return SubmissionFacts(
            submission=submission_of(connection, row),
            state=State(row.state),
            reason_code=row.reason_code,
            reason_words=row.reason_words,
            received_at=row.received_at,
            waits_for=_undecided_before(connection, row),
            previous=_stored(connection, _previous(in_force, row)),
            replaced=_stored(connection, _replaced(connection, in_force, row)),
            version_before=_version_before(connection, row)
            or _counts_of(connection, _previous(in_force, row)),
            past_patterns=_past_patterns(connection, row),
            noted=_noted(connection, submission_id),
            key_ids={fact.name: fact.value for fact in facts},
            naming=_naming(connection, row),
            **_claims_to_children(connection, row),
        )


def _noted(connection: Connection, submission_id: str) -> tuple[tuple[str, str], ...]:
    columns = tables.arrivals.c
    rows = connection.execute(
        select(columns.name, columns.code)
        .where(columns.submission_id == submission_id, columns.outcome == NOTED)
        .order_by(columns.name)
    )
    return tuple((row.name, row.code) for row in rows)


def _naming(connection: Connection, given: Row[Any]) -> tuple[StoredTable, ...]:
    if given.return_name not in (*NAMING_TABLE, CHILD_IDS.name):
        return ()
    columns, parts = tables.submissions.c, tables.parts.c
    is_of_time = and_(
        parts.table_name.in_(NAMING_TABLE.values()),
        columns.quarter <= given.quarter,
        columns.quarter >= _first_known(given.quarter),
    )
    is_list_of_ids = parts.table_name == CHILD_IDS.name
    rows = connection.execute(
        select(columns.return_name, columns.quarter, parts.table_name, parts.path)
        .join_from(tables.parts, tables.submissions)
        .join(tables.in_force, tables.in_force.c.submission_id == columns.id)
        .where(tables.in_force.c.until.is_(None), columns.la_code == given.la_code)
        .where(parts.kind == ACCEPTED, or_(is_of_time, is_list_of_ids))
        .where(or_(columns.return_name != given.return_name, columns.quarter != given.quarter))
        .order_by(columns.return_name, columns.quarter)
    )
    # In order, so that of each return and year the last one stays.
    last = {_span_of(row): row for row in rows}
    return tuple(StoredTable(row.table_name, row.path, row.quarter) for row in last.values())


def _span_of(row: Row[Any]) -> tuple[str, str]:
    """Return the return and its year; of the list of ids only the last stands."""
    return row.return_name, "" if row.table_name == CHILD_IDS.name else row.quarter[:7]


def _first_known(quarter: str) -> str:
    return str(Quarter(Quarter.parse(quarter).year - YEARS_KNOWN, 1))


def _claims_to_children(connection: Connection, given: Row[Any]) -> dict[str, tuple[Claim, ...]]:
    if given.return_name in CODED:
        return {}
    rivals = rival_claims(connection, given.return_name, given.quarter)
    return {
        "known_children": tuple(claims_before(connection, given.quarter, *CODED)),
        "rivals": tuple(one for one in rivals if one.submission_id != given.id),
    }


def _undecided_before(connection: Connection, given: Row[Any]) -> frozenset[str]:
    columns = tables.submissions.c
    is_earlier = and_(
        columns.return_name == given.return_name,
        or_(
            columns.quarter < given.quarter,
            and_(columns.quarter == given.quarter, columns.version < given.version),
        ),
    )
    known = RETURNS.get(given.return_name)
    is_beside = and_(
        columns.return_name.in_(known.beside if known else ()), columns.quarter <= given.quarter
    )
    rows = connection.execute(
        select(columns.id)
        .where(columns.la_code == given.la_code, columns.state == State.LANDED)
        .where(or_(is_earlier, is_beside))
    )
    return frozenset(row.id for row in rows)


def _same_return(given: Row[Any]) -> ColumnElement[bool]:
    columns = tables.submissions.c
    return and_(columns.la_code == given.la_code, columns.return_name == given.return_name)


def _in_force_until(connection: Connection, given: Row[Any]) -> dict[str, str]:
    """Return by quarter what counts of this authority's return, up to the submission's quarter."""
    columns = tables.submissions.c
    rows = connection.execute(
        select(columns.quarter, columns.id)
        .join_from(tables.in_force, tables.submissions)
        .where(tables.in_force.c.until.is_(None), columns.quarter <= given.quarter)
        .where(_same_return(given))
    )
    return {row.quarter: row.id for row in rows}


def _previous(in_force: Mapping[str, str], given: Row[Any]) -> str | None:
    quarters = [quarter for quarter in in_force if quarter < given.quarter]
    return in_force[max(quarters)] if quarters else None


def _replaced(connection: Connection, in_force: Mapping[str, str], given: Row[Any]) -> str | None:
    """Return what the submission would replace; once it counts, or has counted, what it replaced.

    A process may die between verdict and answer: judged again, it is compared with the same
    version. A copy without the rows of an erased child is not held against what it is a copy of.
    """
    if given.erased_from:
        return None
    columns = tables.in_force.c
    since = connection.execute(
        select(columns.since).where(columns.submission_id == given.id)
    ).scalar()
    return in_force.get(given.quarter) if since is None else _ended_at(connection, since, given)


def _ended_at(connection: Connection, moment: str, given: Row[Any]) -> str | None:
    """Return what counted for the submission's return and quarter up to a moment."""
    columns = tables.in_force.c
    return connection.execute(
        select(columns.submission_id)
        .where(columns.la_code == given.la_code, columns.return_name == given.return_name)
        .where(columns.quarter == given.quarter, columns.until == moment)
    ).scalar()


def _stored(connection: Connection, submission_id: str | None) -> tuple[StoredTable, ...]:
    if submission_id is None:
        return ()
    columns = tables.parts.c
    rows = connection.execute(
        select(columns.table_name, columns.path, tables.submissions.c.quarter)
        .join_from(tables.parts, tables.submissions)
        .where(columns.submission_id == submission_id, columns.kind == ACCEPTED)
        .order_by(columns.table_name)
    )
    return tuple(StoredTable(*row) for row in rows)


def _version_before(connection: Connection, given: Row[Any]) -> VersionBefore | None:
    columns = tables.submissions.c
    found = connection.execute(
        select(columns.id)
        .where(_same_return(given))
        .where(columns.quarter == given.quarter, columns.version < given.version)
        .where(columns.state.in_([State.ACCEPTED, State.ACCEPTED_WITH_QUERIES]))
        .order_by(columns.version.desc())
        .limit(1)
    ).scalar()
    return _counts_of(connection, found)


def _counts_of(connection: Connection, submission_id: str | None) -> VersionBefore | None:
    columns = tables.submissions.c
    found = connection.execute(
        select(columns.row_counts, columns.child_count, columns.quarter).where(
            columns.id == submission_id
        )
    ).first()
    if found is None:
        return None
    return VersionBefore(json.loads(found.row_counts), found.child_count, found.quarter)


def _past_patterns(connection: Connection, given: Row[Any]) -> tuple[tuple[str, str, int], ...]:
    counts, columns = tables.finding_counts.c, tables.submissions.c
    rows = connection.execute(
        select(columns.quarter, counts.code, func.sum(counts.count))
        .join_from(tables.finding_counts, tables.submissions)
        .join(tables.in_force, tables.in_force.c.submission_id == columns.id)
        .where(tables.in_force.c.until.is_(None), _same_return(given))
        .where(columns.quarter < given.quarter, counts.status == "failed")
        .group_by(columns.quarter, counts.code)
        .order_by(columns.quarter, counts.code)
    )
    return tuple((quarter, code, int(count)) for quarter, code, count in rows)
