"""A return read: every file into its tables, every table into types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pandas import DataFrame

from schemas.authorities import authority_named, joint_lead
from schemas.errors import UnreadableError
from schemas.limits import Limits
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import ReadReturn, Tolerance
from schemas.submission import TABLES_DIVIDED_BY, WHOLE_RETURN
from schemas.table import IN_WORKBOOKS, Form, Return, Table
from tasks.read.arrow import texts
from tasks.read.csv_set import csv_sheet
from tasks.read.dates import SSDA903_FORMS
from tasks.read.headings import HeadingRow, TableHeadings, named
from tasks.read.kinds import Kind, head_of, kind_of
from tasks.read.sheet import SentTable, Sheet, check_texts, sent_table
from tasks.read.survey import survey_sheet, survey_table, without_blank_forms
from tasks.read.typed import TypedTable, empty_rows, typed_table
from tasks.read.unread import findings_frame
from tasks.read.workbook import as_sheet, matched, sheet_tolerances, workbook_of
from tasks.read.xml_cin import cin_file
from tasks.read.xml_ssda903 import ssda903_tables
from tasks.read.xml_tree import no_rows

_LA_CODE = "la_code"
_CODE = re.compile(r"[0-9]{3}|[A-Z][0-9]{8}")


@dataclass(frozen=True)
class FileToRead:
    """One file of a submission.

    Attributes:
        name: as dropped, safe to print.
        path: where its bytes lie.
        part: table name for a CSV of a set or a single-table return, `whole` for a whole return.
    """

    name: str
    path: Path
    part: str


@dataclass(frozen=True)
class _Contents:
    """What one file holds: its tables, and what it says of itself."""

    tables: tuple[SentTable, ...]
    old_la_codes: tuple[str, ...] = ()
    year: str | None = None


@dataclass(frozen=True)
class _Placed:
    """A typed table, the text it came from and the file it came in."""

    sent: SentTable
    typed: TypedTable
    contents: _Contents = field(repr=False)


def read_return(
    return_name: str, files: Sequence[FileToRead], quarter: Quarter, *, limits: Limits
) -> ReadReturn:
    """Return one submission's rows, typed, in the order in which they were sent.

    Raises:
        UnreadableError: a file cannot be read at all; its words name the file.
    """
    declared = RETURNS[return_name]
    contents = [_contents(declared, file, quarter, limits) for file in files]
    placed = [
        _Placed(sent, _typed(sent, place, quarter, declared), content)
        for place, content in enumerate(contents)
        for sent in content.tables
    ]
    _check_parts(placed)
    _check_rows(declared, placed)
    by_name = {one.sent.table.name: one for one in placed}
    old_codes = {code for content in contents for code in content.old_la_codes}
    joint = joint_lead(old_codes, quarter) if len(old_codes) > 1 else None
    return ReadReturn(
        return_name=return_name,
        frames={t.name: _frame(t, by_name) for t in declared.tables},
        raw={t.name: _raw(t, by_name) for t in declared.tables},
        sent=frozenset(by_name),
        files=tuple(file.name for file in files),
        findings=findings_frame([one.typed.findings for one in placed]),
        tolerances=(
            *_joint_tolerances(joint, files),
            *(
                used
                for one in placed
                for used in (*one.typed.tolerances, *_not_collected(one.sent, quarter))
            ),
        ),
        old_la_code=joint or _only(old_codes, files),
        la_code=_only(_la_codes(placed), files),
        claimed_year=_year(contents),
        unread={one.sent.table.name: one.typed.unread for one in placed if one.typed.unread},
    )


def _contents(declared: Return, file: FileToRead, quarter: Quarter, limits: Limits) -> _Contents:
    """Return what a file holds, read in the form its first bytes say it is in."""
    year = quarter.collection_year
    kind = kind_of(head_of(file.path))
    if kind is Kind.ZIP and not IN_WORKBOOKS.isdisjoint(declared.forms):
        return _Contents(_sheets(declared, file, year, limits))
    if kind is Kind.XML and Form.XML in declared.forms:
        return _WHOLE_FILES[declared.name](file, limits)
    if kind is Kind.TEXT and file.part != WHOLE_RETURN:
        if declared.comes_from_surveys:
            return _Contents(_forms(declared, file, year, limits))
        known = named(declared.name, file.part)
        sheet = csv_sheet(file.path, file.name, known, limits)
        if Form.CSV_SET in declared.forms:
            sheet = replace(sheet, date_forms=SSDA903_FORMS)
        return _Contents((sent_table(sheet, known, year),))
    raise UnreadableError(
        "TYPE_UNSUPPORTED",
        f"{file.name}: {declared.title} is not taken as {kind} (needs "
        f"{' or '.join(declared.forms)}). Send it in that form.",
    )


def _forms(declared: Return, file: FileToRead, year: int, limits: Limits) -> tuple[SentTable, ...]:
    """Return the forms in one survey's export: one, or several whose questions are all there."""
    known = [named(declared.name, name) for name in file.part.split(TABLES_DIVIDED_BY)]
    sheet = csv_sheet(file.path, file.name, known[0], limits)
    return tuple(_form(sheet, each, known, year) for each in known)


def _form(
    sheet: Sheet, known: TableHeadings, others: Sequence[TableHeadings], year: int
) -> SentTable:
    sheet = survey_sheet(sheet, known)
    foreign = [each for each in others if each is not known]
    kept = [
        at
        for at, heading in enumerate(sheet.headings)
        if known.plain(heading) in known.columns
        or not any(each.plain(heading) in each.columns for each in foreign)
    ]
    own = replace(
        sheet,
        headings=tuple(sheet.headings[at] for at in kept),
        cells=sheet.cells.select(kept),
    )
    sent = survey_table(sent_table(own, known, year))
    return without_blank_forms(sent) if foreign else sent


def _sheets(declared: Return, file: FileToRead, year: int, limits: Limits) -> tuple[SentTable, ...]:
    """Return the tables in a workbook, one for each sheet whose headings were found."""
    workbook = workbook_of(file.path, file.name, most_rows=None, limits=limits)
    tables = [named(declared.name, table.name) for table in declared.tables]
    found = matched(workbook, tables, limits)
    sent = [_sent(as_sheet(workbook, sheet, row), row, year) for sheet, row in found.values()]
    unused = sheet_tolerances(workbook, [sheet.name for sheet, _ in found.values()])
    return (replace(sent[0], tolerances=(*unused, *sent[0].tolerances)), *sent[1:])


def _sent(sheet: Sheet, row: HeadingRow, year: int) -> SentTable:
    if row.table.found_in.comes_from_surveys:
        return _form(sheet, row.table, (row.table, *row.also), year)
    return sent_table(sheet, row.table, year)


def _census(file: FileToRead, limits: Limits) -> _Contents:
    census = cin_file(file.path, file.name, limits=limits)
    return _Contents(census.tables, census.old_la_codes, census.year)


def _looked_after(file: FileToRead, limits: Limits) -> _Contents:
    return _Contents(ssda903_tables(file.path, file.name, limits=limits))


_WHOLE_FILES: dict[str, Callable[[FileToRead, Limits], _Contents]] = {
    "cin_census": _census,
    "ssda903": _looked_after,
}


def _typed(sent: SentTable, place: int, quarter: Quarter, declared: Return) -> TypedTable:
    check_texts(sent)
    typed = typed_table(
        sent, file=place, year=quarter.collection_year, sets_aside=not declared.is_monitoring_only
    )
    return _with_codes(sent, typed, quarter) if _LA_CODE in typed.rows else typed


def _with_codes(sent: SentTable, typed: TypedTable, quarter: Quarter) -> TypedTable:
    """Return the table with the authority's code where its name or its other code was sent."""
    sent_as = typed.rows[_LA_CODE]
    named = {text: authority_named(str(text), quarter.start) for text in sent_as.dropna().unique()}
    renamed = {text: code for text, code in named.items() if code and code != text}
    if not renamed:
        return typed
    words = "The authority's name or other code was read as its nine-character code."
    used = Tolerance("AUTHORITY_SPELLING", sent.name, words, int(sent_as.isin(renamed).sum()))
    return replace(
        typed,
        rows=typed.rows.assign(**{_LA_CODE: sent_as.replace(renamed)}),
        tolerances=(*typed.tolerances, used),
    )


def _check_parts(placed: Sequence[_Placed]) -> None:
    """Refuse two files that both claim to be the same table."""
    files: dict[str, str] = {}
    for one in placed:
        other = files.setdefault(one.sent.table.name, one.sent.name)
        if other != one.sent.name:
            raise UnreadableError(
                "PART_DUPLICATE",
                f"{one.sent.name} and {other} both hold {one.sent.table.name}, so it is not clear "
                "which one counts. Send one of them.",
            )


def _check_rows(declared: Return, placed: Sequence[_Placed]) -> None:
    """Refuse a table that must have rows, has none and does not say that this is meant."""
    for one in placed:
        is_nil = any(used.code == "NIL_RETURN" for used in one.typed.tolerances)
        if declared[one.sent.table.name].required and not len(one.sent.rows) and not is_nil:
            raise no_rows(one.sent.name)


def _not_collected(sent: SentTable, quarter: Quarter) -> list[Tolerance]:
    """Return what is to be said of rows in a table the collection year does not ask for."""
    if sent.table.holds_in(quarter.collection_year) or not len(sent.rows):
        return []
    words = f"{sent.table.sent_as} is not collected in this year; its rows were read all the same."
    return [Tolerance("TABLE_NOT_COLLECTED", sent.name, words, len(sent.rows))]


def _frame(table: Table, placed: Mapping[str, _Placed]) -> DataFrame:
    return placed[table.name].typed.rows if table.name in placed else empty_rows(table)


def _raw(table: Table, placed: Mapping[str, _Placed]) -> pa.Table:
    if table.name in placed:
        return placed[table.name].sent.raw
    names = [column.name for column in table.columns]
    return pa.Table.from_arrays([texts([]) for _ in names], names=names)


def _la_codes(placed: Sequence[_Placed]) -> set[str]:
    return {
        str(code)
        for one in placed
        if _LA_CODE in one.typed.rows
        for code in pd.unique(one.typed.rows[_LA_CODE].dropna())
    }


def _joint_tolerances(lead: str | None, files: Sequence[FileToRead]) -> tuple[Tolerance, ...]:
    if lead is None:
        return ()
    words = f"The return speaks for two authorities, registered as joint; it counts under {lead}."
    return (Tolerance("JOINT_RETURN", files[0].name, words),)


def _only(codes: set[str], files: Sequence[FileToRead]) -> str | None:
    """Return the one authority a return speaks for; None when it names none.

    Raises:
        UnreadableError: it speaks for several that are not registered as joint.
    """
    if len(codes) > 1:
        raise UnreadableError(
            "JOINT_RETURN_UNKNOWN",
            f"{', '.join(file.name for file in files)}: speaks for {len(codes)} authorities "
            f"({', '.join(sorted(filter(_CODE.fullmatch, codes)))}), which are not registered as "
            "joint for the quarter. Send one return for each.",
        )
    return next(iter(codes), None)


def _year(contents: Sequence[_Contents]) -> int | None:
    years = [content.year for content in contents if content.year]
    return int(years[0]) if years and years[0].isascii() and years[0].isdigit() else None
