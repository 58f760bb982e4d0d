"""Cells: children and events counted by cluster, period, exposure and covariates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Flags, Floats, Ints
from schemas.errors import UsageError

_NEEDED: Final = ("cluster", "period", "exposed", "children", "events")
# Optional columns with a meaning of their own; every further column is a covariate.
RESERVED: Final = (*_NEEDED, "exposure_time", "stratum", "model")
_ROWS_NAMED: Final = 5


def sums_by_place(values: Floats, places: Ints, *, size: int) -> Floats:
    """Return the sums of values (n,) that share a place, 0 to size - 1; (size,)."""
    return np.asarray(np.bincount(places, weights=values, minlength=size), dtype=np.float64)


@dataclass(frozen=True)
class Cells:
    """Collapsed counts, n cells of m clusters over k periods with q covariate columns.

    Attributes:
        cluster: (n,) place of the cell's cluster in `cluster_names`.
        period: (n,) place of the cell's period in `period_names`, which stand in order of time;
            where several models are pooled there is one period per model and time.
        exposed: (n,) 1 where the cluster had crossed over, 0 before.
        children: (n,) children in the cell.
        total: (n,) children with the event, or the sum of the outcome where it is not an event.
        covariates: (n, q) columns adjusted for.
        cluster_names, period_names, covariate_names: of length m, k, q.
        exposure_time: (n,) periods since the cluster crossed over, 1 in the first exposed period,
            0 in unexposed cells; None where not known.
        strata: (m,) stratum within which the cluster's order was drawn; None where not published.
        models: (m,) model the cluster belongs to.
        is_binary: whether `total` counts events.
    """

    cluster: Ints
    period: Ints
    exposed: Floats
    children: Floats
    total: Floats
    covariates: Floats
    cluster_names: tuple[str, ...]
    period_names: tuple[str, ...]
    covariate_names: tuple[str, ...] = ()
    exposure_time: Ints | None = None
    strata: tuple[str | None, ...] = ()
    models: tuple[str, ...] = ()
    is_binary: bool = True

    @cached_property
    def cluster_count(self) -> int:
        """Clusters with at least one cell."""
        return int(np.unique(self.cluster).size)

    @cached_property
    def child_count(self) -> int:
        """Children in all cells."""
        return round(float(self.children.sum()))

    @cached_property
    def event_count(self) -> float:
        """Events in all cells, or the sum of the outcome."""
        return float(self.total.sum())

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(self.cluster.size)

    @cached_property
    def rate(self) -> Floats:
        """Events, or outcome, per child in each cell; (n,)."""
        return self.total / self.children

    def kept(self, keep: Flags) -> Cells:
        """Return the cells where `keep` holds; names keep their places."""
        return replace(
            self,
            cluster=self.cluster[keep],
            period=self.period[keep],
            exposed=self.exposed[keep],
            children=self.children[keep],
            total=self.total[keep],
            covariates=self.covariates[keep],
            exposure_time=None if self.exposure_time is None else self.exposure_time[keep],
        )

    @cached_property
    def summed(self) -> Cells:
        """The cells summed over covariates: one per cluster, period and exposure."""
        keys = np.column_stack([self.cluster, self.period, self.exposed.astype(np.int64)])
        cell, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        place = place.ravel()
        times = self.exposure_time
        return replace(
            self,
            cluster=cell[:, 0],
            period=cell[:, 1],
            exposed=cell[:, 2].astype(np.float64),
            children=sums_by_place(self.children, place, size=len(cell)),
            total=sums_by_place(self.total, place, size=len(cell)),
            covariates=np.empty((len(cell), 0)),
            covariate_names=(),
            exposure_time=None if times is None else times[first],
        )

    def missing_clusters(self, kept: Cells) -> tuple[str, ...]:
        """Return the names of clusters that have cells here and none in `kept`."""
        gone = np.setdiff1d(self.cluster, kept.cluster)
        return tuple(self.cluster_names[place] for place in gone)


def cells_from_frame(frame: DataFrame) -> Cells:
    """Return the cells of a table with columns `NEEDED`, optional ones, and covariates.

    Rows without children are left out. Text covariates become one column per level but the first.

    Raises:
        UsageError: a column is missing, or holds what cannot be a count.
    """
    _check(frame)
    frame = frame.loc[frame["children"].astype(float) > 0].reset_index(drop=True)
    by_model = "model" in frame.columns
    models = frame["model"].astype(str) if by_model else Series("", index=frame.index)
    clusters, cluster_names = _codes(frame["cluster"])
    periods, period_names = _periods(frame["period"], models=models, by_model=by_model)
    covariates, covariate_names = _covariates(frame)
    return Cells(
        cluster=clusters,
        period=periods,
        exposed=_floats(frame["exposed"]),
        children=_floats(frame["children"]),
        total=_floats(frame["events"]),
        covariates=covariates,
        cluster_names=cluster_names,
        period_names=period_names,
        covariate_names=covariate_names,
        exposure_time=_exposure_times(frame),
        strata=_strata(frame, clusters),
        models=_of_clusters(models, clusters),
    )


def _floats(column: Series) -> Floats:
    return column.to_numpy(dtype=np.float64)


def _codes(column: Series) -> tuple[Ints, tuple[str, ...]]:
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int64), tuple(str(name) for name in names)


def _periods(column: Series, *, models: Series, by_model: bool) -> tuple[Ints, tuple[str, ...]]:
    if not by_model:
        return _codes(column)
    pairs = pd.MultiIndex.from_arrays([models, column])
    codes, names = pd.factorize(pairs, sort=True)
    return codes.astype(np.int64), tuple(f"{model} {period}" for model, period in names)


def _covariates(frame: DataFrame) -> tuple[Floats, tuple[str, ...]]:
    names = [name for name in frame.columns if name not in RESERVED]
    if not names:
        return np.empty((len(frame), 0)), ()
    table = pd.get_dummies(frame[names], drop_first=True, dtype=float)
    return table.to_numpy(dtype=np.float64), tuple(str(name) for name in table.columns)


def _exposure_times(frame: DataFrame) -> Ints | None:
    if "exposure_time" not in frame.columns:
        return None
    times = frame["exposure_time"].where(frame["exposed"].astype(float) > 0, 0)
    return times.to_numpy(dtype=np.float64).astype(np.int64)


def _strata(frame: DataFrame, clusters: Ints) -> tuple[str | None, ...]:
    if "stratum" not in frame.columns:
        return _of_clusters(Series("", index=frame.index), clusters)
    found = _of_clusters(frame["stratum"].astype("string").fillna(""), clusters)
    return tuple(stratum or None for stratum in found)


def _of_clusters(column: Series, clusters: Ints) -> tuple[str, ...]:
    """Return the value of the first row of each cluster, in the order of the cluster codes."""
    _, first = np.unique(clusters, return_index=True)
    return tuple(str(value) for value in column.to_numpy(dtype=object)[first])


def _check(frame: DataFrame) -> None:
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise UsageError(
            f"cells: {', '.join(missing)} missing (needed {', '.join(_NEEDED)}; found "
            f"{', '.join(map(str, frame.columns)) or 'no column'}). Add what is missing."
        )
    _refuse(frame["cluster"].isna() | frame["period"].isna(), "an empty cluster or period")
    for name in ("exposed", "children", "events"):
        _check_count(frame[name])
    _refuse(~frame["exposed"].isin([0, 1]), "exposed other than 0 or 1")
    _refuse(frame["events"] > frame["children"], "more events than children")
    _check_exposure_time(frame)
    _check_covariates(frame)
    _check_one_per_cluster(frame)


def _check_count(column: Series) -> None:
    if not pd.api.types.is_numeric_dtype(column):
        texts = pd.to_numeric(column, errors="coerce")
        _refuse(texts.isna(), f"a value of {column.name} that is not a number")
        raise UsageError(f"cells: {column.name} is text (needed numbers). Send it as numbers.")
    _refuse(~column.astype(float).abs().lt(np.inf), f"no number in {column.name}")
    _refuse(column < 0, f"a negative number in {column.name}")
    _refuse(column.astype(float) % 1 != 0, f"a broken number in {column.name} (needed counts)")


def _check_exposure_time(frame: DataFrame) -> None:
    if "exposure_time" not in frame.columns:
        return
    times = pd.to_numeric(frame["exposure_time"], errors="coerce")
    bad = (frame["exposed"] == 1) & ~((times >= 1) & (times % 1 == 0))
    _refuse(bad, "no whole exposure_time of 1 or more in an exposed cell")


def _check_covariates(frame: DataFrame) -> None:
    for name in frame.columns:
        if name not in RESERVED:
            _refuse(frame[name].isna(), f"no value of the covariate {name}")


def _check_one_per_cluster(frame: DataFrame) -> None:
    for name in ("stratum", "model"):
        if name in frame.columns:
            values = frame.groupby("cluster")[name].nunique(dropna=False)
            torn = [str(cluster) for cluster in values.index[values > 1]]
            if torn:
                raise UsageError(
                    f"cells: {name} differs within cluster {', '.join(torn)} (needed one per "
                    "cluster). Give every row of a cluster the same."
                )


def _refuse(bad: Series, what: str) -> None:
    """Raise with the file's own line numbers (heading counted) of the rows that are bad."""
    lines = np.flatnonzero(bad.to_numpy(dtype=bool)) + 2
    if len(lines):
        named = ", ".join(map(str, lines[:_ROWS_NAMED]))
        more = f" and {len(lines) - _ROWS_NAMED} more" if len(lines) > _ROWS_NAMED else ""
        raise UsageError(f"cells: {what} in line {named}{more}. Correct those lines.")
