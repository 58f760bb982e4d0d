"""What the primary logit says in percentage points.

Each child's risk is predicted with and without exposure from the fixed-effects logit, the rest as
it is, and the differences are averaged (standardisation). The variance is the CR2 variance of the
coefficients carried over by the gradient (delta method), with Satterthwaite's degrees of freedom of
that gradient.
"""

from __future__ import annotations

from dataclasses import replace

from scipy.special import expit

from schemas.arrays import Floats
from tasks.effects.cells import Cells
from tasks.effects.fixed_effects_logit import (
    FixedEffectsFit,
    contrast_result,
    fixed_effects_fit,
)
from tasks.effects.result import Result, Scale


def marginal_risk_difference_among_exposed(cells: Cells) -> Result:
    """Return the mean difference in risk over children referred after go-live."""
    fit = fixed_effects_fit(cells)
    if isinstance(fit, Result):
        return _rescaled(fit)
    return _averaged(fit, weights=fit.cells.children * fit.cells.exposed)


def marginal_risk_difference_all(cells: Cells) -> Result:
    """Return the mean difference in risk over every child."""
    fit = fixed_effects_fit(cells)
    if isinstance(fit, Result):
        return _rescaled(fit)
    return _averaged(fit, weights=fit.cells.children)


def _rescaled(result: Result) -> Result:
    return replace(result, scale=Scale.RISK_DIFFERENCE)


def _averaged(fit: FixedEffectsFit, *, weights: Floats) -> Result:
    """Return the weighted mean of risk with less risk without exposure; weights (n,)."""
    x, place = fit.design.x, fit.design.effects[0]
    share = weights / weights.sum()
    with_it, without = x.copy(), x.copy()
    with_it[:, place], without[:, place] = 1.0, 0.0
    risk_with, risk_without = expit(with_it @ fit.logit.beta), expit(without @ fit.logit.beta)
    gradient = (share * risk_with * (1 - risk_with)) @ with_it
    gradient -= (share * risk_without * (1 - risk_without)) @ without
    return contrast_result(
        fit,
        gradient,
        estimate=float(share @ (risk_with - risk_without)),
        scale=Scale.RISK_DIFFERENCE,
    )
