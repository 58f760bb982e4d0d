from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas import DataFrame

from schemas.returns import RETURNS
from schemas.rows import ReadReturn
from schemas.table import AtRest
from tasks.validate.at_rest import keyed, rows_at_rest
from warehouse.pseudonyms import pseudonyms

KEY = b"k" * 32


def known(domain, ids):
    return pseudonyms(KEY, domain, "E08000030", ids)


def frame_of(table, rows):
    """Rows given as dicts, every declared column there, typed as readers type them."""
    frame = DataFrame(rows, columns=[c.name for c in table.columns])
    for column in table.columns:
        if pa.types.is_date(column.type):
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[s]")
        elif pa.types.is_string(column.type):
            frame[column.name] = frame[column.name].astype("str")
        elif pa.types.is_boolean(column.type):
            frame[column.name] = frame[column.name].astype("boolean")
        else:
            frame[column.name] = frame[column.name].astype("float64")
    return frame.assign(
        source_file=np.zeros(len(frame), "int16"),
        source_row=np.arange(2, len(frame) + 2, dtype="int32"),
    )


def read(return_name, **rows):
    tables = RETURNS[return_name].tables
    frames = {table.name: frame_of(table, rows.get(table.name, [])) for table in tables}
    return keyed(ReadReturn(return_name, frames, {}, frozenset(rows), ("a",), DataFrame()), known)


@pytest.fixture
def census():
    return read(
        "cin_census",
        cin_children=[
            {"child_id": "007", "birth_date": date(2010, 5, 17), "upn": "A123456789012"},
            {"child_id": "x1", "expected_birth_date": date(2023, 9, 1)},
        ],
        referrals=[
            {"child_id": "007", "referral_date": date(2023, 5, 16), "is_nfa": False},
            {"child_id": "x1", "referral_date": date(2023, 6, 1), "is_nfa": True},
            {"child_id": "none", "referral_date": date(2023, 6, 1), "is_nfa": True},
        ],
    )


def test_no_identifier_date_of_birth_or_dropped_column_rests(census):
    at_rest = rows_at_rest(census, known)
    names = {name for table in at_rest.values() for name in table.column_names}
    assert names.isdisjoint({"child_id", "birth_date", "upn", "expected_birth_date"})
    text = str([table.to_pylist() for table in at_rest.values()])
    assert "007" not in text
    assert "2010, 5, 17" not in text


def test_dates_of_birth_rest_as_months(census):
    rows = rows_at_rest(census, known)["cin_children"].to_pylist()
    assert rows[0]["birth_month"] == date(2010, 5, 1)
    assert rows[1]["expected_birth_month"] == date(2023, 9, 1)


def test_age_at_referral_is_worked_out_before_the_day_is_lost(census):
    rows = rows_at_rest(census, known)["referrals"].to_pylist()
    assert [row["age_at_referral"] for row in rows] == [12.0, None, None]
    assert [row["is_unborn"] for row in rows] == [False, True, False]


def test_the_birth_mark_is_the_same_in_every_table_and_return(census):
    looked_after = read(
        "ssda903",
        children=[{"child_id": "007", "birth_date": date(2010, 5, 17)}, {"child_id": "8"}],
        episodes=[
            {"child_id": "8", "episode_start": date(2023, 5, 1)},
            {"child_id": "007", "episode_start": date(2023, 5, 1)},
        ],
    )
    there = rows_at_rest(looked_after, known)
    here = rows_at_rest(census, known)
    mark = here["cin_children"]["birth_mark"][0].as_py()
    assert mark > 2**53  # or floats could not be distinguished from integers below
    assert here["referrals"]["birth_mark"].to_pylist() == [mark, 0, 0]
    assert there["episodes"]["birth_mark"].to_pylist() == [0, mark]
    assert there["children"]["child_key"][0] == here["cin_children"]["child_key"][0]


def test_an_identifier_keeps_its_leading_zeros_in_the_pseudonym():
    keys = read("pre_proceedings", pre_proceedings=[{"child_id": "7"}, {"child_id": "007"}])
    first, second = keys.frames["pre_proceedings"]["child_key"]
    assert first != second


def test_empty_and_full_columns_rest_with_the_same_types(census):
    none = read("cin_census", referrals=[{"child_id": "a"}])
    full = rows_at_rest(census, known)["referrals"].schema
    assert rows_at_rest(none, known)["referrals"].schema == full


def test_tables_without_rows_leave_nothing(census):
    assert set(rows_at_rest(census, known)) == {"cin_children", "referrals"}


def test_every_declared_column_says_what_becomes_of_a_name_or_a_date_of_birth():
    for found in RETURNS.values():
        for table in found.tables:
            for column in table.columns:
                if column.name in {"child_id", "upn", "former_upn"} or "postcode" in column.name:
                    assert column.at_rest is not AtRest.AS_IS, (table.name, column.name)
                if "birth_date" in column.name or column.name == "death_date":
                    assert column.at_rest in {AtRest.MONTH, AtRest.DROPPED}, column.name
