"""Dates out of text, strictly: by a declared form and only where the day exists.

A form is told by its shape alone and holds for a whole column, so that 03/04/2025 is never read
as a date in March because another row of the column could not be one in April.
"""

from __future__ import annotations

import re
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
    texts: Sequence[str], declared: DateForm, *, counts_from_1904: bool = False
) -> DatesRead:
    """Return the dates written in the distinct, stripped, non-empty texts of one column.

    The column is in the declared form when any text has that shape; otherwise in the only other
    form met. A text of another shape than the column's is no date, and is told apart as ambiguous
    when it would have been one in its own form.
    """
    shapes = [_shape(text) for text in texts]
    form = column_form(shapes, declared)
    epoch = _EPOCH_1904 if counts_from_1904 else _EPOCH_1900
    dates = tuple(
        _date(text, form, epoch) if shape is form else None
        for text, shape in zip(texts, shapes, strict=True)
    )
    ambiguous = frozenset(
        place
        for place, (text, shape) in enumerate(zip(texts, shapes, strict=True))
        if shape is not None and shape is not form and _date(text, shape, epoch) is not None
    )
    return DatesRead(dates, form, ambiguous)


def column_form(shapes: Sequence[DateForm | None], declared: DateForm) -> DateForm:
    """Return the one form a column is in: the declared one, unless only one other is met."""
    met = {shape for shape in shapes if shape is not None}
    if len(met) == 1 and declared not in met:
        return met.pop()
    return declared


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
