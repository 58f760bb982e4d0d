"""The few statistics that training feedback needs, each by its textbook formula.

Held against scipy and statsmodels in tests/reference/training. Everything takes plain arrays
without missing values; what cannot be said is nan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from schemas.arrays import Floats
from schemas.training import CONFIDENCE, ENOUGH_CLUSTERS

NAN: Final = math.nan
_Z: Final = float(special.ndtri((1 + CONFIDENCE) / 2))
_HAIR: Final = 1e-9
"""Means of whole answers that differ by less are the same: binary thirds do not add up exactly."""


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; nan where none can be given."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedChange:
    """What became of one measure between two forms of the same people.

    Attributes:
        n: matched people.
        mean: mean change with its t interval.
        t, df: statistic and degrees of freedom of the paired t test.
        t_p: its two-sided p value.
        d_z: mean change over the standard deviation of changes.
        g_z: d_z without its small-sample bias (Hedges' J, 1 - 3/(4 df - 1)).
        wilcoxon_p: two-sided p of the signed-rank test, Pratt's zeros, normal approximation.
        improved, same, worse: people whose change is above, at and below zero.
    """

    n: int
    mean: Estimate
    t: float
    df: int
    t_p: float
    d_z: float
    g_z: float
    wilcoxon_p: float
    improved: int
    same: int
    worse: int


def paired_change(differences: Floats) -> PairedChange:
    """Return what differences between matched forms amount to."""
    d = np.where(np.abs(differences) < _HAIR, 0.0, differences)
    n, df = len(d), len(d) - 1
    spread = _deviation(d)
    d_z = float(d.mean()) / spread if spread == spread else NAN
    t = d_z * math.sqrt(n) if n else NAN
    return PairedChange(
        n=n,
        mean=mean_estimate(d),
        t=t,
        df=df,
        t_p=float(2 * special.stdtr(df, -abs(t))) if t == t else NAN,
        d_z=d_z,
        g_z=d_z * hedges_j(df),
        wilcoxon_p=wilcoxon_pratt_p(d),
        improved=int((d > 0).sum()),
        same=int((d == 0).sum()),
        worse=int((d < 0).sum()),
    )


def _deviation(values: Floats) -> float:
    """Return the standard deviation; nan where it cannot be known, or where all are alike."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else NAN
    return spread if spread > _HAIR else NAN


def hedges_j(df: int) -> float:
    """Return the factor that takes the small-sample bias out of d (Hedges 1981, approximation)."""
    return 1 - 3 / (4 * df - 1) if df > 0 else NAN


def mean_estimate(values: Floats) -> Estimate:
    """Return a mean with its t interval, for values that are independent."""
    if not len(values):
        return Estimate(NAN, NAN, NAN)
    mean, spread = float(values.mean()), _deviation(values)
    margin = _t(len(values) - 1) * spread / math.sqrt(len(values))
    return Estimate(mean, mean - margin, mean + margin)


@cache
def _t(df: float) -> float:
    return float(special.stdtrit(df, (1 + CONFIDENCE) / 2)) if df > 0 else NAN


def clustered_mean(values: Floats, clusters: npt.NDArray[np.int64]) -> Estimate:
    """Return a mean whose interval allows for clusters, as sessions, where there are enough.

    The variance is that of cluster sums of residuals (CR1, factor G/(G-1)), with t on G-1 degrees
    of freedom. With fewer than `ENOUGH_CLUSTERS` clusters values count as independent.
    """
    places, count = np.unique(clusters, return_inverse=True)[1], len(np.unique(clusters))
    if count < ENOUGH_CLUSTERS:
        return mean_estimate(values)
    mean = float(values.mean())
    sums = np.bincount(places, weights=values - mean)
    variance = count / (count - 1) * float((sums**2).sum()) / len(values) ** 2
    margin = _t(count - 1) * math.sqrt(variance)
    return Estimate(mean, mean - margin, mean + margin)


def share_with_interval(hits: int, n: int) -> Estimate:
    """Return a share with its Wilson interval."""
    if not n:
        return Estimate(NAN, NAN, NAN)
    p = hits / n
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    margin = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return Estimate(p, max(0.0, middle - margin), min(1.0, middle + margin))


def clustered_share(hits: npt.NDArray[np.bool_], clusters: npt.NDArray[np.int64]) -> Estimate:
    """Return a share: Wilson, or allowing for clusters where there are enough of them."""
    if len(np.unique(clusters)) < ENOUGH_CLUSTERS:
        return share_with_interval(int(hits.sum()), len(hits))
    found = clustered_mean(hits.astype(float), clusters)
    return Estimate(found.value, max(0.0, found.low), min(1.0, found.high))


def difference_of_means(first: Floats, second: Floats) -> Estimate:
    """Return how far the second mean lies above the first, with Welch's interval."""
    if not len(first) or not len(second):
        return Estimate(NAN, NAN, NAN)
    difference = float(second.mean() - first.mean())
    if min(len(first), len(second)) < 2:
        return Estimate(difference, NAN, NAN)
    parts = [float(group.var(ddof=1)) / len(group) for group in (first, second)]
    if sum(parts) < _HAIR:
        return Estimate(difference, NAN, NAN)
    sizes = (len(first) - 1, len(second) - 1)
    df = sum(parts) ** 2 / sum(part**2 / size for part, size in zip(parts, sizes, strict=True))
    margin = _t(df) * math.sqrt(sum(parts))
    return Estimate(difference, difference - margin, difference + margin)


def wilcoxon_pratt_p(differences: Floats) -> float:
    """Return the two-sided p of the signed-rank test with zeros ranked, then left out (Pratt 1959).

    Normal approximation, corrected for ties, without continuity correction. 1 where nothing
    changed.
    """
    if not len(differences):
        return NAN
    ranks = _ranks(np.abs(differences))
    moved = differences != 0
    if not moved.any():
        return 1.0
    n, zeros = len(differences), int((~moved).sum())
    expected = (n * (n + 1) - zeros * (zeros + 1)) / 4
    _, ties = np.unique(ranks[moved], return_counts=True)
    variance = _pratt_variance(n, zeros) - float((ties**3 - ties).sum()) / 48
    z = (float(ranks[differences > 0].sum()) - expected) / math.sqrt(variance)
    return float(2 * special.ndtr(-abs(z)))


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1, the mean of their places for values alike."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[places]
    return ranks


def _pratt_variance(n: int, zeros: int) -> float:
    return (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1)) / 24


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted for several tests (Holm 1979); nan stays and does not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p == p)
    adjusted, highest = [NAN] * len(p_values), 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        adjusted[place] = highest
    return adjusted
