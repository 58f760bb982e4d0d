"""Rows that several returns repeat: the latest version of each.

`when` is the quarter of the return a row came in, as `Quarter.index`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas import DataFrame

from schemas.arrays import Flags
from tasks.histories.dates import Counts
from tasks.histories.spans import starts_new

WHEN = "when"
_WIDE = 2**32
_ROOM = 2**63 - 1


def in_order(rows: DataFrame, *, key: list[str]) -> DataFrame:
    """Return rows by key, and those of one key by the return they came in, the earliest first.

    Rows of one key in one return are ordered by all they contain, what is missing first, so that
    the order in which rows or returns arrived never shows.
    """
    return rows.iloc[places_in_order(rows, key=key)].reset_index(drop=True)


def latest_versions(rows: DataFrame, *, key: list[str]) -> DataFrame:
    """Return one row per key: the one of the latest return, as `in_order` has it."""
    places = places_in_order(rows, key=key)
    latest = np.ones(len(places), dtype=np.bool_)
    latest[:-1] = starts_new_key(rows, key=key, places=places)[1:]
    return rows.iloc[places[latest]].reset_index(drop=True)


def places_in_order(rows: DataFrame, *, key: list[str]) -> Counts:
    """Return the places of the rows in the order that `in_order` describes."""
    places = sorted_places([rows[name].to_numpy() for name in (*key, WHEN)])
    if starts_new_key(rows, key=[*key, WHEN], places=places).all():
        return places
    rest = [name for name in rows.columns if name not in (*key, WHEN)]
    numbered = rows.reset_index(drop=True)
    return numbered.sort_values([*key, WHEN, *rest], na_position="first").index.to_numpy()


def starts_new_key(rows: DataFrame, *, key: list[str], places: Counts | None = None) -> Flags:
    """Return where rows, taken in the order of `places`, move on to another key."""
    new = np.zeros(len(rows), dtype=np.bool_)
    for name in key:
        values = rows[name].to_numpy()
        new |= starts_new(values if places is None else values[places])
    return new


def sorted_places(columns: Sequence[npt.NDArray[Any]]) -> Counts:
    """Return the places of the rows sorted by the columns, the first column coming first.

    One sort of one number takes a third of the time of a sort by several columns, so each column is
    narrowed to its span, or to ranks where that is wide, and all are packed together if they fit.
    """
    narrowed = [_narrowed(column.astype(np.int64, copy=False)) for column in columns]
    if math.prod(width for _, width in narrowed) > _ROOM:
        return np.lexsort(list(reversed(columns)))
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    for numbers, width in narrowed:
        packed = packed * width + numbers
    return np.argsort(packed)


def _narrowed(values: Counts) -> tuple[Counts, int]:
    """Return numbers from 0 that sort as the values do, and how many they may be."""
    if not len(values):
        return values, 1
    low, high = int(values.min()), int(values.max())
    if high - low < _WIDE:
        return values - low, high - low + 1
    places, distinct = pd.factorize(values)
    ranks = np.empty(len(distinct), dtype=np.int64)
    ranks[np.argsort(distinct)] = np.arange(len(distinct))
    return ranks[places], len(distinct)
