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
_CONCEPTS = {"sex": "sex", "gender": "sex", "ethnicity": "ethnicity", "term": "term"}
_NOT_SIGNIFICANT = re.compile(r"[^a-z0-9]")


def plain(text: str) -> str:
    """Return a text without case, spacing and punctuation, so that spellings meet."""
    return _NOT_SIGNIFICANT.sub("", unicodedata.normalize("NFKC", text).casefold())


def concept_of(column: Column) -> str | None:
    """Return the concept whose spellings a column may hold; None for other columns."""
    return _CONCEPTS.get(column.name)


@cache
def spellings(concept: str) -> dict[str, tuple[str, ...]]:
    """Return, for each plain spelling of a concept, the standards it may stand for."""
    return {
        plain(row["spelling"]): tuple(row["standard"].split("|"))
        for row in reference_rows("spellings.csv")
        if row["concept"] == concept
    }


def standard_of(column: Column, text: str, year: int) -> str | None:
    """Return the code a text stands for in a column and collection year.

    None when the table does not know the text, when no code of the year stands for it, or when it
    already is a code of the column in some year: a code of the wrong year is an error to be told,
    not a spelling to be mended.
    """
    concept = concept_of(column)
    if concept is None or text in {code.value for code in column.codes}:
        return None
    allowed = column.codes_in(year)
    meant = [code for code in spellings(concept).get(plain(text), ()) if code in allowed]
    return meant[0] if len(meant) == 1 else None


def is_direct_identifier(heading: str) -> bool:
    """Say whether a heading names something that identifies a person outright."""
    return plain(heading) in spellings(IDENTIFIER)
