"""Effects into money: units avoided, priced per payer, in the year they fall.

The effect is already the difference the programme made (exposed against not yet exposed), so
nothing is taken off for what would have happened anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from schemas.arrays import Floats
from schemas.prices import (
    BENEFITS,
    ENTRY_OUTCOME,
    FAMILIES,
    UNPRICED,
    Benefit,
    Parameter,
    Price,
    PriceBook,
    thing_of,
)
from tasks.costs.effect import Effect
from tasks.costs.money import accrual, real_unit_price
from tasks.costs.settings import CostSettings

_EMPTY: Final = np.zeros(0)


@dataclass(frozen=True)
class PricedOutcome:
    """One price applied to one outcome.

    Attributes:
        outcome, family: of the benefit.
        price: the entry.
        unit_price: real price of one unit times its share of the mix.
        per_effect: money by year if the effect were a fall of one; prices of the base year.
    """

    outcome: str
    family: str
    price: Price
    unit_price: float
    per_effect: Floats


@dataclass(frozen=True)
class Valued:
    """One outcome with what it is worth, or why it is not priced.

    Attributes:
        benefit, effect: declared, and estimated.
        units: units by year if the effect were a fall of one.
        lines: one per price; empty where it is not priced.
        used: parameters it rests on.
        notes: cautions to print alongside the number.
        reason: why it is not priced; empty when it is.
    """

    benefit: Benefit
    effect: Effect
    units: Floats = field(default_factory=lambda: _EMPTY)
    lines: tuple[PricedOutcome, ...] = ()
    used: tuple[Parameter, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class ExposedChildren:
    """Whom the effects apply to.

    Attributes:
        children: children exposed, by year of the calendar.
        scopes: names a parameter may be narrowed to, narrowest first.
    """

    children: Floats
    scopes: tuple[str, ...]


def valued_outcomes(
    effects: Mapping[str, Effect],
    *,
    population: ExposedChildren,
    book: PriceBook,
    settings: CostSettings,
) -> tuple[Valued, ...]:
    """Return every outcome that could be priced, in declared order.

    Outcomes of one family stand for the same days or cases: one child's entry into care and the
    days that follow it. Exactly one of them is priced: the first with an estimate, or the one the
    settings name.
    """
    chosen = {family: _chosen(family, effects, settings) for family in FAMILIES}
    return tuple(
        _valued(benefit, effects, population=population, book=book, settings=settings)
        if chosen[benefit.family] == benefit.outcome
        else _passed_over(benefit, effects[benefit.outcome], chosen[benefit.family])
        for benefit in BENEFITS
    )


def _chosen(family: str, effects: Mapping[str, Effect], settings: CostSettings) -> str:
    named = (settings.priced or {}).get(family)
    outcomes = [benefit.outcome for benefit in BENEFITS if benefit.family == family]
    estimated = [outcome for outcome in outcomes if effects[outcome].is_estimated]
    return named or next(iter(estimated), outcomes[0])


def _passed_over(benefit: Benefit, effect: Effect, chosen: str) -> Valued:
    why = effect.reason or f"not priced: {chosen} already prices these children's {benefit.family}"
    return Valued(benefit, effect, reason=why)


def _valued(
    benefit: Benefit,
    effects: Mapping[str, Effect],
    *,
    population: ExposedChildren,
    book: PriceBook,
    settings: CostSettings,
) -> Valued:
    effect = effects[benefit.outcome]
    scaled = _scaled(benefit, effects, book, population.scopes)
    shares = _shares(benefit, book, population.scopes)
    reason = effect.reason or scaled.reason or shares.reason
    if reason:
        return Valued(benefit, effect, reason=reason)
    units = np.convolve(population.children, scaled.profile)[: len(population.children)]
    lines = tuple(
        _line(benefit, price, share, units, book, settings) for price, share in shares.prices
    )
    used = (*scaled.used, *shares.used)
    return Valued(benefit, effect, units, lines, used, (*scaled.notes, *shares.notes))


def _line(
    benefit: Benefit,
    price: Price,
    share: float,
    units: Floats,
    book: PriceBook,
    settings: CostSettings,
) -> PricedOutcome:
    unit_price = share * real_unit_price(
        price, unit=benefit.unit, deflator=book.deflator, settings=settings
    )
    return PricedOutcome(benefit.outcome, benefit.family, price, unit_price, units * unit_price)


@dataclass(frozen=True)
class _Scaled:
    """Units one child brings by year after referral, for an effect of one."""

    profile: Floats = field(default_factory=lambda: _EMPTY)
    used: tuple[Parameter, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


def _scaled(
    benefit: Benefit, effects: Mapping[str, Effect], book: PriceBook, scopes: tuple[str, ...]
) -> _Scaled:
    """Return the profile of units: units per effect x eligible share x accrual over the horizon."""
    profile = _profile(benefit, book, scopes)
    eligible = _eligible(benefit, effects, book, scopes)
    factor = book.find(benefit.scaled_by, scopes) if benefit.scaled_by else None
    if benefit.scaled_by and factor is None:
        return _Scaled(reason=f"{benefit.scaled_by} has no default and is not given")
    if profile.reason or eligible.reason:
        return _Scaled(reason=profile.reason or eligible.reason)
    units = float(factor.value or 0.0) if factor else 1.0
    used = (*profile.used, *eligible.used, *((factor,) if factor else ()))
    return _Scaled(
        profile.profile * float(eligible.profile.sum()) * units,
        used,
        (*profile.notes, *eligible.notes),
    )


def _profile(benefit: Benefit, book: PriceBook, scopes: tuple[str, ...]) -> _Scaled:
    horizon = book.find(f"horizon_months.{benefit.outcome}", scopes)
    window = float(benefit.window_months)
    months = float(horizon.value or window) if horizon else window
    measured = accrual(from_months=0, to_months=window)
    used = (horizon,) if horizon else ()
    if months <= window:
        return _Scaled(measured, used)
    goes_on = book.find(f"persistence.{benefit.outcome}", scopes)
    if goes_on is None:
        return _Scaled(reason=f"persistence.{benefit.outcome} has no default and is not given")
    rate = float(goes_on.value or 0.0) * (months - window) / window
    beyond = rate * accrual(from_months=window, to_months=months)
    beyond[: len(measured)] += measured
    note = f"counted to {months:g} months, {window:g} of them measured"
    return _Scaled(beyond, (*used, goes_on), (note,))


def _eligible(
    benefit: Benefit, effects: Mapping[str, Effect], book: PriceBook, scopes: tuple[str, ...]
) -> _Scaled:
    if benefit.eligible == "all":
        return _Scaled(np.ones(1))
    name = f"eligible_share.{benefit.outcome}"
    given = book.find(name, scopes)
    if given is not None:
        return _Scaled(np.array([float(given.value or 0.0)]), (given,))
    part, whole = effects[benefit.outcome].children, effects[ENTRY_OUTCOME].children
    if benefit.eligible == "given" or not part or not whole:
        return _Scaled(reason=f"{name} has no default and is not given")
    note = f"share of children concerned: {part:g} of {whole:g} behind {ENTRY_OUTCOME}"
    return _Scaled(np.array([part / whole]), notes=(note,))


@dataclass(frozen=True)
class _Shares:
    """Prices a unit is spread over, each with its share."""

    prices: tuple[tuple[Price, float], ...] = ()
    used: tuple[Parameter, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


def _shares(benefit: Benefit, book: PriceBook, scopes: tuple[str, ...]) -> _Shares:
    if benefit.mix is None:
        return _priced(((str(benefit.thing), 1.0),), book)
    shares = book.mix(benefit.mix, scopes)
    if not shares:
        return _Shares(reason=f"{benefit.mix} has no default and is not given")
    spread = tuple((thing_of(share), float(share.value or 0.0)) for share in shares)
    found = _priced(tuple(pair for pair in spread if pair[0] != UNPRICED), book)
    return _Shares(found.prices, shares, _unpriced(dict(spread)), found.reason)


def _priced(spread: tuple[tuple[str, float], ...], book: PriceBook) -> _Shares:
    without = [thing for thing, share in spread if share > 0 and not book.prices_of(thing)]
    if without:
        return _Shares(reason="; ".join(book.why_unpriced(thing) for thing in without))
    return _Shares(
        tuple((price, share) for thing, share in spread for price in book.prices_of(thing))
    )


def _unpriced(spread: dict[str, float]) -> tuple[str, ...]:
    share = spread.get(UNPRICED, 0.0)
    return (f"{share:.1%} of units are in placements without a price, counted as 0",) * (share > 0)
