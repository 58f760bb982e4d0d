"""The primary outcome by authority and quarter with its wedge, after disclosure control."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame

from schemas.plan import PLAN, Role
from schemas.published import PUBLISHED, Span
from schemas.trial import MODELS, model_of
from tasks.disclose.figures import LA
from tasks.effects.figures import wedge_plot

DECIMALS = 3
"""A drawing must not show more than the tables: a percentage to one decimal, here a share."""


def wedge_figures(shown: DataFrame) -> Mapping[str, str]:
    """Return named SVG texts, one per model that has a figure to show.

    Args:
        shown: figures after disclosure control, as `Controlled.rows`; what is hidden is a gap.
    """
    outcome = next(found.id for found in PLAN.outcomes if found.role is Role.PRIMARY)
    asked = (shown["outcome"] == outcome) & (shown["level"] == LA) & (shown["span"] == Span.QUARTER)
    rows, scale = shown[asked], PUBLISHED[outcome].measure.scale
    drawn = DataFrame(
        {
            "outcome": outcome,
            "model": rows["place"].map(model_of),
            "la_code": rows["place"],
            "quarter": rows["time"],
            "value": (rows["value"].astype("float64") / scale).round(DECIMALS),
        }
    )
    return {
        f"wedge_{outcome}_{model}": wedge_plot(drawn, outcome=outcome, model=model)
        for model in MODELS
        if drawn.loc[drawn["model"] == model, "value"].notna().any()
    }
