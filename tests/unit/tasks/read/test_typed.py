"""Cells as typed: what stands for a number, an age or an identifier, and what does not."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from schemas.returns import RETURNS
from tasks.read.arrow import absent, texts
from tasks.read.sheet import SentTable
from tasks.read.typed import typed_table


def typed(return_name, table_name, name, *cells):
    """Return the values of one column, the codes of its findings and those of its tolerances."""
    table = RETURNS[return_name][table_name]
    columns = {c.name: absent(len(cells)) for c in table.columns} | {name: texts(cells)}
    raw = pa.table(columns)
    sent = SentTable(table, "a.csv", raw, np.arange(2, len(cells) + 2, dtype=np.int32))
    read = typed_table(sent, file=0, year=2025, sets_aside=True)
    values = [None if pd.isna(value) else value for value in read.rows[name]]
    return values, read.findings, [(used.code, used.count) for used in read.tolerances]


def spend(*cells):
    values, findings, _ = typed(
        "programme_delivery", "programme_delivery", "spend_staff_gbp", *cells
    )
    return values, list(findings["code"]), "".join(findings["words"])


def age(*cells):
    values, findings, used = typed("annex_a", "annex_a_contacts", "age_years", *cells)
    return values, list(findings["code"]), used


def child_ids(*cells):
    values, findings, used = typed("pre_proceedings", "pre_proceedings", "child_id", *cells)
    assert findings.empty
    return values, used


@pytest.mark.parametrize("other", ["12.5", "12,5"])
def test_no_group_of_thousands_begins_with_a_zero(other):
    assert spend("0,500", other) == ([0.5, 12.5], [], "")
    assert spend("1,500", "12.5") == ([1500, 12.5], [], "")


@pytest.mark.parametrize("text", ["1.234", "-1.234", "'1.234", "12.345.678"])
def test_a_point_before_three_digits_is_not_certain_next_to_decimal_commas(text):
    values, codes, words = spend(text, "950,50")
    assert (values, codes) == ([None, 950.5], ["NUMBER_INVALID"])
    assert text.startswith("12.") or "points of which the meaning is not certain" in words


@pytest.mark.parametrize(
    ("text", "value"), [("1.23", 1.23), ("0.234", 0.234), ("1234.567", 1234.567)]
)
def test_a_point_that_can_only_be_decimal_is_read_next_to_decimal_commas(text, value):
    assert spend(text, "950,50")[:2] == ([value, 950.5], [])


def test_a_point_before_three_digits_is_decimal_where_no_comma_is():
    assert spend("1.234", "950.50")[:2] == ([1.234, 950.5], [])


AGES = {
    "10 months": 0, "11 mths": 0, "12 months": 1, "120 months": 10, "10.5 months": 0,
    "10": 10, "10.": 10, "14.6": 14, "14 years": 14, "14 yrs old": 14, "4y 6m": 4,
    "9 years, 11 months": 9, "9 and 11 months": 9, "9 yrs. 11 months": 9,
}  # fmt: skip


@pytest.mark.parametrize("text", AGES)
def test_r051_months_alone_are_no_years(text):
    assert age(text)[:2] == ([AGES[text]], [])


@pytest.mark.parametrize("text", ["10m", "10.5m", "3 weeks", "1000 months"])
def test_r051_an_age_that_is_not_certain_is_a_finding(text):
    assert age(text)[:2] == ([None], ["NUMBER_INVALID"])


NO_ID = ("NULL", "null", "N/A", "n/a", "#N/A", "#REF!", "#DIV/0!", "\\N", "(blank)", "(Empty)")


@pytest.mark.parametrize("text", [*NO_ID, '="NULL"'])
def test_r042_a_word_for_nothing_is_no_child(text):
    assert child_ids(text, "00123") == ([None, "00123"], [("NOTHING_WORD", 1)])


def test_r042_a_word_for_nothing_does_not_keep_the_decimals_of_the_others():
    used = [("NOTHING_WORD", 1), ("ID_DECIMALS", 2)]
    assert child_ids("NULL", "12.0", "13.0") == ([None, "12", "13"], used)


@pytest.mark.parametrize("text", ["NA", "NAN", "-", "NULL1", "#12", "(12)", "\\n1".upper()])
def test_an_identifier_that_only_looks_like_nothing_is_kept(text):
    assert child_ids(text, "00123") == ([text, "00123"], [])
