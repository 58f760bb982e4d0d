"""Questions of a survey that were asked on another scale than the one they are read by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyarrow.compute as pc

from schemas.errors import UnreadableError
from schemas.training import FORM_KINDS, items, scale_ends
from tasks.read.headings import TableHeadings
from tasks.read.sheet import Sheet

_MOST: Final = (
    r"strongly\s+agree|excellent|outstanding"
    r"|(?:very|extremely|highly)\s+(?:likely|good|confident|useful|relevant)"
)
_LEAST: Final = (
    r"strongly\s+disagree|not\s+at\s+all|(?:very|extremely|highly)\s+(?:unlikely|poor)|poor"
)
_IS: Final = r"\s*(?:=|:|-|\u2013|\bis\b|\bmeans\b|\bbeing\b)?\s*\(?\s*"
_NUMBER: Final = r"\b([0-9]{1,2})\b"
_ENDS: Final = tuple(
    {
        end: re.compile(
            _IS.join(_NUMBER if part == "number" else f"(?:{words})" for part in ordered),
            re.IGNORECASE,
        )
        for end, words in (("most", _MOST), ("least", _LEAST))
    }
    for ordered in (("number", "words"), ("words", "number"))
)
"""What is written of the ends of a scale: the number first, or the words first."""
_SPAN: Final = re.compile(
    rf"(?:scale|rate|rating|score|from|\()[^()0-9]*{_NUMBER}[^0-9]{{0,40}}?"
    rf"(?:\bto\b|-|\u2013)[^0-9]{{0,40}}?{_NUMBER}",
    re.IGNORECASE,
)
_NUMERIC: Final = r"^\s*[0-9]+\s*$"


def check_scales(sheet: Sheet, known: TableHeadings) -> None:
    """Refuse a form of which a question names another scale than its own, answered in numbers.

    Answers in words are read by their words, whichever way round the scale runs.

    Raises:
        UnreadableError: SCALE_DIFFERS, with the question, the scale needed and the one found.
    """
    scales = {item.heading: item.scale for kind in FORM_KINDS for item in items(kind)}
    for place, heading in enumerate(sheet.headings):
        column = known.columns.get(known.plain(heading))
        ends = scale_ends(scales.get(column.sent_as or "", "")) if column else None
        found = other_scale(heading, ends) if ends else ""
        answers = sheet.cells.column(place)
        if found and ends and pc.any(pc.match_substring_regex(answers, _NUMERIC)).as_py():
            raise UnreadableError(
                "SCALE_DIFFERS",
                f"{sheet.name}: “{column.sent_as if column else heading}” was asked on another "
                f"scale (needs {ends[0]} for the least to {ends[1]} for the most, found {found}). "
                "Put the numbers on the scale that is needed, or the answers in words, change the "
                "question's heading to match, and send the file again.",
            )


def other_scale(heading: str, ends: tuple[int, int]) -> str:
    """Return the scale that a heading names in words where it is not from `ends`, least first.

    Empty where it names none or the same.
    """
    told = max((_told(heading, ordered) for ordered in _ENDS), key=len)
    found = {end: number for end, number in told if ends[end == "most"] != number}
    middle = sum(ends) / 2
    if len(told) == 1:
        found = {end: number for end, number in told if (number > middle) is not (end == "most")}
    if found:
        return " and ".join(f"{number} for the {end}" for end, number in sorted(told))
    for span in _SPAN.finditer(heading):
        low, high = (int(number) for number in span.groups())
        if not told and (low, high) != ends:
            return f"{low} to {high}"
    return ""


def _told(heading: str, ordered: Mapping[str, re.Pattern[str]]) -> list[tuple[str, int]]:
    return [
        (end, int(found.group(1)))
        for end, pattern in ordered.items()
        for found in pattern.finditer(heading)
    ]
