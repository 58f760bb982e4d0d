"""Which figures may be given: what has come in decides, never what was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from schemas.endings import SPELLS
from schemas.outcomes import OUTCOMES, PRIMARY_OUTCOME
from schemas.outcomes.outcome import (
    CARE_RETURN,
    CENSUS,
    COHORT_TABLES,
    SUBMISSION_LAG_MONTHS,
    Outcome,
    OutcomeKind,
)
from schemas.outcomes.reason import FigureReason, first_reason
from schemas.quarter import Quarter
from schemas.returns import table_named
from schemas.rows import AuthorityRows, Bar
from schemas.trial import model_of, windows

MONTHS = 3

_NEVER: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Covered:
    """What has come in of one authority; quarters by their `Quarter.index`.

    Attributes:
        quarters: per return, those that some submission in force speaks for; per table that may be
            left out (`table_sent`), those for which it was sent.
        collected: those for which returns have been collected from anyone.
        bars: what no figure may be made of, and its quarters.
        referred_from: the first that referrals to the authority's cohort can fall in.
    """

    quarters: Mapping[str, frozenset[int]]
    collected: range
    bars: tuple[tuple[Bar, frozenset[int]], ...] = ()
    referred_from: int = 0

    @cached_property
    def begun(self) -> int:
        """The first quarter that a statutory return of the authority speaks for."""
        return min(self._statutory, default=0)

    @cached_property
    def ended(self) -> int:
        """The last quarter that a statutory return of the authority speaks for."""
        return max(self._statutory, default=0)

    @property
    def _statutory(self) -> frozenset[int]:
        return self.quarters.get(CARE_RETURN, _NEVER) | self.quarters.get(CENSUS, _NEVER)


@dataclass(frozen=True)
class Gap:
    """One thing that a figure needs and does not have.

    Attributes:
        reason: why.
        return_name: the return that is meant.
        table: the table, or the number, that is meant; empty for the whole return.
        quarters: `Quarter.index` of those that are meant.
    """

    reason: FigureReason
    return_name: str
    table: str
    quarters: frozenset[int]


def covered_by(rows: AuthorityRows, *, first: Quarter, last: Quarter) -> Covered:
    """Return what has come in, where returns were collected from the first quarter to the last."""
    named = {
        **rows.covered,
        **{table_sent(table): quarters for table, quarters in rows.sent.items()},
    }
    return Covered(
        quarters={name: _indexes(quarters) for name, quarters in named.items()},
        collected=range(first.index, last.index + 1),
        bars=tuple((bar, _indexes(bar.quarters)) for bar in rows.bars),
        referred_from=_referred_from(rows.la_code),
    )


def _referred_from(la_code: str) -> int:
    model = model_of(la_code)
    return Quarter.containing(windows()[model].referral_from).index if model else 0


def _indexes(quarters: frozenset[Quarter]) -> frozenset[int]:
    return frozenset(one.index for one in quarters)


def table_sent(table: str) -> str:
    """Return the name a table has among returns: some returns are named as their only table."""
    return f"table {table}"


def quarters_in(months: int) -> int:
    """Return how many quarters the months make, a part of one counting as one."""
    return -(-months // MONTHS)


def why_not_known(outcome: Outcome, quarter: int, *, covered: Covered) -> FigureReason | None:
    """Return why the outcome may not be given for a quarter (a `Quarter.index`); None if it may.

    A cohort outcome is mature when every return it reads covers the quarter of referral, all of the
    follow-up and the submission lag, and nothing is missing that settles who is in the cohort: no
    return of children looked after up to the quarter of referral (who was in care before), and no
    census from the first quarter of the model's referrals to it (whose first referral it is). Any
    other needs the quarter itself. Both need the quarters looked back on. A return that came
    without a table the outcome is made of does not count for it, nor does one that is barred.

    What lies before the authority's first return is not missing: that one tells what was open then.
    """
    reason = reason_of(outcome, quarter, covered=covered)
    return None if reason is None or reason.goes_with_a_figure else reason


def reason_of(outcome: Outcome, quarter: int, *, covered: Covered) -> FigureReason | None:
    """Return the same, or else the word that goes with the figure; None without any."""
    return first_reason(gap.reason for gap in gaps(outcome, quarter, covered=covered))


def _quarters_measured(outcome: Outcome, quarter: int, covered: Covered) -> dict[str, range]:
    """Return per return the quarters in which what the outcome counts can have happened."""
    back = quarter - quarters_in(outcome.look_back_months)
    told = max(covered.begun, quarter - quarters_in(outcome.told_back_months))
    last = quarter
    if outcome.kind is OutcomeKind.COHORT:
        last += quarters_in(outcome.mature_months) + quarters_in(SUBMISSION_LAG_MONTHS)
    if outcome.is_told_later:
        last = max(last, covered.ended)
    return dict.fromkeys(outcome.reads, range(min(back, told), last + 1))


def _quarters_needed(
    measured: Mapping[str, range], outcome: Outcome, quarter: int, covered: Covered
) -> Mapping[str, range]:
    """Return the same, and with it the quarters that settle who is in the cohort."""
    if outcome.kind is not OutcomeKind.COHORT:
        return measured
    since = {CARE_RETURN: covered.begun, CENSUS: max(covered.begun, covered.referred_from)}
    ends = {name: measured.get(name, range(quarter + 1)).stop for name in since}
    return {
        **measured,
        **{name: range(min(since[name], quarter), ends[name]) for name in since},
    }


def gaps(outcome: Outcome, quarter: int, *, covered: Covered) -> Iterator[Gap]:
    """Yield everything the outcome needs for a quarter and does not have."""
    measured = _quarters_measured(outcome, quarter, covered)
    needed = _quarters_needed(measured, outcome, quarter, covered)
    yield from _gaps(outcome, measured, needed, covered)


def is_cohort_known(quarter: int, *, covered: Covered) -> bool:
    """Return whether nothing is missing that settles who was referred to the cohort in a quarter.

    What was counted of these children afterwards does not matter here.
    """
    outcome = OUTCOMES[PRIMARY_OUTCOME]
    needed = _quarters_needed({}, outcome, quarter, covered)
    return not any(_gaps(outcome, {}, needed, covered))


def _gaps(
    outcome: Outcome,
    measured: Mapping[str, range],
    needed: Mapping[str, range],
    covered: Covered,
) -> Iterator[Gap]:
    barred = list(_barred(outcome, measured, needed, covered)) if covered.bars else []
    yield from barred
    for name, window in needed.items():
        if not covered.quarters.get(name, _NEVER).issuperset(window):
            yield from _not_there(name, window, covered, barred)
    for table in outcome.tables:
        name = table_named(table)[0].name
        came = covered.quarters.get(name, _NEVER).intersection(needed[name])
        told = (gap.quarters for gap in barred if (gap.return_name, gap.table) == (name, table))
        if left_out := came.difference(covered.quarters.get(table_sent(table), _NEVER), *told):
            yield Gap(FigureReason.TABLE_NOT_SENT, name, table, left_out)


def _barred(
    outcome: Outcome,
    measured: Mapping[str, range],
    needed: Mapping[str, range],
    covered: Covered,
) -> Iterator[Gap]:
    """Yield what is barred of the returns the outcome needs.

    A table that does not settle who is in a cohort matters for what is counted alone.
    """
    for bar, quarters in covered.bars:
        name = bar.return_name
        windows_of = needed if not bar.table or bar.table in COHORT_TABLES else measured
        meant = quarters.intersection(windows_of.get(name, _NEVER))
        if meant and _concerns(bar, outcome):
            yield Gap(bar.reason, name, bar.column or bar.table, meant)


def _concerns(bar: Bar, outcome: Outcome) -> bool:
    joined = {bar.return_name, bar.joined_to}
    is_joined = not bar.joined_to or outcome.joins.issuperset(joined)
    if bar.return_name == bar.joined_to:
        # What its years tell again and again under other ids counts again and again.
        is_joined |= not SPELLS.keys().isdisjoint(outcome.made_of)
    if bar.column and bar.column not in outcome.numbers:
        return False
    return is_joined and (not bar.table or bar.table in outcome.tables_behind)


def _not_there(name: str, window: range, covered: Covered, barred: list[Gap]) -> Iterator[Gap]:
    """Yield the quarters in which a return is not in force, those barred for a reason left out."""
    told = [gap.quarters for gap in barred if (gap.return_name, gap.table) == (name, "")]
    missing = frozenset(window).difference(covered.quarters.get(name, _NEVER), *told)
    if due := missing.intersection(covered.collected):
        yield Gap(FigureReason.NOT_RETURNED, name, "", due)
    if later := missing.difference(covered.collected):
        yield Gap(FigureReason.NOT_MATURE, name, "", later)
