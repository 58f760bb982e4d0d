"""Bias-reduced linearisation (CR2) with Satterthwaite degrees of freedom.

Bell and McCaffrey (2002); Pustejovsky and Tipton (2018, doi:10.1080/07350015.2016.1247004). The
adjusted weights are those of the R package clubSandwich: for a cluster with working variance
Phi = DD and residual variance S, its block of R Phi R' with R = I - X M X'W and M = (X'WX)^-1,
they are A W X M with A = D (D S D)^(-1/2) D. Two cases are needed: a working variance that is the
inverse of the weights (a generalised linear model), and one that is the same in every row (weights
taken as given).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log
from typing import Final, TypeAlias

import numpy as np
from scipy.special import ellipj, ellipkm1

from schemas.arrays import Floats, Ints

# A direction with less residual variance than this share is one a fixed effect takes up whole.
_ZERO: Final = 1e-9
# Cells of one cluster up to which the whole eigenvalue problem is the quicker way.
_FEW_CELLS: Final = 120
_DIGITS: Final = 11


@dataclass(frozen=True)
class Linearised:
    """CR2 variances of k contrasts of the coefficients.

    Attributes:
        variance: (k,).
        df: (k,) Satterthwaite's degrees of freedom.
    """

    variance: Floats
    df: Floats


@dataclass(frozen=True)
class Weighted:
    """A weighted fit, or one cluster's rows of it.

    Attributes:
        x: (n, p) derivative of the mean in the coefficients, of full rank over all rows.
        weights: (n,).
        working: (n,) working variance.
        bread: (p, p) M.
        squares: (p, p) X'W Phi WX over all rows.
    """

    x: Floats
    weights: Floats
    working: Floats
    bread: Floats
    squares: Floats

    @cached_property
    def weighted(self) -> Floats:
        """WX; (n, p)."""
        return self.x * self.weights[:, None]

    def rows(self, places: Ints) -> Weighted:
        """Return the rows at `places`, the sums over all rows kept."""
        return Weighted(
            self.x[places], self.weights[places], self.working[places], self.bread, self.squares
        )


# From a cluster's rows and targets (n, k) to (D S D)^(-1/2) targets.
_Root: TypeAlias = Callable[[Weighted, Floats], Floats]
_ByCluster: TypeAlias = Callable[[Floats], Floats]


def linearised_glm(
    x: Floats, residuals: Floats, weights: Floats, *, cluster: Ints, contrasts: Floats
) -> Linearised:
    """Return variances where the working variance is the inverse of the weights.

    Args:
        x: (n, p) full rank; derivative of the mean in the coefficients.
        residuals: (n,) observed less fitted mean.
        weights: (n,) inverse of the working variance of a row.
        cluster: (n,) codes.
        contrasts: (p, k).
    """
    fit = _fit(x, weights, 1 / weights)
    return _linearised(fit, residuals, cluster=cluster, contrasts=contrasts, root=_root_glm)


def linearised_weighted(
    x: Floats, residuals: Floats, weights: Floats, *, cluster: Ints, contrasts: Floats
) -> Linearised:
    """Return variances of weighted least squares with the same working variance in every row.

    The arguments are those of `linearised_glm`; the weights say nothing of the variance.
    """
    fit = _fit(x, weights, np.ones_like(weights))
    return _linearised(fit, residuals, cluster=cluster, contrasts=contrasts, root=_root_weighted)


def _fit(x: Floats, weights: Floats, working: Floats) -> Weighted:
    weighted = x * weights[:, None]
    squares = (weighted * working[:, None]).T @ weighted
    return Weighted(x, weights, working, np.linalg.inv(x.T @ weighted), squares)


def _linearised(
    fit: Weighted, residuals: Floats, *, cluster: Ints, contrasts: Floats, root: _Root
) -> Linearised:
    order = np.argsort(cluster, kind="stable")
    starts = np.append(0, np.flatnonzero(np.diff(cluster[order])) + 1)

    def by_cluster(values: Floats) -> Floats:
        return np.add.reduceat(values[order], starts, axis=0)

    adjusted = _adjusted(fit, np.split(order, starts[1:]), contrasts, root=root)
    scores = by_cluster(adjusted * residuals[:, None])
    df = np.array([_satterthwaite(fit, column, by_cluster) for column in adjusted.T])
    return Linearised(variance=np.sum(scores**2, axis=0), df=df)


def _adjusted(fit: Weighted, clusters: list[Ints], contrasts: Floats, *, root: _Root) -> Floats:
    """Return the adjusted weights A W X M contrasts of every row; (n, k)."""
    scale = np.sqrt(fit.working)[:, None]
    targets = scale * (fit.weighted @ (fit.bread @ contrasts))
    adjusted = np.empty_like(targets)
    for rows in clusters:
        adjusted[rows] = root(fit.rows(rows), targets[rows])
    return scale * adjusted


def _satterthwaite(fit: Weighted, adjusted: Floats, by_cluster: _ByCluster) -> float:
    """Return the degrees of freedom (trace P)^2 / (sum of P squared) of one contrast.

    P is what the products of the clusters' scores would be on average under the working model:
    adjusted' R Phi R' adjusted, cluster by cluster.
    """
    plain = by_cluster(fit.x * adjusted[:, None])
    scaled = by_cluster(fit.weighted * (fit.working * adjusted)[:, None])
    cross = plain @ fit.bread @ scaled.T
    products = plain @ (fit.bread @ fit.squares @ fit.bread) @ plain.T - cross - cross.T
    products += np.diag(by_cluster(fit.working * adjusted**2))
    total = float(np.sum(products**2))
    return float(np.trace(products)) ** 2 / total if total > 0 else float("nan")


def _root_weighted(rows: Weighted, targets: Floats) -> Floats:
    """Return S^(-1/2) targets where S = I - X M X'W - W X M X' + X M X'WWX M X'.

    S differs from I only within the columns of X and WX, so its root is taken there.
    """
    basis = np.linalg.qr(np.hstack([rows.x, rows.weighted]))[0]
    inner, outer = basis.T @ rows.x, basis.T @ rows.weighted
    mixed = inner @ rows.bread @ outer.T
    change = inner @ (rows.bread @ rows.squares @ rows.bread) @ inner.T - mixed - mixed.T
    values, vectors = np.linalg.eigh(change)
    root = np.where(1 + values > _ZERO, 1 / np.sqrt(np.maximum(1 + values, _ZERO)), 0.0)
    directions = basis @ vectors
    moved: Floats = targets + directions @ ((root - 1)[:, None] * (directions.T @ targets))
    return moved


def _root_glm(rows: Weighted, targets: Floats) -> Floats:
    """Return B^(-1/2) targets where B = Phi (I - H) Phi, H the hat matrix of the scaled rows.

    H = U diag(h) U' has few directions; those with h = 1 are a fixed effect's own, and what B does
    not see of the targets is left out (Moore-Penrose).
    """
    scaled = (rows.x * np.sqrt(rows.weights)[:, None]) @ np.linalg.cholesky(rows.bread)
    directions, roots, _ = np.linalg.svd(scaled, full_matrices=False)
    present = roots > np.sqrt(_ZERO)
    directions, hat = directions[:, present], roots[present] ** 2
    hat = np.where(hat > 1 - _ZERO, 1.0, hat)
    unseen = np.linalg.qr(directions[:, hat == 1.0] * rows.weights[:, None])[0]
    seen = targets - unseen @ (unseen.T @ targets)
    way = _root_by_eigenvalues if rows.weights.size <= _FEW_CELLS else _root_by_shifts
    moved = way(directions, hat, rows.working, seen)
    kept: Floats = moved - unseen @ (unseen.T @ moved)
    return kept


def _root_by_eigenvalues(
    directions: Floats, hat: Floats, working: Floats, targets: Floats
) -> Floats:
    """Return B^(-1/2) targets from all eigenvalues of B = Phi (I - U diag(h) U') Phi."""
    inside = np.eye(working.size) - (directions * hat) @ directions.T
    values, vectors = np.linalg.eigh(working[:, None] * inside * working)
    nothing = int(np.sum(hat == 1.0))
    root = np.zeros_like(values)
    root[nothing:] = 1 / np.sqrt(values[nothing:])
    moved: Floats = vectors @ (root[:, None] * (vectors.T @ targets))
    return moved


def _root_by_shifts(directions: Floats, hat: Floats, working: Floats, targets: Floats) -> Floats:
    """Return B^(-1/2) targets as a sum over shifted inverses of B.

    Hale, Higham and Trefethen (2008, doi:10.1137/070700607), method 3: B^(-1/2) is the sum of
    a_j (B + s_j)^-1, to `_DIGITS` digits; each inverse is diagonal plus few directions.
    """
    lowest = float(np.min(working) ** 2 * np.min(1 - hat[hat < 1], initial=1.0))
    shifts, shares = _shifts(lowest, float(np.max(working) ** 2))
    diagonal = working**2 + shifts[:, None]
    left = shifts[:, None] / diagonal
    inner = (directions.T[None] * left[:, None, :]) @ directions
    inner += np.diag(1 / hat - 1)
    outer = directions * working[:, None]
    scaled = targets[None] / diagonal[:, :, None]
    scaled += (outer @ np.linalg.solve(inner, outer.T @ scaled)) / diagonal[:, :, None]
    return np.tensordot(shares, scaled, axes=1)


def _shifts(lowest: float, highest: float) -> tuple[Floats, Floats]:
    """Return shifts s_j and shares a_j that make the inverse root between two eigenvalues."""
    count = ceil((log(highest / lowest) + 3) * _DIGITS * log(10) / (2 * np.pi**2))
    period = float(ellipkm1(lowest / highest))
    sn, cn, dn, _ = ellipj((np.arange(count) + 0.5) * period / count, 1 - lowest / highest)
    shares = 2 * period * np.sqrt(lowest) / (np.pi * count) * dn / cn**2
    return lowest * (sn / cn) ** 2, shares
