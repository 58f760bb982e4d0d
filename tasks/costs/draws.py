"""The simulated distribution of one view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from schemas.arrays import Floats
from tasks.costs.effect import Effect
from tasks.costs.settings import CostSettings
from tasks.costs.uncertainty import drawn, effect_distribution, effect_variable
from tasks.costs.view import View


@dataclass(frozen=True)
class Draws:
    """Benefit and cost in every draw; present values in prices of the base year."""

    benefit: Floats
    cost: Floats

    @property
    def net(self) -> Floats:
        """Net present value in every draw."""
        return self.benefit - self.cost


def draws_of(view: View) -> Draws:
    """Return the draws of a view: every variable from its own stream, all at once.

    A view without any line is drawn as zero: nothing in it is shown.
    """
    settings = view.case.settings
    full = np.zeros(settings.draws)
    if not view.lines:
        return Draws(full, full)
    values = {
        name: drawn(variable, seed=settings.seed, draws=settings.draws)
        for name, variable in view.variables.items()
    }
    return Draws(view.benefit(values) + full, view.costs(values) + full)


def effect_draws(effect: Effect, *, family: str, settings: CostSettings) -> Floats:
    """Return the draws of one effect; they move with the priced effect of the same family."""
    return drawn(effect_variable(effect, family), seed=settings.seed, draws=settings.draws)


def interval(values: Floats, *, level: float) -> tuple[float, float]:
    """Return the central interval of the draws."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def effect_interval(effect: Effect, *, level: float) -> tuple[float, float]:
    """Return the interval of an effect, exactly; missing where it stands without one."""
    if effect.why_no_interval:
        return math.nan, math.nan
    at = np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = effect_distribution(effect).quantile(at)
    return float(low), float(high)
