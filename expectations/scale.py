"""Amounts out by a large factor against the last return of the same authority."""

from __future__ import annotations

from collections.abc import Sequence

from pandas import Series

from expectations.rows import Rows

FACTOR = 30.0
"""Authorities were seen to be out by 100; no true amount moves by 30 within a quarter."""


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
