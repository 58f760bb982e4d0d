"""What may be shown of an outcome table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.published import PUBLISHED, Symbol
from tasks.disclose.figures import NO_CELL, Figures, figures
from tasks.disclose.primary import Flags, sensitive_cells, thresholds


@dataclass(frozen=True)
class Controlled:
    """Figures after disclosure control.

    Attributes:
        rows: rows of `Figures`, with numerator, denominator and value as numbers to show (missing
            where hidden), and numerator_symbol, denominator_symbol, value_symbol: empty, c, x or
            z.
        figures: what could have been printed, restricted.
        hidden: for each cell, whether it is hidden.
    """

    rows: DataFrame
    figures: Figures
    hidden: Flags


def controlled(outcomes: DataFrame, *, threshold: Mapping[str, int] | None = None) -> Controlled:
    """Return the figures of the outcome table with everything hidden that must be."""
    found = figures(outcomes)
    hidden = sensitive_cells(found, threshold=threshold or thresholds())
    return Controlled(_shown(found, hidden), found, hidden)


def _shown(found: Figures, hidden: Flags) -> DataFrame:
    """Return the figures' rows with numbers and symbols to print."""
    rows = found.rows
    scale = rows["outcome"].map({o.id: o.measure.scale for o in PUBLISHED.values()})
    numerator, numerator_symbol = _side(found, hidden, "numerator")
    denominator, denominator_symbol = _side(found, hidden, "denominator")
    is_ratio = (rows["numerator"] != NO_CELL).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = numerator / denominator * scale.to_numpy(dtype=float)
    value = np.where(is_ratio, ratio, rows["value"].to_numpy(dtype=float))
    value_symbol = _value_symbols(rows, numerator_symbol, denominator_symbol, value)
    return rows.assign(
        numerator=numerator,
        denominator=denominator,
        value=np.where(value_symbol == "", value, np.nan),
        numerator_symbol=numerator_symbol,
        denominator_symbol=denominator_symbol,
        value_symbol=value_symbol,
    )


def _side(found: Figures, hidden: Flags, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers and symbols of the numerators, or of the denominators."""
    cell = found.rows[side].to_numpy()
    status = found.rows["status"].to_numpy()
    is_hidden = np.append(hidden, False)[cell]
    symbol = np.select(
        [status == "x", cell == NO_CELL, is_hidden],
        [Symbol.NOT_AVAILABLE.value, Symbol.NOT_APPLICABLE.value, Symbol.HIDDEN.value],
        "",
    )
    number = np.append(found.values, np.nan)[cell]
    return np.where(symbol == "", number, np.nan), symbol


def _value_symbols(
    rows: DataFrame, numerator: np.ndarray, denominator: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """Return why each value is not shown: as its counts are, or because it cannot exist."""
    return np.select(
        [
            rows["status"] == Symbol.NOT_AVAILABLE,
            (numerator == Symbol.HIDDEN) | (denominator == Symbol.HIDDEN),
            (rows["status"] == Symbol.NOT_APPLICABLE) | pd.isna(value),
        ],
        [Symbol.NOT_AVAILABLE.value, Symbol.HIDDEN.value, Symbol.NOT_APPLICABLE.value],
        "",
    )
