"""What of an authority's returns no figure may be made of, found when a cut is computed.

Two kinds of facts bar. What was found at intake stands in the ledger as a finding whose code is
among `BARRING_FINDINGS`. What shows only when returns are seen together is worked out from the rows
by the functions of `FROM_ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from schemas.endings import SPELLS
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows, Bar
from tasks.cut.emptied import emptied_bars
from tasks.cut.left_over import left_over_bars
from tasks.cut.lost import lost_bars
from tasks.cut.not_meant import not_meant_bars
from tasks.cut.unmatched import unmatched_bars
from tasks.histories.period import is_of_another_period
from warehouse.rule_books import RuleCount

BARRING_FINDINGS: Final = (
    FigureReason.TOO_MANY_SET_ASIDE,
    FigureReason.TOO_MANY_CONTRADICT,
    FigureReason.ROWS_SET_ASIDE,
)
"""Codes of findings that bar their table for every quarter their submission speaks for, or give the
figures made of it a word."""

_DATED: Final = ("ssda903", "cin_census", "pre_proceedings", "school_attendance")


def _of_other_periods(rows: AuthorityRows) -> Iterator[tuple[str, Quarter]]:
    """Yield each return in force, and its quarter, whose dates are of another period than that.

    Such a return is refused at intake; one that was accepted before that was so is still in force.
    """
    for name in _DATED:
        held = {
            table.name: rows.frames[table.name].groupby("quarter", observed=True)
            for table in RETURNS[name].tables
            if len(rows.frames.get(table.name, ()))
        }
        sent_for = {str(quarter) for groups in held.values() for quarter in groups.groups}
        for text in sorted(sent_for):
            of_quarter = {
                table: groups.get_group(text)
                for table, groups in held.items()
                if text in groups.groups
            }
            quarter = Quarter.parse(text)
            if is_of_another_period(name, of_quarter, quarter):
                yield name, quarter


def _without(rows: AuthorityRows, name: str, quarter: Quarter) -> AuthorityRows:
    """Return the rows as if a return had not come in: it says nothing of other quarters either.

    A year-to-date return is the only one here of its financial year, so nobody speaks for it then.
    """
    frames, sent = dict(rows.frames), dict(rows.sent)
    for table in RETURNS[name].tables:
        held = frames.get(table.name)
        if held is not None and len(held):
            is_other = held["quarter"] != str(quarter)
            frames[table.name] = held[is_other].reset_index(drop=True)
        if table.name in sent:
            sent[table.name] -= _year_up_to(quarter)
    return replace(rows, frames=frames, sent=sent)


def _without_table(rows: AuthorityRows, table: str, quarters: frozenset[Quarter]) -> AuthorityRows:
    """Return the rows as if a table had not come in for some quarters."""
    frames, sent = dict(rows.frames), dict(rows.sent)
    held = frames.get(table)
    if held is not None and len(held):
        is_barred = held["quarter"].isin([str(quarter) for quarter in quarters])
        frames[table] = held[~is_barred].reset_index(drop=True)
    if table in sent:
        sent[table] -= quarters
    return replace(rows, frames=frames, sent=sent)


def _year_up_to(quarter: Quarter) -> frozenset[Quarter]:
    """Return the quarters that a year-to-date return speaks for."""
    return frozenset(Quarter(quarter.year, 1).through(quarter))


FROM_ROWS: Final[tuple[Callable[[AuthorityRows], Iterable[Bar]], ...]] = (
    unmatched_bars,
    lost_bars,
    emptied_bars,
    left_over_bars,
    not_meant_bars,
)
"""Each returns what one look at the rows of an authority bars."""


def bars_found_at_intake(
    counts: Mapping[str, Sequence[RuleCount]],
    spoken_for: Mapping[str, tuple[str, frozenset[Quarter]]],
) -> Iterator[Bar]:
    """Yield a bar for each finding that bars.

    Args:
        counts: per submission, its findings of `BARRING_FINDINGS`.
        spoken_for: per submission, its return and the quarters it speaks for.
    """
    for submission_id, found in counts.items():
        name, quarters = spoken_for[submission_id]
        for one in found:
            yield Bar(FigureReason(one.code), name, quarters, table=one.table_name)


def with_bars_from_rows(rows: AuthorityRows) -> AuthorityRows:
    """Return the rows with what a look at them bars, besides what was barred already.

    Rows of a return of another period are taken out: the bar alone stands for them. So are those of
    a table of spells that was barred at intake: it would correct what the years before say.
    """
    bars = list(rows.bars)
    for bar in rows.bars:
        if bar.table in SPELLS and not bar.reason.goes_with_a_figure:
            rows = _without_table(rows, bar.table, bar.quarters)
    for name, quarter in list(_of_other_periods(rows)):
        bars.append(Bar(FigureReason.PERIOD_MISMATCH, name, _year_up_to(quarter)))
        rows = _without(rows, name, quarter)
    return replace(rows, bars=(*bars, *(bar for look in FROM_ROWS for bar in look(rows))))
