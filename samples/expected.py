"""What the figures are with the planted faults: `x` where one takes away what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from samples.days import collection_year, quarter_of
from samples.desk import Fault
from samples.implied.told import ToldChild
from samples.settings import models
from samples.truth import TrueOutcome
from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import (
    CARE_RETURN,
    CENSUS,
    SUBMISSION_LAG_MONTHS,
    Outcome,
    OutcomeKind,
)
from schemas.outcomes.reason import FigureReason, first_reason
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.table import Coverage

_SPOILED = "sickness_days"
"""The number of a workforce return that faults change."""
_REFUSALS = (FigureReason.RETURN_REFUSED, FigureReason.PERIOD_MISMATCH)


def seen_until(child: ToldChild, day: int) -> ToldChild:
    """Return a child as told by returns that hold nothing of its care from a day on.

    The day is a 1 April. What was open on it ended then (docs/definitions.md, how care ends).
    """
    before = (episode for episode in child.episodes if episode.decom < day)
    year = collection_year(day)
    return replace(
        child,
        episodes=tuple(
            replace(episode, dec=day, rec="", reason="") if episode.dec > day else episode
            for episode in before
        ),
        scores={of: score for of, score in child.scores.items() if of < year},
        activities={of: code for of, code in child.activities.items() if of < year},
    )


@dataclass(frozen=True)
class _Lost:
    """What one fault takes away.

    Attributes:
        quarters: `Quarter.index` of those that the return no longer speaks for.
        table: the one table it concerns; empty for the whole return.
    """

    reason: FigureReason
    return_name: str
    quarters: frozenset[int]
    table: str


def with_bars(
    rows: Iterable[TrueOutcome], faults: Sequence[Fault], sent: Sequence[Quarter]
) -> list[TrueOutcome]:
    """Return one authority's figures, those that the faults take away being `x` with the reason.

    Args:
        rows: the figures without faults.
        faults: those planted.
        sent: quarters for which returns were sent.
    """
    lost = list(_lost(faults, sent))
    spoken_for = list(Quarter(sent[0].year, 1).through(sent[-1])) if sent else []
    return [_with_reason(row, lost, spoken_for) for row in rows]


def _lost(faults: Sequence[Fault], sent: Sequence[Quarter]) -> Iterator[_Lost]:
    barring = {
        (FigureReason(fault.reason), fault.return_name, fault.quarter, fault.table)
        for fault in faults
        if fault.reason in set(FigureReason)
    }
    refused = {(name, quarter) for reason, name, quarter, _ in barring if reason in _REFUSALS}
    for reason, name, text, table in sorted(barring):
        quarter = Quarter.parse(text)
        counting = [q for q in sent if (name, str(q)) not in refused]
        spoken_for = _spoken_for(name, quarter)
        if reason in _REFUSALS:
            told = (_spoken_for(name, other) for other in counting)
            yield _Lost(reason, name, spoken_for.difference(*told), "")
        elif _is_last_of_its_year(name, quarter, counting):
            yield _Lost(reason, name, spoken_for, table)


def _spoken_for(return_name: str, quarter: Quarter) -> frozenset[int]:
    is_to_date = RETURNS[return_name].coverage is Coverage.YEAR_TO_DATE
    first = Quarter(quarter.year, 1) if is_to_date else quarter
    return frozenset(range(first.index, quarter.index + 1))


def _is_last_of_its_year(return_name: str, quarter: Quarter, counting: Iterable[Quarter]) -> bool:
    """Return whether no later return of the same quarters counts in place of this one."""
    mine = quarter.index
    return not any(q.index > mine and mine in _spoken_for(return_name, q) for q in counting)


def _with_reason(row: TrueOutcome, lost: Iterable[_Lost], sent: Sequence[Quarter]) -> TrueOutcome:
    needed = _needed(row, sent)
    reasons = {
        one.reason
        for one in lost
        if one.quarters.intersection(needed.get(one.return_name, ()))
        and _concerns(one, OUTCOMES[row.outcome])
    }
    if not reasons:
        return row
    own = {FigureReason(row.reason)} if row.status == "x" else set()
    reason = first_reason(reasons | own)
    return replace(row, numerator="", denominator="", value="", status="x", reason=str(reason))


def _concerns(lost: _Lost, outcome: Outcome) -> bool:
    if lost.reason is FigureReason.IDS_DO_NOT_MATCH and len(outcome.joins) == 0:
        return False
    if lost.reason is FigureReason.NUMBER_NOT_MEANT:
        return _SPOILED in outcome.numbers
    return not lost.table or lost.table in outcome.tables_behind


def _needed(row: TrueOutcome, sent: Sequence[Quarter]) -> dict[str, range]:
    """Return per return the quarters (`Quarter.index`) a figure is made of.

    Args:
        row: the figure.
        sent: the quarters that the authority's returns speak for, in order.
    """
    outcome, quarter = OUTCOMES[row.outcome], Quarter.parse(row.quarter).index
    begun = sent[0].index if sent else quarter
    told = max(begun, quarter - -(-outcome.told_back_months // 3))
    before = min(told, quarter - -(-outcome.look_back_months // 3))
    if outcome.kind is not OutcomeKind.COHORT:
        return dict.fromkeys(outcome.reads, range(before, quarter + 1))
    last = quarter + -(-outcome.mature_months // 3) + -(-SUBMISSION_LAG_MONTHS // 3)
    if outcome.is_told_later and sent:
        last = max(last, sent[-1].index)
    referred = quarter_of(models()[row.model].referral_from).index
    since = {CARE_RETURN: begun, CENSUS: min(quarter, max(begun, referred))}
    return {
        name: range(since.get(name, quarter), (last if name in outcome.reads else quarter) + 1)
        for name in {*outcome.reads, *since}
    }
