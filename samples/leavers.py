"""Care leavers around their 17th to 21st birthdays (OC3)."""

from __future__ import annotations

from collections.abc import Iterator

from samples import rates
from samples.care import comes_of_age
from samples.chance import Chance
from samples.days import birthday, collection_year
from samples.lives import Child, LeaverYear, Period

_FROM_AGE, _LATER_AGE, _WEEKS_13 = 14, 16, 91
_AGES = range(17, 22)
_ADULT, _OLDEST = 18, 21
_NEW_CODES_SINCE = 2022
_NOT_LEAVERS = ("E3", "E11", "E12", "E15", "E2")


def tell_of_leaving(chance: Chance, child: Child) -> None:
    """Add a row for each birthday at which the young person is a care leaver."""
    periods = [period for period in child.periods if not period.is_respite]
    if periods and _is_leaver(child, periods):
        child.leaver_years.extend(_years(chance, child, periods[-1]))


def _is_leaver(child: Child, periods: list[Period]) -> bool:
    """Return whether 13 weeks in care since 14, some of them at 16 or later, make a care leaver."""
    since = birthday(child.born, _FROM_AGE)
    days = sum(max(0, period.end - max(period.start, since)) for period in periods)
    later = periods[-1].end > birthday(child.born, _LATER_AGE)
    return days >= _WEEKS_13 and later and periods[-1].episodes[-1].rec not in _NOT_LEAVERS


def _years(chance: Chance, child: Child, last: Period) -> Iterator[LeaverYear]:
    usual = chance.pick(rates.ACTIVITIES)
    for age in _AGES:
        when = birthday(child.born, age)
        if age <= _ADULT and last.end >= min(when, comes_of_age(child.born)):
            continue
        usual = usual if chance.happens(0.6) else chance.pick(rates.ACTIVITIES)
        row = _year(chance, when, age, usual)
        yield row
        if row.in_touch == "DIED":
            return


def _year(chance: Chance, when: int, age: int, usual: str) -> LeaverYear:
    in_touch = chance.pick(rates.IN_TOUCH)
    if age <= _ADULT and chance.happens(0.04):
        in_touch = "RHOM"
    if in_touch == "NREQ" and age < _OLDEST:
        in_touch = "YES"
    if in_touch in ("DIED", "RHOM"):
        return LeaverYear(when, in_touch, "", "")
    if in_touch != "YES":
        return LeaverYear(when, in_touch, "0", "0")
    activity = usual
    if collection_year(when) < _NEW_CODES_SINCE:
        activity = rates.BEFORE_2022.get(activity, activity)
    return LeaverYear(when, in_touch, activity, chance.pick(rates.ACCOMMODATIONS))
