"""Days as whole numbers: fast to compare, and the same arithmetic everywhere.

A day is `date.toordinal()`. `NEVER` stands for a day that has not come and is later than any that
can, so that "known by the cut" is always `day <= cut`.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from schemas.quarter import Quarter

NEVER = 10_000_000
_SATURDAY = 5
_FEBRUARY, _LEAP_DAY = 2, 29


def day_number(year: int, month: int, of_month: int) -> int:
    """Return the number of a calendar day."""
    return date(year, month, of_month).toordinal()


@cache
def as_date(number: int) -> date:
    """Return the calendar day of a number."""
    return date.fromordinal(number)


@cache
def uk(number: int) -> str:
    """Return `dd/mm/yyyy`, and nothing for a day that never came."""
    return "" if number >= NEVER else as_date(number).strftime("%d/%m/%Y")


@cache
def iso(number: int) -> str:
    """Return `yyyy-mm-dd`, and nothing for a day that never came."""
    return "" if number >= NEVER else as_date(number).isoformat()


@cache
def months_later(number: int, months: int) -> int:
    """Return the day that many calendar months later, clipped to the last day of its month."""
    start = as_date(number)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return day_number(year, month + 1, min(start.day, _month_length(year, month + 1)))


def _month_length(year: int, month: int) -> int:
    after = date(year + month // 12, month % 12 + 1, 1)
    return after.toordinal() - date(year, month, 1).toordinal()


@cache
def birthday(born: int, age: int) -> int:
    """Return the day an age is reached; 1 March in common years for those born on 29 February."""
    start = as_date(born)
    if (start.month, start.day) == (_FEBRUARY, _LEAP_DAY):
        return day_number(start.year + age, _FEBRUARY, _LEAP_DAY - 1) + 1
    return day_number(start.year + age, start.month, start.day)


def age_on(born: int, number: int) -> int:
    """Return the age in completed years on a day; negative before birth."""
    age = as_date(number).year - as_date(born).year
    return age if number >= birthday(born, age) else age - 1


def working_day(number: int) -> int:
    """Return the day itself, or the Monday after when it falls on a weekend."""
    weekday = (number - 1) % 7
    return number if weekday < _SATURDAY else number + 7 - weekday


@cache
def year_end(number: int) -> int:
    """Return the 31 March that ends the financial year of a day."""
    return Quarter(Quarter.containing(as_date(number)).year, 4).last_day.toordinal()


@cache
def collection_year(number: int) -> int:
    """Return the collection year a day falls in: the year of its 31 March."""
    return as_date(year_end(number)).year


@cache
def quarter_of(number: int) -> Quarter:
    """Return the quarter a day falls in."""
    return Quarter.containing(as_date(number))


# First and last day of each school term (docs/decisions/0003-outcome-choices.md).
_TERMS = {
    "autumn": ((9, 1), (12, 31)),
    "spring": ((1, 1), (4, 15)),
    "summer": ((4, 16), (7, 31)),
}


@cache
def term_days(year: int, term: str) -> tuple[int, int]:
    """Return the first and last day of a term of the school year that begins in `year`."""
    (month, of_month), (last_month, last) = _TERMS[term]
    calendar_year = year + (term != "autumn")
    return day_number(calendar_year, month, of_month), day_number(calendar_year, last_month, last)


@cache
def term_starts_after(number: int, count: int) -> tuple[int, ...]:
    """Return the first days of the next terms that start after a day."""
    year = as_date(number).year
    starts = sorted(term_days(y, term)[0] for y in range(year - 1, year + 3) for term in _TERMS)
    return tuple(start for start in starts if start > number)[:count]
