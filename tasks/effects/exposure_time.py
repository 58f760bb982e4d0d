"""How the effect grows with time since go-live, and its average over a window named beforehand.

    logit Pr(event) = alpha_i + beta_t + gamma'z + theta_1 [1st exposed period] + theta_2 [2nd] ...

A single effect is wrong where the effect builds up, even in sign (Kenny and others 2022,
doi:10.1002/sim.9511); the plain average of theta over a window is not. CR2 and Satterthwaite.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from schemas.arrays import Floats, Ints
from tasks.effects.cells import Cells
from tasks.effects.fixed_effects_logit import (
    FixedEffectsFit,
    clustered,
    contrast_result,
    exposure_column,
    fixed_effects_fit,
    unit,
)
from tasks.effects.result import (
    EffectStatus,
    Result,
    Scale,
    no_result,
    t_result,
    with_reason,
    with_status,
)

_SCALE: Final = Scale.LOG_ODDS_RATIO


def exposure_time_curve(cells: Cells) -> Result:
    """Return one point per exposure time, and their plain average; log odds ratios."""
    return _curve(cells, window=None)


def exposure_time_average(cells: Cells, *, window: tuple[int, int]) -> Result:
    """Return the plain average of the effects over exposure times `window`, both ends included."""
    return _curve(cells, window=window)


def _curve(cells: Cells, *, window: tuple[int, int] | None) -> Result:
    if cells.exposure_time is None:
        why = "no exposure time in the cells"
        return no_result(cells, EffectStatus.NOT_APPLICABLE, why, scale=_SCALE)
    levels = np.unique(cells.exposure_time[cells.exposed > 0])

    def effects(some: Cells) -> Floats:
        return _by_time(some, levels)

    fit = fixed_effects_fit(cells, effects=effects if levels.size else exposure_column)
    if isinstance(fit, Result):
        return fit
    places = dict(zip(levels.tolist(), fit.design.effects, strict=True))
    known = {level: place for level, place in places.items() if place >= 0}
    unknown = {str(level): _unknown(fit, level) for level in levels.tolist() if level not in known}
    average = _averaged(fit, known, window=window)
    if window is not None:
        return average
    return replace(average, points={**_points(fit, known), **unknown})


def _by_time(cells: Cells, levels: Ints) -> Floats:
    """Return one 0/1 column per exposure time; (n, levels)."""
    times = np.zeros_like(cells.cluster) if cells.exposure_time is None else cells.exposure_time
    columns: Floats = (times[:, None] == levels[None, :]).astype(np.float64)
    return columns


def _points(fit: FixedEffectsFit, known: dict[int, int]) -> dict[str, Result]:
    """Return the effect at each exposure time that can be told apart."""
    size = fit.design.x.shape[1]
    contrasts = np.column_stack([unit(size, place) for place in known.values()])
    spread = clustered(fit, contrasts)
    return {
        str(level): t_result(
            fit.cells,
            estimate=float(fit.logit.beta[place]),
            se=float(np.sqrt(spread.variance[k])),
            df=float(spread.df[k]),
            scale=_SCALE,
            reason=f"exposure time {level}",
        )
        for k, (level, place) in enumerate(known.items())
    }


def _unknown(fit: FixedEffectsFit, level: int) -> Result:
    why = f"exposure time {level} cannot be told apart from the other terms"
    return no_result(fit.cells, EffectStatus.NOT_IDENTIFIED, why, scale=_SCALE)


def _averaged(
    fit: FixedEffectsFit, known: dict[int, int], *, window: tuple[int, int] | None
) -> Result:
    first, last = window or (min(known), max(known))
    places = [place for level, place in known.items() if first <= level <= last]
    if not places:
        why = f"no exposure time from {first} to {last} can be estimated"
        return no_result(fit.cells, EffectStatus.NOT_IDENTIFIED, why, scale=_SCALE)
    contrast = np.zeros(fit.design.x.shape[1])
    contrast[places] = 1 / len(places)
    result = contrast_result(fit, contrast, estimate=float(contrast @ fit.logit.beta))
    if len(places) == last - first + 1:
        return with_reason(result, f"average over exposure times {first} to {last}")
    why = f"averages {len(places)} of the {last - first + 1} exposure times {first} to {last}"
    return with_status(result, EffectStatus.PARTIAL, why)
