"""Spans of days: half-open, a person is in one on day d when start <= d < end.

A frame of spans has columns person_id, start, end; `FOREVER` stands for an end not yet known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pandas import DataFrame

from schemas.arrays import Flags
from tasks.histories.dates import ONE_DAY, Counts, Days

_WIDER_THAN_TIME = 2**40
"""Seconds; more than lie between any two days, so that one person's days never reach another's."""


def starts_new(values: npt.NDArray[Any]) -> Flags:
    """Return where a sorted array moves on to another value, its first row included."""
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new


def latest_so_far(ends: Days, *, new_person: Flags) -> Days:
    """Return for each row the latest end of the person's rows up to and including it."""
    lift = np.cumsum(new_person) * _WIDER_THAN_TIME
    highest = np.maximum.accumulate(ends.astype("datetime64[s]").astype(np.int64) + lift)
    latest: Days = (highest - lift).astype("datetime64[s]")
    return latest


def latest_before(ends: Days, *, new_person: Flags) -> Days:
    """Return for each row the latest end of the person's earlier rows; missing for the first."""
    before = np.roll(latest_so_far(ends, new_person=new_person), 1)
    before[new_person] = np.datetime64("NaT")
    return before


def spans(person: Any, start: Days, end: Days) -> DataFrame:
    """Return a frame of spans."""
    return DataFrame({"person_id": person, "start": start, "end": end})


def merged(rows: DataFrame) -> DataFrame:
    """Return each person's spans with those that overlap or touch joined, in order."""
    person, start, end = (rows[name].to_numpy() for name in ("person_id", "start", "end"))
    order = np.lexsort((start, person))
    person, start, end = person[order], start[order], end[order]
    new_person = starts_new(person)
    opens = new_person | ~(start <= latest_before(end, new_person=new_person))
    if not len(opens):
        return spans(person, start, end)
    first = np.flatnonzero(opens)
    return spans(person[first], start[first], np.maximum.reduceat(end, first))


def days_within(rows: DataFrame, *, first: Days, end: Days) -> Counts:
    """Return for each span how many of its days lie in [first, end), row by row."""
    inside = np.minimum(rows["end"].to_numpy(), end) - np.maximum(rows["start"].to_numpy(), first)
    days: Counts = np.maximum(inside.astype("timedelta64[D]").astype(np.int64), 0)
    return days


def on_days(start: Days, end: Days, *, days: Days) -> tuple[Counts, Counts]:
    """Return which span holds which of the days asked about: row of the span, place of the day."""
    return overlapping(start, end, since=days - ONE_DAY, days=days)


def overlapping(start: Days, end: Days, *, since: Days, days: Days) -> tuple[Counts, Counts]:
    """Return which span has a day in which stretch: row of the span, place of the stretch.

    Args:
        start: first day of each span; a span that ends on it has no day.
        end: end of each span, not included.
        since: the day before each stretch, in order.
        days: the last day of each stretch, in order.
    """
    first = np.searchsorted(days, start, side="left")
    after = np.searchsorted(since, end - ONE_DAY, side="left")
    count = np.where(end > start, np.maximum(after - first, 0), 0)
    row = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, first[row] + step
