"""Training statistics against the check vector, scipy and statsmodels.

Tolerances: the check vector is printed to six decimals; the other routes use the same formulas in
another order of operations, so only rounding of binary numbers may lie between them.
"""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from tasks.training.statistics import (
    clustered_mean,
    clustered_share,
    difference_of_means,
    holm,
    mean_estimate,
    paired_change,
    share_with_interval,
    wilcoxon_pratt_p,
)

CHECK = np.array([1, 1, 0, 2, 1, 0, 1, 1, -1, 2], dtype=float)
SIX_DECIMALS = 5e-7
ROUNDING = 1e-9


def likert_changes(seed, n):
    """Return changes on a scale of five, with ties and zeros as forms have them."""
    return np.random.default_rng(seed).integers(-2, 4, n).astype(float)


def test_the_check_vector_of_the_outcomes_page_is_met():
    found = paired_change(CHECK)
    assert (found.n, found.df) == (10, 9)
    assert found.mean.value == pytest.approx(0.8, abs=SIX_DECIMALS)
    assert found.t == pytest.approx(2.752989, abs=SIX_DECIMALS)
    assert found.d_z == pytest.approx(0.870572, abs=SIX_DECIMALS)
    assert found.g_z == pytest.approx(0.795951, abs=SIX_DECIMALS)
    assert found.mean.low == pytest.approx(0.142632, abs=SIX_DECIMALS)
    assert found.mean.high == pytest.approx(1.457368, abs=SIX_DECIMALS)
    assert (found.improved, found.same, found.worse) == (7, 2, 1)


@pytest.mark.parametrize("seed", range(20))
def test_a_paired_change_is_that_of_scipy(seed):
    changes = likert_changes(seed, 8 + 3 * seed)
    found, told = paired_change(changes), stats.ttest_1samp(changes, 0)
    interval = told.confidence_interval(0.95)
    assert found.t == pytest.approx(told.statistic, rel=ROUNDING)
    assert found.t_p == pytest.approx(told.pvalue, rel=ROUNDING)
    assert found.mean.low == pytest.approx(interval.low, rel=ROUNDING)
    assert found.mean.high == pytest.approx(interval.high, rel=ROUNDING)
    assert found.d_z == pytest.approx(changes.mean() / changes.std(ddof=1), rel=ROUNDING)


@pytest.mark.parametrize("seed", range(20))
def test_the_signed_rank_test_is_that_of_scipy_with_pratts_zeros(seed):
    changes = likert_changes(seed, 8 + 3 * seed)
    told = stats.wilcoxon(changes, zero_method="pratt", method="asymptotic", correction=False)
    assert wilcoxon_pratt_p(changes) == pytest.approx(told.pvalue, rel=ROUNDING)


def test_hedges_correction_is_near_the_exact_one_of_the_gamma_function():
    df = 9
    exact = math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))
    # The approximation that the check vector uses is within 0.1 % of the exact factor.
    assert paired_change(CHECK).g_z == pytest.approx(paired_change(CHECK).d_z * exact, rel=1e-3)


@pytest.mark.parametrize("seed", range(10))
def test_holm_is_that_of_statsmodels(seed):
    p_values = np.random.default_rng(seed).uniform(0, 0.2, 6).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def test_a_p_value_that_is_not_known_does_not_count_among_the_tests():
    adjusted = holm([0.01, math.nan, 0.04])
    assert adjusted[0] == pytest.approx(0.02)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (5, 12), (12, 12), (37, 60)])
def test_a_share_has_the_wilson_interval_of_statsmodels(hits, n):
    low, high = proportion_confint(hits, n, method="wilson")
    found = share_with_interval(hits, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=ROUNDING)


@pytest.mark.parametrize("seed", range(5))
def test_a_mean_over_sessions_has_the_cluster_robust_interval_of_statsmodels(seed):
    chance = np.random.default_rng(seed)
    sessions = np.repeat(np.arange(12), chance.integers(3, 12, 12))
    values = chance.normal(size=len(sessions)) + chance.normal(size=12)[sessions]
    fitted = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": sessions}, use_t=True
    )
    found = clustered_mean(values, sessions)
    low, high = fitted.conf_int()[0]
    assert found.value == pytest.approx(fitted.params[0], abs=ROUNDING)
    assert (found.low, found.high) == pytest.approx((low, high), abs=ROUNDING)


def test_with_few_sessions_forms_count_as_independent():
    values, sessions = np.array([1.0, 2, 3, 4, 5, 5]), np.array([0, 0, 1, 1, 2, 2])
    assert clustered_mean(values, sessions) == mean_estimate(values)
    assert clustered_share(values > 3, sessions) == share_with_interval(3, 6)


@pytest.mark.parametrize("seed", range(5))
def test_the_difference_of_two_audits_has_the_welch_interval_of_statsmodels(seed):
    chance = np.random.default_rng(seed)
    before, after = chance.integers(1, 4, 14) * 1.0, chance.integers(2, 5, 22) * 1.0
    told = CompareMeans(DescrStatsW(after), DescrStatsW(before)).tconfint_diff(usevar="unequal")
    found = difference_of_means(before, after)
    assert (found.low, found.high) == pytest.approx(told, abs=ROUNDING)


def test_nobody_is_no_figure_and_one_person_no_interval():
    assert math.isnan(mean_estimate(np.array([])).value)
    assert math.isnan(paired_change(np.array([])).wilcoxon_p)
    alone = paired_change(np.array([1.0]))
    assert alone.mean.value == 1
    assert math.isnan(alone.mean.low)
    assert math.isnan(alone.d_z)


def test_changes_all_alike_have_no_spread_to_measure_an_effect_by():
    found = paired_change(np.full(12, 0.5))
    assert found.mean.value == 0.5
    assert math.isnan(found.mean.low)
    assert math.isnan(found.d_z)
    assert found.improved == 12


def test_thirds_that_do_not_add_up_in_binary_are_no_change():
    third = np.array([1 / 3 + 1 / 3 + 1 / 3 - 1.0, (0.1 + 0.2) - 0.3])
    assert paired_change(third).same == 2
