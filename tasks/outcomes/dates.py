"""Calendar arithmetic on whole columns of days.

Days are numpy `datetime64[s]` at midnight; a missing day stays missing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from pandas import Series

from schemas.quarter import Quarter

Days = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

ONE_DAY = np.timedelta64(1, "D")
FOREVER = np.datetime64("2999-12-31", "s")
"""Stands for the end of what has not ended; no return speaks of later days."""

_MONTHS_BEFORE_1970 = 1970 * 12
_MONTHS_BEFORE_APRIL = 3


def days_of(column: Series[Any]) -> Days:
    """Return a column of days as an array."""
    return column.to_numpy().astype("datetime64[s]", copy=False)


def day(value: date) -> np.datetime64:
    """Return one day as the arrays hold it."""
    return np.datetime64(value, "s")


def ends_of(column: Series[Any]) -> Days:
    """Return a column of ends, with `FOREVER` in place of the missing ones."""
    ends = days_of(column)
    return np.where(np.isnat(ends), FOREVER, ends)


def months_after(days: Days, months: int) -> Days:
    """Return the day N calendar months after each day (before it when N is negative).

    The day of the month stays, clipped to the month's last: 31 August and 18 months make 28 or 29
    February.
    """
    month = days.astype("datetime64[M]")
    day_of_month = days - month.astype("datetime64[s]")
    target = month + months
    last = (target + 1).astype("datetime64[s]") - ONE_DAY
    clipped: Days = np.minimum(target.astype("datetime64[s]") + day_of_month, last)
    return clipped


def quarter_indexes(days: Days) -> Counts:
    """Return `Quarter.index` of the quarter each day falls in; days must not be missing."""
    months = days.astype("datetime64[M]").astype(np.int64) + _MONTHS_BEFORE_1970
    return (months - _MONTHS_BEFORE_APRIL) // 3


def last_days(quarters: Counts) -> Days:
    """Return the last day of each quarter, given by `Quarter.index`."""
    months = quarters * 3 + _MONTHS_BEFORE_APRIL - _MONTHS_BEFORE_1970 + 3
    last: Days = months.astype("datetime64[M]").astype("datetime64[s]") - ONE_DAY  # type: ignore[assignment]
    return last


def ages_at_month_end(birth_months: Days, days: Days) -> npt.NDArray[np.float64]:
    """Return completed years on the last day of a month, from the month of birth.

    Exact although the day of birth is not kept: on the last day of a month everyone born in a
    month of that name has had the birthday. Missing where the month of birth is.
    """
    months = days.astype("datetime64[M]") - birth_months.astype("datetime64[M]")
    return np.where(np.isnat(months), np.nan, months.astype(np.int64) // 12)


def quarter_names(quarters: Counts) -> list[str]:
    """Return each quarter, given by `Quarter.index`, as `2025-26Q1`."""
    names = {index: str(Quarter.from_index(index)) for index in np.unique(quarters).tolist()}
    return [names[index] for index in quarters.tolist()]
