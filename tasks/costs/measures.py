"""The rows of the results table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from schemas.prices import ENTRY_OUTCOME
from tasks.costs import closed
from tasks.costs.benefits import Valued
from tasks.costs.case import Case
from tasks.costs.draws import Draws, effect_interval, interval
from tasks.costs.money import Floats, distributional_weight
from tasks.costs.view import WITH_COSTS, View

COLUMNS: Final = ("model", "perspective", "measure", "value", "unit", "low", "high", "note")
COUNTS: Final = "all"
"""Perspective of numbers that are not money."""

_BLANK: Final = (math.nan, math.nan)
_FIVE: Final = (
    ("npv_minimum", 0.0),
    ("npv_lower_quartile", 0.25),
    ("npv_median", 0.5),
    ("npv_upper_quartile", 0.75),
    ("npv_maximum", 1.0),
)


@dataclass(frozen=True)
class Row:
    """One result: a number with its unit and interval, or the note that says why there is none."""

    model: str
    perspective: str
    measure: str
    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def count_rows(case: Case) -> Iterator[Row]:
    """Yield children exposed, children kept from care, and units avoided by outcome."""
    exposed = float(case.children.sum())
    yield Row(case.model, COUNTS, "children_exposed", exposed, "children", note=_joined(case.notes))
    yield _kept(case)
    for valued in case.valued:
        if valued.lines:
            yield _units(case, valued)


def _kept(case: Case) -> Row:
    effect = case.effects[ENTRY_OUTCOME]
    exposed = float(case.children.sum())
    low, high = effect_interval(effect, level=case.settings.level)
    return Row(
        case.model,
        COUNTS,
        "children_kept_from_care",
        _signed(-effect.estimate * exposed),
        "children",
        _signed(-high * exposed),
        _signed(-low * exposed),
        effect.reason or _joined((f"{ENTRY_OUTCOME}, {effect.estimator}", effect.note)),
    )


def _units(case: Case, valued: Valued) -> Row:
    effect, units = valued.effect, float(valued.units.sum())
    low, high = effect_interval(effect, level=case.settings.level)
    return Row(
        case.model,
        COUNTS,
        f"units_avoided.{effect.outcome}",
        _signed(-effect.estimate * units),
        f"{valued.benefit.unit}s",
        _signed(-high * units),
        _signed(-low * units),
        _joined((effect.estimator, *valued.notes, effect.note)),
    )


def view_rows(view: View, draws: Draws) -> Iterator[Row]:
    """Yield every row of one view, those without a number included."""
    money = _Table(view)
    if view.perspective == "fiscal":
        yield from _cost_rows(money)
    yield from _benefit_rows(money, draws)
    if view.perspective in WITH_COSTS:
        yield from _headline_rows(money, draws)
        yield from _per_child_rows(money, draws)
        yield from _break_even_rows(money)
        yield from _optimism_rows(money)
        yield from _draw_rows(money, draws)


@dataclass(frozen=True)
class _Table:
    """Makes rows of one view."""

    view: View

    @property
    def gbp(self) -> str:
        """Unit of money."""
        return self.view.case.settings.money

    def row(
        self,
        measure: str,
        value: float,
        unit: str,
        bounds: tuple[float, float] = _BLANK,
        note: str = "",
    ) -> Row:
        """Return a row with a number."""
        case = self.view.case
        low, high = (_signed(bound) for bound in bounds)
        return Row(
            case.model, self.view.perspective, measure, _signed(value), unit, low, high, note
        )

    def without(self, measure: str, unit: str, reason: str) -> Row:
        """Return a row that says why there is no number."""
        return self.row(measure, math.nan, unit, note=f"not computed: {reason}")

    def interval(self, values: Floats) -> tuple[float, float]:
        """Return the interval of draws; blank where nothing in them varies."""
        return interval(values, level=self.view.case.settings.level)


def _cost_rows(money: _Table) -> Iterator[Row]:
    spend, factors = money.view.case.spend, money.view.case.factors
    for name, flows in (("set_up", spend.set_up), ("running", spend.running)):
        if spend.reason:
            yield money.without(f"cost_{name}_pv", money.gbp, spend.reason)
        else:
            yield money.row(f"cost_{name}_pv", float(flows @ factors), money.gbp)
    if spend.reason:
        yield money.without("cost_pv", money.gbp, spend.reason)
    else:
        yield money.row("cost_pv", money.view.cost, money.gbp, note=_joined(spend.notes))
    share = spend.reported / spend.expected if spend.expected else math.nan
    yield money.row("spend_reported_share", share, "share of authority-quarters")


def _benefit_rows(money: _Table, draws: Draws) -> Iterator[Row]:
    view = money.view
    if view.perspective == "fiscal":
        yield from (_outcome_row(money, valued) for valued in view.case.valued)
    elif not view.why_no_benefit:
        yield from (_outcome_row(money, v) for v in view.case.valued if _is_in(view, v))
    yield from _thing_rows(money)
    if view.why_no_benefit:
        yield money.without("benefit_pv", money.gbp, view.why_no_benefit)
        return
    yield from _payer_rows(money)
    total = float(view.benefit(view.central))
    yield money.row("benefit_pv", total, money.gbp, money.interval(draws.benefit))
    if view.perspective == "social":
        yield _weighted_row(money, total)


def _is_in(view: View, valued: Valued) -> bool:
    return valued.benefit.outcome in view.outcomes()


def _outcome_row(money: _Table, valued: Valued) -> Row:
    view, outcome = money.view, valued.benefit.outcome
    measure = f"benefit_pv.{outcome}"
    if valued.reason or not _is_in(view, valued):
        why = valued.reason or f"no {view.perspective} price in use"
        return money.without(measure, money.gbp, why)
    low, high = effect_interval(valued.effect, level=view.case.settings.level)
    worth = view.worth(outcome)
    return money.row(
        measure,
        view.outcome_benefit(outcome, view.central),
        money.gbp,
        (-high * worth, -low * worth),
        _joined((*valued.notes, valued.effect.note, "interval: of the effect alone")),
    )


def _thing_rows(money: _Table) -> Iterator[Row]:
    """Yield what each part of a mix is worth, as care days by placement type."""
    view = money.view
    for valued in view.case.valued:
        if valued.benefit.mix is None or not _is_in(view, valued):
            continue
        outcome = valued.benefit.outcome
        things = dict.fromkeys(
            line.line.price.thing for line in view.lines if line.line.outcome == outcome
        )
        for thing in things:
            worth = view.thing_benefit(outcome, thing, view.central)
            yield money.row(f"benefit_pv.{outcome}.{thing}", worth, money.gbp)


def _payer_rows(money: _Table) -> Iterator[Row]:
    view = money.view
    payers: dict[str, float] = {}
    for line in view.lines:
        payer = line.line.price.payer
        payers[payer] = payers.get(payer, 0.0) + float(view.line_benefit(line, view.central))
    for payer, worth in sorted(payers.items()):
        yield money.row(f"benefit_pv.payer.{payer}", worth, money.gbp)


def _weighted_row(money: _Table, total: float) -> Row:
    case, measure = money.view.case, "benefit_pv_distributionally_weighted"
    income = case.parameter("recipient_income_gbp")
    reference = case.parameter("distributional_reference_gbp")
    exponent = case.parameter("distributional_exponent")
    if income is None or reference is None or exponent is None:
        return money.without(measure, money.gbp, "recipient_income_gbp has no default, not given")
    weight = distributional_weight(
        float(income.value or 0),
        reference_gbp=float(reference.value or 0),
        exponent=float(exponent.value or 0),
    )
    return money.row(measure, total * weight, money.gbp, note=f"weight {weight:.4g}")


def _headline_rows(money: _Table, draws: Draws) -> Iterator[Row]:
    view, gbp = money.view, money.gbp
    if view.reason:
        for measure, unit in (("npv", gbp), ("bcr", "ratio"), ("payback_year", "years")):
            yield money.without(measure, unit, view.reason)
        return
    npv = closed.net_present_value(view)
    yield money.row("npv", npv, gbp, money.interval(draws.net), _cautions(view.case))
    yield _ratio_row(money, "bcr", float(view.benefit(view.central)), view.cost, draws)
    yield _payback_row(money)


def _ratio_row(
    money: _Table, measure: str, benefit: float, cost: float, draws: Draws | None, note: str = ""
) -> Row:
    if cost <= 0:
        return money.without(measure, "ratio", "the programme's cost is nought")
    bounds = money.interval(draws.benefit / draws.cost) if draws else _BLANK
    return money.row(measure, benefit / cost, "ratio", bounds, note)


def _payback_row(money: _Table) -> Row:
    view, calendar = money.view, money.view.case.calendar
    unit = f"years after {calendar.name(0)}"
    year = closed.payback_year(
        closed.cost_by_year(view), closed.benefit_by_year(view), view.case.factors
    )
    if year is None:
        return money.row("payback_year", math.nan, unit, note="not within the years counted")
    return money.row("payback_year", float(year), unit, note=calendar.name(year))


def _per_child_rows(money: _Table, draws: Draws) -> Iterator[Row]:
    view, gbp = money.view, money.gbp
    if view.perspective == "fiscal":
        yield _cost_per_child(money)
    if view.reason:
        yield money.without("net_saving_per_child_referred", gbp, view.reason)
        return
    children = float(view.case.children.sum())
    low, high = money.interval(draws.net)
    yield money.row(
        "net_saving_per_child_referred",
        closed.net_present_value(view) / children,
        gbp,
        (low / children, high / children),
    )


def _cost_per_child(money: _Table) -> Row:
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
    bounds = (cost / -low, cost / -high)
    note = "interval: of the effect alone"
    return money.row(measure, cost / (-effect.estimate * children), money.gbp, bounds, note)


def _break_even_rows(money: _Table) -> Iterator[Row]:
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


def _break_even_cost(money: _Table, measure: str, outcome: str, unit: str) -> Row:
    cost = closed.break_even_unit_cost(money.view, outcome)
    if math.isnan(cost):
        return money.without(measure, unit, "the effect is no reduction: no price makes it pay")
    now = closed.unit_price(money.view, outcome)
    return money.row(measure, cost, unit, note=f"pays at this or higher; now {now:.2f}")


def _optimism_rows(money: _Table) -> Iterator[Row]:
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
    note = _joined((on_costs.note, on_benefits.note))
    yield money.row(names[0], benefit - cost, money.gbp, note=note)
    yield _ratio_row(money, names[1], benefit, cost, None, note)


def _draw_rows(money: _Table, draws: Draws) -> Iterator[Row]:
    view = money.view
    if view.reason:
        yield money.without("probability_npv_positive", "probability", view.reason)
        yield from (money.without(name, money.gbp, view.reason) for name, _ in _FIVE)
        return
    settings = view.case.settings
    note = f"{settings.draws} draws, seed {settings.seed}"
    share = float(np.mean(draws.net > 0))
    yield money.row("probability_npv_positive", share, "probability", note=note)
    for name, at in _FIVE:
        yield money.row(name, float(np.quantile(draws.net, at)), money.gbp, note=note)


def _cautions(case: Case) -> str:
    valued = (note for v in case.valued if v.lines for note in (*v.notes, v.effect.note))
    return _joined((*case.notes, *case.spend.notes, *valued))


def _joined(notes: tuple[str, ...]) -> str:
    return "; ".join(dict.fromkeys(note for note in notes if note))


def _signed(value: float) -> float:
    """Return the number without a negative nought, which would print as -0."""
    return value + 0.0
