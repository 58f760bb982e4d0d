"""Effects, costs and their inputs as coarse as they are published.

Everything the world sees of the evaluation (data files, page, workbook, drawings) is made from what
these functions return, so that no digit anywhere rests on an exact count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Flags, Floats
from schemas.digits import (
    AS_IT_IS,
    ESTIMATE,
    FEWEST_EVENTS,
    INPUT_DIGITS,
    LEAST_DF,
    MONEY,
    PEOPLE,
    SHARE_BOUND,
    SPEND,
    Digits,
    cost_digits,
)
from schemas.editions import Symbol
from schemas.outcomes.publication import THRESHOLD
from schemas.trial import clusters
from tasks.costs.appraisal import CostResult
from tasks.cut.analysis import COST_SETTINGS, CutAnalysis
from tasks.effects.models import EffectTables
from tasks.effects.result import Scale
from tasks.effects.table import odds_words

PUBLISHED_COSTS: Final = replace(
    COST_SETTINGS, children_digits=PEOPLE, spend_digits=SPEND, least_df=LEAST_DF
)
"""How costs are worked out for publication."""
_ESTIMATES: Final = ("estimate", "se", "df", "ci_low", "ci_high", "p")
_NUMBERS: Final = ("estimate", "se", "ci_low", "ci_high", "p")
_NOT_PUBLISHED: Final = "not published: "
_WHY: Final = (
    f"{_NOT_PUBLISHED}too few had the outcome, or had it not",
    f"{_NOT_PUBLISHED}no share can change by so much",
)
_ODDS: Final = re.compile(r"odds ratio [^;(]*\([^)]*\)")
_RESULTS: Final = ("value", "low", "high")
_DRAWN: Final = {
    "tornado": (MONEY, ("npv_at_p10", "npv_at_p90", "swing", "npv")),
    "plane": (MONEY, ("net_cost_gbp",)),
    "acceptability": (ESTIMATE, ("probability",)),
}
"""Columns of the drawn tables that are as coarse as the same numbers in the tables."""


def published_analysis(
    exact: EffectTables, outcomes: DataFrame, *, costs_of: Callable[[DataFrame], CostResult]
) -> CutAnalysis:
    """Return effects as published, and costs worked out from them alone.

    Args:
        exact: effects of every model.
        outcomes: the outcome table of the same cut.
        costs_of: costs and benefits of effects, counts of children rounded.
    """
    effects = published_effects(exact.effects, outcomes)
    costs = costs_of(effects)
    drawn = {
        name: _coarse_columns(getattr(costs, name), columns, digits)
        for name, (digits, columns) in _DRAWN.items()
    }
    drawn["plane"] = _coarse_columns(drawn["plane"], ("children_kept_from_care",), ESTIMATE)
    return CutAnalysis(replace(exact, effects=effects), replace(costs, **drawn))


def published_effects(effects: DataFrame, outcomes: DataFrame) -> DataFrame:
    """Return the effects with estimates as published and counts to the nearest ten.

    A count that is hidden because it differs by few from a sum anyone can make is that sum to the
    nearest ten: as good to work with, and known to everyone.
    """
    counted = {name: count.tens for name, count in coarse_counts(effects, outcomes).items()}
    return published_estimates(effects).assign(**counted)


def published_estimates(effects: DataFrame) -> DataFrame:
    """Return the effects with every estimate, interval and p value as coarse as published.

    One that no one should rely on has none, and its note says why: too few children with the
    outcome or without it, or a change of a share that cannot be. Odds ratios in notes are those of
    the published estimates: an exact one would say more digits than stand in the table.
    """
    given = _withheld(effects)
    is_share = given["scale"].eq(Scale.RISK_DIFFERENCE.value)
    cut = {
        name: given[name].mask(is_share, given[name].clip(-SHARE_BOUND, SHARE_BOUND))
        for name in ("ci_low", "ci_high")
    }
    return _with_coarse_odds(_coarse_columns(given.assign(**cut), _ESTIMATES, ESTIMATE))


def _with_coarse_odds(effects: DataFrame) -> DataFrame:
    """Return the effects, odds ratios in their notes worked out from the estimates as they are."""
    at = effects.index[effects["scale"].eq(Scale.LOG_ODDS_RATIO.value)]
    columns = ["note", "estimate", "ci_low", "ci_high"]
    notes = [
        _ODDS.sub(odds_words(estimate, low, high), str(note))
        for note, estimate, low, high in effects.loc[at, columns].itertuples(index=False, name=None)
    ]
    return effects.assign(
        note=effects["note"].mask(effects.index.isin(at), Series(notes, index=at))
    )


def _withheld(effects: DataFrame) -> DataFrame:
    """Return the effects without those that are not to be published, the reason as their note."""
    estimate, events, children = (
        pd.to_numeric(effects[name]) for name in ("estimate", "events", "children")
    )
    is_share = effects["scale"].eq(Scale.RISK_DIFFERENCE.value)
    counts_events = is_share | effects["scale"].eq(Scale.LOG_ODDS_RATIO.value)
    is_few = (events < FEWEST_EVENTS) | (children - events < FEWEST_EVENTS)
    why = np.select(
        [
            estimate.isna(),
            counts_events & is_few,
            is_share & (estimate.abs() > SHARE_BOUND),
        ],
        ["", *_WHY],
        "",
    )
    is_withheld = why != ""
    # What a note says besides is of the estimate: its odds ratio, for one.
    return effects.assign(
        **{name: pd.to_numeric(effects[name]).mask(is_withheld) for name in _NUMBERS},
        note=effects["note"].mask(is_withheld, Series(why, index=effects.index)),
    )


def withheld_words(note: str) -> str:
    """Return why an estimate is not published, from its note; empty for one that is."""
    return next((words for why in _WHY if (words := why.removeprefix(_NOT_PUBLISHED)) in note), "")


class _Counts:
    """One count of people behind each estimate.

    Attributes:
        tens: to the nearest ten; missing where there is none.
        hidden: whether it may not be printed even so.
    """

    def __init__(self, exact: Floats, near: Floats, hidden: Flags) -> None:
        self.tens = PEOPLE.rounded(np.where(np.isnan(near), exact, near))
        self.hidden = hidden | ~np.isnan(near)


def coarse_counts(effects: DataFrame, outcomes: DataFrame) -> dict[str, _Counts]:
    """Return children and events behind each estimate, rounded, and which tell of a few even so."""
    totals = _cohort_totals(outcomes)
    keys = pd.MultiIndex.from_frame(effects[["outcome", "model"]])
    found = {}
    for name, side in (("children", "denominator"), ("events", "numerator")):
        exact = pd.to_numeric(effects[name]).to_numpy(dtype=float)
        near = np.full(len(exact), np.nan)
        for whom in ("all", "analysed"):
            total = np.asarray(totals[side, whom].reindex(keys), dtype=float)
            near = np.where(_is_few(np.abs(total - exact)), total, near)
        hidden = _is_few(exact)
        if name == "events":
            hidden |= _is_few(pd.to_numeric(effects["children"]).to_numpy(dtype=float) - exact)
        found[name] = _Counts(exact, near, hidden)
    return found


def _is_few(counts: Floats) -> Flags:
    found: Flags = (counts > 0) & (counts <= THRESHOLD)
    return found


def _cohort_totals(outcomes: DataFrame) -> dict[tuple[str, str], Series[float]]:
    """Return the sums a reader could make of the outcome table, by outcome and model."""
    analysed = [cluster.la_code for cluster in clusters() if cluster.is_analysed]
    known = outcomes[outcomes["status"] == "ok"]
    inside = known[known["la_code"].isin(analysed)]
    return {
        (side, name): pd.to_numeric(part[side]).groupby([part["outcome"], part["model"]]).sum()
        for side in ("numerator", "denominator")
        for name, part in {"all": known, "analysed": inside}.items()
    }


def published_costs(costs: DataFrame) -> DataFrame:
    """Return the results of the cost-benefit analysis as coarse as published."""
    pairs = zip(costs["measure"], costs["unit"].fillna("").map(str), strict=True)
    digits = [cost_digits(str(measure), unit) for measure, unit in pairs]
    return costs.assign(**{name: _each(costs[name], digits) for name in _RESULTS})


def published_inputs(inputs: DataFrame) -> DataFrame:
    """Return the inputs of the cost-benefit analysis as texts, as coarse as published."""
    is_count = inputs["unit"].eq("children")
    few = is_count & _is_few(pd.to_numeric(inputs["value"]).to_numpy(dtype=float))
    digits = [_input_digits(*pair) for pair in zip(inputs["origin"], is_count, strict=True)]
    texts = {
        name: _each(inputs[name], digits).map(lambda value: f"{value:.10g}").replace("nan", "")
        for name in ("value", "spread")
    }
    return inputs.assign(**texts).assign(value=texts["value"].mask(few, Symbol.HIDDEN.value))


def _input_digits(origin: str, is_count: bool) -> Digits:
    return PEOPLE if is_count else INPUT_DIGITS.get(origin, AS_IT_IS)


def _each(values: Series[Any], digits: list[Digits]) -> Series[float]:
    """Return each number as coarse as its own digits say."""
    numbers = pd.to_numeric(values)
    pairs = zip(numbers, digits, strict=True)
    return Series([float(how.rounded(value)) for value, how in pairs], index=values.index)


def _coarse_columns(table: DataFrame, columns: tuple[str, ...], digits: Digits) -> DataFrame:
    return table.assign(
        **{name: digits.rounded(pd.to_numeric(table[name])) for name in columns if name in table}
    )
