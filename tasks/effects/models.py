"""The planned effects of each model and of all together, from the restricted cohort table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.plan import PLAN, Plan, PlannedOutcome, Role, Time, ValueKind
from schemas.trial import MODELS
from tasks.effects.cells import Cells
from tasks.effects.group import Group
from tasks.effects.notes import NOTE_COLUMNS, effect_notes
from tasks.effects.randomisation import allocations, orders_in_words
from tasks.effects.registry import ESTIMATORS, estimate
from tasks.effects.result import EffectStatus, Result, Scale, joined_reasons, no_result
from tasks.effects.table import EFFECT_COLUMNS, effect_rows
from tasks.effects.words import POOLED

GROUPS: Final = (*MODELS, POOLED)
"""Every model by itself, and all together."""
ALLOCATION_COLUMNS: Final = ("outcome", "model", "allocation", "is_observed", "order", "statistic")


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
    return stacked([group_tables(cohort, plan=plan, model=m) for m in GROUPS])


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


def _is_planned(outcome: PlannedOutcome, group: Group) -> bool:
    return len(outcome.models) > 1 if group.model == POOLED else group.model in outcome.models


def _outcome_tables(group: Group, outcome: PlannedOutcome, plan: Plan) -> EffectTables:
    cells = group.cells(outcome, plan, time=plan.time)
    results = _results(group, outcome, plan, cells)
    note = _row_note(group, cells)
    rows = effect_rows(results, outcome=outcome.id, model=group.model, note=note)
    notes = effect_notes(group, outcome, plan, cells, results)
    return EffectTables(rows, notes, _allocation_rows(outcome, group, cells))


def _row_note(group: Group, cells: Cells) -> str:
    silent = ", ".join(c.la_name for c in group.without_value(cells))
    return joined_reasons(
        f"left out: {group.left_out}" if group.left_out else "",
        f"no child with a value: {silent}" if silent and cells.size else "",
    )


def _results(group: Group, outcome: PlannedOutcome, plan: Plan, cells: Cells) -> dict[str, Result]:
    """Return every planned result: the primary, those alongside it, then the sensitivities."""
    primary = plan.primary(outcome)
    ids = [primary, *(name for name in plan.beside if name != primary)]
    if outcome.kind is ValueKind.AMOUNT:
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
    return (
        Scale.MEAN_DIFFERENCE if outcome.kind is ValueKind.AMOUNT else ESTIMATORS[estimator].scale
    )


def _nothing(
    group: Group, outcome: PlannedOutcome, cells: Cells
) -> tuple[EffectStatus, str] | None:
    """Return why there is nothing to estimate; None where there is something."""
    if len(group.children) == 0:
        return EffectStatus.NO_DATA, "no child of these authorities in the cut"
    if cells.size == 0:
        why = f"no child's follow-up of {outcome.window_months} months is over, or not returned"
        return EffectStatus.NOT_MATURE, why
    models = {cells.models[place] for place in np.unique(cells.cluster)}
    if group.model == POOLED and len(models) < 2:
        return EffectStatus.NOT_APPLICABLE, "one model only has children whose follow-up is over"
    return None


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
