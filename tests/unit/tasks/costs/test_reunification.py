import pytest

from schemas.prices import declared_prices
from tasks.costs.reunification import price_per_care_week
from tests.support.costs import MODEL, SETTINGS, delivery, given, run, spend

WEEK = 0.683 * 646 * 100 / 77.6367 + 0.115 * 318400 * 7 / 365.25 * 100 / 97.188025


def savings(*rows, book=None):
    return run(delivery_rows=delivery(*rows), book=book).reunification


def test_a_week_in_care_is_priced_over_the_placement_mix():
    price = price_per_care_week(declared_prices(), scopes=(MODEL,), settings=SETTINGS)
    assert price == pytest.approx(WEEK)


def test_without_weeks_only_those_inside_the_quarter_of_return_are_counted():
    (found,) = savings(spend("2020-21Q1")).to_dict("records")
    assert found["weeks_at_home"] == pytest.approx(2 * 91 / 7 / 2)
    assert found["saving"] == pytest.approx(13 * WEEK)
    assert "weeks inside the quarter of return only" in found["note"]


def test_weeks_that_are_given_are_used_for_every_child_still_home():
    (found,) = savings(spend("2020-21Q1"), book=given("reunification_weeks=26")).to_dict("records")
    assert found["weeks_at_home"] == 52
    assert "inside the quarter" not in found["note"]


def test_quarters_of_one_year_are_added_and_years_are_discounted():
    rows = savings(spend("2020-21Q1"), spend("2020-21Q2"), spend("2021-22Q1"))
    assert list(rows["children_returned"]) == [6, 3]
    later = rows.to_dict("records")[1]
    assert later["saving_pv"] == pytest.approx(later["saving"] / 1.035)


def test_the_saving_is_never_added_to_the_npv():
    more = [row | {"reunifications_still_home": 3} for row in (spend("2020-21Q1"),)]
    with_more, with_fewer = (
        run(delivery_rows=delivery(*more)),
        run(delivery_rows=delivery(spend("2020-21Q1"))),
    )
    assert with_more.table.equals(with_fewer.table)
    assert "not added to the NPV" in with_more.reunification["note"].iloc[0]


def test_a_missing_count_is_said_and_counts_as_nothing():
    row = spend("2020-21Q1") | {"reunifications_still_home": None}
    (found,) = savings(row).to_dict("records")
    assert found["saving"] == 0
    assert "still home not known in 1 quarters" in found["note"]


def test_quarters_without_a_count_of_returns_give_no_row():
    assert savings(spend("2020-21Q1") | {"reunifications": None}).empty
