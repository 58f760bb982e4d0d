"""Results in closed form: they need the central values and no draws.

NPV is linear in every effect and every price, so each break-even is one division.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from schemas.arrays import Floats
from tasks.costs.case import ModelCase
from tasks.costs.view import View


def net_present_value(view: View) -> float:
    """Return benefit less cost at central values."""
    return float(view.net(view.central))


def break_even_effect(view: View, outcome: str) -> float:
    """Return the effect at which NPV is zero, every other number as it is.

    NPV(e) = NPV(e0) - (e - e0) K with K what a fall of one is worth, so e* = e0 + NPV(e0) / K.
    Missing where K is zero.
    """
    worth = view.worth(outcome)
    if worth == 0:
        return math.nan
    return view.case.effects[outcome].estimate + net_present_value(view) / worth


def unit_price(view: View, outcome: str) -> float:
    """Return the real price of one unit of an outcome: over its payers, weighted by the mix."""
    return sum(line.line.unit_price for line in view.lines if line.line.outcome == outcome)


def break_even_unit_cost(view: View, outcome: str) -> float:
    """Return the price of one unit at which NPV is zero, every other number as it is.

    The outcome's benefit B is proportional to its price p, so p* = p (B - NPV) / B. Missing where
    the effect is no reduction: then no price makes the programme pay.
    """
    benefit = view.outcome_benefit(outcome, view.central)
    if benefit <= 0:
        return math.nan
    return unit_price(view, outcome) * (benefit - net_present_value(view)) / benefit


def benefit_by_year(view: View) -> Floats:
    """Return the benefit of each year at central values, not discounted."""
    case = view.case
    years = np.zeros(case.calendar.years)
    for line in view.lines:
        weight = view.central[line.share] if line.share else 1.0
        years += -case.effects[line.line.outcome].estimate * line.line.per_effect * weight
    return years


def cost_by_year(view: View) -> Floats:
    """Return the cost of each year, not discounted; zero where the perspective leaves it out."""
    spend = view.case.spend.by_year
    return spend if view.cost else np.zeros_like(spend)


def payback_year(costs: Floats, benefits: Floats, factors: Floats) -> int | None:
    """Return the first year from which discounted benefits cover discounted costs to the end.

    None where they never do. A programme that pays back and falls behind again has not paid back.
    """
    balance = np.cumsum((benefits - costs) * factors[: len(costs)])
    behind = np.flatnonzero(balance < 0)
    first = int(behind[-1]) + 1 if len(behind) else 0
    return first if first < len(balance) else None


@dataclass(frozen=True)
class Optimism:
    """How far costs or benefits are moved against the programme; `reason` where not known."""

    share: float
    note: str
    reason: str = ""


def optimism(case: ModelCase, side: str) -> Optimism:
    """Return the optimism bias of `costs` or `benefits`: the share given, or its grade's.

    There is no default: without either, what rests on it is not computed.
    """
    share = case.parameter(f"optimism_bias.{side}")
    if share is not None:
        return Optimism(float(share.value or 0), f"{side} {share.value:.0%} ({share.source})")
    grade = case.parameter(f"optimism_bias_grade.{side}")
    if grade is None:
        return Optimism(math.nan, "", f"optimism_bias.{side} has no default and is not given")
    for entry in case.book.optimism_grades:
        if entry.grade == grade.value:
            value = entry.costs_share if side == "costs" else entry.benefits_share
            note = f"{side} grade {entry.grade}: {value:.0%}, {entry.status} ({entry.source})"
            return Optimism(value, note)
    return Optimism(math.nan, "", f"optimism_bias_grade.{side}: no such grade")


def after_optimism_bias(
    benefits: Floats, cost: float, *, on_costs: float, on_benefits: float
) -> tuple[float, float]:
    """Return benefit and cost moved against the programme.

    Costs and harms are raised, gains lowered.

    Args:
        benefits: present value of each outcome; below zero is a harm.
        cost: present value of the programme.
        on_costs: share added to the cost.
        on_benefits: share taken off each gain and added to each harm.
    """
    lowered = np.where(benefits > 0, benefits * (1 - on_benefits), benefits * (1 + on_benefits))
    return float(lowered.sum()), cost * (1 + on_costs)
