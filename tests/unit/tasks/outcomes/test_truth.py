"""Outcomes against the truth that the invented lives imply, worked out by other code."""

import csv

import pytest
from pandas import concat

from samples.write import write_samples
from schemas.outcomes import OUTCOMES
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.outcomes.authority import authority_outcomes, outcome_csv
from tests.unit.tasks.outcomes.returned import authority_rows

AUTHORITIES = ("E08000030", "E10000031", "E08000005", "E10000023")
FIRST, LAST = Quarter.parse("2019-20Q1"), Quarter.parse("2024-25Q2")


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    out = tmp_path_factory.mktemp("invented")
    write_samples(
        out,
        authorities=AUTHORITIES,
        first=FIRST,
        last=LAST,
        children=120,
        seed=7,
        faults="none",
        year_end_only=True,
        jobs=1,
    )
    return out


def test_the_truth_is_right_where_returns_come_as_the_calendar_says(tmp_path):
    first, last = Quarter.parse("2022-23Q1"), Quarter.parse("2023-24Q2")
    write_samples(
        tmp_path,
        authorities=(AUTHORITIES[0],),
        first=first,
        last=last,
        children=60,
        seed=7,
        faults="none",
        cadence="year_ends",
        jobs=1,
    )
    truth = (tmp_path / "truth" / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    (folder,) = (tmp_path / "drop").iterdir()
    tables = authority_outcomes(authority_rows(folder), first=first, last=last)
    assert set(outcome_csv(tables.outcomes).splitlines()) == {
        line for line in truth if AUTHORITIES[0] in line or line == truth[0]
    }
    known = {(row["outcome"], row["quarter"]) for row in csv.DictReader(truth) if row["value"]}
    assert {("sickness_absence", "2023-24Q2"), ("cla_rate", "2022-23Q1")} <= known
    assert ("cla_rate", "2023-24Q1") not in known


@pytest.mark.slow
def test_every_figure_equals_the_truth_byte_for_byte(invented):
    truth = (invented / "truth" / "outcomes.csv").read_text(encoding="utf-8")
    sent = {rows.la_code: rows for rows in map(authority_rows, (invented / "drop").iterdir())}
    asked = sorted({row["la_code"] for row in csv.DictReader(truth.splitlines())})
    tables = [
        authority_outcomes(sent.get(code, AuthorityRows(code, {}, {})), first=FIRST, last=LAST)
        for code in asked
    ]
    found = outcome_csv(concat([table.outcomes for table in tables]))
    # Compared as sets of lines first: a difference then shows in a line and not in a megabyte.
    assert set(found.splitlines()) == set(truth.splitlines())
    assert found == truth
    assert len(sent) == len(AUTHORITIES)
    # No outcome is held against the truth in rows alone that are not known.
    known = {row["outcome"] for row in csv.DictReader(truth.splitlines()) if row["status"] == "ok"}
    assert known == set(OUTCOMES)
