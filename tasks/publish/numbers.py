"""Floats as they are printed, and symbols where none may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import Series

from schemas.editions import Symbol

HALF = 0.5
# Binary numbers sit a hair off decimal halves: 0.15 must round as 0.15.
HAIR = 1e-9


def rounded(values: NDArray[np.float64], places: int) -> NDArray[np.float64]:
    """Return the values rounded to `places` decimals, halves away from zero."""
    scaled = np.abs(values) * 10.0**places
    found: NDArray[np.float64] = np.sign(values) * np.floor(scaled + HALF + HAIR) / 10.0**places
    return found


def printed_numbers(values: Series[float], *, places: int, symbols: Series[str]) -> Series[str]:
    """Return what stands in the cells: the symbol where there is one, else the number.

    A number that rounds to zero but is not zero is `low`; 0 stands for a true zero alone.
    """
    numbers = np.asarray(values, dtype=float)
    short = rounded(numbers, places) + 0.0
    printed = [f"{number:.{places}f}" for number in short]
    low = (short == 0) & (numbers != 0)
    marked = Series(np.where(low, Symbol.LOW.value, printed), index=symbols.index, dtype=str)
    return symbols.where(symbols != "", marked)
