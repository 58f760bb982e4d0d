"""Linear mixed model on cell means, with Kenward and Roger's correction.

    mean outcome of cluster i in period t = beta_t + delta exposed + u_i + e_it

Cells are summed over covariates first and count equally, so the residual e_it is the
cluster-by-period effect together with the sampling of children. Restricted maximum likelihood;
variance and degrees of freedom after Kenward and Roger (1997, doi:10.2307/2533558), as pbkrtest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from schemas.arrays import Floats
from tasks.effects.cells import Cells
from tasks.effects.design import Design, dummies, marginal_design, remarks, weakness
from tasks.effects.fixed_effects_logit import exposure_column
from tasks.effects.result import EffectStatus, Result, no_result, t_result, with_status
from tasks.effects.separation import NOT_TOLD_APART
from tasks.effects.two_way_fixed_effects import difference_scale

_LARGEST_RATIO: Final = 1e6


def cell_means_linear_mixed_kenward_roger(cells: Cells) -> Result:
    """Return the difference in mean outcome with a random intercept per cluster."""
    scale = difference_scale(cells)
    weak = weakness(cells, scale=scale)
    if weak is not None:
        return weak
    cells = cells.summed
    design = marginal_design(cells, exposure_column(cells))
    if design.effects[0] < 0:
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, NOT_TOLD_APART, scale=scale)
    if cells.size <= design.x.shape[1] + 1:
        why = f"{cells.size} cells for {design.x.shape[1]} coefficients and two variances"
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, why, scale=scale)
    return _fitted(cells, design)


def _fitted(cells: Cells, design: Design) -> Result:
    fit = reml_fit(cells.rate, design.x, dummies(cells.cluster))
    if not fit.residual_variance > 0:
        why = "cell means leave no residual"
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, why, scale=difference_scale(cells))
    variance, df = kenward_roger(fit, place=design.effects[0])
    result = t_result(
        cells,
        estimate=float(fit.beta[design.effects[0]]),
        se=float(np.sqrt(variance)),
        df=df,
        scale=difference_scale(cells),
        reason=remarks(design),
        extras={
            "cluster_variance": fit.ratio * fit.residual_variance,
            "residual_variance": fit.residual_variance,
        },
    )
    if fit.ratio > 0:
        return result
    return with_status(
        result, EffectStatus.BOUNDARY, "variance between clusters is estimated at zero"
    )


@dataclass(frozen=True)
class RemlFit:
    """A linear mixed model with one random intercept.

    Attributes:
        beta: (p,) coefficients.
        residual_variance: of e.
        ratio: variance of u over that of e; 0 at the boundary.
        x: (n, p) design.
        between: (n, n) 1 where two cells share a cluster.
    """

    beta: Floats
    residual_variance: float
    ratio: float
    x: Floats
    between: Floats


def reml_fit(y: Floats, x: Floats, z: Floats) -> RemlFit:
    """Return the restricted maximum likelihood fit of y on x with random intercepts z (n, m).

    The likelihood is profiled down to the ratio of variances, in the coordinates that x leaves
    free: there the covariance is I + ratio K'ZZ'K, diagonal in the eigenvectors of K'ZZ'K.
    """
    # Imported here: scipy.optimize costs a third of a second, and other estimators do without.
    from scipy.optimize import minimize_scalar

    basis = np.linalg.qr(x, mode="complete")[0][:, x.shape[1] :]
    values, vectors = np.linalg.eigh(basis.T @ z @ z.T @ basis)
    values = np.maximum(values, 0.0)
    squares = (vectors.T @ (basis.T @ y)) ** 2

    def deviance(log_ratio: float) -> float:
        scale = 1 + np.exp(log_ratio) * values
        return float(np.log(scale).sum() + squares.size * np.log(np.mean(squares / scale)))

    grid = np.linspace(-16, np.log(_LARGEST_RATIO), 61)
    best = int(np.argmin([deviance(float(point)) for point in grid]))
    inside = (grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)])
    found = minimize_scalar(deviance, bounds=inside, method="bounded", options={"xatol": 1e-10})
    at_zero = squares.size * np.log(np.mean(squares)) if squares.any() else -np.inf
    ratio = float(np.exp(found.x)) if found.fun < at_zero - 1e-9 else 0.0
    variance = float(np.mean(squares / (1 + ratio * values)))
    covariance = np.eye(y.size) + ratio * z @ z.T
    weighted = np.linalg.solve(covariance, x)
    beta = np.linalg.solve(x.T @ weighted, weighted.T @ y)
    return RemlFit(beta, variance, ratio, x, z @ z.T)


def kenward_roger(fit: RemlFit, *, place: int) -> tuple[float, float]:
    """Return the adjusted variance of one coefficient and its degrees of freedom.

    For one coefficient Kenward and Roger's F is a t with 2 / A2 degrees of freedom.
    """
    parts = (fit.between, np.eye(len(fit.x)))
    covariance = fit.residual_variance * (fit.ratio * parts[0] + parts[1])
    inverse = np.linalg.inv(covariance)
    plain = np.linalg.inv(fit.x.T @ inverse @ fit.x)
    sides = [inverse @ part @ inverse for part in parts]
    slopes = [-fit.x.T @ side @ fit.x for side in sides]
    bends = [[fit.x.T @ a @ part @ inverse @ fit.x for part in parts] for a in sides]
    spread = _variance_of_variances(inverse, parts, plain, slopes, bends)
    change = sum(
        spread[r, s] * (bends[r][s] - slopes[r] @ plain @ slopes[s]) for r in (0, 1) for s in (0, 1)
    )
    adjusted = plain + 2 * plain @ change @ plain
    pulls = np.array([(plain @ slope @ plain)[place, place] for slope in slopes])
    second = float(pulls @ spread @ pulls) / float(plain[place, place]) ** 2
    return float(adjusted[place, place]), 2 / second


def _variance_of_variances(
    inverse: Floats,
    parts: tuple[Floats, Floats],
    plain: Floats,
    slopes: list[Floats],
    bends: list[list[Floats]],
) -> Floats:
    """Return the inverse expected information of the two variances; (2, 2)."""
    sides = [inverse @ part for part in parts]
    information = [
        [
            np.sum(sides[r] * sides[s].T)
            - 2 * np.sum(plain * bends[r][s].T)
            + np.sum((plain @ slopes[r]) * (plain @ slopes[s]).T)
            for s in (0, 1)
        ]
        for r in (0, 1)
    ]
    spread: Floats = 2 * np.linalg.inv(np.array(information))
    return spread
