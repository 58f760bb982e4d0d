"""A table as it was sent, before anything is made of its text: the meeting point of all forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.errors import UnreadableError
from schemas.limits import Limits
from schemas.rows import Tolerance
from schemas.spellings import NIL, TOTAL, is_direct_identifier, plain, spellings
from schemas.table import AtRest, Column, Table
from tasks.read.arrow import Texts, absent, blank, longer_than, longest, matching, not_ascii
from tasks.read.dates import CSV_FORMS, DateForm
from tasks.read.headings import TableHeadings, header_not_found, known_shown, shown
from tasks.read.text import JOINING, control_character, is_plain_identifier

_LIKE_A_TOTAL = r"(?i)^\W*(grand|sub|over)?\W*(total|sum|all)"
RowNumbers: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Sheet:
    """One block of headings and rows of text, from a CSV file or a sheet of a workbook.

    Attributes:
        name: file name, for messages.
        headings: as sent, in order.
        cells: one text column per heading, named by its place; exactly as sent.
        rows: number of each row as the authority counts, headings and title rows included.
        place: name of the sheet; empty for CSV.
        tolerances: departures understood so far.
        date_forms: forms in which dates are declared to be written, the first preferred.
        counts_from_1904: whether day numbers count from 1904, as in some workbooks.
    """

    name: str
    headings: tuple[str, ...]
    cells: pa.Table
    rows: RowNumbers
    place: str = ""
    tolerances: tuple[Tolerance, ...] = ()
    date_forms: tuple[DateForm, ...] = CSV_FORMS
    counts_from_1904: bool = False


@dataclass(frozen=True)
class SentTable:
    """One declared table as it was sent.

    Attributes:
        table: the declaration.
        name: file name.
        raw: every declared column as Arrow text, exactly as sent; null where not sent.
        rows: number of each row as the authority counts; line of the element in XML.
        place: sheet or element; empty for CSV.
        tolerances: departures understood so far.
        date_forms: forms in which dates are declared to be written, the first preferred.
        counts_from_1904: whether day numbers count from 1904, as in some workbooks.
        unpacked: columns whose packed cells were split into a row for each code; `raw` repeats the
            packed cell in each of these rows.
    """

    table: Table
    name: str
    raw: pa.Table
    rows: RowNumbers
    place: str = ""
    tolerances: tuple[Tolerance, ...] = ()
    date_forms: tuple[DateForm, ...] = CSV_FORMS
    counts_from_1904: bool = False
    unpacked: Mapping[str, Texts] = field(default_factory=dict)

    def text(self, name: str) -> Texts:
        """Return the text of a column that is to be typed."""
        return self.unpacked.get(name, self.raw.column(name))


def sent_table(sheet: Sheet, known: TableHeadings, year: int) -> SentTable:
    """Return a sheet as the declared table its headings say it is.

    Raises:
        UnreadableError: headings missing, doubled or not allowed; a total row; a character that
            cannot be seen; values without a heading.
    """
    _check_headings(sheet, known, year)
    sheet = _without_blank_columns(_without_blank_rows(sheet))
    sheet = _nil_return(_without_repeated_headings(sheet, known))
    _check_totals(sheet)
    columns = {known.plain(heading): place for place, heading in enumerate(sheet.headings)}
    sent = {c.name: _sent(sheet, columns, c) for c in known.table.columns}
    raw = pa.Table.from_arrays(list(sent.values()), names=list(sent))
    used = (*sheet.tolerances, *_heading_tolerances(sheet, known, year))
    return SentTable(
        table=known.table,
        name=sheet.name,
        raw=raw,
        rows=sheet.rows,
        place=sheet.place,
        tolerances=used,
        date_forms=sheet.date_forms,
        counts_from_1904=sheet.counts_from_1904,
    )


def _sent(sheet: Sheet, columns: dict[str, int], column: Column) -> Texts:
    place = columns.get(plain(column.sent_as)) if column.sent_as is not None else None
    if place is None:
        return absent(sheet.cells.num_rows)
    return sheet.cells.column(place)


def _check_headings(sheet: Sheet, known: TableHeadings, year: int) -> None:
    there = [known.plain(heading) for heading in sheet.headings]
    doubled = [
        heading
        for heading, bare in zip(sheet.headings, there, strict=True)
        if bare and there.count(bare) > 1
    ]
    if doubled:
        raise UnreadableError(
            "HEADER_DUPLICATE",
            f"{sheet.name}: headings sent more than once: {known_shown(known, doubled)}. "
            "Send each column once.",
        )
    extra = [h for h in sheet.headings if known.plain(h) not in known.columns]
    identifying = [heading for heading in extra if is_direct_identifier(heading)]
    if identifying:
        raise identifier_not_allowed(sheet.name, identifying)
    needed = frozenset(h for h, column in known.columns.items() if column.is_needed_in(year))
    if not needed <= set(there):
        raise header_not_found(sheet.name, replace(known, needed=needed), sheet.headings)


def identifier_not_allowed(name: str, headings: Sequence[str]) -> UnreadableError:
    """Return the error for columns or elements that identify a person outright."""
    return UnreadableError(
        "IDENTIFIER_NOT_ALLOWED",
        f"{name}: holds {shown(headings)}, which may identify a person and must not be sent. "
        "Take it out and send the file again.",
    )


def _heading_tolerances(sheet: Sheet, known: TableHeadings, year: int) -> list[Tolerance]:
    sent = {heading: known.columns.get(known.plain(heading)) for heading in sheet.headings}
    extra = [heading for heading, column in sent.items() if column is None and plain(heading)]
    respelled = [h for h, column in sent.items() if column is not None and column.sent_as != h]
    late = [h for h, column in sent.items() if column is not None and not column.holds_in(year)]
    return [
        Tolerance(code, sheet.name, f"{words}: {shown(headings)}.", len(headings))
        for code, words, headings in (
            ("COLUMN_UNKNOWN", "Columns we do not know were not read", extra),
            ("HEADER_SPELLING", "Headings were read in spite of how they are spelled", respelled),
            ("COLUMN_NOT_COLLECTED", "Columns not collected this year were sent", late),
        )
        if headings
    ]


def check_lengths(sheet: Sheet, limits: Limits) -> None:
    """Refuse a cell longer than any cell can be.

    Raises:
        UnreadableError: CELL_TOO_LONG, with the row of the first.
    """
    for column in sheet.cells.columns:
        if longest(column) > limits.cell_characters:
            for place in longer_than(column, limits.cell_characters):
                raise cell_too_long(sheet.name, int(sheet.rows[place]), limits)


def cell_too_long(name: str, row: int, limits: Limits) -> UnreadableError:
    """Return the error for a cell that holds more than any cell can."""
    return UnreadableError(
        "CELL_TOO_LONG",
        f"{name}, row {row}: a cell is too long (at most {limits.cell_characters:,} characters). "
        "Shorten it, or look for a quotation mark that is not closed.",
        row=row,
    )


def _without_blank_rows(sheet: Sheet) -> Sheet:
    """Return the sheet without rows that hold nothing, which are counted."""
    empty = np.ones(sheet.cells.num_rows, dtype=bool)
    for column in sheet.cells.columns:
        empty &= blank(column)
        if not empty.any():
            return sheet
    used = Tolerance("BLANK_ROWS", sheet.name, "Empty rows were left out.", int(empty.sum()))
    return replace(
        sheet,
        cells=sheet.cells.filter(pa.array(~empty)),
        rows=sheet.rows[~empty],
        tolerances=(*sheet.tolerances, used),
    )


def _without_repeated_headings(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet without rows that are its headings again, as where exports were joined."""
    if not sheet.headings or not sheet.cells.num_rows:
        return sheet
    first = matching(sheet.cells.column(0), rf"(?i)^\s*{re.escape(sheet.headings[0].strip())}\s*$")
    again = np.ones(sheet.cells.num_rows, dtype=bool)
    again[[place for place in first if _is_heading_row(sheet, int(place), known)]] = False
    if again.all():
        return sheet
    count = int((~again).sum())
    used = Tolerance(
        "HEADER_REPEATED", sheet.name, "Rows that repeat the headings were left out.", count
    )
    return replace(
        sheet,
        cells=sheet.cells.filter(pa.array(again)),
        rows=sheet.rows[again],
        tolerances=(*sheet.tolerances, used),
    )


def _is_heading_row(sheet: Sheet, place: int, known: TableHeadings) -> bool:
    """Return whether every cell of a row says what its column is headed."""
    cells = (column[place].as_py() or "" for column in sheet.cells.columns)
    return all(
        known.plain(cell) == known.plain(heading)
        for cell, heading in zip(cells, sheet.headings, strict=True)
    )


def _without_blank_columns(sheet: Sheet) -> Sheet:
    """Return the sheet without columns that have neither heading nor value.

    Raises:
        UnreadableError: a column has values and no heading.
    """
    unnamed = [place for place, heading in enumerate(sheet.headings) if not plain(heading)]
    if not unnamed:
        return sheet
    if not all(blank(sheet.cells.column(place)).all() for place in unnamed):
        raise UnreadableError(
            "HEADER_BLANK",
            f"{sheet.name}: {len(unnamed)} columns have values but no heading. "
            "Give each column its heading, or take it out.",
        )
    kept = [place for place in range(len(sheet.headings)) if place not in unnamed]
    used = Tolerance("BLANK_COLUMNS", sheet.name, "Empty columns were left out.", len(unnamed))
    return replace(
        sheet,
        headings=tuple(sheet.headings[place] for place in kept),
        cells=sheet.cells.select(kept),
        tolerances=(*sheet.tolerances, used),
    )


def _nil_return(sheet: Sheet) -> Sheet:
    """Return the sheet without rows when its one row says, and only says, that there are none."""
    if sheet.cells.num_rows != 1:
        return sheet
    values = [cell for cell in sheet.cells.to_pylist()[0].values() if cell and cell.strip()]
    if len(values) != 1 or plain(values[0]) not in spellings(NIL):
        return sheet
    used = Tolerance("NIL_RETURN", sheet.name, "The file says that there is nothing to report.")
    return replace(
        sheet,
        cells=sheet.cells.slice(0, 0),
        rows=sheet.rows[:0],
        tolerances=(*sheet.tolerances, used),
    )


def _check_totals(sheet: Sheet) -> None:
    """Refuse a row that adds up the others; it names itself in the first column."""
    if not sheet.headings or not sheet.cells.num_rows:
        return
    first = sheet.cells.column(0)
    for place in matching(first, _LIKE_A_TOTAL):
        if plain(first[int(place)].as_py()) in spellings(TOTAL):
            row = int(sheet.rows[place])
            raise UnreadableError(
                "TOTAL_ROW",
                f"{sheet.name}, row {row}: a total among the rows. Take it out.",
                row=row,
            )


def check_texts(sent: SentTable) -> None:
    """Refuse an identifier that another spelling could pass for, and text that hides something.

    Raises:
        UnreadableError: CONTROL_CHARACTER, with the row of the first.
    """
    for column in sent.table.columns:
        texts = sent.raw.column(column.name)
        places = not_ascii(texts)
        is_fine = _FINE[column.at_rest]
        if column.name.endswith("_id"):
            places = np.union1d(places, matching(texts, r"[\t\r\n]"))
            is_fine = is_plain_identifier
        for place in places:
            if not is_fine(str(texts[int(place)].as_py())):
                raise control_character(sent.name, int(sent.rows[place]))


def _has_no_joiner(text: str) -> bool:
    return JOINING.search(text) is None


def _anything(_: str) -> bool:
    return True


_FINE: dict[AtRest, Callable[[str], bool]] = dict.fromkeys(AtRest, _has_no_joiner) | {
    AtRest.RESTRICTED: _anything
}
