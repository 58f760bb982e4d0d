"""Years of returns that have lost many children whose spells the year before left open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pandas import DataFrame

from schemas.endings import CHILDREN_LOST_SHARE, LEAST_LOST, SPELLS, Spell
from schemas.outcomes.outcome import CENSUS
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import CHILD_KEY, AuthorityRows, Bar

_TABLES = ("episodes", "referrals")
"""Tables whose return holds every child of whom a spell was open, year after year."""
_LAST = 4


def lost_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield what a return bars that names too few of the children whose spells were still open.

    One or two leave without a trace; where more than `CHILDREN_LOST_SHARE` do, they were left out,
    or are there under other ids: neither how many there are nor how long they stay can be told, of
    that year and of those before it, whose spells it tells again.
    """
    for table in _TABLES:
        spell = SPELLS[table]
        years = _by_year(rows.frames.get(table, DataFrame()))
        for year in _years_with_loss(years, spell):
            yield _bar(spell, min(years), year, joined_to=spell.return_name)
            if spell.return_name != CENSUS:
                yield _bar(spell, year, year, joined_to=CENSUS)


def _by_year(frame: DataFrame) -> dict[int, tuple[Quarter, DataFrame]]:
    if not len(frame):
        return {}
    parts = frame.groupby("quarter", observed=True)
    quarters = ((Quarter.parse(str(name)), part) for name, part in parts)
    return {quarter.year: (quarter, part) for quarter, part in quarters}


def _years_with_loss(years: dict[int, tuple[Quarter, DataFrame]], spell: Spell) -> Iterator[int]:
    for year, (quarter, part) in sorted(years.items()):
        # Of a return that stops before the year's end, children may have left in between.
        if quarter.number != _LAST or year + 1 not in years:
            continue
        was_open = np.unique(part.loc[_is_open(part, spell), CHILD_KEY].to_numpy())
        lost = ~np.isin(was_open, years[year + 1][1][CHILD_KEY].to_numpy())
        if lost.sum() >= LEAST_LOST and lost.mean() > CHILDREN_LOST_SHARE:
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
