"""Laplace approximation of a logit with cluster and cluster-by-period intercepts.

    logit Pr(event) = x beta + s u_i + r v_it,    u_i and v_it independent standard normal

The integral over (u, v) is replaced by its value at the most likely (u, v), with the curvature
there (as `glmer` with nAGQ = 1 does). Within a cluster the curvature has an arrow's shape, so
everything is sums over groups (cluster by period) and clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from schemas.arrays import Floats, Ints
from tasks.effects.cells import sums_by_place
from tasks.effects.logit import log_likelihood

_STEPS: Final = 50
_CLOSE: Final = 1e-9


@dataclass(frozen=True)
class Grouped:
    """Cells of a mixed logit.

    Attributes:
        x: (n, p) fixed part.
        events, children: (n,).
        group: (n,) place of the cell's cluster-by-period group, 0 to g - 1.
        cluster: (g,) place of the group's cluster, 0 to m - 1.
    """

    x: Floats
    events: Floats
    children: Floats
    group: Ints
    cluster: Ints

    @property
    def clusters(self) -> int:
        """Number of clusters m."""
        return int(self.cluster.max()) + 1

    def by_group(self, values: Floats) -> Floats:
        """Sum cells (n,) within groups; (g,)."""
        return sums_by_place(values, self.group, size=self.cluster.size)

    def by_cluster(self, values: Floats) -> Floats:
        """Sum groups (g,) within clusters; (m,)."""
        return sums_by_place(values, self.cluster, size=self.clusters)


@dataclass(frozen=True)
class Arrow:
    """Curvature of one point in (u, v), factorised; s and r are the two standard deviations.

    Attributes:
        s, r: standard deviations of the cluster and of the cluster-by-period intercept.
        weight: (g,) information of the groups.
        own: (g,) 1 + r^2 weight.
        shared: (g,) s r weight.
        left: (m,) what is left of 1 + s^2 weight once the groups are taken out.
    """

    s: float
    r: float
    weight: Floats
    own: Floats
    shared: Floats
    left: Floats

    @property
    def log_determinant(self) -> float:
        """Log determinant of the curvature."""
        return float(np.log(self.own).sum() + np.log(self.left).sum())


def arrow(data: Grouped, weight: Floats, *, s: float, r: float) -> Arrow:
    """Return the factorised curvature for group information `weight` (g,)."""
    own, shared = 1 + r**2 * weight, s * r * weight
    left = 1 + data.by_cluster(s**2 * weight - shared**2 / own)
    return Arrow(s, r, weight, own, shared, left)


def solved(data: Grouped, curve: Arrow, top: Floats, bottom: Floats) -> tuple[Floats, Floats]:
    """Return the solution (u (m,), v (g,)) of curvature @ (u, v) = (top, bottom)."""
    u = (top - data.by_cluster(curve.shared * bottom / curve.own)) / curve.left
    v = (bottom - curve.shared * u[data.cluster]) / curve.own
    return u, v


@dataclass(frozen=True)
class Mode:
    """The most likely intercepts at given parameters.

    Attributes:
        u, v: (m,), (g,) standardised intercepts.
        risk: (n,) probabilities there.
        curve: curvature there.
        value: log likelihood, Laplace, without its constant.
    """

    u: Floats
    v: Floats
    risk: Floats
    curve: Arrow
    value: float


def mode(data: Grouped, beta: Floats, *, s: float, r: float, start: Mode | None = None) -> Mode:
    """Return the most likely intercepts, by Newton's method from `start`."""
    fixed = data.x @ beta
    u = np.zeros(data.clusters) if start is None else start.u
    v = np.zeros(data.cluster.size) if start is None else start.v
    for _ in range(_STEPS):
        risk = expit(fixed + (s * u[data.cluster] + r * v)[data.group])
        curve = arrow(data, data.by_group(data.children * risk * (1 - risk)), s=s, r=r)
        pull = data.by_group(data.events - data.children * risk)
        du, dv = solved(data, curve, s * data.by_cluster(pull) - u, r * pull - v)
        step = max(float(np.max(np.abs(du))), float(np.max(np.abs(dv))))
        # Intercepts this far out have left the quadratic's reach: move half a step at most.
        short = min(1.0, 5.0 / step) if step > 0 else 1.0
        u, v = u + short * du, v + short * dv
        if step < _CLOSE:
            break
    eta = fixed + (s * u[data.cluster] + r * v)[data.group]
    value = log_likelihood(eta, events=data.events, children=data.children)
    value -= float(u @ u + v @ v + curve.log_determinant) / 2
    return Mode(u, v, risk, curve, value)


def gradient(data: Grouped, at: Mode) -> Floats:
    """Return the slope of the Laplace log likelihood in (beta, s, r); (p + 2,).

    Apart from its direct part, each parameter moves the mode, and with it the curvature: `bend` is
    half the change of the log determinant with a cell's linear predictor.
    """
    curve, cluster = at.curve, data.cluster
    s, r = curve.s, curve.r
    uu = 1 / curve.left[cluster]
    uv = -curve.shared / curve.own * uu
    vv = 1 / curve.own + (curve.shared / curve.own) ** 2 * uu
    spread = s**2 * uu + 2 * s * r * uv + r**2 * vv
    weights = data.children * at.risk * (1 - at.risk)
    bend = -spread[data.group] * weights * (1 - 2 * at.risk) / 2
    bends = data.by_group(bend)
    du, dv = solved(data, curve, s * data.by_cluster(bends), r * bends)
    back = (s * du[cluster] + r * dv)[data.group]
    pull = data.events - data.children * at.risk
    pulls, pulled = data.by_group(pull), at.u[cluster]
    slope_s = pulls @ pulled + bends @ pulled - curve.weight @ (s * uu + r * uv)
    slope_r = pulls @ at.v + bends @ at.v - curve.weight @ (s * uv + r * vv)
    slope_s += du @ data.by_cluster(pulls - s * curve.weight * pulled) - dv @ (
        r * curve.weight * pulled
    )
    slope_r += dv @ (pulls - r * curve.weight * at.v) - du @ data.by_cluster(
        s * curve.weight * at.v
    )
    return np.append(data.x.T @ (pull + bend - weights * back), [slope_s, slope_r])
