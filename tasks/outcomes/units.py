"""What an outcome function returns: numerators and denominators, child by child or by quarter."""

from __future__ import annotations

from typing import Any

import numpy as np
from pandas import DataFrame

from schemas.arrays import Flags, Floats
from schemas.authorities import reporting_together
from schemas.outcomes.outcome import Outcome
from schemas.population import population_0_17
from schemas.quarter import Quarter
from tasks.histories.dates import Counts, Days, months_after, quarter_indexes
from tasks.histories.history import History


def by_child(child: Any, numerator: Any, denominator: Any) -> DataFrame:
    """Return one row per unit: the child's row in the cohort, its numerator and denominator."""
    counts = {"numerator": numerator, "denominator": denominator}
    return DataFrame({"child": np.asarray(child, dtype=np.int64), **_as_floats(counts)})


def children_flagged(history: History, child: Any) -> Flags:
    """Return which children of the cohort are among those named by their row."""
    found = np.zeros(len(history.children), dtype=np.bool_)
    found[np.asarray(child)] = True
    return found


def window_ends(history: History, outcome: Outcome) -> Days:
    """Return the last day of each child's window, on which events still count."""
    return months_after(history.children["referral_date"].to_numpy(), outcome.window_months or 0)


def every_child(history: History, numerator: Any, denominator: Any = 1) -> DataFrame:
    """Return one row per child of the cohort, in order."""
    return by_child(np.arange(len(history.children)), numerator, denominator)


def by_quarter(numerator: Any, denominator: Any) -> DataFrame:
    """Return one row per quarter asked about, in order; missing where a number was not sent."""
    return DataFrame(_as_floats({"numerator": numerator, "denominator": denominator}))


def _as_floats(columns: dict[str, Any]) -> dict[str, Any]:
    floats = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    return {name: column if column.ndim else float(column) for name, column in floats.items()}


def counts_by_quarter(history: History, days: Days) -> Counts:
    """Return how many of the days fall in each quarter asked about."""
    return counts_at(history, quarter_indexes(days) - history.quarters[0])


def counts_at(history: History, places: Counts) -> Counts:
    """Return how many of the places are that of each quarter asked about; others do not count."""
    inside = places[(places >= 0) & (places < len(history.quarters))]
    return np.bincount(inside, minlength=len(history.quarters))


def sums_at(history: History, places: Counts, amounts: Floats) -> Floats:
    """Return the sum of amounts at each quarter asked about; other places do not count."""
    inside = (places >= 0) & (places < len(history.quarters))
    found = np.bincount(places[inside], amounts[inside], minlength=len(history.quarters))
    return found.astype(np.float64)


def children_resident(history: History) -> Floats:
    """Return the children aged 0 to 17 in each quarter asked about; missing where not known.

    Authorities whose returns the authority's speak for as well are counted with it.
    """
    quarters = [Quarter.from_index(index) for index in history.quarters.tolist()]
    return np.array([_children(history.la_code, quarter) for quarter in quarters])


def _children(la_code: str, quarter: Quarter) -> float:
    found = [
        population_0_17(code, quarter.collection_year)
        for code in reporting_together(la_code, quarter)
    ]
    return sum(np.nan if one is None else float(one.children) for one in found)
