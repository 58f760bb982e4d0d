"""Calendar arithmetic on whole columns of days.

Days are numpy `datetime64[s]` at midnight; a missing day stays missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pandas import Series

from schemas.quarter import Quarter

Days = npt.NDArray[np.datetime64]
Counts = npt.NDArray[np.int64]

ONE_DAY = np.timedelta64(1, "D")
FOREVER = np.datetime64("2999-12-31", "s")
"""Stands for the end of what has not ended; no return speaks of later days."""

SECONDS_A_DAY = 86_400
_FROM, _TO = np.datetime64("1900-01-01", "D"), np.datetime64("2100-01-01", "D")
_FIRST_DAY = int(_FROM.astype(np.int64))
_MARGIN = 120
"""Months either way that `months_after` may be asked for at the calendar's ends."""
_MONTHS_BEFORE_1970 = 1970 * 12
_MONTHS_BEFORE_APRIL = 3


def days_of(column: Series[Any]) -> Days:
    """Return a column of days as an array."""
    return column.to_numpy().astype("datetime64[s]", copy=False)


def day64(value: date) -> np.datetime64:
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
    place = _places(days)
    if place is None:
        return _months_after(days, months)
    known = _calendar()
    target = known.month[place] + (months + _MARGIN)
    last = known.month_start[target + 1] - SECONDS_A_DAY
    clipped: Counts = np.minimum(known.month_start[target] + known.into_month[place], last)
    return clipped.astype("datetime64[s]")


def _months_after(days: Days, months: int) -> Days:
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


@dataclass(frozen=True)
class _Calendar:
    """Two centuries of days, worked out once: numpy's own calendar takes eight times as long.

    Attributes:
        month: number of the month each day falls in, 0 for the first.
        into_month: seconds from the first of that month.
        month_start: first of each month, in seconds since 1970, from `_MARGIN` months before.
    """

    month: Counts
    into_month: Counts
    month_start: Counts


@cache
def _calendar() -> _Calendar:
    days = np.arange(_FROM, _TO)
    months = days.astype("datetime64[M]")
    starts = np.arange(months[0] - _MARGIN, months[-1] + _MARGIN + 2)
    return _Calendar(
        month=(months - months[0]).astype(np.int64),
        into_month=(days - months.astype("datetime64[D]")).astype(np.int64) * SECONDS_A_DAY,
        month_start=starts.astype("datetime64[s]").astype(np.int64),
    )


def _places(days: Days) -> Counts | None:
    """Return where each day stands in the calendar; None when one is missing or far away."""
    place = days.astype("datetime64[s]", copy=False).view(np.int64) // SECONDS_A_DAY - _FIRST_DAY
    if len(place) and (place.min() < 0 or place.max() >= len(_calendar().month)):
        return None
    return place


def last_days(quarters: Counts) -> Days:
    """Return the last day of each quarter, given by `Quarter.index`."""
    months = quarters * 3 + _MONTHS_BEFORE_APRIL - _MONTHS_BEFORE_1970 + 3
    # The stubs give the difference of two moments where a span was taken from a moment.
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
