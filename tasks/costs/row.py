"""One row of the results table, and how a view's rows are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from schemas.arrays import Floats
from tasks.costs.draws import interval
from tasks.costs.view import View

COST_COLUMNS: Final = ("model", "perspective", "measure", "value", "unit", "low", "high", "note")
COUNTS: Final = "all"
"""Perspective of numbers that are not money."""

BLANK: Final = (math.nan, math.nan)


@dataclass(frozen=True)
class CostRow:
    """One result: a number with its unit and interval, or the note that says why there is none."""

    model: str
    perspective: str
    measure: str
    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    note: str = ""


@dataclass(frozen=True)
class ViewRows:
    """Makes rows of one view."""

    view: View

    @property
    def gbp(self) -> str:
        """Unit of money."""
        return self.view.case.settings.money

    def row(
        self,
        measure: str,
        value: float,
        unit: str,
        bounds: tuple[float, float] = BLANK,
        note: str = "",
    ) -> CostRow:
        """Return a row with a number."""
        case = self.view.case
        low, high = (signed(bound) for bound in bounds)
        return CostRow(
            case.model, self.view.perspective, measure, signed(value), unit, low, high, note
        )

    def without(self, measure: str, unit: str, reason: str) -> CostRow:
        """Return a row that says why there is no number."""
        return self.row(measure, math.nan, unit, note=f"not computed: {reason}")

    def drawn(
        self, measure: str, value: float, unit: str, draws: Floats, note: str = ""
    ) -> CostRow:
        """Return a row with the interval of its draws, or why it has none."""
        why = self.view.why_no_interval
        bounds = BLANK if why else interval(draws, level=self.view.case.settings.level)
        return self.row(measure, value, unit, bounds, distinct_notes((note, why)))


def distinct_notes(notes: tuple[str, ...]) -> str:
    """Return the notes that say something, each once."""
    return "; ".join(dict.fromkeys(note for note in notes if note))


def signed(value: float) -> float:
    """Return the number without a negative zero, which would print as -0."""
    return value + 0.0
