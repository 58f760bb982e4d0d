"""The protocol's mixed logit, and the same with a cluster-by-period intercept.

    logit Pr(event) = beta_t + gamma'z + theta exposed + s u_i (+ r v_it)

Maximum likelihood by Laplace's approximation, as lme4's glmer: standard errors from the curvature
in the coefficients and the standard deviations together, normal reference. Shown because the
protocol names it; docs/methods.md says why it is not the primary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, pi
from typing import Final

import numpy as np

from schemas.arrays import Flags, Floats
from tasks.effects.cells import Cells
from tasks.effects.design import Design, marginal_design
from tasks.effects.fixed_effects_logit import exposure_column
from tasks.effects.laplace import Grouped, Mode, gradient, mode
from tasks.effects.logit import logit_fit
from tasks.effects.result import EffectStatus, Result, Scale, no_result, t_result, with_status
from tasks.effects.separation import Usable, usable

_SCALE: Final = Scale.LOG_ODDS_RATIO
# Variances (squared log odds): below the first one is zero; the second keeps slopes in the variance
# finite, since in the standard deviation every likelihood is flat at zero; the search starts from
# the third.
_ZERO: Final = 1e-6
_OFFSET: Final = 1e-8
_START: Final = 0.02
_WIDTH: Final = 1e-4
_LARGEST_SLOPE: Final = 1e-2


def mixed_logit_cluster_intercept_laplace(cells: Cells) -> Result:
    """Return the log odds ratio of exposure with a random intercept per cluster."""
    return _mixed_logit(cells, free=np.array([True, False]))


def mixed_logit_cluster_and_cluster_period_laplace(cells: Cells) -> Result:
    """Return the log odds ratio with random intercepts per cluster and per cluster and period."""
    return _mixed_logit(cells, free=np.array([True, True]))


def _mixed_logit(cells: Cells, *, free: Flags) -> Result:
    found = usable(cells, marginal)
    if isinstance(found, Result):
        return found
    return _fitted(found, free=free)


def marginal(cells: Cells) -> Design:
    """Return the design of period, covariates and exposure."""
    return marginal_design(cells, exposure_column(cells))


@dataclass(frozen=True)
class _Peak:
    """The highest point.

    Attributes:
        at: (p + 2,) coefficients, then the two variances.
        free: (p + 2,) which of them are not at a boundary.
        curvature: of minus the log likelihood in the free ones.
        slope: largest slope left, in the scaled coordinates.
    """

    at: Floats
    free: Flags
    curvature: Floats
    slope: float


def _fitted(found: Usable, *, free: Flags) -> Result:
    cells, design = found.cells, found.design
    peak = _peak(_grouped(cells, design), free=free)
    if peak.slope > _LARGEST_SLOPE or np.linalg.eigvalsh(peak.curvature)[0] <= 0:
        return no_result(cells, EffectStatus.NOT_CONVERGED, "the fit did not settle", scale=_SCALE)
    place = design.effects[0]
    result = t_result(
        cells,
        estimate=float(peak.at[place]),
        se=float(np.sqrt(np.linalg.inv(peak.curvature)[place, place])),
        df=nan,
        scale=_SCALE,
        reason=found.reason,
        extras=_variances(peak, free=free),
    )
    flat = _flat(peak, free=free)
    return with_status(result, EffectStatus.BOUNDARY, flat) if flat else result


def _variances(peak: _Peak, *, free: Flags) -> Mapping[str, float]:
    """Return the variances, and on the logit scale the share of variance between clusters."""
    cluster, period = peak.at[-2], peak.at[-1]
    found = {"cluster_variance": float(cluster)}
    if free[1]:
        found["cluster_period_variance"] = float(period)
    found["icc"] = float(cluster / (cluster + period + pi**2 / 3))
    return found


def _flat(peak: _Peak, *, free: Flags) -> str:
    names = np.array(["between clusters", "between periods of a cluster"])
    flat = names[free & ~peak.free[-2:]]
    return f"variance {' and '.join(flat)} is estimated at zero" if flat.size else ""


def _grouped(cells: Cells, design: Design) -> Grouped:
    keys = np.column_stack([cells.cluster, cells.period])
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    _, cluster = np.unique(groups[:, 0], return_inverse=True)
    return Grouped(design.x, cells.total, cells.children, group.ravel(), cluster.ravel())


def _peak(data: Grouped, *, free: Flags) -> _Peak:
    """Return the maximum, searched in coordinates where the plain logit's information is one."""
    # Imported here: scipy.optimize costs a third of a second, and other estimators do without.
    from scipy.optimize import minimize

    plain = logit_fit(data.x, events=data.events, children=data.children)
    back = np.eye(plain.beta.size + 2)
    back[:-2, :-2] = np.linalg.inv(np.linalg.cholesky(plain.information)).T
    back[-2:, -2:] *= _START
    start = np.append(np.linalg.solve(back[:-2, :-2], plain.beta), 1.0 * free)
    climb = _Climb(data, back)
    lower = [(None, None)] * plain.beta.size + [(0.0, None if some else 0.0) for some in free]
    found = minimize(
        climb,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=lower,
        options={"maxiter": 200, "ftol": 1e-13, "gtol": 1e-6},
    )
    return _finished(climb, np.array(found.x))


@dataclass
class _Climb:
    """Minus the likelihood and its slope in the scaled coordinates; keeps the last mode."""

    data: Grouped
    back: Floats
    last: Mode | None = None

    def __call__(self, scaled: Floats) -> tuple[float, Floats]:
        at = self.back @ scaled
        s, r = np.sqrt(np.maximum(at[-2:], 0.0) + _OFFSET)
        self.last = mode(self.data, at[:-2], s=s, r=r, start=self.last)
        slope = gradient(self.data, self.last) / np.append(np.ones(at.size - 2), [2 * s, 2 * r])
        return -self.last.value, -self.back.T @ slope

    def slope(self, scaled: Floats) -> Floats:
        """Return minus the slope."""
        return self(scaled)[1]


def _finished(climb: _Climb, scaled: Floats) -> _Peak:
    """Return the peak with its curvature; a variance next to zero is put there."""
    near_zero = (climb.back @ scaled)[-2:] < _ZERO
    scaled[-2:][near_zero] = 0.0
    free = np.append(np.ones(scaled.size - 2, dtype=np.bool_), ~near_zero)
    slope = float(np.max(np.abs(climb.slope(scaled)[free])))
    forward = np.linalg.inv(climb.back)[np.ix_(free, free)]
    curvature = forward.T @ _curvature(climb, scaled, free) @ forward
    return _Peak(climb.back @ scaled, free, curvature, slope)


def _curvature(climb: _Climb, scaled: Floats, free: Flags) -> Floats:
    """Return the curvature in the free scaled coordinates, by central differences of the slope."""
    columns = [
        (climb.slope(scaled + step) - climb.slope(scaled - step))[free] / (2 * _WIDTH)
        for step in np.eye(scaled.size)[free] * _WIDTH
    ]
    curvature = np.array(columns)
    symmetric: Floats = (curvature + curvature.T) / 2
    return symmetric
