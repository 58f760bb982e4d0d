"""Floats sent once a quarter, as they stand."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from tasks.histories.coded import quarter_numbers
from tasks.histories.history import History
from tasks.outcomes.units import by_quarter


def sent(history: History, return_name: str, column: str) -> Floats:
    """Return what was sent for each quarter asked about, in order; missing where nothing was.

    A quarter sent twice over has the larger number.
    """
    amounts: Floats = np.full(len(history.quarters), np.nan)
    rows = history.quarterly[return_name]
    if column in rows.columns:
        place = quarter_numbers(rows["quarter"]) - history.quarters[0]
        inside = (place >= 0) & (place < len(amounts))
        np.fmax.at(amounts, place[inside], rows[column].to_numpy(dtype="float64")[inside])
    return amounts


def ratio_sent(history: History, return_name: str, top: str, bottom: str) -> DataFrame:
    """Return one number of a quarterly return over another, per quarter asked about."""
    return by_quarter(sent(history, return_name, top), sent(history, return_name, bottom))
