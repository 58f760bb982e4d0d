"""Tables alongside the results: tornado, draws, acceptability, plane, and flows by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from schemas.arrays import Floats
from schemas.prices import ENTRY_OUTCOME
from tasks.costs import closed
from tasks.costs.draws import Draws, effect_draws
from tasks.costs.view import View

TORNADO: Final = (
    "model",
    "perspective",
    "variable",
    "variable_p10",
    "variable_p90",
    "npv_at_p10",
    "npv_at_p90",
    "swing",
    "npv",
)
DRAWS: Final = (
    "model",
    "perspective",
    "draws",
    "seed",
    "mean",
    "sd",
    "minimum",
    "lower_quartile",
    "median",
    "upper_quartile",
    "maximum",
    "probability_npv_positive",
)
ACCEPTABILITY: Final = ("model", "perspective", "threshold_gbp", "probability")
PLANE: Final = ("model", "perspective", "draw", "children_kept_from_care", "net_cost_gbp")
BY_YEAR: Final = (
    "model",
    "perspective",
    "financial_year",
    "cost_set_up",
    "cost_running",
    "benefit",
    "discount_factor",
    "balance_pv",
)

Record = dict[str, Any]

_P10_P90: Final = np.array([0.1, 0.9])


def tornado_records(view: View) -> list[Record]:
    """Return NPV with one variable at its 10th and 90th percentile, the widest swing first."""
    npv = closed.net_present_value(view)
    bars = [_bar(view, name, npv) for name, v in view.variables.items() if not v.is_fixed]
    return sorted(bars, key=lambda bar: (-bar["swing"], bar["variable"]))


def _bar(view: View, name: str, npv: float) -> Record:
    at = view.variables[name].distribution.quantile(_P10_P90)
    low, high = (float(view.net({**view.central, name: np.array(value)})) for value in at)
    cells = (*_keys(view), name, float(at[0]), float(at[1]), low, high, abs(high - low), npv)
    return dict(zip(TORNADO, cells, strict=True))


def draws_record(view: View, draws: Draws) -> Record:
    """Return the distribution of NPV in one row."""
    net, settings = draws.net, view.case.settings
    five = [float(value) for value in np.quantile(net, [0, 0.25, 0.5, 0.75, 1])]
    cells = (
        *_keys(view),
        settings.draws,
        settings.seed,
        float(net.mean()),
        float(net.std(ddof=1)),
        *five,
        float(np.mean(net > 0)),
    )
    return dict(zip(DRAWS, cells, strict=True))


def acceptability_records(view: View, draws: Draws) -> Iterator[Record]:
    """Yield the probability that the programme pays at each value of a child kept from care.

    At value v the programme pays when NPV + v x children kept from care is above zero; at v = 0
    this is the probability that NPV is. None where the effect on entries has no estimate, or one
    without an interval.
    """
    kept = _kept(view)
    for threshold in view.case.settings.thresholds_gbp if kept is not None else ():
        share = float(np.mean(draws.net + threshold * kept > 0)) if kept is not None else 0.0
        yield dict(zip(ACCEPTABILITY, (*_keys(view), threshold, share), strict=True))


def plane_records(view: View, draws: Draws) -> Iterator[Record]:
    """Yield the first draws as points: children kept from care, and cost less benefit."""
    kept = _kept(view)
    points = view.case.settings.plane_points if kept is not None else 0
    for draw in range(min(points, len(draws.net))):
        x = float(kept[draw]) if kept is not None else 0.0
        cells = (*_keys(view), draw, x, -float(draws.net[draw]))
        yield dict(zip(PLANE, cells, strict=True))


def _kept(view: View) -> Floats | None:
    effect = view.case.effects[ENTRY_OUTCOME]
    if not effect.is_estimated or effect.why_no_interval:
        return None
    drawn = effect_draws(effect, family="care", settings=view.case.settings)
    return np.asarray(-drawn * float(view.case.children.sum()))


def year_records(view: View) -> Iterator[Record]:
    """Yield cost and benefit of each year at central values, and the discounted balance so far."""
    case = view.case
    benefits, costs = closed.benefit_by_year(view), closed.cost_by_year(view)
    balance = np.cumsum((benefits - costs) * case.factors)
    counted = 1.0 if costs.any() else 0.0
    for year in range(case.calendar.years):
        cells = (
            *_keys(view),
            case.calendar.name(year),
            float(case.spend.set_up[year] * counted),
            float(case.spend.running[year] * counted),
            float(benefits[year]),
            float(case.factors[year]),
            float(balance[year]),
        )
        yield dict(zip(BY_YEAR, cells, strict=True))


def _keys(view: View) -> tuple[str, str]:
    return view.case.model, view.perspective
