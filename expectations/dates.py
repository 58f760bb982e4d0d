"""Counting between dates, column against column; missing where either date is missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
from pandas import Series

from schemas.arrays import Floats

OLDEST_AGE = 26
"""Care leavers are followed up to 21, and a few years of delay are forgiven."""


def completed_years(birth: Series, day: Series | date) -> Floats:
    """Return age in completed years on `day`, missing where a date is missing.

    Someone born on 29 February comes of age on 1 March in a common year.
    """
    born, on = _as_days(birth), _as_days(day)
    years = np.floor((_as_number(on) - _as_number(born)) / 10_000)
    return np.where(np.isnat(born) | np.isnat(on), np.nan, years)


def days_between(start: Series, end: Series | date) -> Floats:
    """Return days from `start` to `end`, missing where a date is missing."""
    first, last = _as_days(start), _as_days(end)
    gap = (last - first).astype("float64")
    return np.where(np.isnat(first) | np.isnat(last), np.nan, gap)


def weekday(day: Series) -> Floats:
    """Return the day of the week, 0 for Monday to 6 for Sunday; missing where missing."""
    days = _as_days(day)
    # 1 January 1970 was a Thursday.
    return np.where(np.isnat(days), np.nan, (days.astype("int64") + 3) % 7)


def first_of_month(day: Series) -> Series:
    """Return the first day of the month of each date, as dates of birth rest."""
    months = _as_days(day).astype("datetime64[M]")
    return Series(months.astype("datetime64[s]"), index=day.index)


def _as_days(value: Series | date) -> npt.NDArray[np.datetime64]:
    if isinstance(value, Series):
        return value.to_numpy().astype("datetime64[D]")
    return np.array(value, dtype="datetime64[D]")


def _as_number(days: npt.NDArray[np.datetime64]) -> Floats:
    """Return dates as numbers yyyymmdd, so that a difference of 10,000 is one completed year."""
    months = days.astype("datetime64[M]")
    year = days.astype("datetime64[Y]").astype("float64") + 1970
    month = months.astype("float64") % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype("float64") + 1
    return np.asarray(year * 10_000 + month * 100 + day, dtype="float64")
