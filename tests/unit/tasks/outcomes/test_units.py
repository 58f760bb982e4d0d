"""Quarters asked about: the first and the last count, those outside do not."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from pandas import DataFrame

from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from schemas.trial import windows
from tasks.histories.history import history_of
from tasks.outcomes.figures import _overlaps
from tasks.outcomes.sent import sent
from tasks.outcomes.units import counts_at, sums_at

WALSALL = "E08000030"
FIRST, LAST = Quarter.parse("2023-24Q1"), Quarter.parse("2023-24Q3")


@pytest.fixture
def history():
    return history_of(AuthorityRows(WALSALL, {}, {}), first=FIRST, last=LAST)


def test_events_are_counted_in_the_first_and_the_last_quarter_and_in_none_outside(history):
    assert counts_at(history, np.array([-1, 0, 0, 2, 3])).tolist() == [2, 0, 1]


def test_amounts_are_added_in_the_first_and_the_last_quarter_and_in_none_outside(history):
    amounts = np.array([16.0, 8.0, 4.0, 2.0])
    assert sums_at(history, np.array([-1, 0, 2, 3]), amounts).tolist() == [8.0, 0.0, 4.0]


def test_a_number_sent_stands_in_its_quarter_and_in_none_outside(history):
    quarters = ["2022-23Q4", "2023-24Q1", "2023-24Q3", "2023-24Q4"]
    rows = DataFrame({"quarter": quarters, "caseload_count": [1.0, 2.0, 3.0, 4.0]})
    told = replace(history, quarterly={"workforce": rows})
    assert sent(told, "workforce", "caseload_count").tolist() == pytest.approx(
        [2.0, np.nan, 3.0], nan_ok=True
    )


@pytest.mark.parametrize(
    ("first", "last", "is_in"),
    [
        (date(2023, 1, 1), date(2023, 3, 31), False),
        (date(2023, 1, 1), date(2023, 4, 1), True),
        (date(2023, 6, 30), date(2023, 9, 1), True),
        (date(2023, 7, 1), date(2023, 9, 1), False),
    ],
)
def test_a_quarter_overlaps_a_window_that_shares_one_day_with_it(first, last, is_in):
    window = replace(next(iter(windows().values())), referral_from=first, referral_to=last)
    assert _overlaps(FIRST, window) is is_in
