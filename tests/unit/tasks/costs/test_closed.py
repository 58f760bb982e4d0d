import numpy as np
import pytest

from tasks.costs.closed import after_optimism_bias, payback_year
from tests.support.costs import (
    effect,
    effects,
    entry,
    overridden,
    row,
    run,
    value,
)

LEVEL = np.ones(4)


def at(estimate):
    return run(effects(effect(estimate=estimate), entry()))


def test_at_the_break_even_effect_the_npv_is_nought():
    pays_at = value(at(-4.0), "break_even_effect.days_in_care_18m")
    assert value(at(pays_at), "npv") == pytest.approx(0, abs=0.01)


def test_the_break_even_effect_does_not_depend_on_the_effect_found():
    one, other = (value(at(e), "break_even_effect.days_in_care_18m") for e in (-4.0, 3.0))
    assert one == pytest.approx(other)


def test_at_the_break_even_unit_cost_benefit_equals_cost():
    result = at(-4.0)
    now = float(row(result, "break_even_unit_cost.days_in_care_18m")["note"].split()[-1])
    needed = value(result, "break_even_unit_cost.days_in_care_18m")
    worth = value(result, "benefit_pv") * needed / now
    assert worth == pytest.approx(value(result, "cost_pv"), rel=1e-3)


def test_a_rise_has_no_break_even_price():
    note = row(at(1.0), "break_even_unit_cost.days_in_care_18m")["note"]
    assert "no price makes it pay" in note


def test_a_price_below_nought_says_that_the_programme_pays_without_the_outcome():
    plan = (
        "{id: ours, thing: cp_plan, item: Plan, amount_gbp: 10, per: day, price_year: 2024, "
        "price_year_kind: calendar, payer: local_authority, perspective: fiscal, "
        "source: s, grade: local}"
    )
    result = run(
        effects(effect(), entry(), effect("cpp_days_36m", -1.0)),
        book=overridden(f"prices: [{plan}]"),
    )
    found = row(result, "break_even_unit_cost.cpp_days_36m")
    assert found["value"] < 0
    assert "pays without this outcome" in found["note"]


def test_payback_is_the_first_year_from_which_benefits_cover_costs_to_the_end():
    costs, benefits = np.array([10.0, 0, 0, 0]), np.array([0.0, 6, 6, 0])
    assert payback_year(costs, benefits, LEVEL) == 2


def test_a_programme_that_falls_behind_again_has_not_paid_back():
    costs, benefits = np.array([10.0, 0, 9, 0]), np.array([0.0, 11, 0, 0])
    assert payback_year(costs, benefits, LEVEL) is None


def test_payback_counts_discounted_money():
    factors = np.array([1, 0.5, 0.25, 0.125])
    assert payback_year(np.array([10.0, 0, 0, 0]), np.array([0, 11.0, 0, 0]), factors) is None


def test_optimism_bias_moves_each_outcome_against_the_programme():
    benefit, cost = after_optimism_bias(
        np.array([100.0, -10.0]), 50.0, on_costs=0.1, on_benefits=0.2
    )
    assert benefit == pytest.approx(80 - 12)
    assert cost == pytest.approx(55)
