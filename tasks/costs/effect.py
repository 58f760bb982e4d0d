"""The one estimate of an outcome that is turned into money."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd
from pandas import DataFrame

from tasks.costs.settings import CostSettings

FEW_DF: Final = "degrees of freedom (needs"
"""What every note says of an amount without an interval for that reason."""


@dataclass(frozen=True)
class Effect:
    """One row of the effects table, or the reason why there is none.

    Attributes:
        model, outcome, estimator, scale: as in the effects table.
        estimate: change per child on the outcome's own unit; below zero is a fall.
        se: standard error.
        df: degrees of freedom of its t; infinite where the table gives none (normal).
        children: children behind the estimate; None where the table does not say.
        note: note of the row.
        reason: why no number can be used; empty when one can.
        why_no_interval: why the estimate stands without an interval; empty when it has one.
    """

    model: str
    outcome: str
    estimator: str = ""
    scale: str = ""
    estimate: float = math.nan
    se: float = math.nan
    df: float = math.inf
    children: float | None = None
    note: str = ""
    reason: str = ""
    why_no_interval: str = ""

    @property
    def is_estimated(self) -> bool:
        """Whether there is a number to use."""
        return not self.reason


def chosen_effect(
    effects: DataFrame, *, model: str, outcome: str, settings: CostSettings
) -> Effect:
    """Return the effect the settings prefer: the first estimator present on an accepted scale.

    A row without an estimate stands for "not estimable": no later estimator takes its place,
    because choosing the estimator by its result is what a pre-specified order prevents.
    """
    rows = effects[effects["model"].eq(model) & effects["outcome"].eq(outcome)]
    usable = rows[rows["scale"].isin(settings.scales)]
    for estimator in settings.estimators:
        of_one = usable[usable["estimator"].eq(estimator)]
        if len(of_one) > 1:
            why = f"{len(of_one)} rows of {estimator} in the effects table (needs 1)"
            return Effect(model, outcome, estimator, reason=why)
        if len(of_one) == 1:
            return _effect(of_one, least_df=settings.least_df)
    if rows.empty:
        return Effect(model, outcome, reason="no row in the effects table")
    return Effect(model, outcome, reason="no row of a preferred estimator on a difference scale")


def _effect(row: DataFrame, *, least_df: float) -> Effect:
    cells = row.to_dict("records")[0]
    estimate, se = _number(cells.get("estimate")), _number(cells.get("se"))
    df = _number(cells.get("df"))
    children = _number(cells.get("children"))
    note = _text(cells.get("note"))
    reason = _why_not(estimate, se, df, note)
    return Effect(
        model=str(cells["model"]),
        outcome=str(cells["outcome"]),
        estimator=str(cells["estimator"]),
        scale=str(cells["scale"]),
        estimate=estimate,
        se=se,
        df=math.inf if math.isnan(df) else df,
        children=None if math.isnan(children) else children,
        note=note,
        reason=reason,
        why_no_interval="" if reason else _why_no_interval(df, least_df),
    )


def _why_no_interval(df: float, least_df: float) -> str:
    if df < least_df:
        return f"no interval: {df:.3g} {FEW_DF} {least_df:g})"
    return ""


def _why_not(estimate: float, se: float, df: float, note: str) -> str:
    if not math.isfinite(estimate):
        return f"effect not estimable{': ' + note if note else ''}"
    if not math.isfinite(se) or se < 0 or df <= 0:
        return f"effect has no standard error to draw from{': ' + note if note else ''}"
    return ""


def _number(cell: object) -> float:
    return float(str(cell)) if _text(cell) else math.nan


def _text(cell: object) -> str:
    # The stubs admit no object cell, and a cell of a mixed column is just that.
    return "" if cell is None or bool(pd.isna(cell)) else str(cell)  # type: ignore[call-overload]
