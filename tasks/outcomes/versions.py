"""Rows that several returns repeat: the latest word on each.

`when` is the quarter of the return a row came in, as `Quarter.index`.
"""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from tasks.outcomes.dates import Flags
from tasks.outcomes.spans import starts_new

WHEN = "when"


def in_order(rows: DataFrame, *, key: list[str]) -> DataFrame:
    """Return rows by key, and those of one key by the return they came in, the earliest first.

    Rows of one key in one return are ordered by all they contain, what is missing first, so that
    the order in which rows or returns arrived never shows.
    """
    order = np.lexsort([rows[name].to_numpy() for name in (WHEN, *reversed(key))])
    ordered = rows.iloc[order].reset_index(drop=True)
    if starts_new_key(ordered, key=[*key, WHEN]).all():
        return ordered
    rest = [name for name in rows.columns if name not in (*key, WHEN)]
    return ordered.sort_values([*key, WHEN, *rest], na_position="first", ignore_index=True)


def latest_versions(rows: DataFrame, *, key: list[str]) -> DataFrame:
    """Return one row per key: the one of the latest return."""
    ordered = in_order(rows, key=key)
    return ordered[is_latest(ordered, key=key)].reset_index(drop=True)


def starts_new_key(ordered: DataFrame, *, key: list[str]) -> Flags:
    """Return where ordered rows move on to another key, the first row included."""
    new = np.zeros(len(ordered), dtype=np.bool_)
    for name in key:
        new |= starts_new(ordered[name].to_numpy())
    return new


def is_latest(ordered: DataFrame, *, key: list[str]) -> Flags:
    """Return which ordered row is the last of its key."""
    latest = np.ones(len(ordered), dtype=np.bool_)
    latest[:-1] = starts_new_key(ordered, key=key)[1:]
    return latest
