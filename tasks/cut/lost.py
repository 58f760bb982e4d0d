"""Years of returns that do not go on with what the year before left open, or left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pandas import DataFrame, Timestamp

from schemas.endings import CHILDREN_LOST_SHARE, CORRECTED_WITHIN_DAYS, LEAST_LOST, SPELLS, Spell
from schemas.falls import UNDATED
from schemas.outcomes.outcome import CENSUS
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import CHILD_KEY, AuthorityRows, Bar

_TABLES = ("episodes", "referrals")
"""Tables whose return holds every child of whom a spell was open, year after year."""
_LAST = 4


def lost_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield what a return bars that does not go on with what the year before left open.

    One or two children leave without a trace; where more than `CHILDREN_LOST_SHARE` do, they were
    left out, or are there under other ids: neither how many there are nor how long they stay can be
    told, of that year and of those before it, whose spells it tells again. Where no others stand in
    their place, the year's lists of children lack them as well. A year that left out as
    many of those whom the next says to have begun in it is barred as well. Where as many are named
    and begin again, as where every spell is said to begin on 1 April, two years contradict.
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


def _by_year(frame: DataFrame) -> dict[int, tuple[Quarter, DataFrame]]:
    if not len(frame):
        return {}
    parts = frame.groupby("quarter", observed=True)
    quarters = ((Quarter.parse(str(name)), part) for name, part in parts)
    return {quarter.year: (quarter, part) for quarter, part in quarters}


def _are_left_out(years: dict[int, tuple[Quarter, DataFrame]], year: int, spell: Spell) -> bool:
    """Return whether those lost are not there under other ids: too few are new with an old start.

    A child under another id goes on with a spell that began before the year.
    """
    (_, before), (quarter, told) = years[year - 1], years[year]
    was_open = np.unique(before.loc[_is_open(before, spell), CHILD_KEY].to_numpy())
    lost = (~np.isin(was_open, told[CHILD_KEY].to_numpy())).sum()
    is_old = told[spell.start].lt(Timestamp(quarter.year_start)) & told[CHILD_KEY].ne(0)
    old = np.unique(told.loc[is_old, CHILD_KEY].to_numpy())
    others = (~np.isin(old, before[CHILD_KEY].to_numpy())).sum()
    return bool(others < lost / 2)


def _bars_of_lists(spell: Spell, year: int) -> Iterator[Bar]:
    quarters = frozenset(Quarter(year, 1).through(Quarter(year, _LAST)))
    for table in UNDATED:
        yield Bar(FigureReason.IDS_DO_NOT_MATCH, spell.return_name, quarters, table=table)


def _years_with_loss(years: dict[int, tuple[Quarter, DataFrame]], spell: Spell) -> Iterator[int]:
    for year, (quarter, part) in sorted(years.items()):
        # Of a return that stops before the year's end, children may have left in between.
        if quarter.number != _LAST or year + 1 not in years:
            continue
        was_open = np.unique(part.loc[_is_open(part, spell), CHILD_KEY].to_numpy())
        lost = ~np.isin(was_open, years[year + 1][1][CHILD_KEY].to_numpy())
        if lost.sum() >= LEAST_LOST and lost.mean() > CHILDREN_LOST_SHARE:
            yield year + 1


def _years_told_late(years: dict[int, tuple[Quarter, DataFrame]], spell: Spell) -> Iterator[int]:
    """Yield years that left out many children whom the next return says to have been there."""
    for year, (quarter, part) in sorted(years.items()):
        if quarter.number != _LAST or year + 1 not in years:
            continue
        told = years[year + 1][1]
        begun = told[spell.start].between(
            Timestamp(quarter.year_start), Timestamp(quarter.last_day)
        )
        children = np.unique(told.loc[begun & told[CHILD_KEY].ne(0), CHILD_KEY].to_numpy())
        late = ~np.isin(children, part[CHILD_KEY].to_numpy())
        if late.sum() >= LEAST_LOST and late.mean() > CHILDREN_LOST_SHARE:
            yield year


def _years_started_again(
    years: dict[int, tuple[Quarter, DataFrame]], spell: Spell
) -> Iterator[int]:
    for year, (quarter, part) in sorted(years.items()):
        if quarter.number != _LAST or year + 1 not in years:
            continue
        told = years[year + 1][1]
        was_open = part.loc[_is_open(part, spell), [CHILD_KEY, spell.start]]
        both = was_open.merge(told[[CHILD_KEY, spell.start]], on=CHILD_KEY, suffixes=("", "_told"))
        apart = (both[f"{spell.start}_told"] - both[spell.start]).abs()
        again = (apart.dt.days > CORRECTED_WITHIN_DAYS).groupby(both[CHILD_KEY]).all()
        if again.sum() >= LEAST_LOST and again.mean() > CHILDREN_LOST_SHARE:
            yield year + 1


def _is_open(part: DataFrame, spell: Spell) -> npt.NDArray[np.bool_]:
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
