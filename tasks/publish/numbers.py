"""Floats as they are printed, and symbols where none may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import Series

from schemas.arrays import Floats
from schemas.digits import Digits
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


def digit_texts(
    values: Series[float], *, digits: Digits, places: int, symbols: Series[str]
) -> Series[str]:
    """Return what stands in the cells, each number with the digits that stand and no more.

    A number that counts to so many significant figures has so many, and no zero after them that
    would claim more; one that counts in steps has no decimals.

    Args:
        values: rounded as `digits` says, or not yet.
        digits: how coarse the numbers are.
        places: the most decimals; a number that rounds to zero with them is `low`.
        symbols: what stands instead of a number; empty where the number does.
    """
    numbers = digits.rounded(values)
    decimals = _decimals(numbers, digits, places)
    texts = Series("", index=symbols.index, dtype=str)
    for shown in np.unique(decimals):
        found = printed_numbers(
            Series(numbers, index=symbols.index), places=int(shown), symbols=symbols
        )
        texts = texts.mask(decimals == shown, found)
    return texts


def _decimals(numbers: Floats, digits: Digits, places: int) -> NDArray[np.int64]:
    """Return how many decimals each number is printed with."""
    size = np.abs(numbers)
    is_number = np.isfinite(size) & (size > 0)
    if not digits.figures:
        return np.where(is_number & (size != np.floor(size)), places, 0)
    first = np.floor(np.log10(np.where(is_number, size, 1.0)) + HAIR).astype(int)
    most = 0 if digits.step else places
    return np.where(is_number, np.clip(digits.figures - 1 - first, 0, most), 0)
