"""Children of the cohort counted into cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Flags, Floats, Ints
from schemas.errors import UsageError
from schemas.plan import Covariate, Missing, Time
from schemas.trial import cluster_of
from tasks.effects.cells import Cells, sums_by_place

_UNKNOWN: Final = "unknown"
UNBORN: Final = "unborn"
COHORT_COLUMNS: Final = (
    "la_code",
    "model",
    "cohort_quarter",
    "wedge",
    "exposed",
    "exposure_quarters",
    "is_unborn",
)


@dataclass(frozen=True)
class Collapse:
    """Where each child goes, worked out once for all outcomes.

    Attributes:
        cell: (children,) place of the child's cell.
        levels: (cells, covariates) code of each covariate in the cell.
        covariates: names of the levels, one tuple per covariate.
        template: the cells with no child in them yet.
    """

    cell: Ints
    levels: Ints
    covariates: tuple[tuple[str, ...], ...]
    template: Cells


def collapse(
    children: DataFrame, *, covariates: Sequence[Covariate], time: Time, exposed: str
) -> Collapse:
    """Return where each child goes: cluster, period, exposure, exposure time and covariates.

    Args:
        children: cohort rows of authorities that are analysed, of one model or of several.
        covariates: to tell cells apart by; none for the unadjusted analysis.
        time: what a period is. Periods of different models are different periods.
        exposed: name of the column that says who counts as exposed.

    Raises:
        UsageError: the cohort lacks a column.
    """
    _check(children, (*COHORT_COLUMNS, exposed, *(covariate.column for covariate in covariates)))
    cluster, cluster_names = pd.factorize(children["la_code"], sort=True)
    period, period_names = _periods(children, time)
    on = children[exposed].astype("boolean").fillna(False).to_numpy(dtype=np.bool_)
    since = _exposure_time(children, on) if time is Time.QUARTER else np.zeros_like(cluster)
    coded = [_levels(children, covariate) for covariate in covariates]
    keys = np.column_stack([cluster, period, on, since, *(codes for codes, _ in coded)])
    cells, place = _distinct(keys.astype(np.int64))
    template = Cells(
        cluster=cells[:, 0],
        period=cells[:, 1],
        exposed=cells[:, 2].astype(np.float64),
        children=np.zeros(len(cells)),
        total=np.zeros(len(cells)),
        covariates=np.empty((len(cells), 0)),
        cluster_names=tuple(_name(str(code)) for code in cluster_names),
        period_names=period_names,
        exposure_time=cells[:, 3] if time is Time.QUARTER else None,
        strata=tuple(_stratum(str(code)) for code in cluster_names),
        models=tuple(_model(str(code)) for code in cluster_names),
    )
    return Collapse(place, cells[:, 4:], tuple(names for _, names in coded), template)


def _check(children: DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in dict.fromkeys(columns) if name not in children.columns]
    if missing:
        raise UsageError(
            f"effects: {', '.join(missing)} missing from the cohort table (needs the columns of "
            "schemas/derived.py). Refresh the outcomes first."
        )


def _periods(children: DataFrame, time: Time) -> tuple[Ints, tuple[str, ...]]:
    column = "wedge" if time is Time.WEDGE else "cohort_quarter"
    pairs = pd.MultiIndex.from_arrays([children["model"], children[column]])
    codes, names = pd.factorize(pairs, sort=True)
    return codes.astype(np.int64), tuple(f"{model} {period}" for model, period in names)


def _exposure_time(children: DataFrame, on: Flags) -> Ints:
    """Return quarters since go-live, 1 in the first; 0 where not exposed; (children,)."""
    since = children["exposure_quarters"].to_numpy(dtype=np.float64, na_value=np.nan)
    whole = np.floor(np.nan_to_num(since)).astype(np.int64) + 1
    return np.where(on, np.maximum(whole, 1), 0)


def _levels(children: DataFrame, covariate: Covariate) -> tuple[Ints, tuple[str, ...]]:
    """Return the code of each child's level, and the names of the levels, `unknown` among them."""
    column = children[covariate.column]
    texts = _bands(children, covariate) if covariate.band_starts else column.astype("string")
    texts = texts.fillna(_UNKNOWN)
    codes, names = pd.factorize(texts, sort=True)
    return codes.astype(np.int64), tuple(f"{covariate.id} {name}" for name in names)


def _bands(children: DataFrame, covariate: Covariate) -> Series:
    """Return the age band as text; missing where age is, `unborn` where the child was not born."""
    ages = children[covariate.column].to_numpy(dtype=np.float64, na_value=np.nan)
    starts = np.array(covariate.band_starts, dtype=np.float64)
    place = np.clip(np.searchsorted(starts, ages, side="right") - 1, 0, None)
    bands = Series(np.array([f"{start:02.0f}+" for start in starts])[place], dtype="string")
    bands = bands.mask(np.isnan(ages))
    return bands.mask(children["is_unborn"].to_numpy(dtype=np.bool_), UNBORN)


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows in order, and the place of each row among them."""
    sizes = keys.max(axis=0, initial=0) + 1
    flat = np.ravel_multi_index(tuple(keys.T), tuple(sizes))
    found, place = np.unique(flat, return_inverse=True)
    rows = np.column_stack(np.unravel_index(found, tuple(sizes)))
    return rows.astype(np.int64), place.astype(np.int64)


def _name(la_code: str) -> str:
    cluster = cluster_of(la_code)
    return la_code if cluster is None else cluster.la_name


def _stratum(la_code: str) -> str | None:
    cluster = cluster_of(la_code)
    return None if cluster is None else cluster.stratum


def _model(la_code: str) -> str:
    cluster = cluster_of(la_code)
    return "" if cluster is None else cluster.model


def filled(
    found: Collapse, values: Floats, *, is_event: bool, missing: Missing, keep: Flags
) -> Cells:
    """Return the cells with the children who have a value counted into them.

    Args:
        found: where each child goes.
        values: (children,) outcome, NaN where it is not known or does not apply.
        is_event: whether the outcome is yes or no.
        missing: what becomes of a child with an unknown covariate.
        keep: (children,) who counts at all.
    """
    counts = keep & ~np.isnan(values)
    size = found.template.size
    children = sums_by_place(counts.astype(np.float64), found.cell, size=size)
    total = sums_by_place(np.where(counts, values, 0.0), found.cell, size=size)
    here = children > 0
    if missing is Missing.COMPLETE_CASE:
        here &= ~_is_unknown(found).any(axis=1)
    columns, names = _columns(found.levels[here], found.covariates)
    whole = found.template
    return Cells(
        cluster=whole.cluster[here],
        period=whole.period[here],
        exposed=whole.exposed[here],
        children=children[here],
        total=total[here],
        covariates=columns,
        covariate_names=names,
        cluster_names=whole.cluster_names,
        period_names=whole.period_names,
        exposure_time=None if whole.exposure_time is None else whole.exposure_time[here],
        strata=whole.strata,
        models=whole.models,
        is_binary=is_event,
    )


def _is_unknown(found: Collapse) -> Flags:
    """Return where a covariate's level is the unknown one; (cells, covariates)."""
    unknown = [
        np.array([name.endswith(f" {_UNKNOWN}") for name in names])[found.levels[:, place]]
        for place, names in enumerate(found.covariates)
    ]
    return np.column_stack([np.zeros((len(found.levels), 0), dtype=np.bool_), *unknown])


def _columns(levels: Ints, names: Sequence[Sequence[str]]) -> tuple[Floats, tuple[str, ...]]:
    """Return 0/1 columns of every level that occurs but each covariate's most frequent."""
    parts, kept = [np.empty((len(levels), 0))], []
    for place, labels in enumerate(names):
        codes, counts = np.unique(levels[:, place], return_counts=True)
        others = codes[np.arange(codes.size) != np.argmax(counts)] if codes.size else codes
        parts.append((levels[:, place, None] == others[None, :]).astype(np.float64))
        kept += [labels[code] for code in others]
    return np.hstack(parts), tuple(kept)
