"""How the effect grows with time since go-live, and its average over a window named beforehand.

    logit Pr(event) = alpha_i + beta_t + gamma'z + theta_1 [1st exposed period] + theta_2 [2nd] ...

A single effect is wrong where the effect builds up, even in sign (Kenny and others 2022,
doi:10.1002/sim.9511); the plain average of theta over a window is not. CR2 and Satterthwaite.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from tasks.effects.cells import Cells, Floats
from tasks.effects.fixed_effects_logit import (
    FixedEffectsFit,
    contrast_result,
    fixed_effects_fit,
    unit,
)
from tasks.effects.result import Result, Scale, Status, no_result, with_status

_SCALE: Final = Scale.LOG_ODDS_RATIO


def exposure_time_curve(cells: Cells) -> Result:
    """Return one point per exposure time, and their plain average; log odds ratios."""
    return _curve(cells, window=None)


def exposure_time_average(cells: Cells, *, window: tuple[int, int]) -> Result:
    """Return the plain average of the effects over exposure times `window`, both ends included."""
    return replace(_curve(cells, window=window), points={})


def _curve(cells: Cells, *, window: tuple[int, int] | None) -> Result:
    if cells.exposure_time is None:
        why = "no exposure time in the cells"
        return no_result(cells, Status.NOT_APPLICABLE, why, scale=_SCALE)
    levels = np.unique(cells.exposure_time[cells.exposed > 0])

    def effects(some: Cells) -> Floats:
        times = some.exposure_time
        assert times is not None
        columns: Floats = (times[:, None] == levels[None, :]).astype(np.float64)
        return columns

    fit = fixed_effects_fit(cells, effects=effects) if levels.size else fixed_effects_fit(cells)
    if isinstance(fit, Result):
        return fit
    places = {int(level): place for level, place in zip(levels, fit.design.effects, strict=True)}
    known = {level: place for level, place in places.items() if place >= 0}
    points = {str(level): _point(fit, level, place) for level, place in places.items()}
    return replace(_averaged(fit, known, window=window), points=points)


def _point(fit: FixedEffectsFit, level: int, place: int) -> Result:
    if place < 0:
        why = f"exposure time {level} cannot be told apart from the other terms"
        return no_result(fit.cells, Status.NOT_IDENTIFIED, why, scale=_SCALE)
    contrast = unit(fit.design.x.shape[1], place)
    return contrast_result(fit, contrast, estimate=float(fit.logit.beta[place]))


def _averaged(
    fit: FixedEffectsFit, known: dict[int, int], *, window: tuple[int, int] | None
) -> Result:
    first, last = window or (min(known), max(known))
    places = [place for level, place in known.items() if first <= level <= last]
    if not places:
        why = f"no exposure time from {first} to {last} can be estimated"
        return no_result(fit.cells, Status.NOT_IDENTIFIED, why, scale=_SCALE)
    contrast = np.zeros(fit.design.x.shape[1])
    contrast[places] = 1 / len(places)
    result = contrast_result(fit, contrast, estimate=float(contrast @ fit.logit.beta))
    found = sum(first <= level <= last for level in known)
    if found == last - first + 1:
        return result
    why = f"averages {found} of the {last - first + 1} exposure times from {first} to {last}"
    return with_status(result, Status.PARTIAL, why)
