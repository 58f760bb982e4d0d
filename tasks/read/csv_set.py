"""CSV files into sheets: a fast way for files without surprises, a strict way that explains.

Both give the same sheet for every file both can read. The fast way steps aside at the first sign
of anything it could misread, and the strict way then either reads the file or says which line is
wrong, and how.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from schemas.errors import UnreadableError
from schemas.limits import Limits
from schemas.rows import Tolerance
from tasks.read.arrow import matching, texts
from tasks.read.headings import (
    HeadingRow,
    TableHeadings,
    check_decided,
    header_not_found,
    heading_row,
)
from tasks.read.sheet import RowNumbers, Sheet, cell_too_long, check_lengths
from tasks.read.text import check_characters, decoded
from tasks.read.unpack import checked_size

COMMA, SEMICOLON, TAB = ",", ";", "\t"
_QUOTE = b'"'
_LONGEST_RECORD = 1_000_000  # characters looked at to say where a quotation mark opened


@dataclass(frozen=True)
class Layout:
    """Where the headings of a CSV file stand, and what divides its cells."""

    headings: HeadingRow
    delimiter: str


def csv_sheet(path: Path, name: str, known: TableHeadings, limits: Limits) -> Sheet:
    """Return the sheet in a CSV file.

    Raises:
        UnreadableError: with the reason and, where there is one, the row.
    """
    checked_size(path, name, limits)
    text = decoded(path.read_bytes(), name)
    check_characters(text.data, name)
    layout = layout_of(text.data, name, (known,), limits)
    if not layout.headings.is_whole:
        raise header_not_found(name, known, layout.headings.cells)
    if len(layout.headings.cells) > limits.columns:
        raise too_many_columns(name, len(layout.headings.cells), limits)
    sheet = fast_sheet(text.data, name, layout, limits)
    if sheet is None:
        sheet = strict_sheet(text.data, name, layout, limits)
    check_lengths(sheet, limits)
    return Sheet(
        name=name,
        headings=sheet.headings,
        cells=sheet.cells,
        rows=sheet.rows,
        tolerances=(
            *text.tolerances,
            *_layout_tolerances(text.data, name, layout),
            *sheet.tolerances,
        ),
    )


def layout_of(data: bytes, name: str, tables: tuple[TableHeadings, ...], limits: Limits) -> Layout:
    """Return where the headings stand and what divides cells, judged by headings alone.

    A semicolon counts only when, so divided, some row holds every heading of a table.

    Raises:
        UnreadableError: no row of the beginning holds headings we know.
    """
    found = {d: heading_row(_first_rows(data, d, limits), tables) for d in (COMMA, SEMICOLON, TAB)}
    comma, semicolon = found[COMMA], found[SEMICOLON]
    if not any(row is not None and row.is_whole for row in found.values()):
        for delimiter in (COMMA, SEMICOLON):
            check_decided(name, _first_rows(data, delimiter, limits))
    if comma is not None and comma.is_whole:
        return Layout(comma, COMMA)
    if semicolon is not None and semicolon.is_whole:
        return Layout(semicolon, SEMICOLON)
    for delimiter, words in ((SEMICOLON, "semicolon"), (TAB, "tab")):
        if comma is None and found[delimiter] is not None:
            raise UnreadableError(
                "DELIMITER",
                f"{name}: this looks like {words}-separated text (needs commas). "
                "Save the file as CSV UTF-8 (comma delimited) and send it again.",
            )
    if comma is None:
        raise _no_headings(name, limits)
    return Layout(comma, COMMA)


def _no_headings(name: str, limits: Limits) -> UnreadableError:
    return UnreadableError(
        "HEADER_NOT_FOUND",
        f"{name}: none of the first {limits.heading_rows} rows holds the headings of a return. "
        "Send the file with the headings of the return in its first row.",
    )


def _first_rows(data: bytes, delimiter: str, limits: Limits) -> list[list[str]]:
    """Return the first rows, as far as they can be read; a damaged row ends them."""
    head = data[: limits.cell_characters * 4].decode("utf-8", "ignore")
    rows: list[list[str]] = []
    try:
        for row in islice(_records(head, delimiter), limits.heading_rows):
            rows.append(row)
    except csv.Error:
        return rows
    return rows


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _layout_tolerances(data: bytes, name: str, layout: Layout) -> list[Tolerance]:
    used = []
    if layout.delimiter == SEMICOLON:
        used.append(Tolerance("DELIMITER_SEMICOLON", name, "Cells were divided by semicolons."))
    if layout.headings.place:
        used.append(
            Tolerance(
                "TITLE_ROWS",
                name,
                f"The headings were found in row {layout.headings.place + 1}; "
                "the rows above them were left out.",
                layout.headings.place,
            )
        )
    if not data.endswith((b"\n", b"\r")):
        used.append(
            Tolerance(
                "LAST_LINE_OPEN",
                name,
                "The last line does not end: check that the file arrived whole.",
            )
        )
    return used


def fast_sheet(data: bytes, name: str, layout: Layout, limits: Limits) -> Sheet | None:
    """Return the sheet of a file in which nothing could be misread; None for any other.

    Such a file has its headings in row 1, no empty line before its end, quotation marks only
    where cells begin and end, no line end inside a cell and the same width throughout.
    """
    if layout.headings.place or _may_mislead(data, layout.delimiter):
        return None
    width = len(layout.headings.cells)
    try:
        cells = pa_csv.read_csv(
            io.BytesIO(data),
            read_options=pa_csv.ReadOptions(
                use_threads=False,
                skip_rows=1,
                column_names=[str(place) for place in range(width)],
                block_size=1 << 24,
            ),
            parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types={str(place): pa.string() for place in range(width)},
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if width == 1 or cells.num_rows > limits.rows or _has_odd_cell(cells, data):
        return None
    return Sheet(name, layout.headings.cells, cells, row_numbers(2, cells.num_rows))


def row_numbers(first: int, count: int) -> RowNumbers:
    """Return row numbers from `first` on."""
    return np.arange(first, first + count, dtype=np.int32)


def _may_mislead(body: bytes, delimiter: str) -> bool:
    if b"\n\n" in body or b"\n\r" in body or body.count(b"\r") != body.count(b"\r\n"):
        return True
    marks = body.count(_QUOTE)
    if not marks:
        return False
    d = delimiter.encode()
    opening = body.count(d + _QUOTE) + body.count(b"\n" + _QUOTE) + body.startswith(_QUOTE)
    closing = (
        body.count(_QUOTE + d)
        + body.count(_QUOTE + b"\n")
        + body.count(_QUOTE + b"\r")
        + body.endswith(_QUOTE)
    )
    return opening != closing or opening + closing != marks


def _has_odd_cell(cells: pa.Table, body: bytes) -> bool:
    """Return whether a quotation mark or line end is left in a cell: quoting was not plain."""
    if _QUOTE not in body:
        return False
    return any(len(matching(column, '["\r\n]')) for column in cells.columns)


def strict_sheet(data: bytes, name: str, layout: Layout, limits: Limits) -> Sheet:
    """Return the sheet of any well-formed file, row by row.

    Raises:
        UnreadableError: the first row that is not as wide as the headings, a quotation mark that
            is not closed, a cell too long, too many rows.
    """
    text = data.decode("utf-8")
    width = len(layout.headings.cells)
    columns: list[list[str]] = [[] for _ in range(width)]
    numbers: list[int] = []
    blank = 0
    for number, row, is_last in _numbered(text, name, layout, limits):
        if len(row) != width:
            if "".join(row).strip():
                raise _wrong_width(name, number, width, len(row), is_last=is_last)
            blank += 1
            continue
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
        numbers.append(number)
    cells = pa.Table.from_arrays(
        [texts(column) for column in columns], names=[str(place) for place in range(width)]
    )
    blank_rows = Tolerance("BLANK_ROWS", name, "Rows without any value were left out.", blank)
    rows = np.asarray(numbers, dtype=np.int32)
    return Sheet(
        name, layout.headings.cells, cells, rows, tolerances=(blank_rows,) if blank else ()
    )


def _numbered(
    text: str, name: str, layout: Layout, limits: Limits
) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the rows below the headings: number, cells, and whether the file ends in that row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
    last_line = 0
    open_line = 0 if text.endswith(("\n", "\r")) else len(_lines(text))
    try:
        for number, row in enumerate(reader, start=1):
            last_line = reader.line_num
            if number > limits.rows + layout.headings.place + 1:
                raise too_many_rows(name, limits)
            if number > layout.headings.place + 1:
                yield number, row, last_line == open_line
    except csv.Error as error:
        line = _lines(text)[last_line]
        if len(line) > limits.cell_characters and '"' not in line:
            raise cell_too_long(name, last_line + 1, limits) from error
        raise _badly_quoted(text, name, last_line, layout.delimiter) from error


def too_many_columns(name: str, found: int, limits: Limits) -> UnreadableError:
    """Return the error for a table wider than any return."""
    return UnreadableError(
        "TOO_MANY_COLUMNS",
        f"{name}: too many columns (at most {limits.columns}, found {found}). "
        "Send only the columns of the return.",
    )


def too_many_rows(name: str, limits: Limits) -> UnreadableError:
    """Return the error for a table longer than any authority's."""
    return UnreadableError(
        "TOO_MANY_ROWS",
        f"{name}: too many rows (at most {limits.rows:,}). Send only the rows of this quarter.",
    )


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def _wrong_width(
    name: str, number: int, width: int, found: int, *, is_last: bool
) -> UnreadableError:
    if is_last and found < width:
        return UnreadableError(
            "CSV_TRUNCATED",
            f"{name}: the file is cut short in row {number} (last whole row {number - 1}). "
            "Send it again.",
            row=number,
        )
    return UnreadableError(
        "ROW_WIDTH",
        f"{name}, row {number}: not as wide as the headings (needs {width} cells, found {found}). "
        "Look for a comma too many or too few, and send the file again.",
        row=number,
    )


def _badly_quoted(text: str, name: str, last_line: int, delimiter: str) -> UnreadableError:
    """Return the error for a row that cannot be taken apart, by the line where a mark opened."""
    record = "".join(_lines(text)[last_line:])[:_LONGEST_RECORD]
    line = last_line + 1 + _lines_before_open_quote(record, delimiter)
    return UnreadableError(
        "CSV_QUOTE",
        f"{name}, line {line}: a quotation mark is opened and not closed as it should be. "
        "Close it or take it out, and send the file again.",
        row=line,
    )


def _lines_before_open_quote(record: str, delimiter: str) -> int:
    """Return how many lines a record runs before the mark that is not closed properly opens."""
    opened = 0
    at_start, inside = True, False
    previous = ""
    for place, character in enumerate(record):
        if inside:
            inside = character != '"'
            at_start = False
        elif character == '"' and (at_start or previous == '"'):
            opened, inside = (place, True) if at_start else (opened, True)
        elif previous == '"' and not at_start and character not in (delimiter, "\r", "\n"):
            break
        else:
            at_start = character in (delimiter, "\r", "\n")
        previous = character
    head = record[:opened]
    return head.count("\n") + head.count("\r") - head.count("\r\n")
