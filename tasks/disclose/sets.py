"""The authorities that each total adds up: one set for each outcome and place, at all times.

The rule (docs/decisions/0022-totals-over-sets.md). Of the authorities of a practice model that take
part and have rows of the outcome:

- no set has fewer than half of them, so that quarters in which fewer have a figure decide nothing;
- an authority that lacks figures in the newest year of the others alone is late: it stays in, and
  totals wait for it;
- of the rest, those with the fewest gaps are taken, as many as make the number of authorities times
  the number of quarters in which all of them have a figure largest; of equals, the larger set.

Authorities of no model are a group of their own. Total is the sets of all groups together, and has
none where one of them has none. Only whether a figure is known decides, never a number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.arrays import Flags, Ints
from schemas.editions import TOTAL_ITEM
from schemas.outcomes.publication import LATE_QUARTERS, SMALLEST_SET_SHARE
from schemas.trial import clusters

SET_COLUMNS: Final = ["outcome", "place", "la_code", "why"]
"""`why` is a `SetReason`; empty for the authorities of the set."""

Members = Mapping[tuple[str, str], frozenset[str]]
"""Authorities of each set, by outcome and place (practice model or Total)."""


class SetReason(StrEnum):
    """Why an authority that takes part is not in the set of a total."""

    WITHDRAWN = "withdrew from the programme"
    NO_FIGURE = "has no figure at any time"
    GAPS = "lacks figures of quarters in which the others have one"
    NO_SET = "fewer than half of the authorities have figures of the same quarters"
    NO_MODEL_SET = "one of the practice models has no set"


def total_sets(rows: DataFrame) -> DataFrame:
    """Return which authorities each total adds up, and why the others are left out.

    Args:
        rows: outcome, model (empty for an authority of none), la_code, index (of the quarter) and
            is_known, one row per outcome, authority and quarter.

    Returns:
        `SET_COLUMNS`, a row for each outcome, place and authority that has rows of the outcome.
    """
    parts = [
        part
        for outcome, mine in rows.groupby("outcome", sort=True)
        for part in _of_outcome(str(outcome), mine)
    ]
    return pd.concat(parts, ignore_index=True) if parts else DataFrame(columns=SET_COLUMNS)


def _of_outcome(outcome: str, rows: DataFrame) -> Iterator[DataFrame]:
    groups = {str(model): _group_set(mine) for model, mine in rows.groupby("model", sort=True)}
    for model, why in groups.items():
        if model:
            yield _listed(outcome, model, why)
    whole = {la: why for group in groups.values() for la, why in group.items()}
    if any("" not in group.values() for group in groups.values()):
        whole = {la: why or str(SetReason.NO_MODEL_SET) for la, why in whole.items()}
    yield _listed(outcome, TOTAL_ITEM, whole)


def _listed(outcome: str, place: str, why: Mapping[str, str]) -> DataFrame:
    codes = sorted(why)
    columns = (outcome, place, codes, [why[la] for la in codes])
    return DataFrame(dict(zip(SET_COLUMNS, columns, strict=True)))


def _group_set(rows: DataFrame) -> dict[str, str]:
    """Return, for each authority of one group, why it is left out; empty where it is in."""
    known = rows.pivot(index="la_code", columns="index", values="is_known").fillna(value=False)
    left = {str(la): SetReason.WITHDRAWN for la in known.index if la in _withdrawn()}
    known = known.drop(index=list(left)).astype(bool)
    chosen = _chosen(known.to_numpy(), known.columns.to_numpy(dtype=np.int64))
    unfit = SetReason.GAPS if len(chosen) else SetReason.NO_SET
    has_any = known.any(axis=1).tolist()
    why = {
        str(la): str(unfit if some else SetReason.NO_FIGURE)
        for la, some in zip(known.index, has_any, strict=True)
    }
    why |= {str(la): "" for la in known.index[chosen]}
    return {**why, **{la: str(reason) for la, reason in left.items()}}


def _withdrawn() -> frozenset[str]:
    return frozenset(cluster.la_code for cluster in clusters() if cluster.role == "withdrawn")


def _chosen(known: Flags, times: Ints) -> Ints:
    """Return the positions of the authorities of the set; none where half of them share no time.

    Args:
        known: authorities by times, in order of code: whether there is a figure.
        times: `Quarter.index` of each time, ascending.
    """
    smallest = max(int(np.ceil(len(known) * SMALLEST_SET_SHARE)), 1)
    some = np.flatnonzero(known.any(axis=1))
    counted = np.flatnonzero(known.sum(axis=0) >= smallest)
    if len(counted) == 0:
        return some[:0]
    settled = counted[times[counted] <= times[counted[-1]] - LATE_QUARTERS]
    if len(settled) == 0:
        return some
    figures = known[some][:, settled]
    order = np.argsort(-figures.sum(axis=1), kind="stable")
    fewest_gaps_first = figures[order]
    shared = np.logical_and.accumulate(fewest_gaps_first, axis=0).sum(axis=1)
    sizes = np.arange(1, len(some) + 1)
    score = np.where(sizes >= smallest, sizes * shared, 0)
    if score.max(initial=0) == 0:
        return some[:0]
    best = sizes[score == score.max()].max()
    return np.sort(some[order[:best]])


def members_of(sets: DataFrame) -> dict[tuple[str, str], frozenset[str]]:
    """Return the authorities of each set, by outcome and place."""
    inside = sets["la_code"].where(sets["why"] == "")
    groups = inside.groupby([sets["outcome"], sets["place"]])
    return {(str(o), str(p)): frozenset(codes.dropna()) for (o, p), codes in groups}


def set_name(la_codes: Collection[str]) -> str:
    """Return the name of a set: how many authorities, and a mark that only the same ones share."""
    mark = hashlib.sha256(" ".join(sorted(la_codes)).encode()).hexdigest()[:6]
    return f"S{len(la_codes)}-{mark}" if la_codes else ""
