"""Spellings met in returns, and what each stands for.

One table, `reference/spellings.csv`, that authorities' data engineers can extend: concept,
spelling, standard. Spellings are compared without case, spacing and punctuation. The standard of a
coded concept names every code that stands for it in some collection year, divided by `|`; the
column's codes of the year decide which one is meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from schemas.authorities import reference_rows
from schemas.table import Column

IDENTIFIER = "direct identifier"
YES_NO = "yes or no"
TOTAL = "total row"
NIL = "nil return"
NOTHING = "nothing"
NOTHING_SAID = "nothing in a code or date"
_FILES = ("spellings.csv", "training_words.csv")
_CONCEPTS = {"sex": "sex", "gender": "sex", "ethnicity": "ethnicity", "term": "term"}
_LETTERED_CONCEPT = "lettered category"
LETTERED = re.compile(r"[a-zA-Z][0-9]?[):] ")
"""What stands before the label of a lettered category, as `a) Male`."""

_PARTS = ("parents", "labels", "standard")
_TWO_CODES = {"0", "1"}
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
    if values == _TWO_CODES:
        return YES_NO
    if values == _THREE_ANSWERS:
        return "yes, no or unknown"
    if any(LETTERED.match(value) for value in values):
        return _CONCEPTS.get(column.name, _LETTERED_CONCEPT)
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


@dataclass(frozen=True)
class CodedLabel:
    """What a collection calls one of its codes.

    Attributes:
        code: short code of the collection; empty where only labels are known.
        parents: headings under which the label may stand.
        labels: what it is called; one that begins with + is certain only below a parent.
        standards: the codes of our columns that it stands for.
    """

    code: str
    parents: tuple[str, ...]
    labels: tuple[str, ...]
    standards: tuple[str, ...]


def coded_labels(column: Column) -> tuple[CodedLabel, ...]:
    """Return the codes and labels known for a column, by its heading or its concept."""
    found = _coded_labels()
    return tuple(
        entry for name in (column.sent_as, concept_of(column)) for entry in found.get(name, ())
    )


@cache
def _coded_labels() -> dict[str | None, list[CodedLabel]]:
    found: dict[str | None, list[CodedLabel]] = {}
    for row in reference_rows("annex_a_labels.csv"):
        parts = [tuple(filter(None, row[name].split("|"))) for name in _PARTS]
        for name in row["concept"].split("|"):
            found.setdefault(name, []).append(CodedLabel(row["code"], *parts))
    return found


def standard_headings(return_name: str) -> dict[str, str]:
    """Return, for each plain spelling of a heading of a return, its plain standard."""
    found = spellings(f"{return_name} heading")
    return {spelling: plain(standard) for spelling, (standard, *_) in found.items()}


def is_direct_identifier(heading: str) -> bool:
    """Return whether a heading names something that identifies a person outright."""
    return plain(heading) in spellings(IDENTIFIER)
