"""The numbers in a text, and what each is of: people, money, a share, or anything else.

What is no figure is passed over by kind: times, codes, names of files and columns, lengths of time
and thresholds that are declared. Everything else that looks like a number is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NumberKind(StrEnum):
    """What a number is of, from the words next to it."""

    PEOPLE = "people, or what happened to them"
    MONEY = "pounds"
    SHARE = "per cent"
    OTHER = "anything else"


@dataclass(frozen=True)
class Token:
    """One number of a text.

    Attributes:
        value: the number.
        half: half of its last digit; 0 for a whole number, which says itself.
        kind: what it is of.
    """

    value: float
    half: float
    kind: NumberKind


_MONTHS: Final = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
_YEAR: Final = r"(?:19|20)\d\d"
_PERSONS: Final = (
    "child|children|girls?|boys?|young|people|pupils?|parents?|families|mothers?|plans?|episodes?"
    "|referrals?|conferences?|events?|siblings?|bab(?:y|ies)|carers?"
)
PASSED: Final = (
    # Addresses, names of files, columns and editions' parts, codes, hashes
    r"https?://\S+",
    r"[\w./-]+\.(?:csv|json|md|html|xlsx|yaml|py)\b",
    r"\b[EWNS]\d{8}\b",
    r"\bsha256:\S+",
    r"\b[0-9a-f]{16,64}\b",
    r"\b[A-Za-z]\w*(?:-\w+)*-\d[\w.]*\b",
    r"\b(?=\w*\d)(?=\w*[A-Za-z])\w+(?:[-_.]\w+)*",
    # Times
    rf"\b{_YEAR}-\d\d-\d\d(?:T[\d:.]+Z?)?\b",
    rf"\b{_YEAR}-\d\d(?: ?Q[1-4])?\b",
    rf"\b\d{{1,2}} (?:{_MONTHS}) {_YEAR}\b",
    rf"\b{_YEAR}(?:0[1-9]|[1-9]\d|00)\b(?=\s|[,;:.]|$)",
    # Lengths of time, ages, and the scale of a rate
    r"\b\d{1,2}(?:th|st|nd|rd)?[ -](?:months?|weeks?|terms?|years?|percentiles?)\b",
    r"\b\d{1,2}(?:th|st|nd|rd)\b",
    r"\baged \d{1,2} to \d{1,2}\b",
    r"\b(?:per|every) 10,?000\b",
    rf"(?<![£,.\d])\b{_YEAR}\b(?![,.]?\d)(?! (?:{_PERSONS})\b)",
    r"\bquarter \d{1,2}\b",
    r"\(1 = the first\)",
    # Intervals and thresholds that are declared
    r"\b(?:95|90|80)% (?=interval|confidence|uncertainty|from|to\b)",
    r"\b(?:from )?1 to 5\b",
    r"\b(?:fewer than|at least|nearest|under|over|newest|and) (?:3|4|5|10)\b(?! million|[,.]\d)",
    # Shares of the draws of a simulation, in whole per cent
    r"\b\d{1,3}%(?= (?:no )?fewer children| when a child| at -?£)",
    r"\b[\d,]+ draws\b",
    # Notes on estimates, and of a workbook
    r"\bcannot fall below [\d.]+",
    r"\bdf \d(?:\.\d{1,2})?\b|\bdf \d\d(?:\.\d)?\b",
    r"\[note \d+\]",
)
"""What looks like a number and is no figure, by kind."""
_PASSED: Final = re.compile("|".join(PASSED))
_NUMBER: Final = re.compile(
    r"(?P<sign>[-\N{MINUS SIGN}])?(?P<pound>£)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<power>e[-+]?\d+)?"
    r"(?:\s?(?P<size>million|thousand|%|per cent|percentage points))?"
    r"(?P<noun>(?:\s+[A-Za-z'-]+){0,2})"
)
_PEOPLE: Final = re.compile(rf"\b(?:{_PERSONS})\b")
_RETURNS: Final = re.compile(r"\bcensus\b|\breturns?\b")
"""Returns are named after children, and counted without them."""
_SIZES: Final = {"million": 1e6, "thousand": 1e3}


def tokens(text: str) -> Iterator[Token]:
    """Yield the numbers of a text that are not passed over."""
    if not any(char.isdigit() for char in text):
        return
    for match in _NUMBER.finditer(_PASSED.sub(" ", text)):
        digits = match["digits"].rstrip(",").replace(",", "")
        decimals = len(digits.partition(".")[2])
        size = _SIZES.get(match["size"] or "", 1.0) * 10.0 ** int((match["power"] or "e0")[1:])
        sign = -1.0 if match["sign"] else 1.0
        is_rounded = decimals > 0 or size != 1.0
        half = 0.5 * 10.0**-decimals * size if is_rounded else 0.0
        yield Token(sign * float(digits) * size, half, _kind(match))


def _kind(match: re.Match[str]) -> NumberKind:
    if match["pound"]:
        return NumberKind.MONEY
    if match["size"] in ("%", "per cent", "percentage points"):
        return NumberKind.SHARE
    return NumberKind.PEOPLE if _PEOPLE.search(match["noun"]) else NumberKind.OTHER


def counts_people(heading: str) -> bool:
    """Return whether the numbers under a heading count people, or what happened to them."""
    plain = heading.lower()
    if _RETURNS.search(plain):
        return False
    return bool(_PEOPLE.search(plain) or "number with" in plain or "number it is" in plain)
