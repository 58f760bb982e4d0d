"""Template workbooks, one per return that may arrive as a workbook, made from the declarations.

Each has a sheet per table with its headings, formats that keep identifiers as text and dates as
dates, and drop-down codes; a data dictionary; and the codes with what they stand for. Filled in and
sent, a template is read without a single tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter

from schemas.returns import RETURNS
from schemas.table import Column, Form, Return, Table
from tasks.read.workbook import CODES_SHEET, DICTIONARY_SHEET

_LAST_ROW = 10_000  # rows that get drop-downs; more may be pasted below
_WIDEST, _NARROWEST = 60, 14
# Fixed, so that the same declarations give the same bytes.
_CREATED = datetime(2025, 4, 1, tzinfo=UTC)
_DICTIONARY = ("Sheet", "Heading", "Meaning", "Written as", "Required", "Least", "Most")
_CODES = ("Sheet", "Heading", "Code", "Stands for")
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FORMATS = {"date": "dd/mm/yyyy", "text": "@", "number": "General", "yes or no": "@"}
_YES_NO = ["Yes", "No"]

_Row = Sequence[str | float | None]


def write_templates(out: Path, *, year: int) -> list[Path]:
    """Write one template per return into a folder and return their paths, by name of return.

    Args:
        out: folder; made when missing.
        year: collection year whose columns and codes the templates offer.
    """
    out.mkdir(parents=True, exist_ok=True)
    returns = sorted(RETURNS.values(), key=lambda declared: declared.name)
    return [
        _write(out / f"{declared.name}.xlsx", declared, year)
        for declared in returns
        if Form.TABLE in declared.forms
    ]


def _write(path: Path, declared: Return, year: int) -> Path:
    codes = codes_offered(declared, year)
    with xlsxwriter.Workbook(str(path), _PLAIN) as book:
        book.set_properties({"title": declared.title, "created": _CREATED})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for table in declared.tables_in(year):
            _write_table(book, head, table, codes, year)
        _write_rows(
            book.add_worksheet(DICTIONARY_SHEET), head, _DICTIONARY, _meanings(declared, year)
        )
        _write_rows(book.add_worksheet(CODES_SHEET), head, _CODES, codes)
    return path


def sheet_name(table: Table) -> str:
    """Return the name of the sheet a table is filled in on."""
    return table.sent_as or table.name


def columns_asked(table: Table, year: int) -> list[Column]:
    """Return the columns of a table that an authority fills in."""
    return [column for column in table.columns_in(year) if column.sent_as is not None]


def codes_offered(declared: Return, year: int) -> list[tuple[str, str, str, str]]:
    """Return sheet, heading, code and label of every code of the year, column by column."""
    return [
        (sheet_name(table), str(column.sent_as), code.value, code.label)
        for table in declared.tables_in(year)
        for column in columns_asked(table, year)
        for code in column.codes
        if code.holds_in(year)
    ]


def _meanings(declared: Return, year: int) -> Iterable[_Row]:
    for table in declared.tables_in(year):
        for column in columns_asked(table, year):
            yield (
                sheet_name(table),
                str(column.sent_as),
                column.meaning,
                written_as(column),
                "required" if column.required else "may be empty",
                column.minimum,
                column.maximum,
            )


def written_as(column: Column) -> str:
    """Return how a column is written: date, yes or no, number or text."""
    if pa.types.is_date(column.type):
        return "date"
    if pa.types.is_boolean(column.type):
        return "yes or no"
    return "text" if pa.types.is_string(column.type) else "number"


def _write_table(
    book: Any, head: Any, table: Table, codes: Sequence[tuple[str, str, str, str]], year: int
) -> None:
    sheet = book.add_worksheet(sheet_name(table))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns_asked(table, year)):
        heading = str(column.sent_as)
        shape = book.add_format({"num_format": _FORMATS[written_as(column)]})
        sheet.set_column(place, place, _width([heading]), shape)
        sheet.write_string(0, place, heading, head)
        choice = _choice(column, sheet_name(table), codes)
        if choice is not None:
            sheet.data_validation(1, place, _LAST_ROW, place, choice)


def _choice(
    column: Column, sheet: str, codes: Sequence[tuple[str, str, str, str]]
) -> dict[str, Any] | None:
    """Return the drop-down of a column: yes or no, or its codes; None for free cells."""
    if written_as(column) == "yes or no":
        return {"validate": "list", "source": _YES_NO}
    rows = [row for row, code in enumerate(codes, start=2) if code[:2] == (sheet, column.sent_as)]
    if not rows:
        return None
    # Stops nothing: spellings that the reader knows may be pasted in.
    source = f"='{CODES_SHEET}'!$C${rows[0]}:$C${rows[-1]}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _write_rows(sheet: Any, head: Any, headings: Sequence[str], rows: Iterable[_Row]) -> None:
    listed = [tuple(row) for row in rows]
    sheet.freeze_panes(1, 0)
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, _width(row[place] for row in [headings, *listed]))
        sheet.write_string(0, place, heading, head)
    for number, row in enumerate(listed, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write_number(number, place, value)


def _width(values: Iterable[str | float | None]) -> int:
    longest = max((len(str(value)) for value in values), default=0)
    return min(max(longest + 2, _NARROWEST), _WIDEST)
