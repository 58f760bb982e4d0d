"""Cells as exports write them: what each says, and by which tolerances it was understood.

Only texts that are not right as they stand come here, each distinct text of a column once. What is
right by the column's own codes or type always wins: a code `NONE` is never a word for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from schemas.arrays import Flags
from schemas.spellings import NOTHING, NOTHING_SAID, plain, spellings
from schemas.tolerances import ERROR_VALUES
from tasks.read.arrow import EDGES, Places

IsRight = Callable[[str], bool]
"""Whether a column can take a text as it stands."""

# Spaces that are no plain space: no-break, of a figure, thin and narrow ones, ideographic.
SPACES = EDGES + "\u00a0\u202f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_PROTECTED = re.compile(r'="(.*)"')
_QUOTED = re.compile(r"""["'\u201c\u201d\u2018\u2019](.*)["'\u201c\u201d\u2018\u2019]""")
_APOSTROPHES = "'\u2018\u2019"
_DASHES = re.compile(r"[-\u2010-\u2015_.]+")
_TAIL = re.compile(r"([+-]?[0-9]{1,15})\.0{1,15}")
_THOUSANDS = re.compile(r"([+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,15})?)")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]{1,15},(?:[0-9]{1,2}|[0-9]{4,15})|0,[0-9]{3})")
_POINTED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_EXACT_NOTHING = frozenset({"#N/A", "\\N"})


@dataclass(frozen=True)
class Distinct:
    """Distinct texts of a column, edges stripped, and each row's place among them (-1: none)."""

    texts: list[str]
    places: Places

    def rows(self, is_meant: Sequence[bool]) -> Places:
        """Return the rows whose text is one of those meant."""
        flags = np.array([*is_meant, False], dtype=bool)
        return np.flatnonzero(flags[self.places] & (self.places >= 0))


@dataclass(frozen=True)
class Understood:
    """A column's distinct texts as they are to be read.

    Attributes:
        distinct: texts and places; a text that says nothing has no place any more.
        used: rows that took each tolerance, by its code.
        errors: rows that hold a spreadsheet's error value.
        pointed: places of numbers whose points may stand between thousands.
    """

    distinct: Distinct
    used: dict[str, int] = field(default_factory=dict)
    errors: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    pointed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CellTexts:
    """What the cells of one column may hold.

    Attributes:
        is_right: whether the column takes a text as it stands.
        words: plain spellings that stand for nothing here.
        takes_dashes: whether a dash stands for nothing, which in a number may be zero.
        is_number: whether separators of thousands and pound signs may stand in it.
        is_money: whether a pound sign may.
        is_kept: whether the column is kept at rest.
        is_workbook: whether `#N/A` is a formula's failure and no export's word for nothing.
        has_semicolons: whether the file divides its cells as countries with decimal commas do.
    """

    is_right: IsRight
    words: frozenset[str]
    takes_dashes: bool = True
    is_number: bool = False
    is_money: bool = False
    is_kept: bool = True
    is_workbook: bool = False
    has_semicolons: bool = False


def words_for_nothing(*, in_codes: bool) -> frozenset[str]:
    """Return the plain words that stand for nothing, those of codes and dates among them or not."""
    said = spellings(NOTHING_SAID) if in_codes else {}
    return frozenset({*spellings(NOTHING), *said})


def understood(distinct: Distinct, cells: CellTexts) -> Understood:
    """Return the distinct texts of a column with every tolerance used that makes one right."""
    odd = [place for place, text in enumerate(distinct.texts) if text and not cells.is_right(text)]
    if not odd:
        return Understood(distinct)
    texts, comma = list(distinct.texts), _comma([distinct.texts[place] for place in odd], cells)
    used: dict[str, list[int]] = {}
    errors: list[int] = []
    pointed = _pointed(texts) if comma == "decimal" else frozenset()
    for place in odd:
        if place in pointed:
            continue
        texts[place], codes = _cell(texts[place], cells, comma)
        for code in codes:
            used.setdefault(code, []).append(place)
        if texts[place] in ERROR_VALUES:
            errors.append(place)
            texts[place] = ""
    return Understood(
        _without_blank(texts, distinct.places),
        {code: len(_rows_of(distinct, places)) for code, places in used.items()},
        _rows_of(distinct, errors),
        pointed,
    )


def _pointed(texts: Sequence[str]) -> frozenset[int]:
    """Return the places of texts as `1.234`: next to decimal commas, 1,234 as likely as not."""
    found = (place for place, text in enumerate(texts) if _POINTED.fullmatch(unwrapped(text)))
    return frozenset(found)


def _rows_of(distinct: Distinct, places: Sequence[int]) -> Places:
    flags: Flags = np.zeros(len(distinct.texts), dtype=bool)
    flags[list(places)] = True
    return distinct.rows(flags.tolist())


def _without_blank(texts: list[str], places: Places) -> Distinct:
    blank = np.array([*(not text for text in texts), True], dtype=bool)
    return Distinct(texts, np.where(blank[places], -1, places))


def _cell(text: str, cells: CellTexts, comma: str) -> tuple[str, tuple[str, ...]]:
    """Return what one cell says, and the codes of the tolerances it took; else it stays as sent."""
    bare = unwrapped(text)
    wrapped = ("CELL_WRAPPED",) if bare != text else ()
    if not bare or cells.is_right(bare):
        return bare, wrapped
    if _is_nothing(bare, cells):
        return "", (*wrapped, "NOTHING_WORD")
    if bare in ERROR_VALUES:
        return (bare, wrapped) if cells.is_kept else ("", (*wrapped, "ERROR_VALUE"))
    tail = _TAIL.fullmatch(bare)
    if tail and cells.is_right(tail[1]):
        return tail[1], (*wrapped, "DECIMAL_TAIL")
    number, code = _number(bare, cells, comma)
    return (number, (*wrapped, code)) if code else (text, ())


def unwrapped(text: str) -> str:
    """Return a text without what exports put around cells: quotation marks, special spaces."""
    bare = text.strip(SPACES)
    found = _PROTECTED.fullmatch(bare) or _QUOTED.fullmatch(bare)
    if found:
        return found[1].strip(SPACES)
    return bare[1:] if bare[:1] in _APOSTROPHES else bare


def _is_nothing(text: str, cells: CellTexts) -> bool:
    if text in _EXACT_NOTHING:
        return not (cells.is_workbook and text in ERROR_VALUES)
    if _DASHES.fullmatch(text):
        return cells.takes_dashes
    return text not in ERROR_VALUES and plain(text) in cells.words


def _comma(texts: Sequence[str], cells: CellTexts) -> str:
    """Return what commas mean in the numbers of a column: thousands or decimals, or nothing sure.

    One number shows it for all: in `12,5` a comma can only be a decimal one, in `1,234.50` only one
    between thousands. Where nothing shows it, as in `1,234` alone, this country's use holds, except
    in a file of semicolons.
    """
    if not cells.is_number:
        return ""
    decimal = any(_DECIMAL_COMMA.fullmatch(unwrapped(text)) for text in texts)
    thousands = any(_THOUSANDS.fullmatch(unwrapped(text).lstrip("£ ")) for text in texts)
    if decimal and thousands:
        return ""
    return "decimal" if decimal else "" if cells.has_semicolons else "thousands"


def _number(text: str, cells: CellTexts, comma: str) -> tuple[str, str]:
    """Return a number without what is around and between its digits; no code where it is none."""
    if comma == "decimal" and _DECIMAL_COMMA.fullmatch(text):
        point = text.replace(",", ".")
        return (point, "DECIMAL_COMMA") if cells.is_right(point) else (text, "")
    bare = text.removeprefix("£").lstrip() if cells.is_money else text
    if comma == "thousands" and _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    is_read = cells.is_number and bare != text and cells.is_right(bare)
    return (bare, "NUMBER_FORM") if is_read else (text, "")
