"""The arithmetic against known answers.

cost_checks.yaml is a copy of ../shared/specs/cost_checks.yaml (kept here so that the repository is
whole): discount factors of the Green Book, a worked example of NPV and BCR, with and without
optimism bias, and distributional weights. Tolerances are those the file states: 0.00005 for
factors, 0.01 for money; weights are held to the digits printed. Factors are printed to four
digits, so half a digit in the last place is what the tolerance allows.
"""

from pathlib import Path

import numpy as np
import pytest
import yaml

from schemas.prices import declared_prices
from tasks.costs.closed import after_optimism_bias
from tasks.costs.money import discount_factors, distributional_weight
from tasks.costs.reunification import price_per_care_week
from tests.support.costs import MODEL, SETTINGS, delivery, given, run, spend

CHECKS = yaml.safe_load((Path(__file__).parent / "cost_checks.yaml").read_text(encoding="utf-8"))
BOOK = declared_prices()
FACTORS = discount_factors(BOOK.discount_bands, years=80)
EXAMPLE = CHECKS["worked_example"]
FACTOR_TOLERANCE, MONEY_TOLERANCE = 0.00005, 0.01


def worth_today(amounts):
    """Return the discounted sum of yearly amounts that are already in prices of one year."""
    return float(np.array(amounts, dtype=float) @ FACTORS[: len(amounts)])


@pytest.fixture(scope="module")
def costs():
    return worth_today(EXAMPLE["costs_gbp"])


@pytest.fixture(scope="module")
def benefits():
    return worth_today(EXAMPLE["benefits_gbp"])


@pytest.mark.parametrize(("year", "factor"), CHECKS["discount_factor"].items())
def test_the_discount_factor_of_a_year_is_that_of_the_green_book(year, factor):
    assert FACTORS[year] == pytest.approx(factor, abs=FACTOR_TOLERANCE)


def test_the_worked_example_has_the_known_present_values(costs, benefits):
    assert costs == pytest.approx(EXAMPLE["pv_costs"], abs=MONEY_TOLERANCE)
    assert benefits == pytest.approx(EXAMPLE["pv_benefits"], abs=MONEY_TOLERANCE)


def test_the_worked_example_has_the_known_npv_and_bcr(costs, benefits):
    assert benefits - costs == pytest.approx(EXAMPLE["npv"], abs=MONEY_TOLERANCE)
    assert benefits / costs == pytest.approx(EXAMPLE["bcr"], abs=FACTOR_TOLERANCE)


def test_the_worked_example_has_the_known_answer_after_optimism_bias(costs, benefits):
    known = EXAMPLE["with_costs_plus_10_percent_and_benefits_minus_15_percent"]
    benefit, cost = after_optimism_bias(
        np.array([benefits]), costs, on_costs=0.10, on_benefits=0.15
    )
    assert benefit - cost == pytest.approx(known["npv"], abs=MONEY_TOLERANCE)
    assert benefit / cost == pytest.approx(known["bcr"], abs=FACTOR_TOLERANCE)


@pytest.mark.parametrize(
    ("income", "digits"), [(25000, 3), (15000, 2), (50000, 2)]
)  # digits as printed in the file
def test_the_distributional_weight_is_the_known_one(income, digits):
    known = CHECKS["distributional_weight"]
    weight = distributional_weight(
        income, reference_gbp=known["reference_gbp"], exponent=known["exponent"]
    )
    assert weight == pytest.approx(known[f"at_{income}"], abs=0.5 * 10**-digits)


def test_the_declared_distributional_parameters_are_the_known_ones():
    known = CHECKS["distributional_weight"]
    assert BOOK.find("distributional_exponent").value == known["exponent"]
    assert BOOK.find("distributional_reference_gbp").value == known["reference_gbp"]


def test_coventry_s_twenty_nine_children_for_half_a_year_are_worth_what_a_hand_works_out():
    """32 returned and 29 stayed (learning journal 6); 26 weeks each is ours, for the sum alone.

    One week: 0.683 x 646 x 100/77.6367 = 568.31 foster; 0.115 x 318400 x 7/365.25 x 100/97.188025
    = 722.05 residential; together 1290.36. Times 29 x 26 = 754 weeks.
    """
    week = price_per_care_week(BOOK, scopes=(MODEL,), settings=SETTINGS)
    assert week == pytest.approx(1290.36, abs=MONEY_TOLERANCE)
    counts = {"reunifications": 32, "reunifications_still_home": 29}
    rows = delivery(spend("2020-21Q1") | counts)
    found = run(delivery_rows=rows, book=given("reunification_weeks=26")).reunification
    assert found["saving"].tolist() == [pytest.approx(972_930.62, abs=0.05)]
