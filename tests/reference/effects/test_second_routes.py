"""Each estimator against a second route to the same number."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tasks.effects.bias_reduced import linearised_glm, linearised_weighted
from tasks.effects.callaway_santanna import callaway_santanna
from tasks.effects.cell_means_mixed import reml_fit
from tasks.effects.cells import cells_from_frame
from tasks.effects.design import dummies, fixed_effects_design
from tasks.effects.fixed_effects_logit import exposure_column, fixed_effects_logit_model_based
from tasks.effects.gee import gee_mancl_derouen
from tasks.effects.laplace import Grouped, mode
from tasks.effects.two_way_fixed_effects import (
    two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite,
)

FRAME = pd.read_csv(Path(__file__).parent / "estimator_checks.csv")
CELLS = cells_from_frame(FRAME)
DESIGN = fixed_effects_design(CELLS, exposure_column(CELLS))
X, PLACE = DESIGN.x, DESIGN.effects[0]


# pyfixest and statsmodels warn about their own use of pandas and about convergence to a boundary.
from_others = pytest.mark.filterwarnings("ignore")


def dense_club_sandwich(x, residuals, weights, working, cluster, contrast):
    """The formulas of clubSandwich's CR2 and Satterthwaite, matrix by matrix."""
    bread = np.linalg.inv(x.T @ (x * weights[:, None]))
    residual_maker = np.eye(len(x)) - x @ bread @ (x * weights[:, None]).T
    spread = (residual_maker * working) @ residual_maker.T
    scores, pulls = [], []
    for code in np.unique(cluster):
        rows = np.flatnonzero(cluster == code)
        root = np.diag(np.sqrt(working[rows]))
        values, vectors = np.linalg.eigh(root @ spread[np.ix_(rows, rows)] @ root)
        inverse = np.where(values > 1e-12, np.abs(values) ** -0.5, 0.0)
        adjust = root @ (vectors * inverse) @ vectors.T @ root
        pull = adjust @ (x[rows] * weights[rows, None]) @ bread @ contrast
        scores.append(pull @ residuals[rows])
        pulls.append(residual_maker[rows].T @ pull)
    products = (np.array(pulls) * working) @ np.array(pulls).T
    return np.sum(np.square(scores)), np.trace(products) ** 2 / np.sum(products**2)


@pytest.mark.parametrize("few_cells", [0, 10_000])
def test_cr2_of_a_logit_is_the_dense_formula_by_either_root(monkeypatch, few_cells):
    monkeypatch.setattr("tasks.effects.bias_reduced._FEW_CELLS", few_cells)
    random = np.random.default_rng(5)
    risk = expit(random.normal(-2, 0.5, CELLS.size))
    slope = risk * (1 - risk)
    x, weights = X * slope[:, None], CELLS.children / slope
    contrast = np.eye(X.shape[1])[PLACE]
    residuals = CELLS.rate - risk
    ours = linearised_glm(x, residuals, weights, cluster=CELLS.cluster, contrasts=contrast[:, None])
    variance, df = dense_club_sandwich(x, residuals, weights, 1 / weights, CELLS.cluster, contrast)
    assert ours.variance[0] == pytest.approx(variance, rel=1e-7)
    assert ours.df[0] == pytest.approx(df, rel=1e-7)


def test_cr2_of_weighted_least_squares_is_the_dense_formula():
    random = np.random.default_rng(6)
    residuals = random.normal(0, 1, CELLS.size)
    contrast = random.normal(0, 1, X.shape[1])
    ones = np.ones(CELLS.size)
    ours = linearised_weighted(
        X, residuals, CELLS.children, cluster=CELLS.cluster, contrasts=contrast[:, None]
    )
    variance, df = dense_club_sandwich(X, residuals, CELLS.children, ones, CELLS.cluster, contrast)
    assert ours.variance[0] == pytest.approx(variance, rel=1e-7)
    assert ours.df[0] == pytest.approx(df, rel=1e-7)


@from_others
def test_the_logit_is_that_of_statsmodels():
    import statsmodels.api as sm

    counts = np.column_stack([CELLS.total, CELLS.children - CELLS.total])
    fit = sm.GLM(counts, X, family=sm.families.Binomial()).fit()
    ours = fixed_effects_logit_model_based(CELLS)
    assert ours.estimate == pytest.approx(fit.params[PLACE], rel=1e-8)
    assert ours.se == pytest.approx(fit.bse[PLACE], rel=1e-6)
    assert ours.p == pytest.approx(fit.pvalues[PLACE], rel=1e-6)


@from_others
def test_the_two_way_difference_is_that_of_pyfixest():
    import pyfixest

    frame = FRAME.assign(rate=FRAME["events"] / FRAME["children"])
    fit = pyfixest.feols(
        "rate ~ exposed + female | cluster + period",
        data=frame,
        weights="children",
        vcov={"CRV1": "cluster"},
    )
    ours = two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite(CELLS)
    assert ours.estimate == pytest.approx(fit.coef()["exposed"], rel=1e-6)


@from_others
def test_cr2_lies_between_pyfixests_cr1_and_its_jackknife():
    import pyfixest

    frame = FRAME.assign(rate=FRAME["events"] / FRAME["children"])
    ours = two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite(CELLS)
    fit = pyfixest.feols(
        "rate ~ exposed + female + C(cluster) + C(period)", data=frame, weights="children"
    )
    plain = fit.vcov({"CRV1": "cluster"}).se()["exposed"]
    jackknife = fit.vcov({"CRV3": "cluster"}).se()["exposed"]
    correction = np.sqrt(5 / 4 * (len(frame) - 1) / (len(frame) - X.shape[1]))
    assert plain / correction < ours.se < jackknife


@from_others
def test_the_gee_on_cells_is_the_gee_on_children():
    """statsmodels' own exchangeable structure on 19,051 rows, at the correlation we estimate."""
    import statsmodels.api as sm

    ours = gee_mancl_derouen(CELLS)
    cells = CELLS.summed
    one = np.repeat(np.arange(cells.size), cells.total.astype(int))
    none = np.repeat(np.arange(cells.size), (cells.children - cells.total).astype(int))
    rows = np.concatenate([one, none])
    y = np.concatenate([np.ones(one.size), np.zeros(none.size)])
    x = np.column_stack([dummies(cells.period), cells.exposed])[rows]
    structure = sm.cov_struct.Exchangeable()
    structure.dep_params = ours.extras["working_correlation"]
    model = sm.GEE(y, x, cells.cluster[rows], family=sm.families.Binomial(), cov_struct=structure)
    model.update_dep = False
    fit = model.fit(ctol=1e-5, maxiter=100)
    assert ours.estimate == pytest.approx(fit.params[-1], rel=1e-5)


def test_the_gee_variance_is_mancl_and_derouens_written_out():
    from tasks.effects.working_correlation import ChildrenExchangeable

    ours = gee_mancl_derouen(CELLS)
    cells = CELLS.summed
    x = np.column_stack([dummies(cells.period), cells.exposed])
    rho = ours.extras["working_correlation"]
    beta = gee_coefficients(cells, x, rho)
    risk = expit(x @ beta)
    slopes = x * (risk * (1 - risk))[:, None]
    groups = [np.flatnonzero(cells.cluster == code) for code in np.unique(cells.cluster)]
    structure = ChildrenExchangeable([cells.children[i] for i in groups])
    structure.dep_params = rho
    inverses = [
        np.linalg.inv(structure.covariance_matrix(risk[i], k)[0]) for k, i in enumerate(groups)
    ]
    bread = np.linalg.inv(
        sum(slopes[i].T @ v @ slopes[i] for i, v in zip(groups, inverses, strict=True))
    )
    scores = []
    for i, inverse in zip(groups, inverses, strict=True):
        leverage = slopes[i] @ bread @ slopes[i].T @ inverse
        residual = np.linalg.solve(np.eye(i.size) - leverage, (cells.rate - risk)[i])
        scores.append(slopes[i].T @ inverse @ residual)
    variance = bread @ (np.array(scores).T @ np.array(scores)) @ bread
    assert ours.estimate == pytest.approx(beta[-1], rel=1e-6)
    assert ours.se == pytest.approx(np.sqrt(variance[-1, -1]), rel=1e-5)


def gee_coefficients(cells, x, rho):
    beta = np.linalg.lstsq(x, np.log(cells.rate / (1 - cells.rate)), rcond=None)[0]
    for _ in range(100):
        risk = expit(x @ beta)
        score, information = 0.0, 0.0
        for code in np.unique(cells.cluster):
            i = np.flatnonzero(cells.cluster == code)
            spread = np.sqrt(risk[i] * (1 - risk[i]))
            covariance = (np.diag((1 - rho) / cells.children[i]) + rho) * np.outer(spread, spread)
            slopes = x[i] * (spread**2)[:, None]
            score = score + slopes.T @ np.linalg.solve(covariance, (cells.rate - risk)[i])
            information = information + slopes.T @ np.linalg.solve(covariance, slopes)
        beta = beta + np.linalg.solve(information, score)
    return beta


def test_laplace_is_close_to_quadrature_for_large_clusters():
    """For clusters of thousands of children the integrand is all but normal: 40 points agree."""
    cells = CELLS
    x = np.column_stack([dummies(cells.period), cells.exposed])
    beta = np.append(np.full(12, -2.4), -0.2)
    data = Grouped(x, cells.total, cells.children, cells.cluster, np.arange(5))
    laplace = mode(data, beta, s=0.3, r=0.0)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    total = 0.0
    for code in range(5):
        i = cells.cluster == code
        width = 1 / np.sqrt(laplace.curve.left[code])
        places = laplace.u[code] + width * nodes
        eta = (x @ beta)[i][:, None] + 0.3 * places[None, :]
        logs = cells.total[i] @ eta - cells.children[i] @ np.logaddexp(0, eta)
        logs = logs - places**2 / 2 + nodes**2 / 2 + np.log(weights * width / np.sqrt(2 * np.pi))
        total += np.logaddexp.reduce(logs)
    assert laplace.value == pytest.approx(total, abs=5e-3)


@from_others
def test_the_linear_mixed_model_is_that_of_statsmodels():
    import statsmodels.api as sm

    cells = CELLS.summed
    x = np.column_stack([dummies(cells.period), cells.exposed])
    ours = reml_fit(cells.rate * 100, x, dummies(cells.cluster))
    theirs = sm.MixedLM(cells.rate * 100, x, cells.cluster).fit(reml=True, method="powell")
    assert ours.beta[-1] == pytest.approx(theirs.fe_params[-1], rel=1e-4)
    assert ours.residual_variance == pytest.approx(theirs.scale, rel=1e-3)
    assert ours.ratio * ours.residual_variance == pytest.approx(theirs.cov_re[0, 0], rel=1e-2)


def test_callaway_and_santanna_is_the_mean_of_differences_worked_by_hand():
    sums = FRAME.groupby(["cluster", "period"])[["children", "events"]].sum()
    rate = (sums["events"] / sums["children"]).unstack()
    first = FRAME[FRAME["exposed"] == 1].groupby("cluster")["period"].min()
    changes = []
    for cluster, start in first.items():
        for period in range(start, 13):
            later = first.index[first > period]
            if len(later):
                own = rate.at[cluster, period] - rate.at[cluster, start - 1]
                other = (rate.loc[later, period] - rate.loc[later, start - 1]).mean()
                changes.append(own - other)
    assert callaway_santanna(CELLS).estimate == pytest.approx(np.mean(changes), rel=1e-9)
