"""The drawings of an edition: effects over estimators and exposure, cost and benefit.

Nothing here is drawn by authority: a drawing would show what disclosure control hides in a table.
"""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame

from schemas.outcomes import PRIMARY_OUTCOME
from tasks.costs import figures as cost_figures
from tasks.cut.analysis import CutAnalysis
from tasks.effects import figures as effect_figures
from tasks.effects.models import GROUPS

PERSPECTIVE = "fiscal"


def edition_drawings(analysis: CutAnalysis) -> Mapping[str, str]:
    """Return named SVG texts, for every model with an estimate and pooled."""
    return {**_effect_figures(analysis), **_cost_figures(analysis)}


def _effect_figures(analysis: CutAnalysis) -> dict[str, str]:
    effects = analysis.effects.effects
    primary = PRIMARY_OUTCOME
    drawn: dict[str, str] = {}
    for model in GROUPS:
        rows = effects[(effects["model"] == model) & (effects["outcome"] == primary)]
        if rows["estimate"].notna().any():
            drawn[f"forest_{primary}_{model}"] = effect_figures.forest_plot(
                effects, outcome=primary, model=model
            )
            drawn[f"exposure_{primary}_{model}"] = effect_figures.exposure_time_plot(
                effects, outcome=primary, model=model
            )
    return drawn


def _cost_figures(analysis: CutAnalysis) -> dict[str, str]:
    costs = analysis.costs
    drawings = (
        ("tornado", costs.tornado, cost_figures.tornado_svg),
        ("plane", costs.plane, cost_figures.plane_svg),
        ("acceptability", costs.acceptability, cost_figures.acceptability_svg),
    )
    return {
        f"{name}_{model}": draw(table, model=model, perspective=PERSPECTIVE)
        for name, table, draw in drawings
        for model in GROUPS
        if len(table) and _has_rows(table, model)
    }


def _has_rows(table: DataFrame, model: str) -> bool:
    return bool(((table["model"] == model) & (table["perspective"] == PERSPECTIVE)).any())
