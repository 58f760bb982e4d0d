"""The answer of an edition: what each practice model changed in the primary outcome.

The primary estimate of each model, as an odds ratio and in percentage points, and what it rests on.
It is worked out from the effects as they are published, and says nothing that they do not.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from pandas import DataFrame, Series

from schemas.arrays import Flags
from schemas.digits import AS_IT_IS, ESTIMATE, ROUNDED_TO
from schemas.editions import Symbol
from schemas.plan import PLAN
from schemas.trial import MODELS, analysed_clusters
from tasks.publish.ees import MODEL_FILTER, DataFile, Filter, Indicator
from tasks.publish.evaluation import published_estimates
from tasks.publish.tables import (
    counts_behind,
    model_filter,
    model_label,
    national_file,
    number_texts,
)

HEADLINES: Final = "headlines"
MEASURE_FILTER: Final = "measure"
ODDS: Final = "Odds ratio"
POINTS: Final = "Change in percentage points"
_MEASURES: Final = {
    PLAN.primary(PLAN.primary_outcome): ODDS,
    "marginal_risk_difference_among_exposed": POINTS,
}
"""By estimator: the primary one, and what it comes to for the children who met the model."""
_POOLED: Final = "pooled"
_ORDER: Final = (*MODELS, _POOLED)
_PLACES: Final = 2
# Beyond an odds ratio of e^20 there is no bound for any purpose, and larger powers overflow.
_BOUNDLESS: Final = 20.0
_ENDS: Final = ("estimate", "ci_low", "ci_high")
_INDICATORS: Final = (
    Indicator("estimate", "Estimate", places=_PLACES, figures=ESTIMATE.figures),
    Indicator("interval_low", "95% interval, lower end", places=_PLACES, figures=ESTIMATE.figures),
    Indicator("interval_high", "95% interval, upper end", places=_PLACES, figures=ESTIMATE.figures),
    Indicator("authorities_counted", "Number of authorities counted"),
    Indicator("children", f"Number of children, to the nearest {ROUNDED_TO}"),
    Indicator("quarters_counted", "Number of quarters of referral counted"),
)


def primary_estimates(effects: DataFrame, outcomes: DataFrame) -> DataFrame:
    """Return the primary estimate of each model and of all together, as published.

    Args:
        effects: columns of `sfp effects`.
        outcomes: the outcome table, to see that no rounded count gives a small difference away.

    Returns:
        model, measure, and the columns of the effects, `children` and `events` as printed: one row
        for every model and measure, odds ratios (as logarithms) first; without numbers where there
        is no estimate.
    """
    exact = effects.reset_index(drop=True)
    rows = published_estimates(exact).assign(
        **counts_behind(exact, outcomes), measure=exact["estimator"].map(_MEASURES)
    )
    is_primary = rows["outcome"].eq(PLAN.primary_outcome.id) & rows["measure"].notna()
    every = DataFrame(itertools.product(_ORDER, (ODDS, POINTS)), columns=["model", "measure"])
    mine = every.merge(rows[is_primary], how="left", on=["model", "measure"])
    texts = {name: mine[name].fillna(Symbol.NOT_AVAILABLE.value) for name in ("children", "events")}
    return mine.assign(note=mine["note"].fillna(""), **texts)


def quarters_counted(outcomes: DataFrame, model: str) -> list[str]:
    """Return the quarters of referral with a primary outcome in some analysed authority."""
    models = MODELS if model == _POOLED else (model,)
    inside = {cluster.la_code for one in models for cluster in analysed_clusters(one)}
    is_known = outcomes["outcome"].eq(PLAN.primary_outcome.id) & outcomes["status"].eq("ok")
    mine = outcomes[is_known & outcomes["la_code"].isin(inside)]
    return sorted(map(str, mine["quarter"].unique()))


def headlines_file(effects: DataFrame | None, outcomes: DataFrame, *, time: str) -> DataFile | None:
    """Return the answer for each practice model as a data file; None where there are no effects.

    Args:
        effects: columns of `sfp effects`; None where there are none.
        outcomes: the outcome table.
        time: quarter of the cut.
    """
    if effects is None or effects.empty:
        return None
    rows = primary_estimates(effects, outcomes)
    filters = {MODEL_FILTER: rows["model"].map(model_label), MEASURE_FILTER: rows["measure"]}
    estimate, low, high = (
        _shown(rows[name], rows["measure"].eq(ODDS).to_numpy()) for name in _ENDS
    )
    quarters = rows["model"].map(lambda model: len(quarters_counted(outcomes, str(model))))
    indicators = {
        "estimate": number_texts(estimate, ESTIMATE, _PLACES),
        "interval_low": number_texts(low, ESTIMATE, _PLACES),
        "interval_high": number_texts(high, ESTIMATE, _PLACES),
        "authorities_counted": number_texts(rows["clusters"], AS_IT_IS, 0),
        "children": rows["children"],
        "quarters_counted": number_texts(quarters, AS_IT_IS, 0),
    }
    labels = (
        model_filter(filters[MODEL_FILTER]),
        Filter(MEASURE_FILTER, "Measure", "How the change is given", ODDS),
    )
    title = f"What the practice models changed: {_outcome_words()}"
    return national_file(HEADLINES, title, filters, indicators, labels, _INDICATORS, time)


def _outcome_words() -> str:
    return f"children who {PLAN.primary_outcome.words}"


def _shown(values: Series[float], is_odds: Flags) -> Series[float]:
    """Return odds ratios for their logarithms, and percentage points for shares."""
    numbers = values.astype(float)
    odds = Series(np.exp(numbers.clip(-_BOUNDLESS, _BOUNDLESS)), index=values.index)
    return odds.where(is_odds, numbers * 100)
