"""Dates out of text, strictly: by a declared form and only where the day exists.

A form is recognised by its shape alone and holds for a whole column, so that 03/04/2025 is never
read as a date in March because another row of the column could not be one in April.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1900, 2100
# Excel counts days from 1 January 1900 as 1 and believes in 29 February 1900.
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 73_415  # 3 October 1954 to 31 December 2100, from 1900


class DateForm(StrEnum):
    """A way of writing a date; each has a shape no other has."""

    DAY_FIRST = "dd/mm/yyyy"
    ISO = "yyyy-mm-dd"
    ISO_MIDNIGHT = "yyyy-mm-dd at midnight"
    SERIAL = "Excel serial number"


SSDA903_FORMS = (DateForm.DAY_FIRST,)
CIN_FORMS = (DateForm.ISO,)
# Templates say either; a spreadsheet in this country saves day first, and date cells read as ISO.
CSV_FORMS = (DateForm.DAY_FIRST, DateForm.ISO)
WORKBOOK_FORMS = (DateForm.ISO, DateForm.DAY_FIRST)

_SHAPES = {
    DateForm.DAY_FIRST: re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}"),
    DateForm.ISO: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    DateForm.ISO_MIDNIGHT: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00:00(?:\.0{1,6})?"),
    DateForm.SERIAL: re.compile(r"[0-9]{5}(?:\.0+)?"),
}


@dataclass(frozen=True)
class DatesRead:
    """What became of the distinct texts of one column.

    Attributes:
        dates: in the order of the texts; None where the text is no date.
        form: the form the column is in.
        ambiguous: places of texts that are dates, but in another form than the column's.
    """

    dates: tuple[date | None, ...]
    form: DateForm
    ambiguous: frozenset[int]


def dates_read(
    texts: Sequence[str], declared: Sequence[DateForm], *, counts_from_1904: bool = False
) -> DatesRead:
    """Return the dates written in the distinct, stripped, non-empty texts of one column.

    The column is in the declared form that most of its dates have; otherwise in the only other form
    met. Which form that is decides only which cells are reported as ambiguous: no text is ever a
    date in two forms. A text of another shape than the column's is no date, and is reported as
    ambiguous when it would have been one in its own form.
    """
    epoch = _EPOCH_1904 if counts_from_1904 else _EPOCH_1900
    read = [_date_and_form(text, epoch) for text in texts]
    form = column_form([form for day, form in read if day is not None], declared)
    dates = tuple(day if own is form else None for day, own in read)
    ambiguous = frozenset(
        place for place, (day, own) in enumerate(read) if day is not None and own is not form
    )
    return DatesRead(dates, form, ambiguous)


def column_form(met: Sequence[DateForm | None], declared: Sequence[DateForm]) -> DateForm:
    """Return the one form a column is in, given the form of each of its dates."""
    counts = Counter(form for form in met if form is not None)
    expected = [form for form in declared if form in counts]
    if expected:
        return max(expected, key=lambda form: counts[form])
    return next(iter(counts)) if len(counts) == 1 else declared[0]


def _date_and_form(text: str, epoch: date) -> tuple[date | None, DateForm | None]:
    form = _shape(text)
    return (None if form is None else _date(text, form, epoch)), form


def _shape(text: str) -> DateForm | None:
    for form, pattern in _SHAPES.items():
        if pattern.fullmatch(text):
            return form
    return None


def _existing(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _date(text: str, form: DateForm, epoch: date) -> date | None:
    """Return the date a text of a form stands for; None when there is no such day."""
    if form is DateForm.DAY_FIRST:
        return _existing(text[6:10], text[3:5], text[0:2])
    if form is DateForm.SERIAL:
        days = int(text[:5])
        return epoch + timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
    return _existing(text[0:4], text[5:7], text[8:10])
