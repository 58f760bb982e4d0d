"""Verdicts that change after the event, because of what other authorities sent since.

One transaction changes the verdict, what counts in its place, and that the authority is still to be
answered: the next run writes the new answer, however the process ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select, update

from schemas.claims import FOREIGN_CHILDREN
from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.claims import (
    Claim,
    claims_before,
    claims_since,
    first_unsettled,
    note_settled,
    unsettle_all,
)
from warehouse.database import reading, writing
from warehouse.facts import known_fact, put_fact
from warehouse.ledger import Actor, put_in_force, record_state, submission_in, withdraw
from warehouse.recorded import NOW, changed_units, of_submissions
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.rule_books import forget_rule_counts

_Reason = tuple[str, str]
"""Why a submission does not count: its code, and the same in words. Both empty where it does."""
_COUNTS: _Reason = ("", "")
_RULES = "claim_rules"
"""Fact that names what claims were last compared by."""
_Reasons = Callable[[Sequence[Claim], Sequence[Claim]], Mapping[str, _Reason]]
"""What was known before, and every claim since, to why some of those do not count."""


def settle_claims(root: Root, reasons: _Reasons, actor: Actor, *, rules: str) -> list[str]:
    """Let the ledger say of every claim what follows from all of them; return those that change.

    Nothing is done where no claim is new, and none that concerned others is gone.

    Args:
        root: whose ledger.
        reasons: what follows.
        actor: who does it.
        rules: name of what `reasons` goes by. Under another name all is compared again.
    """
    with reading(root) as connection:
        if first_unsettled(connection) is None and known_fact(connection, _RULES) == rules:
            return []
    with shared_lock(root), writing(root, "claims") as connection:
        if known_fact(connection, _RULES) != rules:
            unsettle_all(connection)
            put_fact(connection, _RULES, rules)
        quarter = first_unsettled(connection)
        if quarter is None:
            return []
        claims = claims_since(connection, quarter)
        found = reasons(claims_before(connection, quarter), claims)
        changed = [
            (claim, reason)
            for claim in claims
            if (reason := found.get(claim.submission_id, _COUNTS))
            != (claim.reason_code, claim.reason_words)
        ]
        made = _restated(connection, changed, actor)
        note_settled(connection, [one.submission_id for one in claims if not one.is_settled])
        return made


def _restated(
    connection: Connection, changed: Iterable[tuple[Claim, _Reason]], actor: Actor
) -> list[str]:
    made = []
    for claim, reason in changed:
        if reason != _COUNTS or _can_be_judged_again(connection, claim):
            _restate(connection, claim, reason, actor)
            made.append(claim)
    for claim in {claim.place: claim for claim in made}.values():
        with changed_units(connection, of_submissions([claim.submission_id])) as units:
            _let_last_accepted_count(connection, claim.place)
        if units:
            _append(connection, claim, "counts as before", units, actor, {})
    return [claim.submission_id for claim in made]


def _can_be_judged_again(connection: Connection, claim: Claim) -> bool:
    """Return whether the bytes of a submission are all still there."""
    files = tables.submission_files.c
    gone = files.removed.is_(True) | files.erased.is_(True)
    query = select(files.sha256).where(files.submission_id == claim.submission_id, gone)
    return connection.execute(query).first() is None


def _restate(connection: Connection, claim: Claim, reason: _Reason, actor: Actor) -> None:
    state = _state(reason)
    with changed_units(connection, of_submissions([claim.submission_id])) as changed:
        connection.execute(
            update(tables.submissions)
            .where(tables.submissions.c.id == claim.submission_id)
            .values(
                state=state,
                reason_code=reason[0],
                reason_words=reason[1],
                # As if it had been refused at once: the order of arrival does not show.
                child_count=None,
                row_counts="{}",
                error_count=_errors(state),
                query_count=0,
                answered=False,
            )
        )
        if state is State.LANDED:
            # What was written of it is written again, the same, once it has been judged.
            parts = tables.parts.c
            connection.execute(
                delete(tables.parts).where(parts.submission_id == claim.submission_id)
            )
        forget_rule_counts(connection, claim.submission_id)
        withdraw(connection, claim.submission_id)
        record_state(connection, claim.submission_id, state, actor)
    counts = {"errors": _errors(state)}
    _append(connection, claim, f"{claim.submission_id} {state}", changed, actor, counts)


def _append(
    connection: Connection,
    claim: Claim,
    what: str,
    changed: Mapping[str, str | None],
    actor: Actor,
    counts: Mapping[str, int],
) -> None:
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="restate" if counts else "reinstate",
        subject=f"{claim.return_name} from {claim.la_code} for {claim.quarter} {what}",
        counts=counts,
        detail={NOW: changed},
    )


def _errors(state: State) -> int:
    """Return how many errors a submission has that was stopped, or is to be judged again."""
    return 0 if state is State.LANDED else 1


def _state(reason: _Reason) -> State:
    if reason == _COUNTS:
        return State.LANDED
    return State.REJECTED if reason[0] == FOREIGN_CHILDREN else State.HELD


def _let_last_accepted_count(connection: Connection, place: tuple[str, str, str]) -> None:
    """Let the last version that was accepted count where the one that did does no more."""
    rows = tables.submissions.c
    accepted = connection.execute(
        select(rows.id)
        .where(rows.la_code == place[0], rows.return_name == place[1], rows.quarter == place[2])
        .where(rows.state.in_([State.ACCEPTED, State.ACCEPTED_WITH_QUERIES]))
        .order_by(rows.version.desc())
        .limit(1)
    ).scalar()
    counting = select(tables.in_force.c.id).where(
        tables.in_force.c.submission_id == accepted, tables.in_force.c.until.is_(None)
    )
    if accepted and connection.execute(counting).first() is None:
        put_in_force(connection, submission_in(connection, accepted))
