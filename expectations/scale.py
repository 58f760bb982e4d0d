"""Against the last return of the same authority: amounts and numbers of rows out of scale."""

from __future__ import annotations

from collections.abc import Sequence

from pandas import Series

from expectations.rows import Rows
from schemas.returns.workforce import OUT_OF_SCALE

ENOUGH_ROWS = 20
"""Rows below which a jump in their number says little."""

LARGE_CHANGE = 0.5
"""A number of rows below this share of the last, or above its inverse, is queried."""

LOST_SHARE = 0.05
"""More of last time's open rows missing than this share is queried."""

FACTOR = OUT_OF_SCALE


def jumps_out_of_scale(rows: Rows, table: str, columns: Sequence[str]) -> dict[str, Series]:
    """Return, per column, the rows whose amount is out of scale against the last one known.

    Nothing is said of an amount that is, or was, zero: a share of zero has no scale.
    """
    before = rows.previous(table)
    return {name: _is_out_of_scale(rows[table][name], before[name]) for name in columns}


def _is_out_of_scale(now: Series, before: Series) -> Series:
    known = before[before > 0]
    if known.empty:
        return Series(data=False, index=now.index, dtype=bool)
    last = float(known.iloc[-1])
    return (now > last * FACTOR) | ((now > 0) & (now < last / FACTOR))
