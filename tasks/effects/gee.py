"""Marginal logit by generalised estimating equations, with Mancl and DeRouen's variance.

    logit Pr(event) = beta_t + theta exposed,    children of a cluster equally correlated

On cells summed over covariates. Variance after Mancl and DeRouen (2001), by statsmodels; t with
clusters - 2 degrees of freedom (Li, Turner and Preisser 2018). The odds ratio is the population's,
so somewhat nearer to one than a cluster's own.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np

from tasks.effects.cells import Cells
from tasks.effects.design import Design
from tasks.effects.mixed_logit import marginal
from tasks.effects.result import EffectStatus, Result, Scale, no_result, t_result, with_status
from tasks.effects.separation import Usable, usable

_SCALE: Final = Scale.LOG_ODDS_RATIO


def gee_mancl_derouen(cells: Cells) -> Result:
    """Return the population log odds ratio of exposure, not adjusted for covariates."""
    found = usable(cells.summed, marginal)
    if isinstance(found, Result):
        return found
    return _fitted(found)


def _fitted(found: Usable) -> Result:
    cells, place = found.cells, found.design.effects[0]
    fit = _gee_fit(cells, found.design)
    if fit is None or not fit.converged:
        return no_result(cells, EffectStatus.NOT_CONVERGED, "the fit did not settle", scale=_SCALE)
    result = t_result(
        cells,
        estimate=float(fit.params[place]),
        se=float(np.sqrt(fit.cov_robust_bc[place, place])),
        df=float(cells.cluster_count - 2),
        scale=_SCALE,
        reason=found.reason,
        extras={"working_correlation": float(fit.cov_struct.dep_params)},
    )
    if fit.cov_struct.dep_params > 0:
        return result
    return with_status(result, EffectStatus.BOUNDARY, "working correlation is estimated at zero")


def _gee_fit(cells: Cells, design: Design) -> Any:
    """Return statsmodels' results; None where a matrix was singular."""
    # Imported here: statsmodels costs over a second, and no other estimator needs it.
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    from tasks.effects.working_correlation import ChildrenExchangeable

    order = np.argsort(cells.cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cells.cluster[order])) + 1
    structure = ChildrenExchangeable(np.split(cells.children[order], starts))
    model = GEE(
        cells.rate[order],
        design.x[order],
        groups=cells.cluster[order],
        family=Binomial(),
        cov_struct=structure,
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return model.fit(
                maxiter=200, ctol=1e-9 * cells.child_count, cov_type="bias_reduced", scale=1.0
            )
        except (np.linalg.LinAlgError, ValueError):
            return None
