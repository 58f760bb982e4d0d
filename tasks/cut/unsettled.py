"""Returns that were sent and do not count: refused or held, and not sent again since.

A cut names them as they stood when it was made. Of the newest cut the ledger is asked again: what
was sent since may have been refused, and nothing new to count makes no new cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from pandas import DataFrame

from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import FigureStatus
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows, Bar
from schemas.submission import State
from tasks.cut.data_cut import authority_parts, quarters_covered, span, submissions_in_use
from tasks.outcomes.maturity import Covered, covered_by, reason_of
from warehouse.cuts import Cut, CutSubmission
from warehouse.root import Root

_INSTEAD: Final = {
    State.REJECTED: FigureReason.RETURN_REFUSED,
    State.HELD: FigureReason.RETURN_HELD,
}
_LATER: Final = {
    State.REJECTED: FigureReason.LATER_VERSION_REFUSED,
    State.HELD: FigureReason.LATER_VERSION_HELD,
}
_MAY_CHANGE: Final = (FigureReason.NOT_RETURNED, FigureReason.ROWS_SET_ASIDE, "")


def unsettled_bars(cut: Cut, unsettled: Iterable[CutSubmission]) -> dict[str, tuple[Bar, ...]]:
    """Return per authority what each submission that does not count leaves open, or an older one.

    Args:
        cut: what counts.
        unsettled: what was sent last for a return and quarter and was refused or held: what the cut
            names, or what stands now.
    """
    known = [given for given in unsettled if given.return_name in RETURNS]
    by_authority = groupby(sorted(known, key=lambda one: one.la_code), lambda one: one.la_code)
    return {
        la_code: tuple(_bars(list(given), _of_authority(cut, la_code)))
        for la_code, given in by_authority
    }


def _of_authority(cut: Cut, la_code: str) -> list[CutSubmission]:
    return [given for given in cut.submissions if given.la_code == la_code]


def _bars(unsettled: Iterable[CutSubmission], counting: list[CutSubmission]) -> Iterator[Bar]:
    """Yield for each refused or held submission the quarters it leaves open, or an older one."""
    in_use = {(given.return_name, given.quarter) for given in submissions_in_use(counting)}
    for one in unsettled:
        name, state = one.return_name, State(one.state)
        spoken_for = frozenset(quarters_covered(one))
        covered = frozenset(
            quarter
            for given in counting
            if given.return_name == name
            for quarter in quarters_covered(given)
        )
        if open_quarters := spoken_for - covered:
            is_period = one.reason_code == FigureReason.PERIOD_MISMATCH
            instead = FigureReason.PERIOD_MISMATCH if is_period else _INSTEAD[state]
            yield Bar(instead, name, open_quarters)
        if (name, one.quarter) in in_use:
            yield Bar(_LATER[state], name, spoken_for)


def covered_with(root: Root, cut: Cut, la_code: str, bars: tuple[Bar, ...]) -> Covered:
    """Return what has come in of an authority, with what bars it besides."""
    parts = authority_parts(root, la_code, _of_authority(cut, la_code))
    first, last = span(cut) or (Quarter(0, 1), Quarter(0, 1))
    rows = AuthorityRows(la_code, {}, parts.covered, parts.sent, (*parts.bars, *bars))
    return covered_by(rows, first=first, last=last)


def with_unsettled(
    root: Root, cut: Cut, outcomes: DataFrame, unsettled: Iterable[CutSubmission]
) -> DataFrame:
    """Return the outcomes of a cut, saying also where a return was refused or is held.

    A figure not returned because of it says so, and so does one that rests on an earlier version.
    Arguments as of `unsettled_bars`.
    """
    reasons = outcomes["reason"].copy()
    can_change = outcomes["reason"].isin(_MAY_CHANGE)
    can_change &= outcomes["status"] != FigureStatus.NOT_APPLICABLE
    for la_code, bars in unsettled_bars(cut, unsettled).items():
        covered = covered_with(root, cut, la_code, bars)
        mine = outcomes[(outcomes["la_code"] == la_code) & can_change]
        reasons[mine.index] = [
            _reason(outcome, quarter, status, covered)
            for outcome, quarter, status in mine[["outcome", "quarter", "status"]].to_numpy()
        ]
    return outcomes.assign(reason=reasons)


def _reason(outcome: str, quarter: str, status: str, covered: Covered) -> str:
    found = reason_of(OUTCOMES[outcome], Quarter.parse(quarter).index, covered=covered)
    is_known = status == FigureStatus.OK
    return str(found) if found is not None and found.goes_with_a_figure == is_known else ""
