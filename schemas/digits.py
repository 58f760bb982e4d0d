"""How coarsely numbers that rest on counts of people are published, outcomes apart.

Effects, costs and their inputs are worked out again for publication from rounded counts and rounded
estimates: no division, multiplication or subtraction of printed numbers can lead to an exact count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from schemas.arrays import Floats
from schemas.outcomes.publication import THRESHOLD

_HALF: Final = 0.5
# Binary numbers sit a hair off decimal halves.
_HAIR: Final = 1e-9


@dataclass(frozen=True)
class Digits:
    """How coarse one kind of number is.

    Attributes:
        words: how, for people.
        figures: significant figures; 0 for all.
        step: a multiple of this; 0 for any.
        least: the smallest size that is not zero; 0 where a number may round to zero.
    """

    words: str
    figures: int = 0
    step: float = 0.0
    least: float = 0.0

    def rounded(self, values: Any) -> Floats:
        """Return the numbers as coarse as declared; missing and infinite ones as they are."""
        exact = np.asarray(values, dtype=float)
        found = _significant(exact, self.figures) if self.figures else exact
        if self.step:
            found = np.sign(found) * np.floor(np.abs(found) / self.step + _HALF + _HAIR) * self.step
        small = (exact != 0) & (np.abs(found) < self.least)
        return np.asarray(np.where(small, np.sign(exact) * self.least, found) + 0.0)

    def half_step(self, value: float) -> float:
        """Return how far the number that was rounded can lie from what is printed of it."""
        size = 10.0 ** (math.floor(math.log10(abs(value))) + 1) if value else 0.0
        return max(self.step, size / 10.0**self.figures if self.figures else 0.0) / 2


def _significant(values: Floats, figures: int) -> Floats:
    texts = [f"{value * (1 + _HAIR):.{figures - 1}e}" for value in values.ravel()]
    return np.array([float(text) for text in texts]).reshape(values.shape)


ROUNDED_TO: Final = 2 * THRESHOLD
"""Counts behind an estimate are rounded to this many: they leave out children without a covariate,
and the exact number alongside the published total would count those."""

AS_IT_IS: Final = Digits("as it is")
PEOPLE: Final = Digits(
    f"to the nearest {ROUNDED_TO}, and {ROUNDED_TO} where there are fewer",
    step=ROUNDED_TO,
    least=ROUNDED_TO,
)
ESTIMATE: Final = Digits("to 3 significant figures", figures=3)
RATE: Final = Digits("to 3 significant figures", figures=3)
"""A rate for 10,000 children: that of one authority may be 0.183, and a fifth of it must show."""
SPEND: Final = Digits("to £1,000", step=1000)
MONEY: Final = Digits("to 3 significant figures, at most to £1,000", figures=3, step=1000)
MONEY_EACH: Final = Digits("to 3 significant figures, at most to £1", figures=3, step=1)

FEWEST_EVENTS: Final = 10
"""An estimate of which fewer children had the outcome, or fewer had it not, is not published."""
LEAST_DF: Final = 4
"""What an effect of fewer degrees of freedom is worth is published without an interval: there the
t of a small-sample variance no longer covers what it says (Pustejovsky and Tipton 2018)."""
SHARE_BOUND: Final = 1.0
"""No share of children can change by more: an estimate beyond is not published, and an interval
ends there."""

MONEY_UNIT: Final = "GBP"
"""How the unit of every amount of money begins."""
EACH_MEASURES: Final = (
    "cost_per_child_kept_from_care",
    "net_saving_per_child_referred",
    "break_even_unit_cost",
)
"""Measures of the cost-benefit analysis that are pounds for one child, day or case."""
PEOPLE_MEASURE: Final = "children_exposed"
YEAR_MEASURE: Final = "payback_year"

INPUT_DIGITS: Final = {
    "effects table": ESTIMATE,
    "referrals table": PEOPLE,
    "programme_delivery": SPEND,
}
"""How coarse an input of the cost-benefit analysis is, by its origin; declared values are exact."""

TABLE_DIGITS: Final = (
    ("headlines", "Odds ratios and percentage points, worked out from published effects", ESTIMATE),
    ("headlines", "Children", PEOPLE),
    ("effects", "Estimates, standard errors, degrees of freedom, intervals, p values", ESTIMATE),
    ("effects", "Children and events", PEOPLE),
    ("costs", "Children exposed", PEOPLE),
    ("costs", "Money", MONEY),
    ("costs", "Money for one child, day or case", MONEY_EACH),
    ("costs", "Everything else but years", ESTIMATE),
    ("cost_inputs", "Children exposed", PEOPLE),
    ("cost_inputs", "Effects and their standard errors", ESTIMATE),
    ("cost_inputs", "Spend", SPEND),
    ("cost_inputs", "Prices, parameters, deflators, discount rates", AS_IT_IS),
)
"""Table, what in it, how coarse: printed in docs/disclosure.md."""


def cost_digits(measure: str, unit: str) -> Digits:
    """Return how coarse a result of the cost-benefit analysis is."""
    if measure == PEOPLE_MEASURE:
        return PEOPLE
    if unit.startswith(MONEY_UNIT):
        return MONEY_EACH if measure.startswith(EACH_MEASURES) else MONEY
    return AS_IT_IS if measure == YEAR_MEASURE else ESTIMATE
