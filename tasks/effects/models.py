"""The planned effects of each model and of all together, from the restricted cohort table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.plan import PLAN, Kind, Plan, PlannedOutcome, Role, Sensitivity, Time, plan_hash
from schemas.trial import MODELS, Cluster, analysed, left_out
from tasks.effects.cells import Cells, Flags, Floats
from tasks.effects.collapse import Collapse, collapse, filled
from tasks.effects.randomisation import allocations, orders_in_words
from tasks.effects.registry import ESTIMATORS, estimate
from tasks.effects.result import Result, Scale, Status, critical_value, joined, no_result
from tasks.effects.table import EFFECT_COLUMNS, effect_rows
from tasks.effects.words import POOLED, sentence

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
ALLOCATION_COLUMNS: Final = ("outcome", "model", "allocation", "is_observed", "order", "statistic")
_DIFFERENCE: Final = "marginal_risk_difference_among_exposed"
_MAIN: Final = Sensitivity("", "")


@dataclass(frozen=True)
class EffectTables:
    """What one refresh says of effects.

    Attributes:
        effects: `EFFECT_COLUMNS`, one row per outcome, model and estimator; sensitivities and
            points of the exposure-time curve have ids that begin with their estimator's.
        notes: `NOTE_COLUMNS`, one row per outcome and model.
        allocations: `ALLOCATION_COLUMNS`, every order of go-live that could have been drawn, with
            what it would have shown; of the primary outcome.
    """

    effects: DataFrame
    notes: DataFrame
    allocations: DataFrame


def effect_tables(cohort: DataFrame, *, plan: Plan = PLAN) -> EffectTables:
    """Return all planned effects of all models, and of the models pooled.

    Args:
        cohort: one row per child, columns as `COHORT` in schemas/derived.py.
        plan: the analysis plan.
    """
    return stacked([group_tables(cohort, plan=plan, model=m) for m in (*MODELS, POOLED)])


def group_tables(cohort: DataFrame, *, plan: Plan, model: str) -> EffectTables:
    """Return all planned effects of one model, or of `pooled`."""
    group = Group(cohort, model)
    outcomes = [outcome for outcome in plan.outcomes if _is_planned(outcome, group)]
    return stacked([_outcome_tables(group, outcome, plan) for outcome in outcomes])


def model_effects(cohort: DataFrame, *, plan: Plan, model: str) -> DataFrame:
    """Return the effects table of one model, or of `pooled`."""
    return group_tables(cohort, plan=plan, model=model).effects


def stacked(parts: Sequence[EffectTables]) -> EffectTables:
    """Return several sets of tables as one, in the order given."""
    return EffectTables(
        effects=_stacked([part.effects for part in parts], EFFECT_COLUMNS),
        notes=_stacked([part.notes for part in parts], NOTE_COLUMNS),
        allocations=_stacked([part.allocations for part in parts], ALLOCATION_COLUMNS),
    )


def _stacked(parts: Iterable[DataFrame], columns: Sequence[str]) -> DataFrame:
    filled_parts = [part for part in parts if len(part)]
    if not filled_parts:
        return DataFrame(columns=list(columns))
    return pd.concat(filled_parts, ignore_index=True)[list(columns)]


class Group:
    """The children of one model's analysed authorities, or of every model's, ready to be counted.

    Collapses are kept, because all outcomes of one variation share one.
    """

    def __init__(self, cohort: DataFrame, model: str) -> None:
        self.model = model
        self.models = MODELS if model == POOLED else (model,)
        self.clusters = tuple(c for name in self.models for c in analysed(name))
        codes = [cluster.la_code for cluster in self.clusters]
        self.children = cohort.loc[cohort["la_code"].isin(codes)].reset_index(drop=True)
        self._collapses: dict[tuple[Time, str, bool], Collapse] = {}

    def collapsed(self, plan: Plan, *, time: Time, variation: Sensitivity) -> Collapse:
        """Return where each child goes, worked out once per kind of cells."""
        key = (time, variation.exposed_column, variation.is_adjusted)
        if key not in self._collapses:
            self._collapses[key] = collapse(
                self.children,
                covariates=plan.covariates if variation.is_adjusted else (),
                time=time,
                exposed=variation.exposed_column,
            )
        return self._collapses[key]

    def values(self, outcome: PlannedOutcome) -> Floats:
        """Return the outcome of each child, NaN where not known; (children,)."""
        if outcome.id not in self.children.columns:
            return np.full(len(self.children), np.nan)
        column = self.children[outcome.id]
        return column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)

    def kept(self, variation: Sensitivity) -> Flags:
        """Return who counts in the variation; (children,)."""
        if not variation.drop_column:
            return np.ones(len(self.children), dtype=np.bool_)
        dropped = self.children[variation.drop_column].astype("boolean").fillna(False)
        return ~dropped.to_numpy(dtype=np.bool_)

    def cells(
        self, outcome: PlannedOutcome, plan: Plan, *, time: Time, variation: Sensitivity = _MAIN
    ) -> Cells:
        """Return the outcome's cells under one variation."""
        missing = variation.missing if variation.id else plan.missing
        return filled(
            self.collapsed(plan, time=time, variation=variation),
            self.values(outcome),
            is_event=outcome.kind is Kind.EVENT,
            missing=missing,
            keep=self.kept(variation),
        )

    @cached_property
    def left_out(self) -> str:
        """In words, the authorities of these models that stay out, each with the reason."""
        out = [c for name in self.models for c in left_out(name)]
        return ", ".join(f"{c.la_name} ({c.reason_left_out})" for c in out)

    def without_value(self, cells: Cells) -> tuple[Cluster, ...]:
        """Return the authorities that are analysed but have no child with a value."""
        here = {cells.cluster_names[place] for place in np.unique(cells.cluster)}
        return tuple(c for c in self.clusters if c.la_name not in here)


def _is_planned(outcome: PlannedOutcome, group: Group) -> bool:
    return len(outcome.models) > 1 if group.model == POOLED else group.model in outcome.models


def _outcome_tables(group: Group, outcome: PlannedOutcome, plan: Plan) -> EffectTables:
    cells = group.cells(outcome, plan, time=plan.time)
    results = _results(group, outcome, plan, cells)
    note = _row_note(group, cells)
    rows = effect_rows(results, outcome=outcome.id, model=group.model, note=note)
    notes = _notes(group, outcome, plan, cells, results)
    return EffectTables(rows, notes, _allocation_rows(outcome, group, cells))


def _row_note(group: Group, cells: Cells) -> str:
    silent = ", ".join(c.la_name for c in group.without_value(cells))
    return joined(
        f"left out: {group.left_out}" if group.left_out else "",
        f"no child with a value: {silent}" if silent and cells.size else "",
    )


def _results(group: Group, outcome: PlannedOutcome, plan: Plan, cells: Cells) -> dict[str, Result]:
    """Return every planned result: the primary, those beside it, then the sensitivities."""
    primary = plan.primary(outcome)
    ids = [primary, *(name for name in plan.beside if name != primary)]
    if outcome.kind is Kind.AMOUNT:
        ids = [name for name in ids if ESTIMATORS[name].takes_amounts]
    sensitivities = [f"{primary}:{variation.id}" for variation in plan.sensitivities]
    nothing = _nothing(group, outcome, cells)
    if nothing is not None:
        scales = [_scale(outcome, name.partition(":")[0]) for name in (*ids, *sensitivities)]
        return {
            name: no_result(cells, *nothing, scale=scale)
            for name, scale in zip((*ids, *sensitivities), scales, strict=True)
        }
    quarters = group.cells(outcome, plan, time=Time.QUARTER)
    at = {plan.time: cells, Time.QUARTER: quarters}
    results = {name: estimate(at[ESTIMATORS[name].time], ESTIMATORS[name]) for name in ids}
    for variation, name in zip(plan.sensitivities, sensitivities, strict=True):
        varied = group.cells(outcome, plan, time=plan.time, variation=variation)
        results[name] = estimate(varied, ESTIMATORS[primary])
    return results


def _scale(outcome: PlannedOutcome, estimator: str) -> Scale:
    return Scale.MEAN_DIFFERENCE if outcome.kind is Kind.AMOUNT else ESTIMATORS[estimator].scale


def _nothing(group: Group, outcome: PlannedOutcome, cells: Cells) -> tuple[Status, str] | None:
    """Return why there is nothing to estimate; None where there is something."""
    if len(group.children) == 0:
        return Status.NO_DATA, "no child of these authorities in the cut"
    if cells.size == 0:
        why = f"no child's follow-up of {outcome.window_months} months is over, or not returned"
        return Status.NOT_MATURE, why
    models = {cells.models[place] for place in np.unique(cells.cluster)}
    if group.model == POOLED and len(models) < 2:
        return Status.NOT_APPLICABLE, "one model only has children whose follow-up is over"
    return None


def _notes(
    group: Group,
    outcome: PlannedOutcome,
    plan: Plan,
    cells: Cells,
    results: Mapping[str, Result],
) -> DataFrame:
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
        "odds_ratio": primary.extras.get("odds_ratio", nan),
        "odds_ratio_low": primary.extras.get("odds_ratio_low", nan),
        "odds_ratio_high": primary.extras.get("odds_ratio_high", nan),
        "difference": difference.estimate,
        "difference_low": difference.ci_low,
        "difference_high": difference.ci_high,
        "last_wedge_has_control": last_wedge_has_control(cells),
        "left_out": group.left_out,
        "sentence": sentence(outcome, model=group.model, primary=primary, difference=difference),
        "plan_hash": plan_hash(plan),
    }
    return DataFrame([row], columns=list(NOTE_COLUMNS))


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
    """Say whether every model's last period has exposed and unexposed children side by side."""
    of_cell = np.array([*cells.models], dtype=object)[cells.cluster]
    return cells.size > 0 and all(_is_mixed(cells, of_cell == name) for name in set(of_cell))


def _is_mixed(cells: Cells, inside: Flags) -> bool:
    last = inside & (cells.period == cells.period[inside].max())
    return bool(np.unique(cells.exposed[last]).size > 1)


def _allocation_rows(outcome: PlannedOutcome, group: Group, cells: Cells) -> DataFrame:
    """Return the orders that could have been drawn, with what each would show of the primary."""
    if outcome.role is not Role.PRIMARY or cells.size == 0:
        return DataFrame(columns=list(ALLOCATION_COLUMNS))
    found = allocations(cells)
    if isinstance(found, Result):
        return DataFrame(columns=list(ALLOCATION_COLUMNS))
    place = np.arange(len(found.statistic))
    return DataFrame(
        {
            "outcome": outcome.id,
            "model": group.model,
            "allocation": place + 1,
            "is_observed": place == 0,
            "order": orders_in_words(found),
            "statistic": found.statistic,
        }
    )
