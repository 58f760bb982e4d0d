from math import isnan

import numpy as np
import pandas as pd
import pytest

from schemas.errors import UsageError
from tasks.effects.randomisation import Allocations, allocations, orders_in_words
from tasks.effects.registry import ESTIMATORS, chosen, estimate
from tasks.effects.result import EffectStatus, Scale, critical_value, p_value, t_result
from tasks.effects.table import EFFECT_COLUMNS, estimate_cells
from tests.unit.tasks.effects.invented import cells, wedge, with_covariates


def of(frame, name):
    return estimate(cells(frame), ESTIMATORS[name])


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_the_order_of_rows_is_immaterial(name):
    frame = with_covariates(wedge())
    mixed = frame.sample(frac=1, random_state=3)
    assert of(mixed, name).estimate == pytest.approx(of(frame, name).estimate, rel=1e-6)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_a_large_planted_effect_is_found_with_its_sign(name):
    result = of(wedge(9, 12, effect=-0.8, children=400, seed=11), name)
    assert result.estimate < 0
    assert isnan(result.p) or result.p < 0.05


def test_splitting_a_cell_by_nothing_changes_no_logit():
    frame = wedge()
    halves = pd.concat([frame.assign(children=frame["children"] // 2), frame])
    halves["events"] = 0
    first, second = halves.iloc[:30].copy(), halves.iloc[30:].copy()
    second["children"] -= first["children"]
    first["events"] = np.minimum(frame["events"], first["children"]) // 2
    second["events"] = frame["events"] - first["events"]
    split = pd.concat([first, second], ignore_index=True)
    name = "fixed_effects_logit_cr2_satterthwaite"
    assert of(split, name).estimate == pytest.approx(of(frame, name).estimate, rel=1e-9)


def test_the_risk_difference_of_a_whole_is_nearer_zero_than_the_log_odds_ratio():
    frame = wedge()
    odds = of(frame, "fixed_effects_logit_cr2_satterthwaite")
    risk = of(frame, "marginal_risk_difference_all")
    assert np.sign(odds.estimate) == np.sign(risk.estimate)
    assert abs(risk.estimate) < abs(odds.estimate) / 4 + 1e-12


def test_the_odds_ratio_stands_in_the_note_with_its_interval():
    (row,) = estimate_cells(wedge(), estimator="fixed_effects_logit_cr2_satterthwaite").to_dict(
        "records"
    )
    wanted = f"odds ratio {np.exp(row['estimate']):.3g} ({np.exp(row['ci_low']):.3g} to"
    assert wanted in row["note"]


def test_all_gives_one_row_per_estimator_and_one_per_point_of_the_curve():
    rows = estimate_cells(wedge(), estimator="all")
    assert tuple(rows.columns) == EFFECT_COLUMNS
    points = [f"exposure_time_curve_{time:02d}" for time in range(1, 6)]
    assert set(rows["estimator"]) == {*ESTIMATORS, *points}


def test_an_unknown_estimator_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="Choose all, or one of: fixed_effects_logit_cr2"):
        chosen("magic")


def test_without_exposure_time_the_curve_does_not_apply():
    frame = wedge().drop(columns="exposure_time")
    assert of(frame, "exposure_time_average").status is EffectStatus.NOT_APPLICABLE


def test_the_average_over_the_window_is_the_mean_of_its_points():
    curve = of(wedge(), "exposure_time_curve")
    average = of(wedge(), "exposure_time_average")
    points = [curve.points[str(time)].estimate for time in (1, 2, 3, 4)]
    assert average.estimate == pytest.approx(np.mean(points), rel=1e-9)


def test_an_average_over_a_window_not_wholly_seen_says_so():
    frame = wedge(starts=[3, 4, 4, 5, 5])
    result = of(frame, "exposure_time_average")
    assert result.status is EffectStatus.PARTIAL
    assert "averages 3 of the 4 exposure times 1 to 4" in result.reason


def test_an_order_over_strata_is_counted_and_its_smallest_p_told():
    strata = {"L1": "high", "L2": "high", "L3": "low", "L4": "low", "L5": "low"}
    frame = wedge().assign(stratum=lambda t: t["cluster"].map(strata))
    found = allocations(cells(frame))
    assert isinstance(found, Allocations)
    assert len(found.statistic) == 12
    assert orders_in_words(found)[0] == "L1, L2, L3, L4, L5"
    result = of(frame, "stratified_randomisation_test")
    assert result.reason.startswith("exact p over 12 possible orders cannot fall below 0.083")
    assert result.p >= 1 / 12
    assert isnan(result.ci_low)


def test_two_models_of_the_trial_together_reach_a_p_of_one_in_forty_eight():
    strata = {"L1": "high", "L2": "high", "L3": "low", "L4": "low", "L5": "low"}
    one = wedge().assign(stratum=lambda t: t["cluster"].map(strata), model="a")
    two = wedge(4, seed=4).assign(stratum=["high"] * 12 + ["low"] * 12, model="b")
    two["cluster"] = "M" + two["cluster"]
    result = of(pd.concat([one, two], ignore_index=True), "stratified_randomisation_test")
    assert result.extras["smallest_p"] == pytest.approx(1 / 48)


def test_the_randomisation_statistic_is_the_two_way_difference():
    name = "two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite"
    test = of(wedge(), "stratified_randomisation_test")
    assert test.estimate == pytest.approx(of(wedge(), name).estimate, rel=1e-9)


def test_the_randomisation_interval_holds_the_estimate_and_what_p_does_not_reject():
    frame = wedge(children=400)
    result = of(frame, "stratified_randomisation_test")
    assert result.ci_low < result.estimate < result.ci_high
    assert (result.p > 0.05) == (result.ci_low <= 0 <= result.ci_high)


def test_a_cluster_without_published_stratum_is_left_out_with_its_model():
    one = wedge().assign(stratum="high", model="a")
    two = wedge(4).assign(stratum=None, model="b")
    two["cluster"] = "M" + two["cluster"]
    result = of(pd.concat([one, two], ignore_index=True), "stratified_randomisation_test")
    assert result.clusters == 5
    assert "strata not published: ML1, ML2, ML3, ML4" in result.reason
    alone = of(two, "stratified_randomisation_test")
    assert alone.status is EffectStatus.NOT_APPLICABLE


def test_many_orders_are_sampled_the_same_way_every_time():
    frame = wedge(9, 12)
    first, again = (of(frame, "stratified_randomisation_test") for _ in range(2))
    assert first.p == again.p
    assert first.reason.startswith("sampled p over 2000")


def test_exposure_that_ends_again_has_no_order_of_go_live():
    frame = wedge()
    frame.loc[(frame["cluster"] == "L1") & (frame["period"] == 5), "exposed"] = 0
    for name in ("stratified_randomisation_test", "callaway_santanna"):
        assert of(frame, name).status is EffectStatus.NOT_APPLICABLE


def test_callaway_and_santanna_gives_an_interval_once_clusters_go_live_together():
    alone = of(wedge(), "callaway_santanna")
    assert alone.status is EffectStatus.NO_VARIANCE
    assert isnan(alone.se)
    together = of(wedge(9, starts=[1, 1, 2, 2, 3, 3, 4, 4, 4]), "callaway_santanna")
    assert together.status is EffectStatus.OK
    assert together.df == 8


@pytest.mark.parametrize("se", [0.0, 1e-16, -1.0, float("nan"), float("inf"), 716.0])
def test_without_a_usable_standard_error_there_is_no_result(se):
    result = t_result(cells(wedge()), estimate=1.0, se=se, df=5.0, scale=Scale.LOG_ODDS_RATIO)
    assert result.status is EffectStatus.NOT_IDENTIFIED
    assert isnan(result.estimate)


def test_the_normal_reference_is_the_limit_of_t():
    assert critical_value(float("nan")) == pytest.approx(1.959964, abs=1e-6)
    assert critical_value(1e9) == pytest.approx(1.959964, abs=1e-6)
    assert p_value(1.959964, df=float("nan")) == pytest.approx(0.05, abs=1e-6)
