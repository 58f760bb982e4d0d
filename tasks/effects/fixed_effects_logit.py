"""Logit with cluster and period fixed effects: the primary estimator, and its plain variance.

    logit Pr(event | cluster i, period t, covariates z) = alpha_i + beta_t + gamma'z + theta exposed

The primary takes CR2 standard errors and Satterthwaite's t. The model-based one stands alongside it
to say what would be claimed were children of one authority no more alike than any others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan
from typing import TypeAlias

import numpy as np

from schemas.arrays import Floats
from tasks.effects.bias_reduced import Linearised, linearised_glm
from tasks.effects.cells import Cells
from tasks.effects.design import Design, fixed_effects_design
from tasks.effects.logit import LogitFit, logit_fit
from tasks.effects.result import EffectStatus, Result, Scale, joined_reasons, no_result, t_result
from tasks.effects.separation import usable

_SCALE = Scale.LOG_ODDS_RATIO
Effects: TypeAlias = Callable[[Cells], Floats]


@dataclass(frozen=True)
class FixedEffectsFit:
    """The fitted logit.

    Attributes:
        cells: those it was fitted to, without the ones predicted perfectly.
        design: of those cells.
        logit: coefficients and fitted risks.
        reason: what a reader should know of the fit.
    """

    cells: Cells
    design: Design
    logit: LogitFit
    reason: str


def exposure_column(cells: Cells) -> Floats:
    """Return exposure as the only effect column; (n, 1)."""
    return cells.exposed[:, None]


def fixed_effects_fit(
    cells: Cells, *, effects: Effects = exposure_column
) -> FixedEffectsFit | Result:
    """Return the fit of the effect columns with cluster, period and covariates, or why none."""

    def design_of(some: Cells) -> Design:
        return fixed_effects_design(some, effects(some))

    found = usable(cells, design_of)
    if isinstance(found, Result):
        return found
    fit = logit_fit(found.design.x, events=found.cells.total, children=found.cells.children)
    if not fit.is_converged:
        return no_result(cells, EffectStatus.NOT_CONVERGED, "the fit did not settle", scale=_SCALE)
    return FixedEffectsFit(found.cells, found.design, fit, found.reason)


def contrast_result(
    fit: FixedEffectsFit, contrast: Floats, *, estimate: float, scale: Scale = _SCALE
) -> Result:
    """Return an estimate whose gradient in the coefficients is `contrast` (p,); CR2, t."""
    spread = clustered(fit, contrast[:, None])
    return t_result(
        fit.cells,
        estimate=estimate,
        se=float(np.sqrt(spread.variance[0])),
        df=float(spread.df[0]),
        scale=scale,
        reason=fit.reason,
    )


def clustered(fit: FixedEffectsFit, contrasts: Floats) -> Linearised:
    """Return the CR2 variances of contrasts (p, k), the working variance being the binomial one."""
    cells, risk = fit.cells, fit.logit.risk
    slope = risk * (1 - risk)
    return linearised_glm(
        fit.design.x * slope[:, None],
        cells.rate - risk,
        cells.children / slope,
        cluster=cells.cluster,
        contrasts=contrasts,
    )


def unit(size: int, place: int) -> Floats:
    """Return a vector of zeros with a one at `place`; (size,)."""
    vector = np.zeros(size)
    vector[place] = 1.0
    return vector


def fixed_effects_logit_cr2_satterthwaite(cells: Cells) -> Result:
    """Return the log odds ratio of exposure, CR2 variance, Satterthwaite t. Primary."""
    fit = fixed_effects_fit(cells)
    if isinstance(fit, Result):
        return fit
    place = fit.design.effects[0]
    contrast = unit(fit.design.x.shape[1], place)
    result = contrast_result(fit, contrast, estimate=float(fit.logit.beta[place]))
    return replace(result, extras=_odds_ratio(result))


def _odds_ratio(result: Result) -> dict[str, float]:
    return {
        "odds_ratio": float(np.exp(result.estimate)),
        "odds_ratio_low": float(np.exp(result.ci_low)),
        "odds_ratio_high": float(np.exp(result.ci_high)),
    }


def fixed_effects_logit_model_based(cells: Cells) -> Result:
    """Return the same estimate with the variance of independent children; normal reference."""
    fit = fixed_effects_fit(cells)
    if isinstance(fit, Result):
        return fit
    place = fit.design.effects[0]
    variance = np.linalg.inv(fit.logit.information)
    return t_result(
        fit.cells,
        estimate=float(fit.logit.beta[place]),
        se=float(np.sqrt(variance[place, place])),
        df=nan,
        scale=_SCALE,
        reason=joined_reasons("takes no account of clusters", fit.reason),
    )
