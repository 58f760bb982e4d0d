"""The notes on each estimate: what it rests on, what it could have shown, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any, Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Flags, Floats
from schemas.plan import Plan, PlannedOutcome, plan_hash
from tasks.effects.cells import Cells
from tasks.effects.group import Group
from tasks.effects.result import Result, critical_value
from tasks.effects.words import sentence

NOTE_COLUMNS: Final = (
    "outcome",
    "model",
    "role",
    "status",
    "clusters",
    "children",
    "events",
    "children_in_cohort",
    "icc",
    "minimum_detectable_effect",
    "minimum_detectable_difference",
    "odds_ratio",
    "odds_ratio_low",
    "odds_ratio_high",
    "difference",
    "difference_low",
    "difference_high",
    "last_wedge_has_control",
    "left_out",
    "sentence",
    "plan_hash",
)
_DIFFERENCE: Final = "marginal_risk_difference_among_exposed"


def effect_notes(
    group: Group,
    outcome: PlannedOutcome,
    plan: Plan,
    cells: Cells,
    results: Mapping[str, Result],
) -> DataFrame:
    """Return the row of `NOTE_COLUMNS` for one outcome of one model.

    Args:
        group: the children.
        outcome: as planned.
        plan: the analysis plan.
        cells: of the main analysis.
        results: every estimator's, by id.
    """
    primary = results[plan.primary(outcome)]
    difference = results.get(_DIFFERENCE, primary)
    row: dict[str, Any] = {
        "outcome": outcome.id,
        "model": group.model,
        "role": outcome.role.value,
        "status": primary.status.value,
        "clusters": primary.clusters,
        "children": primary.children,
        "events": primary.events,
        "children_in_cohort": len(group.children),
        "icc": intracluster_correlation(group, group.values(outcome)),
        "minimum_detectable_effect": minimum_detectable(primary, power=plan.power),
        "minimum_detectable_difference": minimum_detectable(difference, power=plan.power),
        **_sizes(primary, difference),
        "last_wedge_has_control": last_wedge_has_control(cells),
        "left_out": group.left_out,
        "sentence": sentence(outcome, model=group.model, primary=primary, difference=difference),
        "plan_hash": plan_hash(plan),
    }
    return DataFrame([row], columns=list(NOTE_COLUMNS))


def _sizes(primary: Result, difference: Result) -> dict[str, float]:
    """Return odds ratio and difference with their intervals; NaN where there is none."""
    odds = ("odds_ratio", "odds_ratio_low", "odds_ratio_high")
    return {
        **{name: primary.extras.get(name, nan) for name in odds},
        "difference": difference.estimate,
        "difference_low": difference.ci_low,
        "difference_high": difference.ci_high,
    }


def minimum_detectable(result: Result, *, power: float) -> float:
    """Return the smallest effect found with this power by a test at 5 % on the data so far."""
    if not isfinite(result.se):
        return nan
    return result.se * (critical_value(result.df) + critical_value(result.df, level=2 * power - 1))


def intracluster_correlation(group: Group, values: Floats) -> float:
    """Return the share of children's variance that lies between authorities, never below 0.

    Analysis of variance estimator on the outcome's own scale (Donner 1986), time left aside.
    """
    known = ~np.isnan(values)
    cluster, place = np.unique(group.children["la_code"].to_numpy()[known], return_inverse=True)
    m, n = cluster.size, int(known.sum())
    if m < 2 or n <= m:
        return nan
    sizes = np.bincount(place).astype(np.float64)
    means = np.bincount(place, weights=values[known]) / sizes
    between = float(sizes @ (means - values[known].mean()) ** 2) / (m - 1)
    within = float(np.sum((values[known] - means[place]) ** 2)) / (n - m)
    size = (n - float(sizes @ sizes) / n) / (m - 1)
    whole = between + (size - 1) * within
    return max((between - within) / whole, 0.0) if whole > 0 else nan


def last_wedge_has_control(cells: Cells) -> bool:
    """Return whether every model's last period has exposed and unexposed children side by side."""
    of_cell = np.array([*cells.models], dtype=object)[cells.cluster]
    return cells.size > 0 and all(_is_mixed(cells, of_cell == name) for name in set(of_cell))


def _is_mixed(cells: Cells, inside: Flags) -> bool:
    last = inside & (cells.period == cells.period[inside].max())
    return bool(np.unique(cells.exposed[last]).size > 1)
