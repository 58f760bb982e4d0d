"""From typed rows to rows at rest: pseudonyms for names, months for dates of birth, ages kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from expectations.dates import completed_years
from schemas.identifiers import NAMING_TABLE, alike_identifiers
from schemas.returns import RETURNS
from schemas.returns.child_ids import CENSUS_CHILD_ID
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY, SOURCE_FILE, SOURCE_ROW, ReadReturn
from schemas.table import AtRest, Column, Table
from tasks.training.coded import with_codes

Pseudonyms = Callable[[str, list[str]], Mapping[str, int]]
"""Domain and distinct identifiers to pseudonyms, for one authority and key."""

_BIRTH_TABLES = ("children", "cin_children")
_CHILD = "child_id"
_UNKNOWN = 0
_DOMAINS = {"participant_id": "participant", CENSUS_CHILD_ID: "child"}


def keyed(read: ReadReturn, pseudonyms: Pseudonyms) -> ReadReturn:
    """Return the rows with `child_key` alongside each child_id, so that joins run on integers."""
    frames = {
        name: frame.assign(**{CHILD_KEY: _mapped(frame[_CHILD], "child", pseudonyms)})
        if _CHILD in frame
        else frame
        for name, frame in read.frames.items()
    }
    return replace(read, frames=frames)


def _mapped(values: Series, domain: str, pseudonyms: Pseudonyms) -> np.ndarray:
    """Return the pseudonym of each value; each distinct value is worked out once."""
    codes, distinct = pd.factorize(values)
    known = pseudonyms(domain, [str(value) for value in distinct])
    table = np.array([*(known[str(value)] for value in distinct), _UNKNOWN], dtype="int64")
    found: np.ndarray = table[codes]
    return found


def _alikes(ids: Series, pseudonyms: Pseudonyms) -> np.ndarray:
    """Return the pseudonym of the form each identifier shares with those it may be confused with.

    The same domain as the identifier's own: one that needs no change has one pseudonym, not two.
    """
    codes, distinct = pd.factorize(ids)
    texts = alike_identifiers([str(value) for value in distinct])
    known = pseudonyms("child", list(dict.fromkeys(texts)))
    table = np.array([*(known[text] for text in texts), _UNKNOWN], dtype="int64")
    found: np.ndarray = table[codes]
    return found


def rows_at_rest(read: ReadReturn, pseudonyms: Pseudonyms) -> dict[str, pa.Table]:
    """Return, per table that has rows, what may rest in the warehouse.

    child_id becomes `child_key` and `birth_mark` (pseudonyms of the identifier, and of identifier
    with date of birth; 0 where unknown), dates of birth become months, dropped columns go. Where a
    date of birth is needed for an age, the age is worked out first. `source_row` stays, so that a
    finding can be traced. Of free text only the themes found in it stay (`restricted_at_rest`).
    """
    read = with_codes(read)
    births = _birth_dates(read)
    marks = _birth_marks(births, pseudonyms)
    declared = RETURNS[read.return_name].tables
    return {
        table.name: _table_at_rest(table, read.frames[table.name], births, marks, pseudonyms)
        for table in declared
        if len(read.frames[table.name])
    }


def restricted_at_rest(read: ReadReturn, pseudonyms: Pseudonyms) -> dict[str, pa.Table]:
    """Return, per table with free text in some row, what goes to the restricted store alone.

    The table's own pseudonyms and the way back to the row, then the texts as they were sent; rows
    without any text are left out.
    """
    declared = RETURNS[read.return_name].tables
    found = {table.name: _texts(table, with_codes(read).frames[table.name]) for table in declared}
    return {
        table.name: _restricted_table(table, found[table.name], pseudonyms)
        for table in declared
        if len(found[table.name])
    }


def _restricted(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.at_rest is AtRest.RESTRICTED]


def _texts(table: Table, frame: DataFrame) -> DataFrame:
    names = _restricted(table)
    return frame[frame[names].notna().any(axis=1)] if names else frame.iloc[:0]


def _restricted_table(table: Table, frame: DataFrame, pseudonyms: Pseudonyms) -> pa.Table:
    kept: dict[str, Series | np.ndarray] = {}
    for column in table.columns:
        if column.at_rest is AtRest.PSEUDONYM:
            domain = "child" if column.name == _CHILD else _domain(column)
            kept[column.name] = _mapped(frame[column.name], domain, pseudonyms)
        if column.at_rest is AtRest.RESTRICTED:
            kept[column.name] = frame[column.name]
    kept[SOURCE_FILE], kept[SOURCE_ROW] = frame[SOURCE_FILE], frame[SOURCE_ROW]
    return pa.table({name: pa.array(_arrow_ready(values)) for name, values in kept.items()})


def _birth_dates(read: ReadReturn) -> DataFrame:
    """Return child_key, child_id, birth_date and expected_birth_date, one row per child."""
    found = next((read.frames[name] for name in _BIRTH_TABLES if name in read.frames), None)
    if found is None:
        empty = Series(dtype="datetime64[s]")
        return DataFrame(
            {"child_id": Series(dtype="str"), "birth_date": empty, "expected_birth_date": empty},
            index=pd.Index([], name=CHILD_KEY, dtype="int64"),
        )
    births = found.drop_duplicates(CHILD_KEY).set_index(CHILD_KEY)
    if "expected_birth_date" not in births:
        births = births.assign(expected_birth_date=Series(pd.NaT, index=births.index))
    return births[["child_id", "birth_date", "expected_birth_date"]].astype(
        {"birth_date": "datetime64[s]", "expected_birth_date": "datetime64[s]"}
    )


def birth_marks(read: ReadReturn, keys: np.ndarray, pseudonyms: Pseudonyms) -> np.ndarray:
    """Return the mark of identifier and date of birth of each child, 0 where that is not said."""
    return _marks_of(Series(keys), _birth_marks(_birth_dates(read), pseudonyms))


def _birth_marks(births: DataFrame, pseudonyms: Pseudonyms) -> Series:
    born = births[births["birth_date"].notna()]
    return Series(_mapped(_birth_texts(born), "birth", pseudonyms), index=born.index)


def _birth_texts(born: DataFrame) -> Series:
    texts: Series = born["child_id"] + "\x1f" + born["birth_date"].dt.strftime("%Y-%m-%d")
    return texts


def note_births(read: ReadReturn, pseudonyms: Pseudonyms) -> None:
    """Ask for the birth mark of every child with every date of birth that is said of it.

    A child met twice has the mark of the row that was accepted; which one that was, is not known
    any more when marks are made again.
    """
    for name in _BIRTH_TABLES:
        if name in read.frames:
            frame = read.frames[name]
            _mapped(_birth_texts(frame[frame["birth_date"].notna()]), "birth", pseudonyms)


def _table_at_rest(
    table: Table, frame: DataFrame, births: DataFrame, marks: Series, pseudonyms: Pseudonyms
) -> pa.Table:
    kept: dict[str, Series | np.ndarray] = {}
    if _CHILD in frame:
        kept[CHILD_KEY] = frame[CHILD_KEY]
        kept[BIRTH_MARK] = _marks_of(frame[CHILD_KEY], marks)
    if table.name in NAMING_TABLE.values():
        kept[ALIKE_KEY] = _alikes(frame[_CHILD], pseudonyms)
    for column in table.columns:
        kept.update(_kept(column, frame[column.name], pseudonyms))
    if table.name == "referrals":
        kept.update(_ages(frame, births))
    kept[SOURCE_FILE], kept[SOURCE_ROW] = frame[SOURCE_FILE], frame[SOURCE_ROW]
    return pa.table({name: pa.array(_arrow_ready(values)) for name, values in kept.items()}).cast(
        pa.schema([(name, _arrow_type(table, name, kept[name])) for name in kept])
    )


def _marks_of(keys: Series, marks: Series) -> np.ndarray:
    """Return each child's birth mark, 0 where unknown; never through floats, which hold 53 bits."""
    if marks.empty:
        return np.zeros(len(keys), dtype="int64")
    place = marks.index.get_indexer(pd.Index(keys))
    found: np.ndarray = np.where(place >= 0, marks.to_numpy()[place], _UNKNOWN)
    return found


def _kept(column: Column, values: Series, pseudonyms: Pseudonyms) -> dict[str, Series | np.ndarray]:
    if column.at_rest is AtRest.AS_IS:
        return {column.name: values}
    if column.at_rest is AtRest.MONTH:
        return {_month_name(column): values.dt.to_period("M").dt.to_timestamp()}
    if column.at_rest is AtRest.PSEUDONYM and column.name != _CHILD:
        return {column.name: _mapped(values, _domain(column), pseudonyms)}
    return {}


def _domain(column: Column) -> str:
    """Return the key domain of an identifier.

    Training participants have one of their own; a child's two identifiers share that of children,
    so that each is the pseudonym it is in the other returns.
    """
    return _DOMAINS.get(column.name, column.name)


def _month_name(column: Column) -> str:
    return column.name.replace("_date", "_month")


def _ages(referrals: DataFrame, births: DataFrame) -> dict[str, Series]:
    dates = referrals["referral_date"]
    of_child = births.reindex(referrals[CHILD_KEY]).set_index(referrals.index)
    born, expected = of_child["birth_date"], of_child["expected_birth_date"]
    unborn = (born > dates) | (born.isna() & (expected > dates))
    return {
        "age_at_referral": Series(completed_years(born, dates), index=dates.index).mask(unborn),
        "is_unborn": unborn,
    }


def _arrow_ready(values: Series | np.ndarray) -> Series | np.ndarray:
    if isinstance(values, Series):
        return values.reset_index(drop=True)
    return values


def _arrow_type(table: Table, name: str, values: Series | np.ndarray) -> pa.DataType:
    """Return the declared type, so that empty and full columns rest alike."""
    for column in table.columns:
        if name in (column.name, _month_name(column)) and column.at_rest is not AtRest.PSEUDONYM:
            return pa.float64() if pa.types.is_integer(column.type) else column.type
    return pa.bool_() if name == "is_unborn" else pa.from_numpy_dtype(np.dtype(str(values.dtype)))
