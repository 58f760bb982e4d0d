"""Cells that cannot be read, as findings: one for each column and form, with where to look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from schemas.rows import FINDING_COLUMNS, Unread
from schemas.submission import Reach, Severity
from schemas.table import AtRest, Column
from tasks.read.arrow import Places, taken
from tasks.read.dates import NO_SUCH_DAY
from tasks.read.sheet import SentTable

_ROWS_NAMED = 10
_TEXTS_SHOWN = 5
_WORDS = {
    "DATE_INVALID": (
        "is not a date that is understood",
        "Write every date as {needed}.",
    ),
    "DATE_AMBIGUOUS": (
        "is written in another form than the rest of its column (needs {needed}), so it is not "
        "certain which day is meant",
        "Write the whole column in one form.",
    ),
    "NUMBER_INVALID": (
        "is not a number",
        "Write digits alone, with a point for decimals.",
    ),
    "VALUE_INVALID": ("is neither yes nor no", "Write 1 for yes or 0 for no."),
    "CODE_CONTRADICTS": (
        "gives a code and a label that do not mean the same, so it is not certain which is meant",
        "Write one of the codes.",
    ),
    "ERROR_CELL": (
        "holds an error value of a spreadsheet",
        "Correct the formula, or write the plain value.",
    ),
}
_NO_SUCH_DAY = "is not a date that exists, written as {needed}. Correct the date."
_NUMBER_LOOKS = (
    (re.compile(r".*%"), "percentages"),
    (re.compile(r"[^0-9]*[£$€].*"), "amounts with a sign of money"),
    (re.compile(r"[<>~≤≥].*"), "numbers that are not exact"),
    (re.compile(r"[-\u2010-\u2015.]+|nil|none", re.I), "a word or dash for nothing, or for zero"),
    (re.compile(r"[-+0-9.]*,[0-9,.]*"), "numbers with commas of which the meaning is not certain"),
    (re.compile(r"[+-]?[0-9]+\.[0-9]+"), "decimals, where a whole number is due"),
    (re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+"), "numbers that a spreadsheet shortened"),
    (re.compile(r"[^0-9]*"), "words"),
)
LOOKS_POINTED = "numbers with points of which the meaning is not certain"


@dataclass(frozen=True)
class UnreadCells:
    """Cells of one column that cannot be read for one reason.

    Attributes:
        code: of the finding.
        rows: their places in the table.
        looks: what they look like; empty where there is nothing to be said of it.
        needed: the form that is due.
    """

    code: str
    rows: Places
    looks: str = ""
    needed: str = ""


def number_looks(text: str) -> str:
    """Return what a text that is no number looks like."""
    return next((words for shape, words in _NUMBER_LOOKS if shape.fullmatch(text)), "")


def unread(column: Column, cells: UnreadCells, *, sets_aside: bool) -> Unread:
    """Return where cells were left empty, and whether their rows are set aside for it.

    A row stays where its column decides nothing: it is not kept, or no row of the return counts.
    """
    decides = column.at_rest is not AtRest.DROPPED and sets_aside
    return Unread(column.name, cells.rows, Reach.RECORD if decides else Reach.NOTICE)


def unread_findings(sent: SentTable, column: Column, cells: UnreadCells, reach: Reach) -> DataFrame:
    """Return the findings of cells: one together, or one each where each needs its own correction.

    A day that does not exist is corrected cell by cell; a form that is not known, once.
    """
    heading = column.sent_as or column.name
    if cells.looks == NO_SUCH_DAY:
        words = f"{heading} {_NO_SUCH_DAY.format(needed=cells.needed)}"
        return _findings(sent, column, cells, reach, cells.rows, words)
    words = _together(heading, sent, cells)
    first = _findings(sent, column, cells, reach, cells.rows[:1], words)
    return first.assign(found=_first_texts(sent, column, cells.rows))


def _together(heading: str, sent: SentTable, cells: UnreadCells) -> str:
    fault, advice = _WORDS[cells.code]
    looks = f" It looks like {cells.looks}." if cells.looks else ""
    text = f"{heading} {fault}{_where(sent, cells.rows)}.{looks} {advice}"
    return text.format(needed=cells.needed)


def _where(sent: SentTable, rows: Places) -> str:
    """Return how many cells there are and in which rows the first stand; empty for one."""
    if len(rows) == 1:
        return ""
    named = ", ".join(str(row) for row in sent.rows[rows[:_ROWS_NAMED]])
    more = f" and {len(rows) - _ROWS_NAMED:,} more" if len(rows) > _ROWS_NAMED else ""
    return f", in {len(rows):,} cells (rows {named}{more})"


def _first_texts(sent: SentTable, column: Column, rows: Places) -> str:
    """Return the first different texts that were found, for the authority's own pack."""
    texts = dict.fromkeys(taken(sent.raw.column(column.name), rows).to_pylist())
    shown = "; ".join(str(text) for text in list(texts)[:_TEXTS_SHOWN])
    return f"{shown}; …" if len(texts) > _TEXTS_SHOWN else shown


def _findings(
    sent: SentTable, column: Column, cells: UnreadCells, reach: Reach, rows: Places, words: str
) -> DataFrame:
    frame = DataFrame(
        {
            "file": sent.name,
            "place": sent.place,
            "row": sent.rows[rows],
            "field": column.sent_as or column.name,
            "code": cells.code,
            "severity": Severity.ERROR.value,
            "reach": reach.value,
            "words": words,
            "found": taken(sent.raw.column(column.name), rows).to_pylist(),
            "table": sent.table.name,
            "position": rows,
        }
    )
    return frame.astype({name: _finding_type(name) for name in FINDING_COLUMNS})


def findings_frame(parts: Sequence[DataFrame]) -> DataFrame:
    """Return findings one below the other, with every column also when there are none."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return DataFrame({name: Series(dtype=_finding_type(name)) for name in FINDING_COLUMNS})
    return pd.concat(filled, ignore_index=True)


def _finding_type(name: str) -> str:
    return "Int64" if name in ("row", "position") else "str"
