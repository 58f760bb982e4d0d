"""Tables that came without a row, though the authority had some the year before."""

from __future__ import annotations

from collections.abc import Iterator

from pandas import DataFrame

from schemas.falls import EMPTIED_ROWS
from schemas.outcomes import OUTCOMES
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns import table_named
from schemas.rows import AuthorityRows, Bar
from schemas.table import Coverage

_TABLES = sorted({table for outcome in OUTCOMES.values() for table in outcome.made_of})


def emptied_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield the years in which a table came without a row, though it had some the year before.

    A census or an export from which a block was left out cannot be told from one with nothing to
    report: where there were `EMPTIED_ROWS` or more by then, no year brings none.
    """
    for name in _TABLES:
        return_, _ = table_named(name)
        if return_.coverage is Coverage.YEAR_TO_DATE:
            for quarters in _emptied(rows, name):
                yield Bar(FigureReason.TABLE_NOT_SENT, return_.name, quarters, table=name)


def _emptied(rows: AuthorityRows, table: str) -> Iterator[frozenset[Quarter]]:
    last = {one.year: one for one in sorted(rows.sent.get(table, ()))}
    counts = _rows_by_quarter(rows.frames.get(table, DataFrame()))
    held = {quarter.year for quarter in counts}
    for year, quarter in last.items():
        before = last.get(year - 1)
        if year in held or before is None or before.number > quarter.number:
            continue
        if counts.get(before, 0) >= EMPTIED_ROWS:
            yield frozenset(one for one in rows.sent[table] if one.year == year)


def _rows_by_quarter(frame: DataFrame) -> dict[Quarter, int]:
    if not len(frame):
        return {}
    counts = frame["quarter"].astype("str").value_counts()
    return {Quarter.parse(str(quarter)): int(count) for quarter, count in counts.items()}
