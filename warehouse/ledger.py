"""The ledger: what arrived, what became of it, what counts now. It is the truth, not the events.

Every change is one short transaction that is either whole or not there; on PostgreSQL it takes an
advisory lock per authority and quarter. Calling any of these functions twice with the same facts
changes nothing the second time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    insert,
    select,
    update,
)

from schemas.claims import CLAIM_CODES
from schemas.errors import LedgerError
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import State, Submission, SubmittedFile
from schemas.table import Coverage
from warehouse import tables
from warehouse.accounts import account_at_work, sudo_caller
from warehouse.audit import append
from warehouse.claims import ChildMarks, record_claim
from warehouse.database import now, reading, writing
from warehouse.facts import known_fact
from warehouse.recorded import (
    NOW,
    OF_SUBMISSION,
    changed_units,
    of_arrivals,
    of_submissions,
    pack_unit,
    unit_digests,
)
from warehouse.root import Root
from warehouse.rule_books import RuleCount, record_rule_counts
from warehouse.store import ACCEPTED, Part

SERVICE: Final = "service"
"""Name of the actor in a flow that no person started."""


@dataclass(frozen=True)
class Actor:
    """Who does it: the person or service, and the flow run or process.

    Attributes:
        name: the account of a person, or `service`.
        run: the flow run or process.
        account: the account at work, that of the service included; empty where it is the name.
        sudo_user: who `sudo` says called it: noted, never relied on.
    """

    name: str
    run: str
    account: str = ""
    sudo_user: str = ""

    @classmethod
    def here(cls) -> Actor:
        """Return the person at work, by the operating system's account, and this process."""
        return cls(account_at_work(), f"pid{os.getpid()}", sudo_user=sudo_caller())

    @classmethod
    def service(cls, run: str) -> Actor:
        """Return the service in a flow run, and the account that it runs as."""
        return cls(SERVICE, run, account_at_work())

    @property
    def person(self) -> str:
        """The account by which one is told from another."""
        return self.account or self.name


@dataclass(frozen=True)
class Decision:
    """What is recorded when a submission has been judged.

    Attributes:
        state: the verdict.
        reason_code: why it was refused or held; empty otherwise.
        reason_words: the same in words for the authority, without any value.
        parts: Parquet files already written and forced to disk; empty unless accepted.
        statuses: (code, table, status, count, reason) of every rule.
        row_counts: rows accepted, by table.
        child_count: distinct children; None when the return names none.
        error_count, query_count: findings by severity.
        claim: marks of its children, where the return carries them and could be accepted.
    """

    state: State
    reason_code: str = ""
    reason_words: str = ""
    parts: tuple[Part, ...] = ()
    statuses: tuple[tuple[str, str, str, int, str], ...] = ()
    row_counts: Mapping[str, int] | None = None
    child_count: int | None = None
    error_count: int = 0
    query_count: int = 0
    claim: ChildMarks | None = None


def known_arrivals(root: Root) -> dict[tuple[str, str, str, str], str]:
    """Return what became of every file seen: (la_code, quarter, name, identity) to outcome."""
    columns = tables.arrivals.c
    with reading(root) as connection:
        rows = connection.execute(
            select(
                columns.la_code, columns.quarter, columns.name, columns.identity, columns.outcome
            )
        )
        return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


def record_arrivals(
    connection: Connection, rows: Iterable[Mapping[str, Any]], actor: Actor
) -> None:
    """Record what became of files, in place of what an earlier look at the same files said."""
    listed = list(rows)
    places = {(row["la_code"], row["quarter"]) for row in listed}
    with changed_units(connection, of_arrivals(places)) as changed:
        for row in listed:
            key = {name: row[name] for name in ("la_code", "quarter", "name", "identity")}
            connection.execute(tables.arrivals.delete().filter_by(**key))
            connection.execute(insert(tables.arrivals).values(**row, seen_at=now()))
    if changed:
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="arrive",
            subject=", ".join(sorted(f"{la_code} for {quarter}" for la_code, quarter in places)),
            counts={"files": len(listed)},
            detail={NOW: changed},
        )


def known_contents(connection: Connection, *, la_code: str, quarter: str) -> dict[str, str]:
    """Return the hashes received for an authority and quarter, with the submission that did.

    Files that are held before anything was read, because it is not clear which of them counts, are
    not among them: they are looked at again.
    """
    files, given = tables.submission_files.c, tables.submissions.c
    rows = connection.execute(
        select(files.sha256, given.id)
        .join_from(tables.submission_files, tables.submissions)
        .where(given.la_code == la_code, given.quarter == quarter)
        .where(
            (given.state != State.HELD)
            | (given.reason_words == "")
            | given.reason_code.in_(CLAIM_CODES)
        )
        .order_by(given.version.desc())
    )
    return {row[0]: row[1] for row in rows}


def latest_submission(
    connection: Connection, *, la_code: str, return_name: str, quarter: str
) -> Submission | None:
    """Return the newest version for an authority, return and quarter, whatever its state."""
    columns = tables.submissions.c
    row = connection.execute(
        select(tables.submissions)
        .where(
            columns.la_code == la_code,
            columns.return_name == return_name,
            columns.quarter == quarter,
        )
        .order_by(columns.version.desc())
        .limit(1)
    ).first()
    return submission_of(connection, row) if row else None


def register(
    connection: Connection, submission: Submission, actor: Actor, *, erased_from: str | None = None
) -> None:
    """Record a submission as landed, to be judged by this run or any later one.

    `erased_from` names the submission it is a copy of, without the rows of erased children.
    """
    connection.execute(
        insert(tables.submissions).values(
            id=submission.id,
            la_code=submission.la_code,
            return_name=submission.return_name,
            quarter=str(submission.quarter),
            version=submission.version,
            state=State.LANDED,
            received_at=now(),
            erased_from=erased_from,
        )
    )
    for position, file in enumerate(submission.files):
        connection.execute(
            insert(tables.submission_files).values(
                submission_id=submission.id, position=position, **file.__dict__
            )
        )
    record_state(connection, submission.id, State.LANDED, actor)
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="receive",
        subject=f"{submission.label} {submission.id}",
        counts={"files": len(submission.files)},
        detail={NOW: unit_digests(connection, of_submissions([submission.id], OF_SUBMISSION))},
    )


def record_state(connection: Connection, submission_id: str, state: State, actor: Actor) -> None:
    """Record that a submission has come to a state, and when."""
    connection.execute(
        insert(tables.submission_states).values(
            submission_id=submission_id, state=state, at=now(), run=actor.run
        )
    )


def unfinished(root: Root) -> tuple[str, ...]:
    """Return the submissions still to be judged or answered, in order of version and id."""
    columns = tables.submissions.c
    with reading(root) as connection:
        rows = connection.execute(
            select(columns.id)
            .where((columns.state == State.LANDED) | columns.answered.is_(False))
            .order_by(columns.version, columns.la_code, columns.quarter, columns.return_name)
        )
        return tuple(row[0] for row in rows)


class Batch(NamedTuple):
    """Submissions of one quarter that may be judged at once: none of them looks at another."""

    quarter: str
    submission_ids: tuple[str, ...]


def unfinished_batches(root: Root) -> list[Batch]:
    """Return the submissions still to be judged or answered, in the order in which to judge them.

    Quarters follow each other, so do versions of one return, and a return that looks at another
    comes after it. One that stands for every quarter comes before the others of its own.
    """
    columns = tables.submissions.c
    with reading(root) as connection:
        rows = connection.execute(
            select(columns.id, columns.quarter, columns.return_name, columns.version).where(
                (columns.state == State.LANDED) | columns.answered.is_(False)
            )
        ).all()

    def place(row: Row[Any]) -> tuple[str, int, int]:
        return row.quarter, _turn(row.return_name), row.version

    ordered = sorted(rows, key=lambda row: (*place(row), row.id))
    return [Batch(key[0], tuple(row.id for row in batch)) for key, batch in groupby(ordered, place)]


def _turn(return_name: str) -> int:
    """Return when in its quarter a return is judged: first, with most others, or last."""
    known = RETURNS.get(return_name)
    is_first = known is not None and known.coverage is Coverage.STANDING
    return 0 if is_first else 1 + bool(_beside(return_name))


def _beside(return_name: str) -> tuple[str, ...]:
    known = RETURNS.get(return_name)
    return known.beside if known else ()


def submission_row(root: Root, submission_id: str) -> Row[Any]:
    """Return what the ledger holds of a submission.

    Raises:
        LedgerError: there is no such submission.
    """
    with reading(root) as connection:
        row = connection.execute(
            select(tables.submissions).where(tables.submissions.c.id == submission_id)
        ).first()
    if row is None:
        raise LedgerError(f"no submission {submission_id}. `sfp status` lists them.")
    return row


def submission(root: Root, submission_id: str) -> Submission:
    """Return one submission with its files.

    Raises:
        LedgerError: there is no such submission.
    """
    row = submission_row(root, submission_id)
    with reading(root) as connection:
        return submission_of(connection, row)


def submission_in(connection: Connection, submission_id: str) -> Submission:
    """Return one submission that is known to be there, inside the caller's transaction."""
    row = connection.execute(select(tables.submissions).filter_by(id=submission_id)).one()
    return submission_of(connection, row)


def submission_of(connection: Connection, row: Row[Any]) -> Submission:
    """Return the submission of a row of the ledger, with its files."""
    columns = tables.submission_files.c
    files = connection.execute(
        select(
            columns.name,
            columns.sha256,
            columns.size,
            columns.part,
            columns.carried_from,
            columns.left_out,
        )
        .where(columns.submission_id == row.id)
        .order_by(columns.position)
    )
    return Submission(
        id=row.id,
        la_code=row.la_code,
        return_name=row.return_name,
        quarter=Quarter.parse(row.quarter),
        version=row.version,
        files=tuple(SubmittedFile(*file) for file in files),
    )


@dataclass(frozen=True)
class InForce:
    """One submission that counts now."""

    id: str
    return_name: str
    quarter: str
    version: int

    @property
    def place(self) -> tuple[str, str]:
        """Return and quarter for which it counts."""
        return self.return_name, self.quarter


@dataclass(frozen=True)
class Recorded:
    """What the ledger says of a submission once it is decided, by this process or another.

    Attributes:
        state, reason_code, error_count, query_count: the verdict on record.
        is_new: whether it was decided by this call.
        in_force: what counts now, up to its quarter, of its authority's same return and of the
            returns that its answer looks at.
    """

    state: State
    reason_code: str = ""
    error_count: int = 0
    query_count: int = 0
    is_new: bool = True
    in_force: tuple[InForce, ...] = ()


def decide(root: Root, given: Submission, decision: Decision, actor: Actor) -> Recorded:
    """Record the verdict on a submission and, if accepted, put it in force, in one transaction.

    Return what the ledger says at the end of the same transaction, as `record_verdict`.
    """
    with writing(root, f"{given.la_code}/{given.quarter}") as connection:
        return record_verdict(connection, given, decision, actor)


def record_verdict(
    connection: Connection, given: Submission, decision: Decision, actor: Actor
) -> Recorded:
    """Record the verdict on a submission within a transaction; return what the ledger then says.

    Nothing changes when the submission was decided before, by this process or another. An accepted
    submission does not take the place of a later version that is already in force.
    """
    columns = tables.submissions.c
    row = connection.execute(
        select(columns.state, columns.erased_from).where(columns.id == given.id)
    ).one()
    is_new = not State(row.state).is_final
    if is_new:
        with changed_units(connection, of_submissions([given.id])) as changed:
            _record_decision(connection, given, decision, actor)
            if decision.state.is_accepted:
                put_in_force(connection, given)
            elif row.erased_from:
                withdraw(connection, row.erased_from)
        _append_verdict(connection, given, decision, actor, changed)
    return _recorded(connection, given, is_new)


def _recorded(connection: Connection, given: Submission, is_new: bool) -> Recorded:
    row = connection.execute(select(tables.submissions).filter_by(id=given.id)).one()
    columns = tables.submissions.c
    counting = connection.execute(
        select(columns.id, columns.return_name, columns.quarter, columns.version)
        .join_from(tables.in_force, tables.submissions)
        .where(tables.in_force.c.until.is_(None), columns.la_code == given.la_code)
        .where(columns.return_name.in_((given.return_name, *_beside(given.return_name))))
        .where(columns.quarter <= str(given.quarter))
        .order_by(columns.return_name, columns.quarter)
    )
    return Recorded(
        state=State(row.state),
        reason_code=row.reason_code,
        error_count=row.error_count,
        query_count=row.query_count,
        is_new=is_new,
        in_force=tuple(InForce(*found) for found in counting),
    )


def withdraw(connection: Connection, submission_id: str) -> None:
    """Let a submission count no more, though nothing takes its place: it names an erased child."""
    columns = tables.in_force.c
    connection.execute(
        update(tables.in_force)
        .where(columns.submission_id == submission_id, columns.until.is_(None))
        .values(until=now())
    )


def _record_decision(
    connection: Connection, given: Submission, decision: Decision, actor: Actor
) -> None:
    connection.execute(
        update(tables.submissions)
        .where(tables.submissions.c.id == given.id)
        .values(
            state=decision.state,
            reason_code=decision.reason_code,
            reason_words=decision.reason_words,
            decided_at=now(),
            child_count=decision.child_count,
            row_counts=json.dumps(dict(decision.row_counts or {}), sort_keys=True),
            error_count=decision.error_count,
            query_count=decision.query_count,
        )
    )
    record_state(connection, given.id, decision.state, actor)
    record_rule_counts(connection, given.id, [RuleCount(*found) for found in decision.statuses])
    record_claim(connection, given.id, decision.claim)
    made_with = known_fact(connection, "key_id")
    parts = [
        {"submission_id": given.id, "key_id": made_with, **part.__dict__} for part in decision.parts
    ]
    if parts:
        connection.execute(insert(tables.parts), parts)


def _append_verdict(
    connection: Connection,
    given: Submission,
    decision: Decision,
    actor: Actor,
    changed: Mapping[str, str | None],
) -> None:
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="load" if decision.state.is_accepted else "check",
        subject=f"{given.label} {given.id} {decision.state}",
        counts=dict(decision.row_counts or {}) | {"errors": decision.error_count},
        detail={NOW: changed},
    )


def put_in_force(connection: Connection, given: Submission) -> None:
    """Let a submission count, unless a later version of it already does."""
    columns = tables.in_force.c
    here = (
        (columns.la_code == given.la_code)
        & (columns.return_name == given.return_name)
        & (columns.quarter == str(given.quarter))
        & columns.until.is_(None)
    )
    versions = tables.submissions.c
    current = connection.execute(
        select(versions.version).join_from(tables.in_force, tables.submissions).where(here)
    ).scalar()
    if current is not None and current > given.version:
        return
    moment = now()
    connection.execute(update(tables.in_force).where(here).values(until=moment))
    connection.execute(
        insert(tables.in_force).values(
            la_code=given.la_code,
            return_name=given.return_name,
            quarter=str(given.quarter),
            submission_id=given.id,
            since=moment,
        )
    )


def mark_answered(root: Root, given: Submission, pack: str, actor: Actor) -> None:
    """Record that the authority has its pack, and the hash of the pack (`manifest_hash`)."""
    scope = of_submissions([given.id], ["submission"])
    with writing(root) as connection:
        with changed_units(connection, scope) as changed:
            connection.execute(
                update(tables.submissions)
                .where(tables.submissions.c.id == given.id)
                .values(answered=True)
            )
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="answer",
            subject=f"{given.label} {given.id}",
            counts={},
            detail={NOW: changed | {pack_unit(given): pack}},
        )


def all_in_force(
    root: Root, *, la_code: str | None = None, return_name: str | None = None
) -> list[Row[Any]]:
    """Return every submission that counts now, or those of one authority or return, in order."""
    rows = tables.submissions.c
    query = (
        select(tables.submissions)
        .join_from(tables.in_force, tables.submissions)
        .where(tables.in_force.c.until.is_(None))
        .order_by(rows.la_code, rows.return_name, rows.quarter)
    )
    if la_code is not None:
        query = query.where(rows.la_code == la_code)
    if return_name is not None:
        query = query.where(rows.return_name == return_name)
    with reading(root) as connection:
        return list(connection.execute(query))


def all_submissions(root: Root) -> list[Row[Any]]:
    """Return every submission, in order of authority, quarter, return and version."""
    rows = tables.submissions.c
    with reading(root) as connection:
        return list(
            connection.execute(
                select(tables.submissions).order_by(
                    rows.la_code, rows.quarter, rows.return_name, rows.version
                )
            )
        )


def all_arrivals(root: Root) -> list[Row[Any]]:
    """Return everything ever seen in the drop folder, in order of name."""
    rows = tables.arrivals.c
    with reading(root) as connection:
        return list(
            connection.execute(
                select(tables.arrivals).order_by(rows.la_code, rows.quarter, rows.name, rows.id)
            )
        )


def parts_of(root: Root, submission_ids: Sequence[str], *, kind: str = ACCEPTED) -> list[Row[Any]]:
    """Return the Parquet files of some submissions with their quarter and return, in order."""
    rows, given = tables.parts.c, tables.submissions.c
    with reading(root) as connection:
        found = connection.execute(
            select(tables.parts, given.quarter, given.return_name, given.la_code)
            .join_from(tables.parts, tables.submissions)
            .where(rows.submission_id.in_(list(submission_ids)), rows.kind == kind)
            .order_by(rows.table_name, given.quarter, rows.submission_id)
        )
        return list(found)
