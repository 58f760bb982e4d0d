"""Five core measures in hand-packed numpy: as fast as we know how, and as hard to read.

Nothing in the pipeline uses this. Person and day are packed into one integer, so that one sort puts
rows in order; days are counted from 1970; open ends are one late day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.trial import Window

LATE = 400_000
DAY_BITS, WHEN_BITS = 20, 14


@dataclass(frozen=True, eq=False)
class Limit:
    """The five measures: how many periods, and one number per child or referral, in order."""

    periods: int
    days_in_care: np.ndarray
    entered: np.ndarray
    rereferred: np.ndarray
    plan_days: np.ndarray

    def __eq__(self, other: object) -> bool:
        """Return whether every number is the same."""
        return isinstance(other, Limit) and all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)
        )

    # Unhashable, as anything that is equal by its arrays must be; the checker expects a method.
    __hash__ = None  # type: ignore[assignment]


def limit(episodes: DataFrame, referrals: DataFrame, plans: DataFrame, window: Window) -> Limit:
    """Return the five measures."""
    tables = (episodes, referrals, plans)
    ids = np.concatenate([table["person_id"].to_numpy() for table in tables])
    # The pipeline puts children in order of their key: so must we, to compare row by row.
    people, dense = np.unique(ids, return_inverse=True)
    cuts = np.cumsum([len(table) for table in tables])[:-1]
    who_e, who_r, who_p = np.split(dense, cuts)

    person, start, end, first_row = _periods(episodes, who_e)
    span_person, span_start, span_end = _merged(person, start, end)
    first_care = np.full(len(people), LATE + 1)
    first_care[person[::-1]] = start[::-1]

    ref_person, ref_day, row = _once(who_r, _days(referrals["referral_date"]), referrals)
    new = _new(ref_person)
    before = np.where(new, -LATE, np.roll(ref_day, 1))
    rereferred = before >= _months(ref_day, -12)

    child, referred = _cohort(referrals, ref_person, ref_day, row, first_care, window)
    ends18, ends36 = _months(referred, 18), _months(referred, 36)
    place = np.full(len(people), -1)
    place[child] = np.arange(len(child))
    plan_person, plan_start, plan_row = _once(who_p, _days(plans["cp_plan_start"]), plans)
    plan_end = _ends(plans["cp_plan_end"])[plan_row]
    on_plan = _merged(plan_person, plan_start, plan_end)
    return Limit(
        periods=len(first_row),
        days_in_care=_inside(place, referred, ends18, span_person, span_start, span_end),
        entered=(first_care[child] <= ends18).astype(np.int64),
        rereferred=rereferred,
        plan_days=_inside(place, referred, ends36, *on_plan),
    )


def _days(column: pd.Series) -> np.ndarray:
    return column.to_numpy().astype(np.int64) // 86_400


def _ends(column: pd.Series) -> np.ndarray:
    values = column.to_numpy()
    return np.where(np.isnat(values), LATE, values.astype(np.int64) // 86_400)


def _months(days: np.ndarray, months: int) -> np.ndarray:
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    of_month = days - month.astype("datetime64[D]").astype(np.int64)
    target = month + months
    first = target.astype("datetime64[D]").astype(np.int64)
    last = (target + 1).astype("datetime64[D]").astype(np.int64) - 1
    return np.minimum(first + of_month, last)


def _new(values: np.ndarray) -> np.ndarray:
    new = np.ones(len(values), dtype=bool)
    new[1:] = values[1:] != values[:-1]
    return new


def _once(person: np.ndarray, day: np.ndarray, table: DataFrame) -> tuple[np.ndarray, ...]:
    when = table["when"].to_numpy()
    key = (person << DAY_BITS | day) << WHEN_BITS | when
    row = np.argsort(key)
    packed = key[row] >> WHEN_BITS
    last = np.ones(len(row), dtype=bool)
    last[:-1] = packed[1:] != packed[:-1]
    packed, row = packed[last], row[last]
    return packed >> DAY_BITS, packed & ((1 << DAY_BITS) - 1), row


def _periods(episodes: DataFrame, who: np.ndarray) -> tuple[np.ndarray, ...]:
    person, start, row = _once(who, _days(episodes["episode_start"]), episodes)
    short = np.isin(_codes(episodes["legal_status"], ("V3", "V4"))[row], 1)
    person, start, row = person[~short], start[~short], row[~short]
    end = _ends(episodes["episode_end"])[row]
    new = _new(person)
    latest = np.maximum.accumulate(end + person * 2 * LATE) - person * 2 * LATE
    opens = new | (_codes(episodes["start_reason"], ("S",))[row] == 1)
    opens[1:] |= start[1:] > latest[:-1]
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(opens)) - 1
    return person[first], start[first], end[last], first


def _codes(column: pd.Series, among: tuple[str, ...]) -> np.ndarray:
    codes, texts = pd.factorize(column)
    return np.array([*(text in among for text in texts), False], dtype=np.int8)[codes]


def _merged(person: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, ...]:
    latest = np.maximum.accumulate(end + person * 2 * LATE) - person * 2 * LATE
    opens = _new(person)
    opens[1:] |= start[1:] > latest[:-1]
    first = np.flatnonzero(opens)
    return person[first], start[first], np.maximum.reduceat(end, first)


def _cohort(
    referrals: DataFrame,
    person: np.ndarray,
    day: np.ndarray,
    row: np.ndarray,
    first_care: np.ndarray,
    window: Window,
) -> tuple[np.ndarray, np.ndarray]:
    first, last = (
        np.datetime64(one, "D").astype(np.int64)
        for one in (window.referral_from, window.referral_to)
    )
    inside = (day >= first) & (day <= last)
    person, day, row = person[inside], day[inside], row[inside]
    new = _new(person)
    person, day, row = person[new], day[new], row[new]
    age = referrals["age_at_referral"].to_numpy()[row]
    unborn = referrals["is_unborn"].to_numpy()[row]
    born = ~unborn & (age >= window.age_from) & (age <= window.age_to)
    kept = (born | (unborn & window.include_unborn)) & (first_care[person] >= day)
    return person[kept], day[kept]


def _inside(
    place: np.ndarray,
    referred: np.ndarray,
    window_end: np.ndarray,
    person: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
) -> np.ndarray:
    child = place[person]
    ours = child >= 0
    child = child[ours]
    stop = np.minimum(end[ours], window_end[child])
    days = np.maximum(stop - np.maximum(start[ours], referred[child]), 0)
    return np.bincount(child, days, minlength=len(referred)).astype(np.int64)
