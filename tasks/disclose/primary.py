"""Figures that are sensitive in themselves, before anyone adds or subtracts.

The rules are those of `docs/disclosure.md`: counts from 1 to the threshold, rates whose numerator,
complement or denominator is such a count, groups in which every child has the outcome, and amounts
that are those of so few children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import Series

from schemas.arrays import Flags, Floats
from schemas.outcomes import PUBLISHED, QUANTITIES
from schemas.outcomes.publication import TABLE_THRESHOLDS
from tasks.disclose.figures import NO_CELL, Figures

SPLIT_MARK = " of "


def quantity_name(name: str) -> str:
    """Return the declared quantity of an atom, also where outcomes disagreed on its value."""
    return name.split(SPLIT_MARK)[0]


def thresholds(by_table: Mapping[str, int] = TABLE_THRESHOLDS) -> dict[str, int]:
    """Return the threshold of each quantity: the strictest of the tables it stands in."""
    found = dict.fromkeys(QUANTITIES, 0)
    for outcome in PUBLISHED.values():
        for quantity in (outcome.numerator, outcome.denominator):
            if quantity is not None:
                name = quantity.name
                found[name] = max(found[name], by_table[outcome.table])
    return found


def sensitive_cells(figures: Figures, *, threshold: Mapping[str, int]) -> Flags:
    """Return, for each cell, whether it must be hidden whatever else is shown.

    Args:
        figures: every figure that could be printed.
        threshold: by quantity.
    """
    flags = _small(figures, threshold) | _of_rates(figures, threshold)
    return flags & ~is_printed(figures)


def is_printed(figures: Figures) -> Flags:
    """Return whether each cell is shown whatever it is: public already, or of posts alone."""
    printed = {name for name, quantity in QUANTITIES.items() if quantity.is_printed}
    return np.asarray(figures.cells["quantity"].map(quantity_name).isin(printed), dtype=bool)


def _small(figures: Figures, threshold: Mapping[str, int]) -> Flags:
    """Return whether each cell is a small count, or an amount of few people."""
    values, people = figures.values, people_behind(figures)
    limits = cell_limits(figures, threshold)
    few = (values > 0) & (people <= limits.people)
    return is_small(values, limits.value) | few


@dataclass(frozen=True)
class _Limits:
    """Up to what numbers of each quantity tell of few people; 0 for never.

    Attributes:
        value: a value.
        people: the number of people behind it.
        change: a change, where no more people than that changed.
    """

    value: Floats
    people: Floats
    change: Floats


def cell_limits(figures: Figures, threshold: Mapping[str, int]) -> _Limits:
    """Return the limits of each cell."""
    return quantity_limits(figures.cells["quantity"], threshold)


def quantity_limits(quantities: Series[str], threshold: Mapping[str, int]) -> _Limits:
    """Return the limits of each number, given its quantity."""
    names = quantities.map(quantity_name)
    value, change = {}, {}
    for name, quantity in QUANTITIES.items():
        limit = 0 if quantity.is_printed else threshold[name]
        change[name] = limit * quantity.per_person
        value[name] = limit if quantity.contributors is not None else change[name]
    people = {name: threshold[name] for name in QUANTITIES}
    return _Limits(
        *(np.asarray(names.map(limits), dtype=float) for limits in (value, people, change))
    )


def is_small(values: Floats, threshold: float | Floats) -> Flags:
    """Return whether each value lies from 1 to the threshold; a part of one counts as one."""
    found: Flags = (values > 0) & (values <= threshold)
    return found


def people_behind(figures: Figures) -> Floats:
    """Return how many people stand behind each amount, at least; missing where it is not known."""
    return np.asarray(figures.members @ people_of_atoms(figures), dtype=float)


def people_of_atoms(figures: Figures) -> Floats:
    """Return how many people stand behind each atom that is an amount; missing for others."""
    names = figures.atoms["quantity"].map(quantity_name)
    found = np.full(len(names), np.nan)
    for name in names.unique():
        behind = QUANTITIES[name].contributors
        if behind is not None:
            at = np.flatnonzero(names == name)
            found[at] = _partner_values(figures, behind.name)[at] / behind.per_person
    return found


def _partner_values(figures: Figures, quantity: str) -> Floats:
    """Return, for each atom, the value of `quantity` of the same place and time; 0 for none."""
    atoms = figures.atoms
    keys = pd.MultiIndex.from_frame(atoms[["la_code", "quarter"]])
    mine = atoms["quantity"].map(quantity_name).eq(quantity).to_numpy()
    values = pd.Series(atoms["value"].to_numpy(dtype=float)[mine], index=keys[mine])
    values = values[~values.index.duplicated()]
    return np.asarray(values.reindex(keys).fillna(0.0), dtype=float)


def _of_rates(figures: Figures, threshold: Mapping[str, int]) -> Flags:
    """Return whether each cell is the numerator of a share that leaves few, or no one, over."""
    rows = figures.rows
    is_share = {name: shown.is_share for name, shown in PUBLISHED.items()}
    shares = rows["outcome"].map(is_share).astype(bool)
    found = rows[shares & (rows["numerator"] != NO_CELL) & (rows["denominator"] != NO_CELL)]
    numerator, denominator = found["numerator"].to_numpy(), found["denominator"].to_numpy()
    limit = found["outcome"].map({name: _limit(name, threshold) for name in PUBLISHED})
    over = figures.values[denominator] - figures.values[numerator]
    few = is_small(over, np.asarray(limit, dtype=float))
    # With a numerator of zero what is left over is the denominator, which is hidden itself.
    some = figures.values[numerator] > 0
    flags = np.zeros(len(figures.cells), dtype=bool)
    flags[numerator[some & (few | (over == 0))]] = True
    return flags


def _limit(outcome_id: str, threshold: Mapping[str, int]) -> int:
    return threshold[PUBLISHED[outcome_id].denominator.name]
