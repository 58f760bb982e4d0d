"""From when on fewer rows than last time are worth a question: declared per kind of comparison.

A version is compared with the one it replaces. A first version is compared with the last quarter's:
a return that grows over the year must not shrink within it, and in a new year should have its share
of the year before by then. A return that speaks of one quarter alone may hold anything.
"""

from __future__ import annotations

from typing import Final

from schemas.quarter import Quarter
from schemas.table import Coverage

SAME_SPAN_SHARE: Final = 0.05
"""Corrections take out a row here and there; a twentieth of a table is more than that."""
OTHER_SPAN_SHARE: Final = 0.5
"""What happens in a quarter differs from year to year, but seldom by half."""
FEWEST_ROWS: Final = 5
"""A difference of fewer rows tells nothing."""
EMPTIED_ROWS: Final = 10
"""Where ten are usual, none come by chance once in 20,000 times: the table was left out."""
_QUARTERS_OF_YEAR = 4


def share_expected(quarter: Quarter, before: Quarter | None, coverage: Coverage) -> float | None:
    """Return how much of the rows of last time a return should have at least.

    Args:
        quarter: of the return.
        before: quarter of the return it is compared with; None for the version it replaces.
        coverage: what span of time such a return speaks for.

    Returns:
        a share of the rows before; None where a fall says nothing.
    """
    if before is None or before == quarter:
        return 1 - SAME_SPAN_SHARE
    if coverage is Coverage.QUARTER:
        return None
    if coverage is Coverage.ROLLING:
        return 1 - OTHER_SPAN_SHARE
    if before.financial_year == quarter.financial_year:
        return 1 - SAME_SPAN_SHARE
    return (1 - OTHER_SPAN_SHARE) * min(1.0, _part_of_year(quarter) / _part_of_year(before))


def _part_of_year(quarter: Quarter) -> int:
    return quarter.index % _QUARTERS_OF_YEAR + 1


UNDATED: Final = ("oc2", "oc3")
"""Tables of which no date says what year they speak of."""
LEFT_OVER_ROWS: Final = 10
"""Such a table of so many rows or more that is the same as the year before's is that one, put in
again: in a year some children come, some go, and what is said of the others changes."""
