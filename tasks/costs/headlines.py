"""Rows that set benefit against cost: NPV, ratio, payback, break-even, and the draws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from schemas.prices import ENTRY_OUTCOME
from tasks.costs import closed
from tasks.costs.case import ModelCase
from tasks.costs.draws import Draws, effect_interval
from tasks.costs.effect import Effect
from tasks.costs.row import CostRow, ViewRows, distinct_notes

_FIVE: Final = (
    ("npv_minimum", 0.0),
    ("npv_lower_quartile", 0.25),
    ("npv_median", 0.5),
    ("npv_upper_quartile", 0.75),
    ("npv_maximum", 1.0),
)


def headline_rows(money: ViewRows, draws: Draws) -> Iterator[CostRow]:
    """Yield every row that sets benefit against cost, with the reason where there is no number."""
    yield from _npv_rows(money, draws)
    yield from _per_child_rows(money, draws)
    yield from _break_even_rows(money)
    yield from _optimism_rows(money)
    yield from _draw_rows(money, draws)


def _npv_rows(money: ViewRows, draws: Draws) -> Iterator[CostRow]:
    view, gbp = money.view, money.gbp
    if view.reason:
        for measure, unit in (("npv", gbp), ("bcr", "ratio"), ("payback_year", "years")):
            yield money.without(measure, unit, view.reason)
        return
    npv = closed.net_present_value(view)
    yield money.drawn("npv", npv, gbp, draws.net, _cautions(view.case))
    yield _ratio_row(money, "bcr", float(view.benefit(view.central)), view.cost, draws)
    yield _payback_row(money)


def _ratio_row(
    money: ViewRows, measure: str, benefit: float, cost: float, draws: Draws | None, note: str = ""
) -> CostRow:
    if cost <= 0:
        return money.without(measure, "ratio", "the programme's cost is zero")
    ratio = benefit / cost
    if draws is None:
        return money.row(measure, ratio, "ratio", note=note)
    return money.drawn(measure, ratio, "ratio", draws.benefit / draws.cost, note)


def _payback_row(money: ViewRows) -> CostRow:
    view, calendar = money.view, money.view.case.calendar
    unit = f"years after {calendar.name(0)}"
    year = closed.payback_year(
        closed.cost_by_year(view), closed.benefit_by_year(view), view.case.factors
    )
    if year is None:
        return money.row("payback_year", math.nan, unit, note="not within the years counted")
    return money.row("payback_year", float(year), unit, note=calendar.name(year))


def _per_child_rows(money: ViewRows, draws: Draws) -> Iterator[CostRow]:
    view, gbp = money.view, money.gbp
    if view.perspective == "fiscal":
        yield _cost_per_child(money)
    if view.reason:
        yield money.without("net_saving_per_child_referred", gbp, view.reason)
        return
    children = float(view.case.children.sum())
    saving = closed.net_present_value(view) / children
    yield money.drawn("net_saving_per_child_referred", saving, gbp, draws.net / children)


def _cost_per_child(money: ViewRows) -> CostRow:
    case, measure = money.view.case, "cost_per_child_kept_from_care"
    effect, children = case.effects[ENTRY_OUTCOME], float(case.children.sum())
    reason = case.spend.reason or effect.reason or ("" if children else "no children exposed")
    if not reason and effect.estimate >= 0:
        reason = "no fewer children entered care"
    if reason:
        return money.without(measure, money.gbp, reason)
    low, high = (bound * children for bound in effect_interval(effect, level=case.settings.level))
    cost = money.view.cost
    if high >= 0:
        note = "no interval: that of the effect includes no fall; see the plane"
        return money.row(measure, cost / (-effect.estimate * children), money.gbp, note=note)
    bounds, note = (cost / -low, cost / -high), interval_words(effect)
    return money.row(measure, cost / (-effect.estimate * children), money.gbp, bounds, note)


def interval_words(effect: Effect) -> str:
    """Return what an interval that is not drawn is of, or why there is none."""
    return effect.why_no_interval or "interval: of the effect alone"


def _break_even_rows(money: ViewRows) -> Iterator[CostRow]:
    view = money.view
    for outcome in view.outcomes():
        unit = next(v.benefit.unit for v in view.case.valued if v.benefit.outcome == outcome)
        effect_measure, cost_measure = (
            f"break_even_effect.{outcome}",
            f"break_even_unit_cost.{outcome}",
        )
        per_unit = f"{money.gbp}, per {unit}"
        if view.reason:
            yield money.without(effect_measure, "change per child", view.reason)
            yield money.without(cost_measure, per_unit, view.reason)
            continue
        at = closed.break_even_effect(view, outcome)
        yield money.row(effect_measure, at, "change per child", note="pays at this or lower")
        yield _break_even_cost(money, cost_measure, outcome, per_unit)


def _break_even_cost(money: ViewRows, measure: str, outcome: str, unit: str) -> CostRow:
    cost = closed.break_even_unit_cost(money.view, outcome)
    if math.isnan(cost):
        return money.without(measure, unit, "the effect is no reduction: no price makes it pay")
    if cost < 0:
        return money.row(measure, cost, unit, note="below zero: pays without this outcome")
    now = closed.unit_price(money.view, outcome)
    return money.row(measure, cost, unit, note=f"pays at this or higher; now {now:.2f}")


def _optimism_rows(money: ViewRows) -> Iterator[CostRow]:
    view = money.view
    on_costs, on_benefits = (closed.optimism(view.case, side) for side in ("costs", "benefits"))
    reason = view.reason or on_costs.reason or on_benefits.reason
    names = ("npv_after_optimism_bias", "bcr_after_optimism_bias")
    if reason:
        yield money.without(names[0], money.gbp, reason)
        yield money.without(names[1], "ratio", reason)
        return
    by_outcome = [view.outcome_benefit(outcome, view.central) for outcome in view.outcomes()]
    benefit, cost = closed.after_optimism_bias(
        np.array(by_outcome), view.cost, on_costs=on_costs.share, on_benefits=on_benefits.share
    )
    note = distinct_notes((on_costs.note, on_benefits.note))
    yield money.row(names[0], benefit - cost, money.gbp, note=note)
    yield _ratio_row(money, names[1], benefit, cost, None, note)


def _draw_rows(money: ViewRows, draws: Draws) -> Iterator[CostRow]:
    view = money.view
    reason = view.reason or view.why_no_interval
    if reason:
        yield money.without("probability_npv_positive", "probability", reason)
        yield from (money.without(name, money.gbp, reason) for name, _ in _FIVE)
        return
    settings = view.case.settings
    note = f"{settings.draws} draws, seed {settings.seed}"
    share = float(np.mean(draws.net > 0))
    yield money.row("probability_npv_positive", share, "probability", note=note)
    for name, at in _FIVE:
        yield money.row(name, float(np.quantile(draws.net, at)), money.gbp, note=note)


def _cautions(case: ModelCase) -> str:
    valued = (note for v in case.valued if v.lines for note in (*v.notes, v.effect.note))
    return distinct_notes((*case.notes, *case.spend.notes, *valued))
