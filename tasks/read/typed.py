"""Text into types: dates, numbers, yes and no, spellings; what is none becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series
from pandas.api.extensions import ExtensionArray

from schemas.rows import FINDING_COLUMNS, SOURCE_FILE, SOURCE_ROW, Tolerance
from schemas.spellings import YES_NO, concept_of, plain, spellings, standard_of
from schemas.submission import Reach, Severity
from schemas.table import Column, Table
from tasks.read.arrow import EDGES, Places, Texts, encoded, stripped, taken, texts
from tasks.read.dates import DateForm, dates_read
from tasks.read.sheet import SentTable

_STR = pd.StringDtype("pyarrow", na_value=np.nan)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}(?:\.0{1,15})?")
_WORDS = {
    "DATE_INVALID": "is not a date that exists, written as {form}. Correct the date.",
    "DATE_AMBIGUOUS": "is written in another form than the rest of its column (needs {form}), so "
    "it is not certain which day is meant. Write the whole column in one form.",
    "NUMBER_INVALID": "is not a number. Write digits alone, with a point for decimals.",
    "VALUE_INVALID": "is neither yes nor no. Write 1 for yes or 0 for no.",
}


@dataclass(frozen=True)
class TypedTable:
    """The rows of one table with types, and what could not be read.

    Attributes:
        rows: declared columns, then source_file and source_row.
        findings: `FINDING_COLUMNS`.
        tolerances: departures understood while reading text.
    """

    rows: DataFrame
    findings: DataFrame
    tolerances: tuple[Tolerance, ...]


@dataclass(frozen=True)
class _Writing:
    """How a file writes: year of its codes, declared forms of dates, where days count from."""

    year: int
    dates: tuple[DateForm, ...]
    counts_from_1904: bool = False


@dataclass(frozen=True)
class _Distinct:
    """Distinct texts of a column, edges stripped, and each row's place among them (-1: none)."""

    texts: list[str]
    places: Places


@dataclass(frozen=True)
class _Typed:
    """One column with its type, the places of bad texts by code, and departures understood."""

    values: ExtensionArray | np.typing.NDArray[np.generic]
    bad: dict[str, Places]
    tolerances: tuple[tuple[str, str, int], ...] = ()
    form: DateForm | None = None


def typed_table(sent: SentTable, *, file: int, year: int) -> TypedTable:
    """Return one table's rows with types, in the order they were sent.

    Args:
        sent: the rows as text.
        file: place of the file among those of the submission.
        year: collection year, for codes that change.
    """
    writing = _Writing(year, sent.date_forms, sent.counts_from_1904)
    read = {
        column.name: _typed(column, sent.text(column.name), writing)
        for column in sent.table.columns
    }
    rows = DataFrame({name: Series(typed.values, copy=False) for name, typed in read.items()})
    rows[SOURCE_FILE] = np.full(len(sent.rows), file, dtype=np.int16)
    rows[SOURCE_ROW] = sent.rows
    findings = [
        _findings(sent, sent.table[name], code, places, typed.form)
        for name, typed in read.items()
        for code, places in typed.bad.items()
    ]
    used = tuple(
        Tolerance(code, sent.name, f"{sent.table[name].sent_as}: {words}", count)
        for name, typed in read.items()
        for code, words, count in typed.tolerances
    )
    return TypedTable(rows, findings_frame(findings), (*sent.tolerances, *used))


def findings_frame(parts: Sequence[DataFrame]) -> DataFrame:
    """Return findings one below the other, with every column also when there are none."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return DataFrame({name: Series(dtype=_finding_type(name)) for name in FINDING_COLUMNS})
    return pd.concat(filled, ignore_index=True)


def _finding_type(name: str) -> str:
    return "Int64" if name in ("row", "position") else "str"


def _findings(
    sent: SentTable,
    column: Column,
    code: str,
    places: Places,
    form: DateForm | None,
) -> DataFrame:
    heading = column.sent_as or column.name
    found = taken(sent.raw.column(column.name), places)
    frame = DataFrame(
        {
            "file": sent.name,
            "place": sent.place,
            "row": sent.rows[places],
            "field": heading,
            "code": code,
            "severity": Severity.ERROR.value,
            "reach": Reach.RECORD.value,
            "words": f"{heading} {_WORDS[code].format(form=form)}",
            "found": found.to_pylist(),
            "table": sent.table.name,
            "position": places,
        }
    )
    return frame.astype({name: _finding_type(name) for name in FINDING_COLUMNS})


def empty_rows(table: Table) -> DataFrame:
    """Return the frame of a table that was not sent: every column, typed, and no rows."""
    none = texts([])
    columns = {
        column.name: Series(_typed(column, none, _Writing(0, (DateForm.ISO,))).values)
        for column in table.columns
    }
    rows = DataFrame(columns)
    rows[SOURCE_FILE] = np.array([], dtype=np.int16)
    rows[SOURCE_ROW] = np.array([], dtype=np.int32)
    return rows


def _typed(column: Column, raw: Texts, writing: _Writing) -> _Typed:
    if pa.types.is_string(column.type):
        return _spelled(column, raw, writing.year) if concept_of(column) else _text(raw)
    distinct = _distinct(raw)
    if pa.types.is_date(column.type):
        return _dates(distinct, writing)
    if pa.types.is_boolean(column.type):
        return _booleans(distinct)
    return _numbers(distinct, _WHOLE if pa.types.is_integer(column.type) else _NUMBER)


def _as_str(column: Texts) -> ExtensionArray:
    # The stubs do not know that pandas wraps Arrow text without copying it.
    wrap: Any = pd.arrays.ArrowStringArray
    values: ExtensionArray = wrap(column.cast(pa.large_string()), dtype=_STR)
    return values


def _text(raw: Texts) -> _Typed:
    return _Typed(_as_str(stripped(raw)), {})


def _distinct(raw: Texts) -> _Distinct:
    distinct, places = encoded(raw)
    clean = [text.strip(EDGES) for text in distinct]
    blank = np.array([*(not text for text in clean), True], dtype=bool)
    return _Distinct(clean, np.where(blank[places], -1, places))


def _taken(
    distinct: _Distinct, values: np.typing.NDArray[np.generic], missing: object
) -> np.typing.NDArray[np.generic]:
    """Return each row's value out of those of the distinct texts."""
    return np.append(values, np.array([missing], dtype=values.dtype))[distinct.places]


def _bad(distinct: _Distinct, is_bad: Sequence[bool]) -> Places:
    """Return the rows whose text is bad."""
    flags = np.array([*is_bad, False], dtype=bool)
    return np.flatnonzero(flags[distinct.places] & (distinct.places >= 0))


def _dates(distinct: _Distinct, writing: _Writing) -> _Typed:
    kept = [place for place, text in enumerate(distinct.texts) if text]
    read = dates_read(
        [distinct.texts[place] for place in kept],
        writing.dates,
        counts_from_1904=writing.counts_from_1904,
    )
    days: list[date | None] = [None] * len(distinct.texts)
    ambiguous = [False] * len(distinct.texts)
    for position, place in enumerate(kept):
        days[place] = read.dates[position]
        ambiguous[place] = position in read.ambiguous
    values = _taken(distinct, np.array(days, dtype="datetime64[s]"), np.datetime64("NaT"))
    invalid = [
        bool(text) and day is None and not odd
        for text, day, odd in zip(distinct.texts, days, ambiguous, strict=True)
    ]
    bad = {"DATE_INVALID": _bad(distinct, invalid), "DATE_AMBIGUOUS": _bad(distinct, ambiguous)}
    forms = _form_tolerances(read.form, writing.dates, distinct)
    return _Typed(values, _met(bad), forms, read.form)


def _form_tolerances(
    form: DateForm, declared: tuple[DateForm, ...], distinct: _Distinct
) -> tuple[tuple[str, str, int], ...]:
    if form in declared:
        return ()
    words = f"the whole column was read as {form} and not as {' or '.join(declared)}."
    return (("DATE_FORM", words, int((distinct.places >= 0).sum())),)


def _met(
    bad: dict[str, Places],
) -> dict[str, Places]:
    return {code: places for code, places in bad.items() if len(places)}


def _numbers(distinct: _Distinct, shape: re.Pattern[str]) -> _Typed:
    is_number = [shape.fullmatch(text) is not None for text in distinct.texts]
    numbers = np.array(
        [
            float(text) if fits else np.nan
            for text, fits in zip(distinct.texts, is_number, strict=True)
        ],
        dtype=np.float64,
    )
    bad = {"NUMBER_INVALID": _bad(distinct, [not fits for fits in is_number])}
    return _Typed(_taken(distinct, numbers, np.nan), _met(bad))


def _booleans(distinct: _Distinct) -> _Typed:
    known = spellings(YES_NO)
    meant = [known.get(plain(text), ("",))[0] for text in distinct.texts]
    answers = np.array([answer == "1" for answer in meant], dtype=bool)
    missing = np.array([answer == "" for answer in meant], dtype=bool)
    values = pd.arrays.BooleanArray(
        _taken(distinct, answers, False).astype(bool), _taken(distinct, missing, True).astype(bool)
    )
    unknown = [
        bool(text) and answer == "" for text, answer in zip(distinct.texts, meant, strict=True)
    ]
    return _Typed(values, _met({"VALUE_INVALID": _bad(distinct, unknown)}))


def _spelled(column: Column, raw: Texts, year: int) -> _Typed:
    """Return a coded column with the spellings of its concept brought to codes of the year."""
    distinct = _distinct(raw)
    meant = [standard_of(column, text, year) if text else None for text in distinct.texts]
    count = len(_bad(distinct, [code is not None for code in meant]))
    if not count:
        return _text(raw)
    codes = texts([code or text for code, text in zip(meant, distinct.texts, strict=True)])
    spelling = ("SPELLING", "spellings were read as the codes they stand for.", count)
    return _Typed(_as_str(taken(codes, distinct.places)), {}, (spelling,))
