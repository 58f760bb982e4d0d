"""The rows of the results table: counts, costs and benefits; then what sets them together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from schemas.prices import ENTRY_OUTCOME
from tasks.costs.benefits import Valued
from tasks.costs.case import ModelCase
from tasks.costs.draws import Draws, effect_interval
from tasks.costs.headlines import headline_rows, interval_words
from tasks.costs.money import distributional_weight
from tasks.costs.row import COUNTS, CostRow, ViewRows, distinct_notes, signed
from tasks.costs.view import WITH_COSTS, View


def count_rows(case: ModelCase) -> Iterator[CostRow]:
    """Yield children exposed, children kept from care, and units avoided by outcome."""
    exposed = float(case.children.sum())
    yield CostRow(
        case.model, COUNTS, "children_exposed", exposed, "children", note=distinct_notes(case.notes)
    )
    yield _kept(case)
    for valued in case.valued:
        if valued.lines:
            yield _units(case, valued)


def _kept(case: ModelCase) -> CostRow:
    effect = case.effects[ENTRY_OUTCOME]
    exposed = float(case.children.sum())
    low, high = effect_interval(effect, level=case.settings.level)
    return CostRow(
        case.model,
        COUNTS,
        "children_kept_from_care",
        signed(-effect.estimate * exposed),
        "children",
        signed(-high * exposed),
        signed(-low * exposed),
        effect.reason
        or distinct_notes(
            (f"{ENTRY_OUTCOME}, {effect.estimator}", effect.note, effect.why_no_interval)
        ),
    )


def _units(case: ModelCase, valued: Valued) -> CostRow:
    effect, units = valued.effect, float(valued.units.sum())
    low, high = effect_interval(effect, level=case.settings.level)
    return CostRow(
        case.model,
        COUNTS,
        f"units_avoided.{effect.outcome}",
        signed(-effect.estimate * units),
        f"{valued.benefit.unit}s",
        signed(-high * units),
        signed(-low * units),
        distinct_notes((effect.estimator, *valued.notes, effect.note, effect.why_no_interval)),
    )


def view_rows(view: View, draws: Draws) -> Iterator[CostRow]:
    """Yield every row of one view, those without a number included."""
    money = ViewRows(view)
    if view.perspective == "fiscal":
        yield from _cost_rows(money)
    yield from _benefit_rows(money, draws)
    if view.perspective in WITH_COSTS:
        yield from headline_rows(money, draws)


def _cost_rows(money: ViewRows) -> Iterator[CostRow]:
    spend, factors = money.view.case.spend, money.view.case.factors
    for name, flows in (("set_up", spend.set_up), ("running", spend.running)):
        if spend.reason:
            yield money.without(f"cost_{name}_pv", money.gbp, spend.reason)
        else:
            yield money.row(f"cost_{name}_pv", float(flows @ factors), money.gbp)
    if spend.reason:
        yield money.without("cost_pv", money.gbp, spend.reason)
    else:
        yield money.row("cost_pv", money.view.cost, money.gbp, note=distinct_notes(spend.notes))
    share = spend.reported / spend.expected if spend.expected else math.nan
    yield money.row("spend_reported_share", share, "share of authority-quarters")


def _benefit_rows(money: ViewRows, draws: Draws) -> Iterator[CostRow]:
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
    yield money.drawn("benefit_pv", total, money.gbp, draws.benefit)
    if view.perspective == "social":
        yield _weighted_row(money, total)


def _is_in(view: View, valued: Valued) -> bool:
    return valued.benefit.outcome in view.outcomes()


def _outcome_row(money: ViewRows, valued: Valued) -> CostRow:
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
        distinct_notes((*valued.notes, valued.effect.note, interval_words(valued.effect))),
    )


def _thing_rows(money: ViewRows) -> Iterator[CostRow]:
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


def _payer_rows(money: ViewRows) -> Iterator[CostRow]:
    view = money.view
    payers: dict[str, float] = {}
    for line in view.lines:
        payer = line.line.price.payer
        payers[payer] = payers.get(payer, 0.0) + float(view.line_benefit(line, view.central))
    for payer, worth in sorted(payers.items()):
        yield money.row(f"benefit_pv.payer.{payer}", worth, money.gbp)


def _weighted_row(money: ViewRows, total: float) -> CostRow:
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
