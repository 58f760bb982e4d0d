import numpy as np
import pytest

from schemas.prices import declared_prices
from tasks.costs.spend import Calendar, programme_spend
from tests.support.costs import SETTINGS, a_year, delivery, spend

BOOK = declared_prices()


def spent(*rows, exposed_to=2020, first=2020):
    return programme_spend(
        delivery(*rows),
        exposed_to=exposed_to,
        calendar=Calendar(first, 6),
        deflator=BOOK.deflator,
        settings=SETTINGS,
    )


def level(year):
    return 100 / BOOK.deflator.index(year, kind="financial")


def test_set_up_and_running_spend_are_rebased_year_by_year():
    found = spent(*a_year(2020), *a_year(2021))
    assert found.set_up[:2] == pytest.approx([4000 * level("2020-21"), 4000 * level("2021-22")])
    assert found.running[:2] == pytest.approx([9360 * level("2020-21"), 9360 * level("2021-22")])
    assert not found.notes


def test_a_missing_quarter_is_said_and_the_cost_called_a_floor():
    found = spent(*a_year(2020)[:3])
    assert (found.reported, found.expected) == (3, 4)
    assert found.notes == ("spend missing for 1 of 4 authority-quarters: cost is at least this",)


def test_quarters_before_an_authority_first_reported_are_not_missing():
    assert not spent(*a_year(2020)[2:]).notes


def test_quarters_up_to_the_last_exposure_are_expected():
    assert spent(*a_year(2020), exposed_to=2021).expected == 8


def test_an_empty_cell_is_said_and_counts_as_nothing():
    rows = a_year(2020)
    rows[1]["spend_training_gbp"] = None
    found = spent(*rows)
    assert found.notes == ("spend_training_gbp empty in 1 rows, counted as nothing",)
    assert found.running[0] == pytest.approx((9360 - 300) * level("2020-21"))


def test_a_row_without_any_amount_is_a_missing_quarter():
    rows = [*a_year(2020)[:3], spend("2020-21Q4", amounts=(None,) * 4)]
    assert spent(*rows).reported == 3


def test_spend_of_a_year_the_deflator_does_not_cover_gives_no_cost():
    found = spent(*a_year(2024), first=2024, exposed_to=2024)
    assert "2024-25" in found.reason
    assert not found.by_year.any()


def test_no_row_at_all_gives_no_cost():
    found = spent(*a_year(2020))
    none = programme_spend(
        delivery(*a_year(2020)).iloc[:0],
        exposed_to=2020,
        calendar=Calendar(2020, 6),
        deflator=BOOK.deflator,
        settings=SETTINGS,
    )
    assert none.reason == "no spend reported in programme_delivery"
    assert np.count_nonzero(found.by_year) == 1
