"""Workbooks into sheets: only plain cells count, and what would read as nothing is reported."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas.errors import UnreadableError
from schemas.identifiers import CHILD_COLUMNS
from schemas.limits import Limits
from schemas.rows import Tolerance
from tasks.read.arrow import texts
from tasks.read.child_process import answer_of
from tasks.read.csv_set import row_numbers
from tasks.read.dates import WORKBOOK_FORMS
from tasks.read.headings import HeadingRow, TableHeadings, check_decided, heading_row, shown
from tasks.read.sheet import Sheet
from tasks.read.text import FORBIDDEN
from tasks.read.unpack import checked_members, checked_size, damaged

DICTIONARY_SHEET, CODES_SHEET = "Data dictionary", "Codes"
"""Sheets of our own templates that hold no rows of the return."""
_CODES = {
    "uncalculated": ("FORMULA_CELL", "holds a formula that was never calculated"),
    "command": ("ERROR_CELL", "holds a command instead of a value"),
    "unseen": ("CONTROL_CHARACTER", "holds an invisible or control character"),
}


@dataclass(frozen=True)
class WorkbookSheet:
    """One visible sheet as it came out of a workbook.

    Attributes:
        name: of the sheet.
        rows: every row from the first, as text.
        marks: places (row, column, from 1) of cells that need a word, by what is odd about them.
        calculated: formulas whose last result stands in the cell.
        hidden_rows: numbers of rows that hold something and are not shown, as a filter leaves them.
        hidden_columns: numbers of columns that are not shown.
        numbers: per column (from 1), its cells that are numbers without a format that fills them
            up with zeros.
    """

    name: str
    rows: Sequence[Sequence[str]]
    marks: Mapping[str, Sequence[tuple[int, int]]]
    calculated: int
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Workbook:
    """The visible sheets of one workbook.

    Attributes:
        name: file name.
        sheets: in order.
        hidden: names of the sheets that are not shown, and not read.
        counts_from_1904: whether day numbers count from 1904.
    """

    name: str
    sheets: tuple[WorkbookSheet, ...]
    hidden: tuple[str, ...]
    counts_from_1904: bool


def workbook_of(path: Path, name: str, *, most_rows: int | None, limits: Limits) -> Workbook:
    """Return the visible sheets of a workbook, no more than `most_rows` rows of each.

    Raises:
        UnreadableError: with the reason.
    """
    checked_size(path, name, limits)
    _check_archive(path, name, limits)
    request = {
        "kind": "workbook",
        "path": str(path),
        "most_rows": most_rows,
        "forbidden": FORBIDDEN.pattern,
    }
    answer = answer_of(request, name=name, too_large="SHEET_TOO_LARGE", limits=limits)
    return Workbook(
        name,
        tuple(_sheet(sheet) for sheet in answer["sheets"]),
        tuple(answer["hidden"]),
        bool(answer["counts_from_1904"]),
    )


def _check_archive(path: Path, name: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            checked_members(archive, name, limits)
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        # Not chained: the library's error may carry the name of a file inside.
        raise damaged(name) from None


def _sheet(answer: Mapping[str, Any]) -> WorkbookSheet:
    marks = {
        mark: [(int(row), int(column)) for row, column in places]
        for mark, places in answer["marks"].items()
    }
    return WorkbookSheet(
        answer["name"],
        answer["rows"],
        marks,
        int(answer["calculated"]),
        answer["hidden_rows"],
        answer["hidden_columns"],
        {int(column): int(count) for column, count in answer["numbers"]},
    )


def matched(
    workbook: Workbook, tables: Sequence[TableHeadings], limits: Limits
) -> dict[str, tuple[WorkbookSheet, HeadingRow]]:
    """Return the sheet of each table whose headings were found, by table name.

    Raises:
        UnreadableError: no sheet holds headings we know, or two hold the same table's.
    """
    found: dict[str, tuple[WorkbookSheet, HeadingRow]] = {}
    for sheet in workbook.sheets:
        row = heading_row(sheet.rows[: limits.heading_rows], tables)
        if row is None:
            continue
        for each in row.forms:
            other = found.setdefault(each.table.table.name, (sheet, each))
            if other[0] is not sheet:
                raise _sheet_not_found(
                    workbook, f"two sheets hold {each.table.table.sent_as or each.table.table.name}"
                )
    if not found:
        for sheet in workbook.sheets:
            check_decided(workbook.name, sheet.rows[: limits.heading_rows])
        raise _sheet_not_found(workbook, "no sheet holds the headings of a return")
    return found


def _sheet_not_found(workbook: Workbook, words: str) -> UnreadableError:
    return UnreadableError(
        "SHEET_NOT_FOUND",
        f"{workbook.name}: {words} (sheets found: {shown(s.name for s in workbook.sheets)}). "
        "Send one sheet for each table, with its headings.",
    )


def as_sheet(workbook: Workbook, sheet: WorkbookSheet, headings: HeadingRow) -> Sheet:
    """Return what stands below the headings of one sheet.

    Raises:
        UnreadableError: a cell there holds no plain value.
    """
    _check_marks(workbook.name, sheet, headings)
    first = headings.place + 1
    body = sheet.rows[first:]
    columns = list(zip(*body, strict=True)) if body else [()] * len(headings.cells)
    return Sheet(
        name=workbook.name,
        headings=headings.cells,
        cells=pa.Table.from_arrays(
            [texts(list(column)) for column in columns],
            names=[str(place) for place in range(len(columns))],
        ),
        rows=row_numbers(first + 1, len(body)),
        place=sheet.name,
        tolerances=tuple(_workbook_tolerances(workbook, sheet, headings)),
        date_forms=WORKBOOK_FORMS,
        counts_from_1904=workbook.counts_from_1904,
    )


def _check_marks(name: str, sheet: WorkbookSheet, headings: HeadingRow) -> None:
    for mark, (code, words) in _CODES.items():
        for row, _ in sheet.marks[mark]:
            if row > headings.place:
                raise UnreadableError(
                    code,
                    f"{name}, sheet {shown([sheet.name])}, row {row}: a cell {words}. "
                    "Replace it by its plain value and send the workbook again.",
                    row=row,
                )
    _check_identifiers(name, sheet, headings)


def _check_identifiers(name: str, sheet: WorkbookSheet, headings: HeadingRow) -> None:
    """Refuse identifiers stored as numbers of which the workbook has not kept every digit."""
    known = headings.table
    columns = [known.columns.get(known.plain(heading)) for heading in headings.cells]
    identifiers = [
        number
        for number, column in enumerate(columns, start=1)
        if column is not None and column.name.endswith("_id")
    ]
    _check_identifiers_known(name, sheet, headings.place, identifiers)
    for row, number in sheet.marks["inexact"]:
        if number in identifiers:
            raise UnreadableError(
                "ID_INEXACT",
                f"{name}, sheet {shown([sheet.name])}, row {row}: an identifier of more than "
                "fifteen digits is stored as a number and has lost its last digits. "
                "Format the column as text, enter the identifiers again and send the workbook.",
                row=row,
            )


def _check_identifiers_known(
    name: str, sheet: WorkbookSheet, heading_place: int, identifiers: Sequence[int]
) -> None:
    """Refuse an error value in place of an identifier: nothing says whose row it is."""
    for row, number in sheet.marks["error"]:
        if row > heading_place and number in identifiers:
            raise UnreadableError(
                "ERROR_CELL",
                f"{name}, sheet {shown([sheet.name])}, row {row}: an identifier is an error value. "
                "Replace it by its plain value and send the workbook again.",
                row=row,
            )


def _workbook_tolerances(
    workbook: Workbook, sheet: WorkbookSheet, headings: HeadingRow
) -> list[Tolerance]:
    used = []
    if headings.place:
        words = f"The headings were found in row {headings.place + 1} of {shown([sheet.name])}."
        used.append(Tolerance("TITLE_ROWS", workbook.name, words, headings.place))
    if sheet.calculated:
        words = f"Formulas in {shown([sheet.name])} were read as their last results."
        used.append(Tolerance("FORMULA_RESULT", workbook.name, words, sheet.calculated))
    return [
        *used,
        *_hidden_tolerances(workbook, sheet, headings),
        *_id_numbers(workbook, sheet, headings),
    ]


def _hidden_tolerances(
    workbook: Workbook, sheet: WorkbookSheet, headings: HeadingRow
) -> list[Tolerance]:
    """Return what is to be said of rows and columns that were read although they are hidden."""
    rows = sum(row > headings.place + 1 for row in sheet.hidden_rows)
    columns = [
        headings.cells[column - 1]
        for column in sheet.hidden_columns
        if column <= len(headings.cells) and headings.cells[column - 1]
    ]
    place = shown([sheet.name])
    found = (
        ("ROWS_HIDDEN", rows, f"Rows of {place} that are hidden, by a filter say, were read."),
        ("COLUMNS_HIDDEN", len(columns), f"Hidden columns of {place} were read."),
    )
    return [Tolerance(code, workbook.name, words, count) for code, count, words in found if count]


def _id_numbers(
    workbook: Workbook, sheet: WorkbookSheet, headings: HeadingRow
) -> Iterator[Tolerance]:
    """Yield what is to be said of identifiers that are numbers, which have no leading zeros."""
    for place, heading in enumerate(headings.cells, start=1):
        column = headings.table.columns.get(headings.table.plain(heading))
        count = sheet.numbers.get(place, 0)
        if count and column is not None and column.name in CHILD_COLUMNS:
            words = (
                f"{heading}: identifiers were read from numbers. Where yours begin with zeros, "
                "format the column as text and enter them again."
            )
            yield Tolerance("ID_NUMBER", workbook.name, words, count)


def sheet_tolerances(workbook: Workbook, used: Sequence[str]) -> tuple[Tolerance, ...]:
    """Return what is to be said of sheets that were not read."""
    expected = {*used, DICTIONARY_SHEET, CODES_SHEET}
    unused = [s.name for s in workbook.sheets if s.name not in expected and s.rows]
    return tuple(
        Tolerance(code, workbook.name, f"{words}: {shown(names)}.", len(names))
        for code, words, names in (
            ("SHEET_UNKNOWN", "Sheets that hold no table of the return were not read", unused),
            ("SHEET_HIDDEN", "Hidden sheets were not read", list(workbook.hidden)),
        )
        if names
    )
