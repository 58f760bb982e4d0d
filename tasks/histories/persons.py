"""Who is who inside one authority, and what the returns say of each person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series, concat

from schemas.derived import AT_REST, COLUMNS_READ, ETHNICITY_GROUPS, NOT_STATED, SEX_OF_CODE
from schemas.returns import table_named
from schemas.rows import BIRTH_MARK, CHILD_KEY
from tasks.histories.coded import places_in, quarter_numbers
from tasks.histories.dates import Days
from tasks.histories.versions import WHEN

_PERSON = "person_id"

Keys = npt.NDArray[np.int64]
_NO_KEYS: Keys = np.empty(0, dtype=np.int64)
_WIDTH = 2**20
"""More than there are months to tell apart, so that the time of stating always comes first."""
_YEAR_0 = 1970 * 12
SEX_NAMES = tuple(dict.fromkeys(SEX_OF_CODE.values()))
ETHNICITY_NAMES = tuple(dict.fromkeys(ETHNICITY_GROUPS.values()))


def persons(frames: Mapping[str, DataFrame]) -> tuple[dict[str, DataFrame], int]:
    """Return every table about children with `person_id` first, and how many ids are shared.

    A child id with at most one date of birth, over all returns, is one person. An id that stands
    with two different dates of birth is two persons, told apart by the mark of the date; rows of
    such an id that carry no date are of the person whom all censuses know by it, as their ids are
    the census's, or stay with the id itself where those know two. An expected date of birth has no
    mark, so the unborn child and the child later born under the same id are one.

    Returns:
        the tables of `COLUMNS_READ` with person_id, when (`Quarter.index` of the return) and the
        needed columns; those not sent are there without rows. Then the count of shared ids.
    """
    tables = {name: _needed(frames, name) for name in COLUMNS_READ}
    shared = shared_ids(tables)
    in_census = _only_marks(tables["cin_children"], shared)
    resolved = {name: _with_person(table, shared, in_census) for name, table in tables.items()}
    return resolved, len(shared)


def shared_ids(tables: Mapping[str, DataFrame]) -> Keys:
    """Return the child keys that stand with two or more dates of birth."""
    key = np.concatenate([table[CHILD_KEY].to_numpy() for table in tables.values()])
    mark = np.concatenate([table[BIRTH_MARK].to_numpy() for table in tables.values()])
    key, mark = key[mark != 0], mark[mark != 0]
    place, keys = pd.factorize(key)
    some_mark = np.zeros(len(keys), dtype=np.int64)
    some_mark[place] = mark
    return np.unique(key[mark != some_mark[place]])


def _only_marks(table: DataFrame, shared: Keys) -> Keys:
    """Return for each shared key the one mark it has in a table, or the key if that is not one."""
    told = table.loc[table[BIRTH_MARK].ne(0), [CHILD_KEY, BIRTH_MARK]].drop_duplicates()
    only = told.drop_duplicates(CHILD_KEY, keep=False)
    place = pd.Index(only[CHILD_KEY]).get_indexer(pd.Index(shared))
    # Never through floats, which hold 53 bits.
    marks = np.append(only[BIRTH_MARK].to_numpy(), 0)[place]
    return np.where(place >= 0, marks, shared)


def _with_person(table: DataFrame, shared: Keys, in_census: Keys) -> DataFrame:
    key, mark = table[CHILD_KEY].to_numpy(), table[BIRTH_MARK].to_numpy()
    person = key
    if len(shared):
        place = np.searchsorted(shared, key).clip(max=len(shared) - 1)
        told = np.where(mark != 0, mark, in_census[place])
        person = np.where(shared[place] == key, told, key)
    rest: DataFrame = table.drop(columns=[CHILD_KEY, BIRTH_MARK])
    rest.insert(0, _PERSON, person)
    return rest


def _needed(frames: Mapping[str, DataFrame], name: str) -> DataFrame:
    """Return the needed columns of a table; what was not sent is there, typed and missing."""
    frame = frames.get(name, DataFrame())
    if len(frame.columns) == 0:
        frame = DataFrame({CHILD_KEY: _NO_KEYS, BIRTH_MARK: _NO_KEYS})
    columns = {column: _column(frame, name, column) for column in COLUMNS_READ[name]}
    when = quarter_numbers(_column(frame, name, "quarter"))
    named: DataFrame = frame[[CHILD_KEY, BIRTH_MARK]]
    return named.assign(when=when, **columns)


def _column(frame: DataFrame, table: str, column: str) -> Series[Any]:
    if column in frame.columns:
        return frame[column]
    return Series(index=frame.index, dtype=_dtype(table, column))


def _dtype(table: str, column: str) -> str:
    declared: dict[str, pa.DataType] = {c.name: c.type for c in table_named(table)[1].columns}
    arrow = {**declared, **AT_REST, "quarter": pa.string()}[column]
    if pa.types.is_date(arrow):
        return "datetime64[s]"
    if pa.types.is_boolean(arrow):
        return "boolean"
    return "str" if pa.types.is_string(arrow) else "float64"


def people(tables: Mapping[str, DataFrame]) -> DataFrame:
    """Return one row per person named in a header file or a census.

    Of month of birth, sex and ethnicity the latest stated one counts. Where both returns of one
    quarter state it that of the looked-after return does; where one return states two, the later
    month and the later word in the order of declaration.

    Returns:
        birth_month (missing where never stated), sex, ethnicity_group, by person_id.
    """
    stated = concat([_stated(tables["cin_children"], 0), _stated(tables["children"], 1)])
    latest = stated.groupby(_PERSON).max()
    latest = latest.where(latest < 0, latest % _WIDTH)
    return DataFrame(
        {
            "birth_month": _months(latest["birth_month"].to_numpy()),
            "sex": _words(latest["sex"], SEX_NAMES),
            "ethnicity_group": _words(latest["ethnicity_group"], ETHNICITY_NAMES),
        },
        index=latest.index,
    )


def _stated(table: DataFrame, standing: int) -> DataFrame:
    """Return what each row states, as numbers that grow with the time of stating it."""
    sex = table["sex"].fillna(table["gender"]) if "gender" in table else table["sex"]
    month = table["birth_month"].to_numpy().astype("datetime64[M]")
    values = {
        "birth_month": np.where(np.isnat(month), -1, month.astype(np.int64) + _YEAR_0),
        "sex": places_in(sex, SEX_OF_CODE, SEX_NAMES),
        "ethnicity_group": places_in(table["ethnicity"], ETHNICITY_GROUPS, ETHNICITY_NAMES),
    }
    when = (table[WHEN].to_numpy() * 2 + standing) * _WIDTH
    numbers = {name: np.where(value < 0, -1, when + value) for name, value in values.items()}
    return DataFrame({_PERSON: table[_PERSON], **numbers})


def _months(numbers: Keys) -> Days:
    months = (numbers - _YEAR_0).astype("datetime64[M]").astype("datetime64[s]")
    return np.where(numbers < 0, np.datetime64("NaT"), months)


def _words(places: Series[Any], names: tuple[str, ...]) -> Series[Any]:
    return Series(np.array([*names, NOT_STATED])[places.to_numpy()], places.index, dtype="str")
