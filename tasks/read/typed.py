"""Text into types: dates, numbers, yes and no, spellings; what is none becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series
from pandas.api.extensions import ExtensionArray

from schemas.identifiers import (
    CHILD_COLUMNS,
    DECIMAL_TAIL,
    UNUSUAL,
    normal_identifier,
    text_inside,
)
from schemas.rows import SOURCE_FILE, SOURCE_ROW, Tolerance, Unread
from schemas.table import AtRest, Column, Table
from schemas.tolerances import CELL_TOLERANCES, ERROR_VALUES
from tasks.read.arrow import (
    EDGES,
    Texts,
    encoded,
    holds_only,
    matching,
    stripped,
    taken,
    texts,
)
from tasks.read.cells import (
    SPACES,
    CellTexts,
    Distinct,
    Understood,
    understood,
    words_for_nothing,
)
from tasks.read.code_shapes import UNKNOWN, answer_meant, code_meant
from tasks.read.dates import CSV_FORMS, WORKBOOK_FORMS, DateForm, DatesRead, dates_read, is_date
from tasks.read.sheet import SentTable
from tasks.read.unread import (
    LOOKS_POINTED,
    UnreadCells,
    findings_frame,
    number_looks,
    unread,
    unread_findings,
)

_STR = pd.StringDtype("pyarrow", na_value=np.nan)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")

_UNITS = re.compile(
    r"([0-9]{1,3})(?![0-9])(?:\.[0-9]{1,15}(?![0-9]))?\s*"
    r"(?:(?:y|yr|yrs|year|years)(?:\s+old)?\.?|\.(?![0-9]))?"
    r"[\s,]*(?:(?:and\s+)?[0-9]{1,2}\s*(?:m|mth|mths|month|months)\.?)?",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"([0-9]{1,3})(?:\.[0-9]{1,15})?\s*(?:mth|mths|month|months)(?:\s+old)?\.?", re.IGNORECASE
)
_MONTHS_OF_YEAR = 12
_NO_ID = (
    rf"^(?:\\N|{'|'.join(map(re.escape, sorted(ERROR_VALUES)))})$"
    r"|^(?i:null|n/a|\(blank\)|\(empty\))$"
)
"""Texts that are never a child's identifier; `NA` and `nan` may be one."""

_LONGEST_MARK = 13
"""Characters of the longest number or mark without codes: a unique pupil number."""


@dataclass(frozen=True)
class TypedTable:
    """The rows of one table with types, and what could not be read.

    Attributes:
        rows: declared columns, then source_file and source_row.
        findings: `FINDING_COLUMNS`.
        tolerances: departures understood while reading text.
        unread: cells left empty because they could not be read.
    """

    rows: DataFrame
    findings: DataFrame
    tolerances: tuple[Tolerance, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class _Writing:
    """How a file writes: year of its codes, declared forms of dates, where days count from."""

    year: int
    dates: tuple[DateForm, ...] = CSV_FORMS
    counts_from_1904: bool = False
    has_semicolons: bool = False

    @property
    def is_workbook(self) -> bool:
        return self.dates == WORKBOOK_FORMS


@dataclass(frozen=True)
class _Typed:
    """One column with its type, cells that could not be read, and departures understood."""

    values: ExtensionArray | np.typing.NDArray[np.generic]
    unread: tuple[UnreadCells, ...] = ()
    tolerances: tuple[tuple[str, str, int], ...] = ()


def typed_table(sent: SentTable, *, file: int, year: int, sets_aside: bool) -> TypedTable:
    """Return one table's rows with types, in the order they were sent.

    Args:
        sent: the rows as text.
        file: place of the file among those of the submission.
        year: collection year, for codes that change.
        sets_aside: whether a row with a cell that cannot be read may be set aside.
    """
    writing = _writing(sent, year)
    read = {
        column.name: _typed(column, sent.text(column.name), writing)
        for column in sent.table.columns
    }
    rows = DataFrame({name: Series(typed.values, copy=False) for name, typed in read.items()})
    rows[SOURCE_FILE] = np.full(len(sent.rows), file, dtype=np.int16)
    rows[SOURCE_ROW] = sent.rows
    bad = [
        (sent.table[name], cells, unread(sent.table[name], cells, sets_aside=sets_aside))
        for name, typed in read.items()
        for cells in typed.unread
    ]
    findings = [unread_findings(sent, column, cells, left.reach) for column, cells, left in bad]
    return TypedTable(
        rows,
        findings_frame(findings),
        (*sent.tolerances, *_tolerances(sent, read)),
        tuple(left for _, _, left in bad),
    )


def _writing(sent: SentTable, year: int) -> _Writing:
    semicolons = any(used.code == "DELIMITER_SEMICOLON" for used in sent.tolerances)
    return _Writing(year, sent.date_forms, sent.counts_from_1904, semicolons)


def _tolerances(sent: SentTable, read: Mapping[str, _Typed]) -> list[Tolerance]:
    return [
        Tolerance(code, sent.name, f"{sent.table[name].sent_as}: {words}", count)
        for name, typed in read.items()
        for code, words, count in typed.tolerances
    ]


def empty_rows(table: Table) -> DataFrame:
    """Return the frame of a table that was not sent: every column, typed, and no rows."""
    none = texts([])
    columns = {
        column.name: Series(_typed(column, none, _Writing(0)).values) for column in table.columns
    }
    rows = DataFrame(columns)
    rows[SOURCE_FILE] = np.array([], dtype=np.int16)
    rows[SOURCE_ROW] = np.array([], dtype=np.int32)
    return rows


def _typed(column: Column, raw: Texts, writing: _Writing) -> _Typed:
    if column.name in CHILD_COLUMNS:
        return _identifiers(raw)
    if pa.types.is_string(column.type):
        return _worded(column, raw, writing)
    distinct = _distinct(raw)
    if pa.types.is_date(column.type):
        return _dates(column, distinct, writing)
    if pa.types.is_boolean(column.type):
        return _booleans(column, distinct, writing)
    if column.counts_completed:
        return _completed(column, distinct, writing)
    return _numbers(column, distinct, writing)


def _worded(column: Column, raw: Texts, writing: _Writing) -> _Typed:
    """Return a column of text: identifiers and free text as sent, codes and others understood."""
    clean = stripped(raw)
    if column.codes:
        codes = frozenset(code.value for code in column.codes)
        return (
            _Typed(_as_str(clean)) if holds_only(clean, codes) else _coded(column, clean, writing)
        )
    if not _is_short(column) or not len(matching(clean, _odd_text())):
        return _Typed(_as_str(clean))
    return _other_text(column, clean, writing)


def _is_short(column: Column) -> bool:
    """Return whether a column without codes holds a number or mark; else its text is as written."""
    longest = column.max_length or _LONGEST_MARK + 1
    is_mark = column.name.endswith("_urn") or longest <= _LONGEST_MARK
    return is_mark and not column.name.endswith("_id")


def _as_str(column: Texts) -> ExtensionArray:
    # The stubs do not know that pandas wraps Arrow text without copying it.
    wrap: Any = pd.arrays.ArrowStringArray
    values: ExtensionArray = wrap(column.cast(pa.large_string()), dtype=_STR)
    return values


@cache
def _odd_text() -> str:
    """Return the pattern of texts in a column without codes that do not say what they show."""
    between = "[^a-zA-Z0-9]*"
    words = "|".join(between.join(word) for word in sorted(words_for_nothing(in_codes=True)))
    whole = rf'=".*"|[+-]?[0-9]+\.0+|#[A-Z0-9/_]+[!?]?|\\N|-+|{between}(?:{words}){between}'
    return rf"(?i)^(?:{whole})$|^[{SPACES}]|[{SPACES}]$"


def _other_text(column: Column, clean: Texts, writing: _Writing) -> _Typed:
    is_odd = re.compile(_odd_text()).search
    cells = _cells(column, writing, is_right=lambda text: is_odd(text) is None)
    read = understood(_distinct(clean), cells)
    values = _as_str(taken(texts(read.distinct.texts), read.distinct.places))
    return _Typed(values, _errors(read), _used(read))


def _coded(column: Column, clean: Texts, writing: _Writing) -> _Typed:
    """Return a coded column with spellings brought to codes of the year; a code always wins."""
    codes = {code.value for code in column.codes}
    meant = cache(lambda text: code_meant(column, text, writing.year))
    cells = _cells(column, writing, is_right=lambda text: text in codes or meant(text) != UNKNOWN)
    read = understood(_distinct(clean), cells)
    found = [meant(text) for text in read.distinct.texts]
    count = len(read.distinct.rows([each.code is not None for each in found]))
    values = [
        None if each.contradicts else each.code or text
        for each, text in zip(found, read.distinct.texts, strict=True)
    ]
    unclear = read.distinct.rows([each.contradicts for each in found])
    bad = (UnreadCells("CODE_CONTRADICTS", unclear),) if len(unclear) else ()
    used = (*_used(read), *_use("SPELLING", count))
    typed = _as_str(taken(texts(values), read.distinct.places))
    return _Typed(typed, (*_errors(read), *bad), used)


def _cells(column: Column, writing: _Writing, **more: Any) -> CellTexts:
    is_amount = "is_number" in more
    return CellTexts(
        words=words_for_nothing(in_codes=not is_amount),
        takes_dashes=not is_amount,
        is_money=column.name.endswith("_gbp"),
        is_kept=column.at_rest is not AtRest.DROPPED,
        is_workbook=writing.is_workbook,
        has_semicolons=writing.has_semicolons,
        **more,
    )


def _use(code: str, count: int) -> tuple[tuple[str, str, int], ...]:
    return ((code, CELL_TOLERANCES[code], count),) if count else ()


def _used(read: Understood) -> tuple[tuple[str, str, int], ...]:
    return tuple(each for code, count in read.used.items() for each in _use(code, count))


def _errors(read: Understood) -> tuple[UnreadCells, ...]:
    return (UnreadCells("ERROR_CELL", read.errors),) if len(read.errors) else ()


def _identifiers(raw: Texts) -> _Typed:
    """Return identifiers of children in the one form kept (schemas/identifiers.py).

    A decimal tail is taken off where the whole column has one: then a program put it there. A word
    for nothing is no child's, and is taken out before.
    """
    clean = stripped(raw)
    if not len(matching(clean, f"{UNUSUAL}|{_NO_ID}")):
        return _Typed(_as_str(clean))
    sent = _distinct(clean)
    is_none = [bool(re.search(_NO_ID, text_inside(text).strip())) for text in sent.texts]
    named = ["" if none else text for none, text in zip(is_none, sent.texts, strict=True)]
    distinct = Distinct(named, sent.places)
    normal = [normal_identifier(text) for text in distinct.texts]
    tails = [DECIMAL_TAIL.fullmatch(text) for text in normal if text]
    whole = [tail[1] for tail in tails if tail] if all(tails) else None
    forms = iter(whole or ())
    kept = [next(forms) if whole and text else text for text in normal]
    values = taken(texts([text or None for text in kept]), distinct.places)
    used = _use("NOTHING_WORD", len(sent.rows(is_none)))
    return _Typed(_as_str(values), (), (*used, *_id_tolerances(distinct, kept)))


def _id_tolerances(distinct: Distinct, kept: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    inside = [text_inside(text) for text in distinct.texts]
    plain = [normal_identifier(text) for text in inside]
    found = (
        (
            "ID_PROTECTED",
            'ids were read out of the signs around them, as in ="...".',
            [one != text for one, text in zip(inside, distinct.texts, strict=True)],
        ),
        (
            "ID_FORM",
            "ids were read in capitals and without spaces.",
            [one != text for one, text in zip(plain, inside, strict=True)],
        ),
        (
            "ID_DECIMALS",
            "ids were read without the decimals that every one had.",
            [one != text for one, text in zip(kept, plain, strict=True)],
        ),
    )
    counted = ((code, words, len(distinct.rows(changed))) for code, words, changed in found)
    return tuple(one for one in counted if one[2])


def _distinct(raw: Texts) -> Distinct:
    distinct, places = encoded(raw)
    clean = [text.strip(EDGES) for text in distinct]
    blank = np.array([*(not text for text in clean), True], dtype=bool)
    return Distinct(clean, np.where(blank[places], -1, places))


def _taken(
    distinct: Distinct, values: np.typing.NDArray[np.generic], missing: object
) -> np.typing.NDArray[np.generic]:
    """Return each row's value out of those of the distinct texts."""
    return np.append(values, np.array([missing], dtype=values.dtype))[distinct.places]


def _by_looks(
    code: str, distinct: Distinct, looks: Mapping[int, str], needed: str = ""
) -> tuple[UnreadCells, ...]:
    """Return the rows of bad texts, given by place with what each looks like, kind by kind."""
    return tuple(
        UnreadCells(code, rows, kind, needed)
        for kind in dict.fromkeys(looks.values())
        if len(rows := distinct.rows([looks.get(at) == kind for at in range(len(distinct.texts))]))
    )


def _dates(column: Column, distinct: Distinct, writing: _Writing) -> _Typed:
    read, known = _days(distinct, writing), Understood(distinct)
    if read.invalid:
        known = understood(distinct, _cells(column, writing, is_right=is_date))
        read = _days(known.distinct, writing)
    distinct = known.distinct
    days = np.array(read.dates, dtype="datetime64[s]")
    bad = (
        *_by_looks("DATE_INVALID", distinct, read.invalid, read.form),
        *_by_looks("DATE_AMBIGUOUS", distinct, read.ambiguous, read.form),
    )
    used = (*_used(known), *_date_tolerances(distinct, read, writing))
    return _Typed(_taken(distinct, days, np.datetime64("NaT")), (*_errors(known), *bad), used)


def _days(distinct: Distinct, writing: _Writing) -> DatesRead:
    return dates_read(distinct.texts, writing.dates, counts_from_1904=writing.counts_from_1904)


def _date_tolerances(
    distinct: Distinct, read: DatesRead, writing: _Writing
) -> tuple[tuple[str, str, int], ...]:
    is_declared = read.form in writing.dates
    other = [bool(day) and (not is_declared or at in read.written) for at, day in _placed(read)]
    timed = [at in read.timed for at, _ in _placed(read)]
    forms = ", ".join(sorted({*read.written.values()} or {str(read.form)}))
    needed = " or ".join(writing.dates)
    words = CELL_TOLERANCES["DATE_FORM"].format(forms=forms, needed=needed)
    count = len(distinct.rows(other))
    return (
        *((("DATE_FORM", words, count),) if count else ()),
        *_use("TIME_DROPPED", len(distinct.rows(timed))),
    )


def _placed(read: DatesRead) -> Sequence[tuple[int, object]]:
    return list(enumerate(read.dates))


def _numbers(column: Column, distinct: Distinct, writing: _Writing) -> _Typed:
    shape = _WHOLE if pa.types.is_integer(column.type) else _NUMBER
    cells = _cells(
        column, writing, is_right=lambda text: shape.fullmatch(text) is not None, is_number=True
    )
    read = understood(distinct, cells)
    fits = [
        bool(text) and cells.is_right(text) and place not in read.pointed
        for place, text in enumerate(read.distinct.texts)
    ]
    numbers = np.array(
        [
            float(text) if is_number else np.nan
            for text, is_number in zip(read.distinct.texts, fits, strict=True)
        ],
        dtype=np.float64,
    )
    looks = {
        place: LOOKS_POINTED if place in read.pointed else number_looks(text)
        for place, (text, is_number) in enumerate(zip(read.distinct.texts, fits, strict=True))
        if text and not is_number
    }
    bad = (*_errors(read), *_by_looks("NUMBER_INVALID", read.distinct, looks))
    return _Typed(_taken(read.distinct, numbers, np.nan), bad, _used(read))


def _completed(column: Column, distinct: Distinct, writing: _Writing) -> _Typed:
    """Return a column of whole units, of which a cell may give a fraction or name the unit."""
    whole = [_whole_years(text) for text in distinct.texts]
    spelled = [one != kept for one, kept in zip(whole, distinct.texts, strict=True)]
    typed = _numbers(column, Distinct(whole, distinct.places), writing)
    used = _use("YEARS_COMPLETED", len(distinct.rows(spelled)))
    return replace(typed, tolerances=(*typed.tolerances, *used))


def _whole_years(text: str) -> str:
    if months := _MONTHS.fullmatch(text):
        return str(int(months[1]) // _MONTHS_OF_YEAR)
    years = _UNITS.fullmatch(text)
    return years[1] if years else text


def _booleans(column: Column, distinct: Distinct, writing: _Writing) -> _Typed:
    answer_of = cache(answer_meant)
    cells = _cells(column, writing, is_right=lambda text: answer_of(text) != "")
    read = understood(distinct, cells)
    meant = [answer_of(text) for text in read.distinct.texts]
    answers = np.array([answer == "1" for answer in meant], dtype=bool)
    missing = np.array([answer == "" for answer in meant], dtype=bool)
    values = pd.arrays.BooleanArray(
        _taken(read.distinct, answers, False).astype(bool),
        _taken(read.distinct, missing, True).astype(bool),
    )
    looks = {
        place: ""
        for place, (text, answer) in enumerate(zip(read.distinct.texts, meant, strict=True))
        if text and answer == ""
    }
    bad = (*_errors(read), *_by_looks("VALUE_INVALID", read.distinct, looks))
    return _Typed(values, bad, _used(read))
