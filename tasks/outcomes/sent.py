"""Numbers sent once a quarter, as they stand."""

from __future__ import annotations

from pandas import DataFrame, Series

from tasks.outcomes.coded import quarter_numbers
from tasks.outcomes.history import History
from tasks.outcomes.units import by_quarter


def sent(history: History, return_name: str, column: str) -> Series[float]:
    """Return what was sent for each quarter asked about, in order; missing where nothing was.

    A quarter sent twice over has the larger number.
    """
    rows = history.quarterly[return_name]
    if column not in rows.columns:
        return Series(float("nan"), index=range(len(history.quarters)))
    amounts = Series(rows[column].to_numpy(dtype="float64"), quarter_numbers(rows["quarter"]))
    return amounts.groupby(level=0).max().reindex(history.quarters).reset_index(drop=True)


def ratio_sent(history: History, return_name: str, top: str, bottom: str) -> DataFrame:
    """Return one number of a quarterly return over another, per quarter asked about."""
    return by_quarter(sent(history, return_name, top), sent(history, return_name, bottom))
