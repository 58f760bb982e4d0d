"""Every estimator by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np

from schemas.errors import UsageError
from schemas.plan import PLAN, Time
from tasks.effects.callaway_santanna import callaway_santanna
from tasks.effects.cell_means_mixed import cell_means_linear_mixed_kenward_roger
from tasks.effects.cells import Cells
from tasks.effects.design import one_sided_clusters
from tasks.effects.exposure_time import exposure_time_average, exposure_time_curve
from tasks.effects.fixed_effects_logit import (
    fixed_effects_logit_cr2_satterthwaite,
    fixed_effects_logit_model_based,
)
from tasks.effects.gee import gee_mancl_derouen
from tasks.effects.marginal_risk_difference import (
    marginal_risk_difference_all,
    marginal_risk_difference_among_exposed,
)
from tasks.effects.mixed_logit import (
    mixed_logit_cluster_and_cluster_period_laplace,
    mixed_logit_cluster_intercept_laplace,
)
from tasks.effects.randomisation import stratified_randomisation_test
from tasks.effects.result import EffectStatus, Result, Scale, joined_reasons, no_result, with_reason
from tasks.effects.threads import one_thread
from tasks.effects.two_way_fixed_effects import (
    two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite,
)


@dataclass(frozen=True)
class Estimator:
    """One way from cells to an estimate.

    Attributes:
        id: as in the effects table.
        label: for figures and pages.
        run: the estimator.
        time: what a period should be in the cells it is given.
        takes_amounts: whether the outcome may be an amount rather than an event.
        is_adjusted: whether covariates in the cells are adjusted for.
        scale: of its estimates; of events where it takes amounts too.
    """

    id: str
    label: str
    run: Callable[[Cells], Result]
    scale: Scale
    time: Time = Time.WEDGE
    takes_amounts: bool = False
    is_adjusted: bool = True


_LOG: Final = Scale.LOG_ODDS_RATIO
_RISK: Final = Scale.RISK_DIFFERENCE

_ESTIMATORS: Final = (
    Estimator(
        "fixed_effects_logit_cr2_satterthwaite",
        "Fixed-effects logit, CR2 (primary)",
        fixed_effects_logit_cr2_satterthwaite,
        _LOG,
    ),
    Estimator(
        "fixed_effects_logit_model_based",
        "Fixed-effects logit, clusters ignored",
        fixed_effects_logit_model_based,
        _LOG,
    ),
    Estimator(
        "marginal_risk_difference_among_exposed",
        "Risk difference, exposed children",
        marginal_risk_difference_among_exposed,
        _RISK,
    ),
    Estimator(
        "marginal_risk_difference_all",
        "Risk difference, all children",
        marginal_risk_difference_all,
        _RISK,
    ),
    Estimator(
        "mixed_logit_cluster_intercept_laplace",
        "Mixed logit, cluster (protocol)",
        mixed_logit_cluster_intercept_laplace,
        _LOG,
    ),
    Estimator(
        "mixed_logit_cluster_and_cluster_period_laplace",
        "Mixed logit, cluster and cluster by period",
        mixed_logit_cluster_and_cluster_period_laplace,
        _LOG,
    ),
    Estimator(
        "two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite",
        "Two-way fixed effects, CR2",
        two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite,
        _RISK,
        takes_amounts=True,
    ),
    Estimator(
        "cell_means_linear_mixed_kenward_roger",
        "Linear mixed model on cell means",
        cell_means_linear_mixed_kenward_roger,
        _RISK,
        takes_amounts=True,
        is_adjusted=False,
    ),
    Estimator(
        "exposure_time_average",
        "Average over the first year of exposure",
        partial(exposure_time_average, window=PLAN.exposure_window),
        _LOG,
        time=Time.QUARTER,
    ),
    Estimator(
        "exposure_time_curve",
        "By exposure time, plain average",
        exposure_time_curve,
        _LOG,
        time=Time.QUARTER,
    ),
    Estimator(
        "callaway_santanna",
        "Callaway and Sant'Anna",
        callaway_santanna,
        _RISK,
        takes_amounts=True,
        is_adjusted=False,
    ),
    Estimator(
        "gee_mancl_derouen",
        "GEE, Mancl and DeRouen",
        gee_mancl_derouen,
        _LOG,
        is_adjusted=False,
    ),
    Estimator(
        "stratified_randomisation_test",
        "Randomisation test",
        stratified_randomisation_test,
        _RISK,
        takes_amounts=True,
        is_adjusted=False,
    ),
)

ESTIMATORS: Final = MappingProxyType({estimator.id: estimator for estimator in _ESTIMATORS})


def chosen(name: str) -> tuple[Estimator, ...]:
    """Return the estimator called `name`, or every one for `all`.

    Raises:
        UsageError: no estimator is called so.
    """
    if name == "all":
        return tuple(ESTIMATORS.values())
    if name not in ESTIMATORS:
        known = ", ".join(ESTIMATORS)
        raise UsageError(f"estimator {name!r} is not known. Choose all, or one of: {known}.")
    return (ESTIMATORS[name],)


def estimates(cells: Cells, estimators: Iterable[Estimator]) -> dict[str, Result]:
    """Return each estimator's result on the cells, by id."""
    return {estimator.id: estimate(cells, estimator) for estimator in estimators}


def estimate(cells: Cells, estimator: Estimator) -> Result:
    """Return one estimator's result; a matrix that cannot be solved is a result as well."""
    if not cells.is_binary and not estimator.takes_amounts:
        why = "the outcome is an amount, not an event"
        return no_result(cells, EffectStatus.NOT_APPLICABLE, why, scale=estimator.scale)
    try:
        # Overflow in a fit that runs away shows up in its status.
        with np.errstate(all="ignore"), one_thread():
            result = estimator.run(cells)
    except np.linalg.LinAlgError:
        why = "a matrix of the fit has no inverse"
        return no_result(cells, EffectStatus.NOT_CONVERGED, why, scale=estimator.scale)
    return with_reason(result, _estimator_cautions(cells, estimator))


def _estimator_cautions(cells: Cells, estimator: Estimator) -> str:
    """Return what holds of the cells whatever the estimator made of them."""
    is_mixed = cells.is_binary and 0 < cells.event_count < cells.child_count
    sided = ", ".join(one_sided_clusters(cells)) if is_mixed else ""
    skipped = cells.covariate_names and not estimator.is_adjusted
    return joined_reasons(
        f"none or all with the event in cluster {sided}" if sided else "",
        "not adjusted for covariates" if skipped else "",
    )
