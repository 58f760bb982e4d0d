"""What the figures are with the planted faults: `x` where one takes away what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from samples.days import collection_year
from samples.desk import Fault
from samples.implied.told import ToldChild
from samples.truth import TrueOutcome
from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import CENSUS, SUBMISSION_LAG_MONTHS, Outcome, OutcomeKind
from schemas.outcomes.reason import FigureReason, first_reason
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.table import Coverage

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
    return [_with_reason(row, lost) for row in rows]


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


def _with_reason(row: TrueOutcome, lost: Iterable[_Lost]) -> TrueOutcome:
    needed = _needed(OUTCOMES[row.outcome], Quarter.parse(row.quarter).index)
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
    return not lost.table or lost.table in outcome.tables_behind


def _needed(outcome: Outcome, quarter: int) -> dict[str, range]:
    """Return per return the quarters (`Quarter.index`) a figure is made of."""
    before, after = -(-outcome.look_back_months // 3), 0
    needed = {}
    if outcome.kind is OutcomeKind.COHORT:
        after = -(-outcome.mature_months // 3) + -(-SUBMISSION_LAG_MONTHS // 3)
        needed = dict.fromkeys((CENSUS, *sorted(outcome.joins)), range(quarter, quarter + 1))
    return needed | dict.fromkeys(outcome.reads, range(quarter - before, quarter + after + 1))
