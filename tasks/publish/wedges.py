"""The primary outcome by authority and quarter with its wedge, after disclosure control."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame

from schemas.outcomes import PRIMARY_OUTCOME, PUBLISHED
from schemas.outcomes.publication import TimeSpan
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
    outcome = PRIMARY_OUTCOME
    asked = (
        (shown["outcome"] == outcome) & (shown["level"] == LA) & (shown["span"] == TimeSpan.QUARTER)
    )
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
