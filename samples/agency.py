"""What an authority says of itself each quarter: its workforce and its programme."""

from __future__ import annotations

from datetime import date

from samples.chance import Chance
from samples.days import NEVER
from samples.lives import Child, DeliveryQuarter, WorkforceQuarter
from samples.settings import Setting
from schemas.quarter import Quarter

_FTE_PER_REFERRAL = 0.034
_WORKING_DAYS, _HOURS_A_DAY = 62.5, 7.4
_SET_UP_QUARTERS, _PREPARING_QUARTERS = 4, 2
_HOME = ("E4A", "E4B", "E13", "E41")
# Pilots whose go-live day was never published worked with their model from here on.
_PILOTS_BEGAN = Quarter(2019, 3)


def workforce(
    chance: Chance, children: list[Child], own: Setting, quarter: Quarter
) -> WorkforceQuarter:
    """Return the workforce return of one quarter."""
    fte = max(1.0, round(own.children * _FTE_PER_REFERRAL * (1 + 0.05 * chance.normal()), 1))
    days = round(fte * _WORKING_DAYS, 1)
    hours = round(days * _HOURS_A_DAY, 1)
    share = 0.27 + 0.02 * chance.normal() + (0.05 if live_quarters(own, quarter) > 0 else 0.0)
    return WorkforceQuarter(
        fte_days=days,
        sickness_days=round(days * max(0.004, 0.034 + 0.008 * chance.normal()), 1),
        fte_start=fte,
        leavers_fte=round(fte * max(0.0, 0.038 + 0.015 * chance.normal()), 1),
        agency_fte=round(fte * max(0.0, 0.16 + 0.04 * chance.normal()), 1),
        vacancies_fte=round(fte * max(0.0, 0.17 + 0.04 * chance.normal()), 1),
        cases=_open_cases(children, quarter.last_day.toordinal()),
        direct_work_hours=round(hours * share, 1),
        total_hours=hours,
    )


def _open_cases(children: list[Child], day: int) -> int:
    return sum(
        case.referral <= day < case.closure and not case.nfa
        for child in children
        for case in child.cases
    )


def live_quarters(own: Setting, quarter: Quarter) -> int:
    """Return which quarter of working with the model this is: 1 at go-live, 0 or less before."""
    if own.model is None:
        return -_PREPARING_QUARTERS
    began = _PILOTS_BEGAN
    if own.go_live < NEVER:
        began = Quarter.containing(date.fromordinal(own.go_live))
    return quarter.index - began.index + 1


def delivery(
    chance: Chance, children: list[Child], own: Setting, quarter: Quarter
) -> DeliveryQuarter:
    """Return the programme delivery return of one quarter; all zero long before go-live."""
    live = live_quarters(own, quarter)
    preparing = -_PREPARING_QUARTERS < live <= 0
    setting_up = preparing or 0 < live <= _SET_UP_QUARTERS
    size = own.children / 1500
    held = _around(chance, 14 * size) if live > 0 else 0
    home, still_home = _reunified(children, quarter) if live > 0 else (0, 0)
    return DeliveryQuarter(
        spend_set_up_gbp=_around(chance, 140_000 * size) if setting_up else 0,
        spend_staff_gbp=_around(chance, 380_000 * size) if live > 0 else 0,
        spend_training_gbp=_around(chance, 45_000 * size) if setting_up or live > 0 else 0,
        spend_other_running_gbp=_around(chance, 60_000 * size) if live > 0 else 0,
        conferences_held=held,
        conferences_returned_home=_of(chance, held, 0.10),
        conferences_prevented_care=_of(chance, held, 0.34),
        conferences_plan_avoided=_of(chance, held, 0.22),
        conferences_step_avoided=_of(chance, held, 0.15),
        reunifications=home,
        reunifications_still_home=still_home,
        staff_trained=_around(chance, 18 * size) if setting_up or live > 0 else 0,
    )


def _around(chance: Chance, mean: float) -> int:
    return max(0, round(mean * (1 + 0.25 * chance.normal())))


def _of(chance: Chance, count: int, share: float) -> int:
    return sum(chance.happens(share) for _ in range(count))


def _reunified(children: list[Child], quarter: Quarter) -> tuple[int, int]:
    """Return how many went home in the quarter, and how many were still there at its end."""
    start, end = quarter.start.toordinal(), quarter.last_day.toordinal()
    home = still = 0
    for child in children:
        periods = [period for period in child.periods if not period.is_respite]
        for number, period in enumerate(periods):
            if start <= period.end <= end and period.episodes[-1].rec in _HOME:
                home += 1
                still += number + 1 == len(periods) or periods[number + 1].start > end
    return home, still
