from datetime import date

import numpy as np
import pandas as pd
import pytest

from expectations.dates import completed_years, days_between, first_of_month, weekday


def days(*texts):
    return pd.Series(pd.to_datetime(list(texts))).astype("datetime64[s]")


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2010-04-05", "2020-04-04", 9),
        ("2010-04-05", "2020-04-05", 10),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2024-02-29", 16),
        ("2020-05-01", "2020-04-30", -1),
        ("1965-12-31", "1970-01-01", 4),
    ],
)
def test_age_is_counted_in_completed_years(born, on, years):
    assert completed_years(days(born), days(on)) == [years]
    assert completed_years(days(born), date.fromisoformat(on)) == [years]


def test_age_is_unknown_where_a_date_is():
    assert np.isnan(completed_years(days(None, "2010-01-01"), days("2020-01-01", None))).all()


def test_days_are_counted_and_unknown_where_a_date_is():
    gap = days_between(days("2024-02-28", None), days("2024-03-01", "2024-03-01"))
    assert gap[0] == 2
    assert np.isnan(gap[1])


def test_the_week_begins_on_monday():
    assert list(weekday(days("2023-05-01", "2023-05-07", "1969-12-31"))) == [0, 6, 2]
    assert np.isnan(weekday(days(None))).all()


def test_a_month_rests_as_its_first_day():
    found = first_of_month(days("2012-05-14", None))
    assert found[0] == pd.Timestamp("2012-05-01")
    assert pd.isna(found[1])
