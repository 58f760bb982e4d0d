from datetime import date

import numpy as np
import pytest

from schemas.quarter import Quarter
from tasks.histories.dates import (
    _places,
    ages_at_month_end,
    last_days,
    months_after,
    quarter_indexes,
    quarter_names,
)


def days(*texts):
    return np.array(texts, dtype="datetime64[s]")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2020-08-31", 18, "2022-02-28"),
        ("2022-08-31", 18, "2024-02-29"),
        ("2020-01-15", 18, "2021-07-15"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2023-03-31", -1, "2023-02-28"),
        ("2023-12-31", 6, "2024-06-30"),
        ("2021-05-31", 0, "2021-05-31"),
        ("1969-12-31", 2, "1970-02-28"),
        ("1900-01-31", -2, "1899-11-30"),
        ("2099-12-31", 120, "2109-12-31"),
        ("2150-01-31", 1, "2150-02-28"),
        ("1850-03-31", -1, "1850-02-28"),
        ("1900-01-01", -1, "1899-12-01"),
        ("2099-12-31", 1, "2100-01-31"),
        ("2100-01-01", 1, "2100-02-01"),
    ],
)
def test_months_are_counted_by_the_calendar_and_clipped_to_the_last_day(start, months, end):
    assert months_after(days(start), months) == days(end)


def test_the_prepared_calendar_holds_two_centuries_from_first_to_last_day():
    held = ("1899-12-31", "1900-01-01", "2099-12-31", "2100-01-01")
    assert [_places(days(day)) is not None for day in held] == [False, True, True, False]


def test_no_days_make_no_days():
    assert len(months_after(days(), 18)) == 0


def test_every_day_of_two_leap_cycles_is_moved_as_numpys_own_calendar_moves_it():
    every = np.arange("1996-01-01", "2004-12-31", dtype="datetime64[D]").astype("datetime64[s]")
    far = days("1800-01-01")
    for months in (-24, -1, 1, 12, 18, 36):
        slowly = months_after(np.concatenate([every, far]), months)[:-1]
        assert (months_after(every, months) == slowly).all()


def test_a_missing_day_stays_missing():
    assert np.isnat(months_after(days("NaT", "2020-01-01"), 18)).tolist() == [True, False]


@pytest.mark.parametrize("day", [date(2023, 3, 31), date(2023, 4, 1), date(2024, 1, 1)])
def test_a_day_falls_in_the_quarter_the_calendar_says(day):
    assert quarter_indexes(days(day)).tolist() == [Quarter.containing(day).index]


def test_quarters_have_the_last_days_and_the_names_they_are_declared_with():
    quarters = list(Quarter.parse("2019-20Q1").through(Quarter.parse("2024-25Q4")))
    indexes = np.array([quarter.index for quarter in quarters])
    assert last_days(indexes).tolist() == days(*(q.last_day for q in quarters)).tolist()
    assert quarter_names(indexes) == [str(quarter) for quarter in quarters]


def test_ages_at_the_end_of_a_month_need_only_the_month_of_birth():
    born = days("2008-03-01", "2008-04-01", "NaT")
    age = ages_at_month_end(born, days("2024-03-31", "2024-03-31", "2024-03-31"))
    assert age[:2].tolist() == [16, 15]
    assert np.isnan(age[2])
