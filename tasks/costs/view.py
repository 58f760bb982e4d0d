"""One model seen from one perspective: which lines count, and whether costs do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from schemas.arrays import Floats
from schemas.prices import Parameter
from tasks.costs.benefits import PricedOutcome
from tasks.costs.case import ModelCase
from tasks.costs.uncertainty import (
    Variable,
    effect_variable,
    price_variable,
    share_variable,
    spend_variable,
)

VIEWS: Final = ("fiscal", "fiscal_cashable", "economic", "social", "public_value")
"""Perspectives of the output, in order.

fiscal: gross change in public spending. fiscal_cashable: the part of it that releases budget.
economic, social: priced benefits of that kind alone, alongside the fiscal case, never added to it.
public_value: every price once, transfers left out, against the programme's cost.
"""
WITH_COSTS: Final = ("fiscal", "fiscal_cashable", "public_value")

Values = Mapping[str, Floats]
Shares = Mapping[str, Parameter | None]


@dataclass(frozen=True)
class WeightedLine:
    """A line as one perspective counts it.

    Attributes:
        line: the price applied to the outcome.
        per_effect: present value if the effect were a fall of one.
        effect, price: names of the variables it depends on.
        share: name of its cashable share; empty where all of it counts.
    """

    line: PricedOutcome
    per_effect: float
    effect: str
    price: str
    share: str


@dataclass(frozen=True)
class View:
    """One model from one perspective.

    Attributes:
        case: the model.
        perspective: one of `VIEWS`.
        lines: what counts as benefit.
        cost: present value of the programme; 0 where the perspective leaves it out.
        variables: everything uncertain, by name.
        spend: name of the variable that moves the cost.
        why_no_benefit, why_no_cost: reasons there is no figure; empty when there is one.
    """

    case: ModelCase
    perspective: str
    lines: tuple[WeightedLine, ...]
    cost: float
    variables: Mapping[str, Variable]
    spend: str
    why_no_benefit: str
    why_no_cost: str

    def outcomes(self) -> tuple[str, ...]:
        """Return the outcomes that count, in declared order."""
        return tuple(dict.fromkeys(line.line.outcome for line in self.lines))

    def worth(self, outcome: str) -> float:
        """Return what a fall of one in the effect is worth at central values."""
        values = {**self.central, f"effect {outcome}": np.array(-1.0)}
        return self.outcome_benefit(outcome, values)

    def outcome_benefit(self, outcome: str, values: Values) -> float:
        """Return what one outcome is worth."""
        lines = (line for line in self.lines if line.line.outcome == outcome)
        return float(sum(float(self.line_benefit(line, values)) for line in lines))

    def thing_benefit(self, outcome: str, thing: str, values: Values) -> float:
        """Return what one thing of an outcome's mix is worth."""
        lines = (
            line
            for line in self.lines
            if line.line.outcome == outcome and line.line.price.thing == thing
        )
        return float(sum(float(self.line_benefit(line, values)) for line in lines))

    @property
    def reason(self) -> str:
        """Why benefits and costs cannot be set against each other; empty when they can."""
        return self.why_no_benefit or self.why_no_cost

    @property
    def central(self) -> dict[str, Floats]:
        """Every variable at its central value."""
        return {name: np.array(variable.central) for name, variable in self.variables.items()}

    @property
    def why_no_interval(self) -> str:
        """Why nothing that is drawn can be shown; empty when it can."""
        effects = (self.case.effects[outcome] for outcome in self.outcomes())
        return next((effect.why_no_interval for effect in effects if effect.why_no_interval), "")

    def line_benefit(self, line: WeightedLine, values: Values) -> Floats:
        """Return what one line is worth: minus the effect, because a fall is a benefit."""
        share = values[line.share] if line.share else np.array(1.0)
        return -values[line.effect] * line.per_effect * values[line.price] * share

    def benefit(self, values: Values) -> Floats:
        """Return the present value of all lines."""
        return np.asarray(sum((self.line_benefit(line, values) for line in self.lines), _nought()))

    def costs(self, values: Values) -> Floats:
        """Return the present value of the programme's cost."""
        return self.cost * values[self.spend]

    def net(self, values: Values) -> Floats:
        """Return the net present value."""
        return self.benefit(values) - self.costs(values)


def _nought() -> Floats:
    return np.array(0.0)


def view_of(case: ModelCase, perspective: str) -> View:
    """Return the model seen from one perspective, or with the reasons why not."""
    lines = [line for valued in case.valued for line in valued.lines]
    counted = [line for line in lines if _counts(line, perspective)]
    shares = _cashable(case, counted) if perspective == "fiscal_cashable" else {}
    reason = _nobody(case) or _why_no_benefit(perspective, lines, counted, shares)
    spend = spend_variable(case)
    kept = [] if reason else counted
    return View(
        case=case,
        perspective=perspective,
        lines=tuple(_weighted(case, line, is_shared=bool(shares)) for line in kept),
        cost=_cost(case) if perspective in WITH_COSTS else 0.0,
        variables=_variables(case, kept, shares, spend),
        spend=spend.name,
        why_no_benefit=reason,
        why_no_cost=case.spend.reason if perspective in WITH_COSTS else "",
    )


def _variables(
    case: ModelCase, lines: list[PricedOutcome], shares: Shares, spend: Variable
) -> dict[str, Variable]:
    variables = [
        *(effect_variable(case.effects[line.outcome], line.family) for line in lines),
        *(price_variable(case, line.price) for line in lines),
        *(share_variable(family, share) for family, share in shares.items() if share),
        spend,
    ]
    return {variable.name: variable for variable in variables}


def _counts(line: PricedOutcome, perspective: str) -> bool:
    if perspective == "public_value":
        return not line.price.is_transfer
    return line.price.perspective == perspective.removesuffix("_cashable")


def _cashable(case: ModelCase, lines: list[PricedOutcome]) -> Shares:
    families = dict.fromkeys(line.family for line in lines)
    return {family: case.parameter(f"cashable_share.{family}") for family in families}


def _weighted(case: ModelCase, line: PricedOutcome, *, is_shared: bool) -> WeightedLine:
    return WeightedLine(
        line=line,
        per_effect=float(line.per_effect @ case.factors),
        effect=f"effect {line.outcome}",
        price=f"price {line.price.id}",
        share=f"cashable share {line.family}" if is_shared else "",
    )


def _cost(case: ModelCase) -> float:
    return float(case.spend.by_year @ case.factors)


def _nobody(case: ModelCase) -> str:
    return "" if case.children.sum() else "no authority has both spend and known children exposed"


def _why_no_benefit(
    perspective: str,
    lines: list[PricedOutcome],
    counted: list[PricedOutcome],
    shares: Shares,
) -> str:
    kinds = {line.price.perspective for line in lines}
    if perspective == "public_value" and kinds <= {"fiscal"}:
        return "no economic or social price in use: public value would only repeat the fiscal case"
    if not counted:
        return f"no outcome could be priced for the {perspective.split('_', maxsplit=1)[0]} case"
    missing = [f"cashable_share.{family}" for family, share in shares.items() if share is None]
    return f"{', '.join(missing)} has no default and is not given" if missing else ""
