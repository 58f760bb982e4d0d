"""One figure, how many people stand behind it, and whether it may carry an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from schemas.training import FEW_FORMS, LOW_RESPONSE
from tasks.training.statistics import Estimate

NOT_A_SURVEY: Final = 1.0
"""Stands for the response of what no one is asked to return, as audits."""


@dataclass(frozen=True)
class MeasureRow:
    """One row of the table, without the group it speaks of.

    Attributes:
        name: of the measure.
        value: the figure.
        n: people, forms or files behind it.
        low, high: interval; nan where there is none.
        status: as `STATUSES`.
    """

    name: str
    value: float
    n: int
    low: float
    high: float
    status: str


def measure_status(n: int, response: float) -> str:
    """Return whether a figure is more than descriptive.

    Args:
        n: forms behind it.
        response: share of those asked who answered; nan where it is not known, which counts as low.
    """
    if not n:
        return "x"
    few, low = n < FEW_FORMS, not response >= LOW_RESPONSE
    return "_".join(word for word, holds in (("few", few), ("low_response", low)) if holds) or "ok"


def measure(name: str, found: Estimate, n: int, response: float) -> MeasureRow:
    """Return a figure with its interval, or without one where it is descriptive only."""
    standing = measure_status(n, response)
    if standing != "ok":
        return MeasureRow(name, found.value, n, math.nan, math.nan, standing)
    return MeasureRow(name, found.value, n, found.low, found.high, standing)


def described(name: str, value: float, n: int, response: float) -> MeasureRow:
    """Return a figure that has no interval."""
    return measure(name, Estimate(value, math.nan, math.nan), n, response)


def inferred(name: str, value: float, n: int, response: float) -> list[MeasureRow]:
    """Return a p value; nothing where the figures are descriptive only or it cannot be known."""
    standing = measure_status(n, response)
    if standing != "ok" or math.isnan(value):
        return []
    return [MeasureRow(name, value, n, math.nan, math.nan, standing)]
