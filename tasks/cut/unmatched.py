"""Years of returns whose children the returns they are joined to do not know.

From pseudonyms at rest alone, so that the order in which returns arrived never shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pandas import DataFrame

from schemas.identifiers import JOINS, NAMING_TABLE, YEARS_KNOWN, Join
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows, Bar
from tasks.histories.matching import Named, match_of, named_in, share_needed, together


def unmatched_bars(rows: AuthorityRows) -> tuple[Bar, ...]:
    """Return the years of returns whose children the returns they are joined to do not know.

    Of the children of each year's return, the share is found that the other return names in any of
    its years (for a return compared with itself: in a year before). The year's quarters are barred
    from figures that join the two where that share lies under the floor, or far under what it is
    in the authority's other years, or where more than a few are known in another spelling, or with
    another date of birth, only.
    A return compared with itself tells spells from their beginning, under the other ids: the years
    before are barred, too. So they are where dates of birth differ: each such child is taken for
    two. Where those of its own past differ, all of the year's return is barred: who is who in it,
    and how old, is not known.
    """
    years = {name: _named_by_year(rows, table) for name, table in NAMING_TABLE.items()}
    return tuple(bar for join in JOINS for bar in _bars_of(join, years))


def _named_by_year(rows: AuthorityRows, table: str) -> dict[int, Named]:
    frame = rows.frames.get(table, DataFrame())
    if not len(frame):
        return {}
    return {
        Quarter.parse(str(quarter)).year: named_in(part)
        for quarter, part in frame.groupby("quarter", observed=True)
    }


def _bars_of(join: Join, years: Mapping[str, Mapping[int, Named]]) -> Iterator[Bar]:
    named, known = years[join.return_name], years[join.known_to]
    matches = {
        year: match_of(here, together(known[one] for one in compared))
        for year, here in named.items()
        if (compared := _compared(join, year, known))
    }
    for year, match in matches.items():
        # Without a census of its own year, fewer are known than usual for that alone.
        others = (one.share for other, one in matches.items() if other != year and other in known)
        if match.is_collapse(share_needed(join, others if year in known else ())):
            is_own = join.return_name == join.known_to
            yield _bar(join, min(named) if is_own or match.is_of_others else year, year)
            if is_own and match.is_of_others:
                yield replace(_bar(join, year, year), joined_to="")


def _bar(join: Join, first: int, last: int) -> Bar:
    quarters = frozenset(Quarter(first, 1).through(Quarter(last, 4)))
    reason = FigureReason.IDS_DO_NOT_MATCH
    return Bar(reason, join.return_name, quarters, joined_to=join.known_to)


def _compared(join: Join, year: int, known: Iterable[int]) -> list[int]:
    """Return the years of the other return in which children of a year may be named."""
    last = year - 1 if join.return_name == join.known_to else year + 1
    return sorted(one for one in known if year - YEARS_KNOWN <= one <= last)
