"""Years of returns that do not go on with what the year before left open, or left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pandas import DataFrame, Timestamp

from schemas.arrays import Flags
from schemas.endings import CHILDREN_LOST_SHARE, CORRECTED_WITHIN_DAYS, LEAST_LOST, SPELLS, Spell
from schemas.falls import UNDATED
from schemas.outcomes.outcome import CENSUS
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import CHILD_KEY, AuthorityRows, Bar

_TABLES = ("episodes", "referrals")
"""Tables whose return holds every child of whom a spell was open, year after year."""
_LAST = 4
_Years = dict[int, tuple[Quarter, DataFrame]]
"""By year: the quarter of its newest return, and the rows."""


def lost_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield what a return bars that does not go on with what the year before left open.

    One or two children leave without a trace; where more than `CHILDREN_LOST_SHARE` do, they were
    left out, or are there under other ids: neither how many there are nor how long they stay can be
    told, of that year and of those before it, whose spells it tells again. Where no others stand in
    their place, the year's lists of children lack them too. A year that left out as many of those
    whom the next says to have begun in it is barred as well. Where as many are named and begin
    again, as where every spell is said to begin on 1 April, two years contradict.
    """
    for table in _TABLES:
        spell = SPELLS[table]
        years = _by_year(rows.frames.get(table, DataFrame()))
        for year in _years_with_loss(years, spell):
            yield _bar(spell, min(years), year, joined_to=spell.return_name)
            if spell.return_name != CENSUS:
                yield _bar(spell, year, year, joined_to=CENSUS)
            if table == "episodes" and _are_left_out(years, year, spell):
                yield from _bars_of_lists(spell, year)
        for year in _years_told_late(years, spell):
            yield _bar(spell, year, year, joined_to=spell.return_name)
        for year in _years_started_again(years, spell):
            quarters = frozenset(Quarter(year - 1, _LAST).through(Quarter(year, _LAST)))
            reason = FigureReason.TOO_MANY_CONTRADICT
            yield Bar(reason, spell.return_name, quarters, table=table)


def _by_year(frame: DataFrame) -> _Years:
    if not len(frame):
        return {}
    parts = frame.groupby("quarter", observed=True)
    quarters = ((Quarter.parse(str(name)), part) for name, part in parts)
    return {quarter.year: (quarter, part) for quarter, part in quarters}


def _are_left_out(years: _Years, year: int, spell: Spell) -> bool:
    """Return whether those lost are not there under other ids: too few are new with an old start.

    A child under another id goes on with a spell that began before the year.
    """
    (_, before), (quarter, told) = years[year - 1], years[year]
    lost = (~np.isin(_left_open(before, spell), told[CHILD_KEY].to_numpy())).sum()
    is_old = told[spell.start].lt(Timestamp(quarter.year_start)) & told[CHILD_KEY].ne(0)
    old = np.unique(told.loc[is_old, CHILD_KEY].to_numpy())
    others = (~np.isin(old, before[CHILD_KEY].to_numpy())).sum()
    return bool(others < lost / 2)


def _bars_of_lists(spell: Spell, year: int) -> Iterator[Bar]:
    quarters = frozenset(Quarter(year, 1).through(Quarter(year, _LAST)))
    for table in UNDATED:
        yield Bar(FigureReason.IDS_DO_NOT_MATCH, spell.return_name, quarters, table=table)


def _whole_years(years: _Years) -> Iterator[tuple[Quarter, DataFrame, DataFrame]]:
    """Yield the last quarter of each year, its rows, and those of the year that follows.

    Of a return that stops before the year's end, children may have left in between.
    """
    for year, (quarter, part) in sorted(years.items()):
        if quarter.number == _LAST and year + 1 in years:
            yield quarter, part, years[year + 1][1]


def _years_with_loss(years: _Years, spell: Spell) -> Iterator[int]:
    for quarter, part, told in _whole_years(years):
        if _are_many(~np.isin(_left_open(part, spell), told[CHILD_KEY].to_numpy())):
            yield quarter.year + 1


def _years_told_late(years: _Years, spell: Spell) -> Iterator[int]:
    """Yield years that left out many children whom the next return says to have been there."""
    for quarter, part, told in _whole_years(years):
        first, last = Timestamp(quarter.year_start), Timestamp(quarter.last_day)
        begun = told[spell.start].between(first, last) & told[CHILD_KEY].ne(0)
        children = np.unique(told.loc[begun, CHILD_KEY].to_numpy())
        if _are_many(~np.isin(children, part[CHILD_KEY].to_numpy())):
            yield quarter.year


def _years_started_again(years: _Years, spell: Spell) -> Iterator[int]:
    """Yield years that name many children whose open spells begin on other days."""
    for quarter, part, told in _whole_years(years):
        was_open = part.loc[_is_open(part, spell), [CHILD_KEY, spell.start]]
        both = was_open.merge(told[[CHILD_KEY, spell.start]], on=CHILD_KEY, suffixes=("", "_told"))
        apart = (both[f"{spell.start}_told"] - both[spell.start]).abs()
        again = (apart.dt.days > CORRECTED_WITHIN_DAYS).groupby(both[CHILD_KEY]).all()
        if _are_many(again.to_numpy(dtype=np.bool_)):
            yield quarter.year + 1


def _are_many(lost: Flags) -> bool:
    """Return whether more children are lost than leave without a trace."""
    return bool(lost.sum() >= LEAST_LOST and lost.mean() > CHILDREN_LOST_SHARE)


def _left_open(part: DataFrame, spell: Spell) -> npt.NDArray[np.int64]:
    """Return the children of whom a spell is open at the end of their return, each once."""
    return np.unique(part.loc[_is_open(part, spell), CHILD_KEY].to_numpy(dtype=np.int64))


def _is_open(part: DataFrame, spell: Spell) -> Flags:
    """Return which spells are open at the end of their return, of children who are known."""
    status, values = spell.status
    is_open = part[spell.end].isna() & part[CHILD_KEY].ne(0)
    if status:
        is_open &= ~part[status].isin(values)
    if spell.over_at_once:
        is_open &= ~part[spell.over_at_once].to_numpy(dtype=np.bool_, na_value=False)
    return is_open.to_numpy(dtype=np.bool_)


def _bar(spell: Spell, first: int, last: int, *, joined_to: str) -> Bar:
    quarters = frozenset(Quarter(first, 1).through(Quarter(last, _LAST)))
    reason = FigureReason.IDS_DO_NOT_MATCH
    return Bar(reason, spell.return_name, quarters, joined_to=joined_to)
