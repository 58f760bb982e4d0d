from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from schemas.prices import declared_prices
from tasks.costs.appraisal import as_csv
from tasks.costs.settings import CostSettings
from tasks.costs.uncertainty import Distribution, Family, uniform
from tests.support.costs import (
    MODEL,
    cost_tables,
    effect,
    effects,
    entry,
    given,
    overridden,
    row,
    run,
    value,
)

AT = np.array([0.05, 0.5, 0.9])
STREAM = uniform("any", seed=1, draws=20_000)


def certain():
    """Return the declared book with only the effect left uncertain."""
    book = declared_prices()
    still = tuple(
        replace(p, value=0.0) if p.id.startswith(("price_cv", "spend_cv")) else p
        for p in book.parameters
    )
    return replace(book, parameters=still)


def test_an_effect_is_drawn_from_its_own_t():
    expected = -4 + stats.t.ppf(AT, 3.8) * 1.5
    assert Distribution(Family.T, -4, 1.5, 3.8).quantile(AT) == pytest.approx(expected)


def test_a_price_is_drawn_from_a_gamma_with_its_mean_and_coefficient_of_variation():
    expected = stats.gamma.ppf(AT, 16, scale=1 / 16)
    assert Distribution(Family.GAMMA, 1, 0.25).quantile(AT) == pytest.approx(expected)
    drawn = Distribution(Family.GAMMA, 1, 0.25).quantile(STREAM)
    assert (drawn.mean(), drawn.std()) == pytest.approx((1, 0.25), rel=0.02)


def test_a_share_is_drawn_from_a_beta_with_its_mean_and_standard_error():
    drawn = Distribution(Family.BETA, 0.4, 0.1).quantile(STREAM)
    assert (drawn.mean(), drawn.std()) == pytest.approx((0.4, 0.1), rel=0.02)
    assert 0 < drawn.min() < drawn.max() < 1


def test_a_number_without_uncertainty_does_not_move():
    for family in Family:
        assert set(Distribution(family, 0.4, 0).quantile(AT)) == {0.4}


def test_the_probability_of_paying_is_that_of_the_t_where_nothing_else_is_uncertain():
    result = run(book=certain())
    pays_at = value(result, "break_even_effect.days_in_care_18m")
    exact = stats.t.cdf((pays_at + 4.0) / 1.0, 5)
    assert value(result, "probability_npv_positive") == pytest.approx(exact, abs=0.01)


def test_the_interval_of_the_npv_is_that_of_the_t_where_nothing_else_is_uncertain():
    result = run(book=certain())
    found = row(result, "npv")
    exact = row(result, "benefit_pv.days_in_care_18m")
    cost = value(result, "cost_pv")
    assert found["low"] == pytest.approx(exact["low"] - cost, rel=0.05)
    assert found["high"] == pytest.approx(exact["high"] - cost, rel=0.05)


def test_the_five_numbers_are_in_order():
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    five = [value(run(), f"npv_{name}") for name in names]
    assert five == sorted(five)


def test_a_stream_depends_on_its_name_and_seed_alone():
    assert (uniform("a", seed=1, draws=10) == uniform("a", seed=1, draws=10)).all()
    assert (uniform("a", seed=1, draws=10) != uniform("b", seed=1, draws=10)).all()
    assert (uniform("a", seed=1, draws=10) != uniform("a", seed=2, draws=10)).all()


def test_another_outcome_leaves_the_draws_of_the_first_as_they_were():
    book = given("cashable_share.care=0.4~0.1")
    alone = run(book=book).tornado
    alongside = run(effects(effect(), entry(), effect("cpp_days_36m", -3.0)), book=book).tornado
    assert as_csv(alone) == as_csv(alongside)


def test_the_tornado_is_ordered_by_swing_and_leaves_out_what_does_not_move():
    tornado = run(book=certain()).tornado
    assert list(tornado["variable"]) == ["effect days_in_care_18m"]
    full = run(book=given("cashable_share.care=0.4~0.1")).tornado
    cashable = full[full["perspective"].eq("fiscal_cashable") & full["model"].eq(MODEL)]
    assert "cashable share care" in set(cashable["variable"])
    assert list(cashable["swing"]) == sorted(cashable["swing"], reverse=True)


def test_the_tornado_moves_one_variable_from_p10_to_p90_with_the_rest_at_their_centre():
    result = run()
    (bar,) = result.tornado[result.tornado["variable"].eq("effect days_in_care_18m")].to_dict(
        "records"
    )
    low, high = -4 + stats.t.ppf([0.1, 0.9], 5)
    assert (bar["variable_p10"], bar["variable_p90"]) == pytest.approx((low, high))
    assert bar["npv_at_p10"] == pytest.approx(
        value(run(effects(effect(estimate=low), entry())), "npv")
    )


def test_at_no_extra_value_the_acceptability_curve_is_the_probability_that_npv_is_positive():
    result = run()
    curve = result.acceptability[result.acceptability["perspective"].eq("fiscal")]
    (at_nought,) = curve.loc[curve["threshold_gbp"].eq(0), "probability"]
    assert at_nought == value(result, "probability_npv_positive")


def test_the_plane_holds_as_many_points_as_asked_for():
    plane = run(settings=CostSettings(seed=7, plane_points=25)).plane
    assert len(plane) == 25


def test_without_an_effect_on_entries_there_is_no_plane():
    result = run(effects(effect()))
    assert result.plane.empty
    assert result.acceptability.empty


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    book = overridden("")
    first, again = (cost_tables(run(book=book)) for _ in range(2))
    assert {n: as_csv(t) for n, t in first.items()} == {n: as_csv(t) for n, t in again.items()}
    other = cost_tables(run(book=book, settings=CostSettings(seed=8)))
    assert as_csv(first["draws"]) != as_csv(other["draws"])
