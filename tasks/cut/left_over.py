"""Tables without a date that came again as they were the year before."""

from __future__ import annotations

from collections.abc import Iterator

from pandas import DataFrame

from schemas.falls import LEFT_OVER_ROWS, UNDATED
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns import table_named
from schemas.rows import CHILD_KEY, AuthorityRows, Bar


def left_over_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield the years in which a table says of the same children what it said the year before.

    No date tells of which year such a table is. That no child came or went, and nothing that is
    said of any changed, is no accident where they are `LEFT_OVER_ROWS` or more.
    """
    for name in UNDATED:
        return_, _ = table_named(name)
        for year in _left_over(rows.frames.get(name, DataFrame()), name):
            quarters = frozenset(one for one in rows.sent.get(name, ()) if one.year == year)
            yield Bar(FigureReason.PERIOD_MISMATCH, return_.name, quarters, table=name)


def _left_over(frame: DataFrame, table: str) -> Iterator[int]:
    if not len(frame):
        return
    _, declared = table_named(table)
    said = [CHILD_KEY, *(column.name for column in declared.columns if column.name in frame)]
    by_quarter = {
        Quarter.parse(str(quarter)): _in_order(part[said])
        for quarter, part in frame.groupby("quarter", observed=True)
    }
    for quarter, part in by_quarter.items():
        before = by_quarter.get(Quarter(quarter.year - 1, quarter.number))
        if len(part) >= LEFT_OVER_ROWS and before is not None and part.equals(before):
            yield quarter.year


def _in_order(rows: DataFrame) -> DataFrame:
    return rows.astype("str").sort_values(list(rows.columns), ignore_index=True)
