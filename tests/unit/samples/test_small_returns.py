import csv

import pytest

from schemas.calendar import EXPECTED
from schemas.returns import RETURNS
from schemas.table import Form

AUTHORITIES, QUARTERS = 2, 4
SMALL = [name for name in EXPECTED if RETURNS[name].forms == (Form.TABLE,)]


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize("name", SMALL)
def test_headings_are_those_declared(written, name):
    (table,) = RETURNS[name].tables
    files = list((written / "drop").glob(f"*/*/{name}.csv"))
    assert len(files) == AUTHORITIES * QUARTERS
    for file in files:
        headings = file.read_text().splitlines()[0].split(",")
        assert tuple(headings) == table.headings_in(2023)


def test_a_term_is_told_from_the_quarter_of_its_last_day(written):
    def terms(quarter):
        file = next((written / "drop").glob(f"*walsall/{quarter}/school_attendance.csv"))
        return {(row["academic_year"], row["term"]) for row in rows_of(file)}

    assert terms("2022-23Q1") == {("2021/22", "spring")}
    assert terms("2022-23Q2") == {("2021/22", "spring"), ("2021/22", "summer")}
    assert terms("2022-23Q3") - terms("2022-23Q2") == {("2022/23", "autumn")}


def test_the_quarterly_returns_have_one_row_for_their_own_quarter(written):
    for name in ("workforce", "programme_delivery"):
        for file in (written / "drop").glob(f"*/*/{name}.csv"):
            (row,) = rows_of(file)
            assert row["quarter"] == file.parent.name
            assert row["la_code"] == file.parent.parent.name.split("-")[0]


def test_no_absence_is_longer_than_the_term(written):
    for file in (written / "drop").rglob("school_attendance.csv"):
        for row in rows_of(file):
            missed = int(row["sessions_authorised_absence"])
            missed += int(row["sessions_unauthorised_absence"])
            assert 0 <= missed <= int(row["sessions_possible"])
