"""Dates out of text, strictly: by a declared form and only where the day exists.

A form is recognised by its shape alone and holds for a whole column, so that 03/04/2025 is never
read as a date in March because another row of the column could not be one in April. Numbers alone
are read day first, as this country writes them, unless the column itself speaks for months first;
then no cell of it is read that could be either. A year of two digits is refused, except in Excel's
own `27-Mar-21`, which is read with Excel's own century.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2100
# Excel counts days from 1 January 1900 as 1 and believes in 29 February 1900.
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 73_415  # 3 October 1954 to 31 December 2100, from 1900
_FIRST_EXCEL_1900 = 30  # Excel reads 00 to 29 as 2000 to 2029, 30 to 99 as 1930 to 1999.
_MONTHS_IN_YEAR = 12
_UK = ZoneInfo("Europe/London")


class DateForm(StrEnum):
    """A way of writing a date; each has shapes no other has."""

    DAY_FIRST = "dd/mm/yyyy"
    ISO = "yyyy-mm-dd"
    SERIAL = "Excel serial number"


SSDA903_FORMS = (DateForm.DAY_FIRST,)
CIN_FORMS = (DateForm.ISO,)
# Templates say either; a spreadsheet in this country saves day first, and date cells read as ISO.
CSV_FORMS = (DateForm.DAY_FIRST, DateForm.ISO)
WORKBOOK_FORMS = (DateForm.ISO, DateForm.DAY_FIRST)

NO_SUCH_DAY = "a day that does not exist"
MONTH_FIRST = "dates with the month before the day"
_EITHER = "dates with the day or the month first"
# Shapes that are not read, and what they look like; the first that fits is named.
_LOOKS = (
    (re.compile(r"[0-9]{1,2}([/. -])[0-9]{1,2}\1[0-9]{2}(?:\D.*)?"), "years of two digits"),
    (re.compile(r"(?:[0-9]{1,2}[/.-]|[A-Za-z]+[ -])[0-9]{4}"), "months without a day"),
    (re.compile(r"[0-9]{4}"), "years alone"),
    (re.compile(r"[0-9.]+"), "digits without anything between day, month and year"),
    (re.compile(r"[^0-9]*"), "words"),
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"),
            ("may",), ("jun", "june"), ("jul", "july"), ("aug", "august"),
            ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip

_DAY_FIRST = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SERIAL = re.compile(r"([0-9]{5})(?:\.([0-9]+))?")
_NUMERIC = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{2})\2([0-9]{2})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]?([A-Za-z]{3,9})\.?,?[ -]?([0-9]{4})")
_EXCEL = re.compile(r"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{2})")
_TIMED = re.compile(
    r"(?P<day>.*[0-9])(?:[Tt]|,? +)"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?"
    r"(?: ?(?P<zone>Z|UTC|(?P<sign>[+-])(?P<off_hour>[0-9]{2})(?::?(?P<off_minute>[0-9]{2}))?))?"
)


class _Read(NamedTuple):
    """What one text is: its day and form, how it is written, and what it looks like if unread.

    Attributes:
        day: None where it is no date.
        form: of which it has the shape, whether or not its day exists.
        written: how, where that is not the form's own way.
        looks: what it looks like, where it is no date; empty where that cannot be said.
        is_timed: whether a time of day was left out.
        is_either: whether its numbers could be a day and a month in either order.
    """

    day: date | None = None
    form: DateForm | None = None
    written: str = ""
    looks: str = ""
    is_timed: bool = False
    is_either: bool = False


@dataclass(frozen=True)
class DatesRead:
    """What became of the distinct texts of one column.

    Attributes:
        dates: in the order of the texts; None where the text is empty or not read.
        form: the form the column is in.
        ambiguous: places of texts that are dates, but it is not certain which, and what they look
            like: another form than the column's, or an order of day and month it speaks against.
        invalid: places of texts that are no date, and what they look like.
        timed: places of texts of which a time of day was left out.
        written: places of texts read from a way of writing that is not the form's own, and which.
    """

    dates: tuple[date | None, ...]
    form: DateForm
    ambiguous: Mapping[int, str]
    invalid: Mapping[int, str]
    timed: frozenset[int]
    written: Mapping[int, str]


def dates_read(
    texts: Sequence[str], declared: Sequence[DateForm], *, counts_from_1904: bool = False
) -> DatesRead:
    """Return the dates written in the distinct, stripped texts of one column.

    The column is in the declared form that most of its dates have; otherwise in the only other form
    met. Which form that is decides only which cells are reported as ambiguous: no text is ever a
    date in two forms. A text of another form than the column's is not read, and is reported as
    ambiguous when it would have been a date in its own.
    """
    epoch = _EPOCH_1904 if counts_from_1904 else _EPOCH_1900
    read = [_read(text, epoch) for text in texts]
    form = column_form([one.form for one in read if one.day is not None], declared)
    doubtful = _speaks_month_first(read)
    ambiguous = {
        place: _EITHER if one.form is form else f"dates written as {one.form}"
        for place, one in enumerate(read)
        if one.day is not None and (one.form is not form or (doubtful and one.is_either))
    }
    kept = {place: one for place, one in enumerate(read) if one.day and place not in ambiguous}
    return DatesRead(
        dates=tuple(kept[place].day if place in kept else None for place in range(len(read))),
        form=form,
        ambiguous=ambiguous,
        invalid={
            place: one.looks for place, one in enumerate(read) if one.day is None and texts[place]
        },
        timed=frozenset(place for place, one in kept.items() if one.is_timed),
        written={place: one.written for place, one in kept.items() if one.written},
    )


def column_form(met: Sequence[DateForm | None], declared: Sequence[DateForm]) -> DateForm:
    """Return the one form a column is in, given the form of each of its dates."""
    counts = Counter(form for form in met if form is not None)
    expected = [form for form in declared if form in counts]
    if expected:
        return max(expected, key=lambda form: counts[form])
    return next(iter(counts)) if len(counts) == 1 else declared[0]


def is_date(text: str) -> bool:
    """Return whether a text is a day that exists, in some form."""
    return _read(text, _EPOCH_1900).day is not None


def _speaks_month_first(read: Sequence[_Read]) -> bool:
    """Return whether as many cells can only have the month first as can only have the day first."""
    months = sum(one.looks == MONTH_FIRST for one in read)
    days = sum(_is_day_first_alone(one) for one in read)
    return 0 < months >= days


def _is_day_first_alone(one: _Read) -> bool:
    day = one.day
    return day is not None and one.form is DateForm.DAY_FIRST and day.day > _MONTHS_IN_YEAR


def _read(text: str, epoch: date) -> _Read:
    """Return what a text is; the two forms that nearly every cell has come first."""
    found = _DAY_FIRST.fullmatch(text)
    if found:
        return _numeric(found[1], found[2], found[3], "")
    found = _ISO.fullmatch(text)
    if found:
        return _of_day(_existing(found[1], found[2], found[3]), DateForm.ISO)
    return _serial(text, epoch) or _dated(text) or _timed(text) or _Read(looks=_looks(text))


def _of_day(day: date | None, form: DateForm, written: str = "") -> _Read:
    return _Read(day, form, written, "" if day else NO_SUCH_DAY)


def _serial(text: str, epoch: date) -> _Read | None:
    found = _SERIAL.fullmatch(text)
    if found is None:
        return None
    days = int(found[1])
    day = epoch + timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
    is_timed = day is not None and bool(found[2]) and int(found[2]) > 0
    return _Read(day, DateForm.SERIAL, "", "" if day else NO_SUCH_DAY, is_timed)


def _dated(text: str) -> _Read | None:
    """Return what a text without a time of day is, in any other way of writing a form."""
    if found := _NUMERIC.fullmatch(text):
        written = _written(found[1], found[2], found[3], "yyyy")
        return _numeric(found[1], found[3], found[4], written)
    if found := _YEAR_FIRST.fullmatch(text):
        day = _existing(found[1], found[3], found[4])
        return _of_day(day, DateForm.ISO, _written("yyyy", found[2], found[3], found[4]))
    if found := _COMPACT.fullmatch(text):
        day = _existing(found[1], found[2], found[3])
        return _of_day(day, DateForm.ISO, "yyyymmdd") if day else None
    return _named(text)


def _written(first: str, between: str, second: str, last: str) -> str:
    """Return how a date of three numbers is written; empty for the own ways of the forms."""
    is_padded = min(map(len, (first, second, last))) > 1
    day, month = ("dd", "mm") if is_padded else ("d", "m")
    parts = ("yyyy", month, day) if first == "yyyy" else (day, month, "yyyy")
    written = between.join(parts)
    return "" if written in (DateForm.DAY_FIRST, DateForm.ISO) else written


def _named(text: str) -> _Read | None:
    """Return what a text with the name of a month is."""
    if found := _EXCEL.fullmatch(text):
        century = "19" if int(found[3]) >= _FIRST_EXCEL_1900 else "20"
        month, year, written = found[2], century + found[3], "d-mmm-yy, as Excel does"
    elif found := _NAMED.fullmatch(text):
        month, year, written = found[2], found[3], "day, name of the month, year"
    else:
        return None
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    return _of_day(_existing(year, str(number), found[1]), DateForm.DAY_FIRST, written)


def _numeric(day: str, month: str, year: str, written: str) -> _Read:
    """Return what two numbers and a year are: day first, where the day exists so."""
    exists = _existing(year, month, day)
    if exists is None:
        looks = NO_SUCH_DAY if _existing(year, day, month) is None else MONTH_FIRST
        return _Read(None, DateForm.DAY_FIRST, written, looks)
    is_either = int(day) <= _MONTHS_IN_YEAR and day != month
    return _Read(exists, DateForm.DAY_FIRST, written, is_either=is_either)


def _timed(text: str) -> _Read | None:
    """Return what a text with a time of day is: the day it says, in this country's time."""
    found = _TIMED.fullmatch(text)
    if found is None:
        return None
    read = _dated(found["day"])
    if read is None or read.day is None:
        return read
    day = _day_of_moment(read.day, found)
    return None if day is None else read._replace(day=day, is_timed=True)


def _day_of_moment(day: date, found: re.Match[str]) -> date | None:
    """Return the day a moment falls on; None when there is no such time of day.

    A moment with an offset is of the day that it was in this country: a system that keeps time
    without summer time writes the first hour of a summer's day as the last of the day before.
    """
    try:
        clock = time(_hour(found), int(found["minute"]), int(found["second"] or 0))
        zone = _offset(found)
    except ValueError:
        return None
    if found["zone"] is None:
        return day
    return datetime.combine(day, clock, zone).astimezone(_UK).date()


def _hour(found: re.Match[str]) -> int:
    hour, half = int(found["hour"]), found["half"]
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _offset(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    ahead = timedelta(hours=int(found["off_hour"]), minutes=int(found["off_minute"] or 0))
    return timezone(ahead if found["sign"] == "+" else -ahead)


def _looks(text: str) -> str:
    return next((words for shape, words in _LOOKS if shape.fullmatch(text)), "")


def _existing(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
