"""Callaway and Sant'Anna's average effect on the exposed, by diff-diff.

For each go-live group g and period t from g on: the change since the last period before g, less the
same change among clusters not yet exposed at t; averaged over all (g, t) that have such clusters
(doi:10.1016/j.jeconom.2020.12.001). Cells are summed over covariates; every cluster counts equally.
Pooled models are computed one by one and averaged by exposed children.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from tasks.effects.cells import Cells
from tasks.effects.design import weakness
from tasks.effects.result import EffectStatus, Result, bare_result, no_result, t_result
from tasks.effects.two_way_fixed_effects import difference_scale

_NEVER: Final = 0
_SINGLE: Final = (
    "each go-live is one authority's, so the variance between authorities going live together "
    "is not known: no standard error, interval or p value"
)


@dataclass(frozen=True)
class _Average:
    """One model's average effect on the exposed."""

    effect: float
    se: float
    weight: float


def callaway_santanna(cells: Cells) -> Result:
    """Return the average difference in mean outcome over exposed periods with a comparison."""
    scale = difference_scale(cells)
    weak = weakness(cells, scale=scale)
    if weak is not None:
        return weak
    cells = cells.summed
    starts = go_live_periods(cells)
    if starts is None:
        why = "exposure does not begin once and stay, cluster by cluster"
        return no_result(cells, EffectStatus.NOT_APPLICABLE, why, scale=scale)
    averages = [_average(cells, starts, model) for model in sorted(set(cells.models))]
    found = [average for average in averages if average is not None]
    if not found:
        why = "no exposed period has a cluster not yet exposed beside it"
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, why, scale=scale)
    return _combined(cells, found)


def go_live_periods(cells: Cells) -> Floats | None:
    """Return the first exposed period of each cluster (m,), inf if none; None if it is not one.

    It is not one when a cluster's cell mixes exposed and unexposed children, or exposure ends.
    """
    starts = np.full(len(cells.cluster_names), np.inf)
    on = cells.exposed > 0
    np.minimum.at(starts, cells.cluster[on], cells.period[on].astype(np.float64))
    is_after = cells.period >= starts[cells.cluster]
    return starts if np.array_equal(is_after, on) else None


def _combined(cells: Cells, found: list[_Average]) -> Result:
    weights = np.array([average.weight for average in found])
    weights /= weights.sum()
    effect = float(weights @ [average.effect for average in found])
    se = sqrt(float(weights**2 @ np.square([average.se for average in found])))
    scale = difference_scale(cells)
    df = float(cells.cluster_count - 1)
    if np.isfinite(se) and se > 0:
        return t_result(cells, estimate=effect, se=se, df=df, scale=scale)
    return bare_result(cells, effect, EffectStatus.NO_VARIANCE, _SINGLE, scale=scale)


def _average(cells: Cells, starts: Floats, model: str) -> _Average | None:
    """Return the average of one model's clusters; None where nothing can be compared."""
    inside = np.array([name == model for name in cells.models])[cells.cluster]
    own = cells.kept(inside)
    panel = _panel(own, starts)
    if panel["first"].nunique() < 2 or not (panel["first"] > _NEVER).any():
        return None
    fit = _diff_diff(panel)
    if fit is None or not np.isfinite(fit.overall_att):
        return None
    groups = panel.loc[panel["first"] > _NEVER].groupby("first")["cluster"].nunique()
    se = float(fit.overall_se) if groups.min() > 1 else nan
    return _Average(float(fit.overall_att), se, float(own.children[own.exposed > 0].sum()))


def _diff_diff(panel: DataFrame) -> Any:
    """Return diff-diff's results; None where it finds no group and period to compare."""
    # Imported here: diff-diff costs a second, and no other estimator needs it.
    from diff_diff import CallawaySantAnna

    estimator = CallawaySantAnna(
        control_group="not_yet_treated", estimation_method="reg", base_period="universal"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return estimator.fit(
                panel, outcome="rate", unit="cluster", time="period", first_treat="first"
            )
        except ValueError:
            return None


def _panel(cells: Cells, starts: Floats) -> DataFrame:
    """Return cluster, period (from 1), rate and first exposed period (0 if none)."""
    first = np.where(np.isfinite(starts), starts + 1, _NEVER)[cells.cluster]
    return DataFrame(
        {
            "cluster": cells.cluster,
            "period": cells.period + 1,
            "rate": cells.rate,
            "first": first.astype(np.int64),
        }
    )
