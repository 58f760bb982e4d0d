"""What is owed for which quarter, and by when."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.calendar import EVERY_QUARTER, EXPECTED, YEAR_ENDS
from schemas.quarter import Quarter

Q3, Q4 = Quarter.parse("2023-24Q3"), Quarter.parse("2023-24Q4")
Q1 = Quarter.parse("2024-25Q1")


def test_the_programme_asked_for_everything_every_quarter():
    assert all(EVERY_QUARTER.owes(name, quarter) for name in EXPECTED for quarter in (Q3, Q4, Q1))
    assert {EVERY_QUARTER.due_date(name, Q4) for name in EXPECTED} == {date(2024, 5, 12)}


def test_at_year_ends_alone_what_speaks_for_a_year_and_each_quarter_what_speaks_for_it():
    assert {name for name in EXPECTED if YEAR_ENDS.owes(name, Q3)} == {
        "workforce",
        "programme_delivery",
    }
    assert all(YEAR_ENDS.owes(name, Q4) for name in EXPECTED)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("ssda903", date(2024, 6, 30)),
        ("cin_census", date(2024, 7, 31)),
        ("workforce", date(2024, 5, 12)),
    ],
)
def test_the_large_returns_of_a_year_are_due_on_the_days_they_are_collected_by(name, due):
    assert YEAR_ENDS.due_date(name, Q4) == due


def test_what_is_sent_before_the_year_is_over_is_due_when_it_is():
    assert YEAR_ENDS.due_date("ssda903", Q3) == YEAR_ENDS.due_date("ssda903", Q4)


def test_on_the_day_it_is_due_nothing_is_late():
    assert YEAR_ENDS.latest_due("ssda903", date(2024, 6, 30)) == Quarter.parse("2022-23Q4")
    assert YEAR_ENDS.latest_due("ssda903", date(2024, 7, 1)) == Q4
    assert YEAR_ENDS.latest_due("workforce", date(2024, 5, 12)) == Q3


def test_nothing_is_owed_after_the_last_quarter():
    ended = replace(YEAR_ENDS, last=Q4)
    assert ended.owes("workforce", Q4)
    assert not ended.owes("workforce", Q1)
    assert {ended.latest_due(name, date(2030, 1, 1)) for name in EXPECTED} == {Q4}


def test_what_is_never_owed_is_in_no_calendar():
    assert not YEAR_ENDS.owes("annex_a", Q4)
    assert YEAR_ENDS.due_date("annex_a", Q4) == date(2024, 5, 12)
