"""Where the data cannot answer, every estimator says so by name; never a good-looking number."""

from dataclasses import replace
from math import isfinite, isnan

import numpy as np
import pytest

from tasks.effects.registry import ESTIMATORS, estimate
from tasks.effects.result import EffectStatus
from tasks.effects.threads import _switch, one_thread
from tests.unit.tasks.effects.invented import cells, wedge

BASE = wedge()
ODDS = [name for name, e in ESTIMATORS.items() if e.scale == "log_odds_ratio"]
LOGIT = [*ODDS, "marginal_risk_difference_among_exposed", "marginal_risk_difference_all"]
FIXED = [name for name in LOGIT if "mixed" not in name and "gee" not in name]
ALL = list(ESTIMATORS)


def of(frame, name):
    return estimate(cells(frame), ESTIMATORS[name])


def assert_silent(result, status):
    assert result.status is status
    assert result.reason
    numbers = (result.estimate, result.se, result.ci_low, result.ci_high, result.p)
    assert all(isnan(number) for number in numbers)


NOTHING = {
    "no row at all": (BASE[:0], EffectStatus.NO_DATA),
    "no children": (BASE.assign(children=0, events=0), EffectStatus.NO_DATA),
    "one cluster": (BASE[BASE["cluster"] == "L1"], EffectStatus.TOO_FEW_CLUSTERS),
    "two clusters": (BASE[BASE["cluster"] < "L3"], EffectStatus.TOO_FEW_CLUSTERS),
    "one period each for all but two": (
        BASE[(BASE["cluster"] < "L3") | (BASE["period"] == 3)],
        EffectStatus.TOO_FEW_CLUSTERS,
    ),
    "no one exposed": (BASE.assign(exposed=0), EffectStatus.NO_EXPOSED),
    "everybody exposed": (
        BASE.assign(exposed=1, exposure_time=BASE["period"] + 1),
        EffectStatus.NO_UNEXPOSED,
    ),
    "no event": (BASE.assign(events=0), EffectStatus.NO_EVENTS),
    "nothing but events": (BASE.assign(events=BASE["children"]), EffectStatus.ALL_EVENTS),
    "all go live together": (wedge(starts=[3] * 5), EffectStatus.NOT_IDENTIFIED),
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("case", NOTHING)
def test_where_nothing_can_be_said_the_status_says_why(name, case):
    frame, status = NOTHING[case]
    assert_silent(of(frame, name), status)


@pytest.mark.parametrize("name", LOGIT)
def test_no_event_after_go_live_has_no_finite_odds_ratio(name):
    frame = BASE.assign(events=BASE["events"].where(BASE["exposed"] == 0, 0))
    assert_silent(of(frame, name), EffectStatus.SEPARATED)


@pytest.mark.parametrize("name", ALL)
def test_a_covariate_that_equals_exposure_is_never_adjusted_away_silently(name):
    result = of(BASE.assign(twin=BASE["exposed"]), name)
    if ESTIMATORS[name].is_adjusted:
        assert_silent(result, EffectStatus.NOT_IDENTIFIED)
    else:
        assert "not adjusted for covariates" in result.reason


@pytest.mark.parametrize("name", ALL)
def test_collinear_covariates_are_named_and_change_nothing(name):
    third = np.arange(len(BASE)) % 7 == 0
    alone = of(BASE.assign(a=third.astype(int)), name)
    doubled = of(BASE.assign(a=third.astype(int), b=2 * third), name)
    assert doubled.estimate == pytest.approx(alone.estimate, rel=1e-6)
    if ESTIMATORS[name].is_adjusted:
        assert "collinear covariates left out: b" in doubled.reason


@pytest.mark.parametrize("name", FIXED)
def test_a_cluster_without_events_says_nothing_and_is_named(name):
    frame = BASE.assign(events=BASE["events"].where(BASE["cluster"] != "L3", 0))
    result, without = of(frame, name), of(BASE[BASE["cluster"] != "L3"], name)
    assert result.clusters == 4
    assert result.estimate == pytest.approx(without.estimate, rel=1e-6)
    assert result.se == pytest.approx(without.se, rel=1e-6)
    assert "none or all with the event in cluster L3" in result.note


@pytest.mark.parametrize("name", FIXED)
def test_a_cluster_of_events_only_is_the_same(name):
    frame = BASE.assign(events=BASE["events"].where(BASE["cluster"] != "L3", BASE["children"]))
    without = of(BASE[BASE["cluster"] != "L3"], name)
    assert of(frame, name).estimate == pytest.approx(without.estimate, rel=1e-6)


@pytest.mark.parametrize("name", FIXED)
def test_three_clusters_without_events_leave_too_few(name):
    frame = BASE.assign(events=BASE["events"].where(BASE["cluster"] < "L3", 0))
    result = of(frame, name)
    assert_silent(result, EffectStatus.TOO_FEW_CLUSTERS)
    assert "none or all with the event in cluster L3, L4, L5" in result.reason


@pytest.mark.parametrize("name", ALL)
def test_a_period_without_events_is_no_obstacle(name):
    frame = BASE.assign(events=BASE["events"].where(BASE["period"] != 3, 0))
    assert isfinite(of(frame, name).estimate)


@pytest.mark.parametrize("name", ALL)
def test_a_single_empty_cell_is_no_obstacle(name):
    hole = (BASE["period"] == 3) & (BASE["cluster"] == "L2")
    assert isfinite(of(BASE.assign(events=BASE["events"].where(~hole, 0)), name).estimate)
    assert isfinite(of(BASE[~hole], name).estimate)


@pytest.mark.parametrize("name", FIXED)
def test_a_cluster_with_one_period_is_named_as_mute(name):
    frame = BASE[(BASE["cluster"] != "L5") | (BASE["period"] == 5)]
    result = of(frame, name)
    without = of(BASE[BASE["cluster"] != "L5"], name)
    assert "no information on the effect in cluster L5" in result.reason
    if result.scale == "log_odds_ratio":
        assert result.estimate == pytest.approx(without.estimate, rel=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_identical_rates_everywhere_are_not_taken_for_certainty(name):
    result = of(BASE.assign(children=100, events=10), name)
    assert isnan(result.se) or result.se > 1e-6


@pytest.mark.parametrize("name", ALL)
def test_four_clusters_give_a_number_only_with_what_it_rests_on(name):
    result = of(wedge(4), name)
    assert isfinite(result.estimate)
    if isfinite(result.df) and result.df < 4:
        assert result.status is EffectStatus.FEW_CLUSTERS
        assert "degrees of freedom" in result.reason


def test_a_variance_at_the_boundary_is_named():
    alike = BASE.assign(events=(BASE["children"] * 0.2).astype(int))
    for name in ("mixed_logit_cluster_intercept_laplace", "gee_mancl_derouen"):
        result = of(alike, name)
        assert result.status in (EffectStatus.BOUNDARY, EffectStatus.NOT_IDENTIFIED)
        assert result.reason
    both = of(BASE, "mixed_logit_cluster_and_cluster_period_laplace")
    one = of(BASE, "mixed_logit_cluster_intercept_laplace")
    assert both.status is EffectStatus.BOUNDARY
    assert both.estimate == pytest.approx(one.estimate, abs=1e-5)


def test_a_linear_mixed_model_without_variance_between_clusters_says_so():
    random = np.random.default_rng(8)
    frame = BASE.assign(children=1000, events=random.binomial(1000, 0.2, len(BASE)))
    frame["events"] += 100 * ((frame["period"] + frame["cluster"].str[1].astype(int)) % 2)
    result = of(frame, "cell_means_linear_mixed_kenward_roger")
    assert result.status is EffectStatus.BOUNDARY
    assert "variance between clusters is estimated at zero" in result.reason


def test_a_saturated_linear_mixed_model_has_no_estimate():
    frame = wedge(3, 2, starts=[1, 1, 2])
    result = of(frame, "cell_means_linear_mixed_kenward_roger")
    assert isfinite(result.estimate) or result.status is EffectStatus.NOT_IDENTIFIED


@pytest.mark.parametrize("name", [n for n in ALL if not ESTIMATORS[n].takes_amounts])
def test_an_amount_has_no_odds(name):
    amounts = replace(cells(BASE), is_binary=False)
    assert_silent(estimate(amounts, ESTIMATORS[name]), EffectStatus.NOT_APPLICABLE)


@pytest.mark.parametrize("name", [n for n in ALL if ESTIMATORS[n].takes_amounts])
def test_an_amount_has_a_mean_difference(name):
    amounts = replace(cells(BASE), is_binary=False)
    result = estimate(amounts, ESTIMATORS[name])
    assert result.scale == "mean_difference"
    assert result.estimate == estimate(cells(BASE), ESTIMATORS[name]).estimate


def test_a_matrix_without_inverse_is_a_status(monkeypatch):
    def broken(_):
        raise np.linalg.LinAlgError

    result = estimate(cells(BASE), replace(ESTIMATORS["gee_mancl_derouen"], run=broken))
    assert_silent(result, EffectStatus.NOT_CONVERGED)


def test_small_counts_do_not_stand_in_a_note():
    frame = BASE.assign(events=BASE["events"].where(BASE["period"] != 3, 0))
    frame.loc[frame["period"] == 3, "children"] = 1
    result = of(frame, "fixed_effects_logit_cr2_satterthwaite")
    assert "fewer than 10 children in cells predicted perfectly" in result.reason


def test_threads_are_as_they_were_afterwards():
    ask, _ = _switch()
    before = ask()
    with one_thread():
        assert ask() == 1
    assert ask() == before


@pytest.mark.parametrize("name", ALL)
def test_models_pooled_do_not_count_clusters_that_stand_alone_in_their_model(name):
    """A lone cluster has no one to be compared with, so two others are too few."""
    lonely = BASE.assign(model=BASE["cluster"].map({"L1": "a", "L2": "a"}).fillna(BASE["cluster"]))
    assert_silent(of(lonely, name), EffectStatus.TOO_FEW_CLUSTERS)
