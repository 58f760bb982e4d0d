"""Monitoring outcomes by quarter: what each child adds to numerators and denominators.

Every function yields (outcome, quarter, numerator, denominator). A rate per 10,000 adds to its
numerator only: the denominator is the population.
"""

from __future__ import annotations

from collections.abc import Iterator

from samples.days import age_on, months_later, quarter_of
from samples.implied.care import (
    PlacementStay,
    Stay,
    implied_carers,
    implied_moves,
    implied_placements,
    periods,
)
from samples.implied.told import ToldChild
from schemas.quarter import Quarter

Added = tuple[str, Quarter, int, int]

# Quarter outcomes read from statutory returns, with the quarters they look back on.
QUARTERLY_RATES = {"cla_rate": 0, "cla_start_rate": 0, "cpp_start_rate": 0}
QUARTERLY_SHARES = {
    "repeat_cpp": 0,
    "repeat_cpp_24m": 8,
    "rereferral_12m": 4,
    "placement_moves_3plus": 3,
    "placement_long_term": 0,
    "unplanned_moves": 0,
}
YEARLY_OUTCOMES = ("neet", "sdq_total", "sdq_high")

UNPLANNED = ("ALLEG", "APPRR", "CLOSE", "CREQB", "CREQO", "STAND")
NEET = ("G4", "G5", "G6")
_NEET_AGES = range(16, 21)
LONG_TERM_UNDER, HIGH_SDQ, MANY_PLACEMENTS = 16, 17, 3


def added_by(child: ToldChild, first: Quarter, last: Quarter) -> Iterator[Added]:
    """Yield everything a child adds to the quarters from first to last."""
    yield from _referrals(child)
    yield from _plans(child)
    yield from _scores(child)
    if child.episodes:
        yield from _looked_after(child, first, last)
        yield from _moves(child)


def _referrals(child: ToldChild) -> Iterator[Added]:
    days = sorted({referral.day for referral in child.referrals})
    for day in days:
        since = months_later(day, -12)
        again = any(since <= other < day for other in days)
        yield "rereferral_12m", quarter_of(day), int(again), 1


def _plans(child: ToldChild) -> Iterator[Added]:
    for plan in child.plans:
        quarter = quarter_of(plan.start)
        since = months_later(plan.start, -24)
        recent = any(
            other is not plan and since <= other.end <= plan.start for other in child.plans
        )
        yield "cpp_start_rate", quarter, 1, 0
        yield "repeat_cpp", quarter, int(plan.previous >= 1), 1
        yield "repeat_cpp_24m", quarter, int(recent), 1


def _looked_after(child: ToldChild, first: Quarter, last: Quarter) -> Iterator[Added]:
    stays, homes, carers = periods(child), implied_placements(child), implied_carers(child)
    for stay in stays:
        yield "cla_start_rate", quarter_of(stay.start), 1, 0
        for quarter in max(first, quarter_of(stay.start)).through(last):
            day = quarter.last_day.toordinal()
            if stay.end <= day:
                break
            yield "cla_rate", quarter, 1, 0
            yield "placement_moves_3plus", quarter, int(_moved_much(homes, day)), 1
            if _is_long_term(child, stay, day):
                yield "placement_long_term", quarter, int(_is_settled(carers, day)), 1


def _moved_much(homes: list[PlacementStay], day: int) -> bool:
    """Return whether three or more placements had a day in the 12 months up to `day`."""
    since = months_later(day, -12)
    return sum(home.start <= day and home.end - 1 > since for home in homes) >= MANY_PLACEMENTS


def _is_long_term(child: ToldChild, stay: Stay, day: int) -> bool:
    young = age_on(child.born, day) < LONG_TERM_UNDER
    return young and stay.start <= months_later(day, -30)


def _is_settled(carers: list[PlacementStay], day: int) -> bool:
    """Return whether the child came two years ago to the day's carer; temporary moves aside."""
    current = [stay for stay in carers if stay.start <= day]
    return bool(current) and current[-1].start <= months_later(day, -24)


def _moves(child: ToldChild) -> Iterator[Added]:
    for day, reason in implied_moves(child):
        yield "unplanned_moves", quarter_of(day), int(reason in UNPLANNED), 1


def _scores(child: ToldChild) -> Iterator[Added]:
    for year, score in child.scores.items():
        quarter = Quarter(year - 1, 4)
        yield "sdq_total", quarter, score, 1
        yield "sdq_high", quarter, int(score >= HIGH_SDQ), 1
    for year, activity in child.activities.items():
        quarter = Quarter(year - 1, 4)
        age = age_on(child.born, quarter.last_day.toordinal())
        if activity not in ("", "0") and age in _NEET_AGES:
            yield "neet", quarter, int(activity in NEET), 1
