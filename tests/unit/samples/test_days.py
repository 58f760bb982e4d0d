import pytest

from samples.days import (
    NEVER,
    age_on,
    as_date,
    birthday,
    day_number,
    iso,
    months_later,
    term_days,
    term_starts_after,
    uk,
    working_day,
    year_end,
)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ((2020, 8, 31), 18, "2022-02-28"),
        ((2018, 8, 31), 18, "2020-02-29"),
        ((2020, 2, 29), 12, "2021-02-28"),
        ((2021, 3, 15), 18, "2022-09-15"),
        ((2024, 3, 31), -30, "2021-09-30"),
        ((2024, 12, 31), -12, "2023-12-31"),
    ],
)
def test_a_window_is_clipped_to_the_last_day_of_its_month(start, months, expected):
    assert iso(months_later(day_number(*start), months)) == expected


def test_someone_born_on_29_february_comes_of_age_on_1_march():
    born = day_number(2004, 2, 29)
    assert iso(birthday(born, 18)) == "2022-03-01"
    assert age_on(born, day_number(2022, 2, 28)) == 17
    assert age_on(born, day_number(2022, 3, 1)) == 18


def test_age_is_in_completed_years_and_negative_before_birth():
    born = day_number(2010, 6, 15)
    assert age_on(born, day_number(2020, 6, 14)) == 9
    assert age_on(born, day_number(2020, 6, 15)) == 10
    assert age_on(born, day_number(2010, 6, 14)) == -1


def test_a_weekend_gives_way_to_the_monday_after():
    assert as_date(working_day(day_number(2023, 7, 1))).isoformat() == "2023-07-03"
    assert as_date(working_day(day_number(2023, 7, 2))).isoformat() == "2023-07-03"
    assert as_date(working_day(day_number(2023, 7, 3))).isoformat() == "2023-07-03"


def test_a_day_that_never_came_is_written_as_nothing():
    assert uk(NEVER) == iso(NEVER) == ""
    assert uk(day_number(2023, 7, 1)) == "01/07/2023"


def test_a_financial_year_ends_on_31_march():
    assert iso(year_end(day_number(2023, 4, 1))) == "2024-03-31"
    assert iso(year_end(day_number(2024, 3, 31))) == "2024-03-31"


def test_terms_have_the_days_of_the_decision():
    assert tuple(map(iso, term_days(2022, "autumn"))) == ("2022-09-01", "2022-12-31")
    assert tuple(map(iso, term_days(2022, "spring"))) == ("2023-01-01", "2023-04-15")
    assert tuple(map(iso, term_days(2022, "summer"))) == ("2023-04-16", "2023-07-31")


def test_a_term_that_starts_on_the_referral_day_is_not_after_it():
    starts = term_starts_after(day_number(2022, 9, 1), 3)
    assert [iso(start) for start in starts] == ["2023-01-01", "2023-04-16", "2023-09-01"]
