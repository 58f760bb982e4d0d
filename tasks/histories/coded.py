"""Columns of text as whole numbers: each distinct text is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas import Series

from schemas.quarter import Quarter
from tasks.histories.dates import Counts

MISSING = -1


def numbered(column: Series[Any], number: Callable[[str], int]) -> Counts:
    """Return the number of each text, and -1 where the text is missing."""
    places, texts = pd.factorize(column)
    numbers = [number(text) for text in texts]
    return np.array([*numbers, MISSING], dtype=np.int64)[places]


def quarter_numbers(column: Series[Any]) -> Counts:
    """Return `Quarter.index` of each quarter written as text."""
    return numbered(column, lambda text: Quarter.parse(text).index)


def places_in(column: Series[Any], words: Mapping[str, str], names: tuple[str, ...]) -> Counts:
    """Return the place in `names` of the word for each code; -1 where there is none."""
    place = {code: names.index(word) for code, word in words.items()}
    return numbered(column, lambda code: place.get(code, MISSING))
