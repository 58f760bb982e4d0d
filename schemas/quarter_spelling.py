"""Quarters as people write them: `Q1 2024-25`, `2024_25_Q1`, `Q1 (Apr-Jun 2024)`.

A spelling is understood only where it has one meaning. `2024Q1` has two: the first quarter of the
financial year 2024-25, and January to March 2024. Any other word or number (`old`, `draft`, `2`)
may say that it is not the quarter's return at all, so that nothing with it is understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.quarter import Quarter

_PARTS = re.compile(r"[a-z]+|[0-9]+")
_BETWEEN = re.compile(r"[ _\-–—/().,'&+]*")
_QUARTER_WORDS = frozenset({"q", "qtr", "quarter"})
_NUMBERS = {
    **{str(number): number for number in range(1, 5)},
    **{f"0{number}": number for number in range(1, 5)},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4},
}
_FILLERS = frozenset({"fy", "financial", "year", "to", "and", "of", "the", "st", "nd", "rd", "th"})
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    **{name: place for place, name in enumerate(_MONTHS, 1)},
    **{name[:3]: place for place, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
_QUARTER_OF_MONTHS: dict[tuple[int, ...], int] = {
    months: number
    for number, first in ((1, 4), (2, 7), (3, 10), (4, 1))
    for months in ((first, first + 1, first + 2), (first, first + 2))
}
_CENTURY = 2000
_COMPACT = {4: 2, 6: 4, 8: 4}
"""Digits of a financial year written in one number, and how many of them are its first year's."""


def spelled_quarter(text: str) -> Quarter | None:
    """Return the quarter that a text means and nothing else; None where that is not certain."""
    lowered = text.casefold()
    if _BETWEEN.fullmatch(_PARTS.sub("", lowered)) is None:
        return None
    number, parts = _numbered([p for p in _PARTS.findall(lowered) if p not in _FILLERS])
    months = tuple(_MONTH_NUMBERS[part] for part in parts if part in _MONTH_NUMBERS)
    named = _QUARTER_OF_MONTHS.get(months)
    said = {each for each in (number, named) if each is not None}
    years = _years_begun(parts, named)
    if len(said) != 1 or len(years) != 1 or None in years or (months and named is None):
        return None
    return Quarter(min(filter(None, years)), min(said))


def _numbered(parts: Sequence[str]) -> tuple[int | None, list[str]]:
    """Return the number a text gives the quarter, and the parts that do not say it."""
    for place, part in enumerate(parts):
        for neighbour in (place + 1, place - 1):
            if (
                part in _QUARTER_WORDS
                and 0 <= neighbour < len(parts)
                and parts[neighbour] in _NUMBERS
            ):
                rest = [each for at, each in enumerate(parts) if at not in (place, neighbour)]
                return _NUMBERS[parts[neighbour]], rest
    return None, [*parts]


def _years_begun(parts: Sequence[str], number_of_months: int | None) -> set[int | None]:
    """Return the years in which the financial years begin that parts name; None for what is none.

    A year by itself is a calendar year, and tells the financial year where months are named.
    """
    found: set[int | None] = set()
    place = 0
    while place < len(parts):
        part, after = parts[place], parts[place + 1] if place + 1 < len(parts) else ""
        pair = _year_begun(part, after)
        if part not in _MONTH_NUMBERS:
            found.add(pair or _year_begun_compactly(part) or _of_calendar(part, number_of_months))
        place += 2 if pair else 1
    return found


def _year_begun(first: str, second: str) -> int | None:
    """Return the year in which a financial year begins, given its two years as texts."""
    begun, ended = _full_year(first), _full_year(second)
    is_pair = begun is not None and ended == begun + 1 and len(second) <= len(first)
    return begun if is_pair else None


def _year_begun_compactly(text: str) -> int | None:
    """Return the same for `202425`, `20242025` and `2425`; `2021` may be a year by itself."""
    split = _COMPACT.get(len(text), 0)
    if not split or (len(text) == 4 and _full_year(text) is not None):
        return None
    return _year_begun(text[:split], text[split:])


def _of_calendar(text: str, number_of_months: int | None) -> int | None:
    year = _full_year(text)
    if year is None or number_of_months is None:
        return None
    return year - (number_of_months == 4)


def _full_year(text: str) -> int | None:
    if not text.isdigit() or len(text) not in (2, 4):
        return None
    year = int(text) + (_CENTURY if len(text) == 2 else 0)
    return year if _CENTURY < year < _CENTURY + 100 else None
