"""Identifiers of children: the one form kept, the looser form compared, and when returns match.

Two returns of one authority are joined by the identifiers in them. What is certainly the same
identifier is brought to one form before it becomes a pseudonym: white space, capitals, and the
signs a spreadsheet puts around it. Leading zeros are never taken off or put on, because 123 and
00123 may be two children: they are compared, reported and asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CHILD_COLUMNS: Final = frozenset({"child_id", "census_child_id"})
"""Columns that hold an identifier of a child which is brought to the one form kept."""

_PROTECTED = re.compile(r'="(.*)"', re.DOTALL)
_SPACE = re.compile(r"\s+")
_SIGNS = frozenset('".')
"""What an identifier in signs of protection has, or one with decimals."""
DECIMAL_TAIL: Final = re.compile(r"([0-9]+)\.0+")
"""A whole number as a program writes it that takes it for a decimal."""
UNUSUAL: Final = r"""[a-z\s"]|[0-9]\.0+$"""
"""What an identifier holds that may not be in the one form kept."""


def text_inside(text: str) -> str:
    r"""Return the text inside the signs that keep a spreadsheet from changing it (`="00123"`)."""
    protected = _PROTECTED.fullmatch(text.strip())
    return protected[1] if protected else text


def normal_identifier(text: str) -> str:
    """Return an identifier in the one form kept: no white space, in capitals."""
    return _SPACE.sub("", text_inside(text)).upper()


def whole_identifier(text: str) -> str:
    """Return an identifier in the one form kept, without the decimals of a whole number."""
    plain = normal_identifier(text)
    tail = DECIMAL_TAIL.fullmatch(plain)
    return tail[1] if tail else plain


def alike_identifier(text: str) -> str:
    """Return the form that is the same for identifiers which programs confuse.

    On top of the form kept: full-width characters, a decimal tail and leading zeros are taken off.
    """
    return whole_identifier(unicodedata.normalize("NFKC", text)).lstrip("0")


def alike_identifiers(texts: Sequence[str]) -> list[str]:
    """Return `alike_identifier` of each text; quick where none has anything unusual."""
    joined = "|".join(texts)
    is_plain = joined.isascii() and joined == joined.upper() and not set(joined) & _SIGNS
    if is_plain and "".join(joined.split()) == joined:
        return [text.lstrip("0") for text in texts]
    return [alike_identifier(text) for text in texts]


@dataclass(frozen=True)
class Join:
    """Two returns of one authority between which outcomes follow children.

    Attributes:
        return_name: the return whose children have to be known.
        known_to: the return that has to know them, in any of its years; the return itself where
            the children of one year have to be known from the years before.
        floor: share of them that must be known.
    """

    return_name: str
    known_to: str
    floor: float


JOINS: Final = (
    Join("ssda903", "cin_census", 0.5),
    Join("pre_proceedings", "cin_census", 0.5),
    Join("school_attendance", "cin_census", 0.2),
    Join("ssda903", "ssda903", 0.15),
    Join("cin_census", "cin_census", 0.1),
)
"""Every looked-after child and every child in pre-proceedings is a child in need, so the census
knows nearly all of them; half leaves room for short breaks and for a year that has only begun.
Attendance may be sent of more children than were ever in need. From one year to the next two
looked-after children in three stay, and two children in need in five; in the smallest invented
authorities one in two and one in three."""

USUAL_FALL: Final = 0.25
"""A share that lies this far below the middle of the authority's other years is a collapse, too."""
LEAST_UNKNOWN: Final = 3
"""Fewer unknown children than these are no collapse: one or two come and go in any return."""
SPELLING_SHARE: Final = 0.02
"""At most this share of the children may be known in another spelling only. It is certain that
these are lost to every join, and two in a hundred move no outcome by more than its rounding. The
same holds of children known with another date of birth, who are taken for two: there a few more
than so many have to be, because a date of birth is put right now and then."""
PAIRED_SHARE: Final = 0.5
"""Of two identifiers that an authority pairs, each has to be known to the return it is of; the list
may hold children who have left, or who come into care later."""
YEARS_KNOWN: Final = 3
"""So many years back a return is looked through for children."""

WIDTHS: Final = range(4, 13)
"""Lengths to which identifiers are padded with zeros; systems in use pad to six, eight or ten."""
GAINED_SHARE: Final = 0.05
"""A spelling is named as the likely cause where it makes at least this share more match."""

NAMING_TABLE: Final = {
    "ssda903": "episodes",
    "cin_census": "cin_children",
    "pre_proceedings": "pre_proceedings",
    "school_attendance": "school_attendance",
}
"""Of each return that is joined, the table whose children count as those it speaks of."""

DO_NOT_MATCH: Final = "IDS_DO_NOT_MATCH"
ALIKE: Final = "IDS_ALIKE"
