"""Spellings met in returns, and what each stands for.

One table, `reference/spellings.csv`, that authorities' data engineers can extend: concept,
spelling, standard. Spellings are compared without case, spacing and punctuation. The standard of a
coded concept names every code that stands for it in some collection year, divided by `|`; the
column's codes of the year decide which one is meant.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from schemas.authorities import reference_rows
from schemas.table import Column

IDENTIFIER = "direct identifier"
YES_NO = "yes or no"
TOTAL = "total row"
NIL = "nil return"
_FILES = ("spellings.csv", "training_words.csv")
_CONCEPTS = {"sex": "sex", "gender": "sex", "ethnicity": "ethnicity", "term": "term"}
LETTERED = "lettered category"
_LETTERED = re.compile(r"[a-zA-Z][0-9]?[):] ")
_THREE_ANSWERS = {"Yes", "No", "Unknown"}
_NOT_SIGNIFICANT = re.compile(r"[^a-z0-9]")


def plain(text: str) -> str:
    """Return a text without case, spacing and punctuation, so that spellings meet."""
    return _NOT_SIGNIFICANT.sub("", unicodedata.normalize("NFKC", text).casefold())


def concept_of(column: Column) -> str | None:
    """Return the concept whose spellings a column may hold; None for columns without one."""
    if column.concept:
        return column.concept
    values = {code.value for code in column.codes}
    if values == _THREE_ANSWERS:
        return "yes, no or unknown"
    if any(_LETTERED.match(value) for value in values):
        return _CONCEPTS.get(column.name, LETTERED)
    return _CONCEPTS.get(column.name)


@cache
def spellings(concept: str) -> dict[str, tuple[str, ...]]:
    """Return, for each plain spelling of a concept, the standards it may stand for."""
    return {
        plain(row["spelling"]): tuple(row["standard"].split("|"))
        for file in _FILES
        for row in reference_rows(file)
        if row["concept"] == concept
    }


def standard_of(column: Column, text: str, year: int) -> str | None:
    """Return the code a text stands for in a column and collection year.

    Apart from the table's spellings, a lettered category as `a) Male` may be sent as its label
    alone or in another case. None when no code of the year is meant, when several could be, or when
    the text already is a code of the column in some year: a code of the wrong year is an error to
    be reported, not a spelling to be corrected.
    """
    concept = concept_of(column)
    if concept is None or text in {code.value for code in column.codes}:
        return None
    allowed = column.codes_in(year)
    known = spellings(concept).get(plain(text), ())
    meant = {code for code in known if code in allowed} or _labelled(allowed, text)
    return meant.pop() if len(meant) == 1 else None


def _labelled(codes: frozenset[str], text: str) -> set[str]:
    """Return the lettered codes whose whole text or label a text is."""
    wanted = plain(text)
    lettered = {code for code in codes if _LETTERED.match(code)}
    return {code for code in lettered if wanted in (plain(code), plain(_LETTERED.sub("", code)))}


def standard_headings(return_name: str) -> dict[str, str]:
    """Return, for each plain spelling of a heading of a return, its plain standard."""
    found = spellings(f"{return_name} heading")
    return {spelling: plain(standard) for spelling, (standard, *_) in found.items()}


def is_direct_identifier(heading: str) -> bool:
    """Return whether a heading names something that identifies a person outright."""
    return plain(heading) in spellings(IDENTIFIER)
