"""Which values a model's results rest on, and where each came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from schemas.prices import Parameter, Price
from tasks.costs.case import ModelCase
from tasks.costs.effect import Effect

_SETTINGS: Final = "settings of the run"


@dataclass(frozen=True)
class Input:
    """One value used, with its origin.

    Attributes:
        model, input: whose, and its name.
        value, unit: as used, before rebasing.
        spread: standard error, or coefficient of variation of a price.
        price_year, payer, perspective: of a price; empty otherwise.
        source, grade: as declared.
        origin: file, table or setting the value was taken from.
    """

    model: str
    input: str
    value: float
    unit: str
    spread: float = np.nan
    price_year: str = ""
    payer: str = ""
    perspective: str = ""
    source: str = ""
    grade: str = ""
    origin: str = ""


INPUT_COLUMNS: Final = tuple(field.name for field in fields(Input))

_ALWAYS: Final = (
    "spend_cv",
    "optimism_bias.costs",
    "optimism_bias.benefits",
    "optimism_bias_grade.costs",
    "optimism_bias_grade.benefits",
)
_DISTRIBUTIONAL: Final = (
    "distributional_exponent",
    "distributional_reference_gbp",
    "recipient_income_gbp",
)


def inputs_of(case: ModelCase) -> list[Input]:
    """Return every value one model's results rest on: settings, evidence, prices, parameters."""
    return [
        *_setting_inputs(case),
        *_effect_inputs(case),
        *_year_inputs(case),
        *_price_inputs(case),
        *_parameter_inputs(case),
        *_deflator_inputs(case),
        *_discount_inputs(case),
    ]


def _setting_inputs(case: ModelCase) -> Iterator[Input]:
    settings = case.settings
    values = {
        "seed": float(settings.seed),
        "draws": float(settings.draws),
        "level": settings.level,
        "base_year": float(settings.base_year[:4]),
        "first_year": float(case.calendar.first),
    }
    for name, value in values.items():
        yield Input(case.model, f"setting {name}", value, "", origin=_SETTINGS)


def _effect_inputs(case: ModelCase) -> Iterator[Input]:
    used = {valued.benefit.outcome for valued in case.valued if valued.lines}
    for effect in case.effects.values():
        if effect.is_estimated:
            yield _effect_input(case, effect, is_priced=effect.outcome in used)


def _effect_input(case: ModelCase, effect: Effect, *, is_priced: bool) -> Input:
    df = "infinite" if np.isinf(effect.df) else f"{effect.df:.6g}"
    return Input(
        case.model,
        f"effect {effect.outcome}",
        effect.estimate,
        f"{effect.scale}, df {df}, {'priced' if is_priced else 'not priced'}",
        effect.se,
        source=effect.estimator,
        origin="effects table",
    )


def _year_inputs(case: ModelCase) -> Iterator[Input]:
    for year, children in enumerate(case.children):
        if children:
            name = f"children exposed {case.calendar.name(year)}"
            yield Input(case.model, name, float(children), "children", origin="referrals table")
    unit = case.settings.money
    for kind, flows in (("set-up", case.spend.set_up), ("running", case.spend.running)):
        for year, amount in enumerate(flows):
            if amount:
                name = f"{kind} spend {case.calendar.name(year)}"
                yield Input(case.model, name, float(amount), unit, origin="programme_delivery")


def _price_inputs(case: ModelCase) -> Iterator[Input]:
    lines = [line for valued in case.valued for line in valued.lines]
    for price in {line.price.id: line.price for line in lines}.values():
        yield _price_input(case, price)


def _price_input(case: ModelCase, price: Price) -> Input:
    cv = case.parameter(f"price_cv.{price.grade}")
    return Input(
        case.model,
        f"price {price.id}",
        price.amount_gbp,
        f"GBP per {price.per}",
        np.nan if cv is None or cv.value is None else cv.value,
        price.price_year,
        price.payer,
        price.perspective,
        price.source,
        price.grade,
        price.origin,
    )


def _parameter_inputs(case: ModelCase) -> Iterator[Input]:
    priced = [valued for valued in case.valued if valued.lines]
    prices = [line.price for valued in priced for line in valued.lines]
    grades = {price.grade for price in prices}
    is_social = any(price.perspective == "social" for price in prices)
    names = (
        *_ALWAYS,
        *(_DISTRIBUTIONAL if is_social else ()),
        *(f"price_cv.{grade}" for grade in sorted(grades)),
        *(f"cashable_share.{valued.benefit.family}" for valued in priced),
    )
    held = (case.parameter(name) for name in names)
    used = [parameter for parameter in held if parameter is not None]
    yield from _named(case, [*(p for valued in priced for p in valued.used), *used])


def _named(case: ModelCase, parameters: Iterable[Parameter]) -> Iterator[Input]:
    for parameter in {parameter.id: parameter for parameter in parameters}.values():
        yield Input(
            case.model,
            f"parameter {parameter.id}",
            np.nan if parameter.value is None else parameter.value,
            parameter.unit,
            np.nan if parameter.spread is None else parameter.spread,
            source=parameter.source,
            grade=parameter.grade,
            origin=parameter.origin,
        )


def _deflator_inputs(case: ModelCase) -> Iterator[Input]:
    for entry in sorted(case.book.deflator.years, key=lambda entry: entry.year):
        if entry.year in _years_rebased(case):
            yield Input(
                case.model,
                f"GDP deflator {entry.year}",
                entry.index,
                "index",
                source=entry.source,
                origin=entry.origin,
            )


def _years_rebased(case: ModelCase) -> set[int]:
    deflator, settings = case.book.deflator, case.settings
    spent = np.flatnonzero(case.spend.by_year)
    years = [(case.calendar.name(int(year)), "financial") for year in spent]
    prices = [line.price for valued in case.valued for line in valued.lines]
    years += [(price.price_year, price.price_year_kind) for price in prices]
    years += [(settings.base_year, settings.base_year_kind)]
    return {year for text, kind in years for year in deflator.weights(text, kind=kind)}


def _discount_inputs(case: ModelCase) -> Iterator[Input]:
    for band in case.book.discount_bands:
        if band.from_year < case.calendar.years:
            last = "on" if band.to_year is None else f"to {band.to_year}"
            yield Input(
                case.model,
                f"discount rate years {band.from_year} {last}",
                band.rate,
                "a year",
                source=band.source,
                origin=band.origin,
            )
