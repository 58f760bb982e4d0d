"""Prices and parameters of the cost-benefit analysis, each with its source and grade.

Source: reference/unit_costs.csv, gdp_deflator.csv and discount_rates.csv (what is established), and
alongside them cost_price_choices.csv (which price stands for which thing, and why),
cost_parameters.csv and cost_optimism_bias.csv. A parameter without a value has no default: it is
given in the override file, or what needs it is shown as not computed. docs/costs.md prints it all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from schemas.authorities import reference_rows
from schemas.errors import DeclarationError, UsageError

DAYS_PER: Final = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
PERSPECTIVES: Final = ("fiscal", "economic", "social")
GRADES: Final = ("established", "secondary", "local", "illustration", "inference", "unverified")
UNPRICED: Final = "unpriced"
MANY_PAYERS: Final = "multiple"
# Share of the financial year that falls in the calendar year it begins in: April to December.
FIRST_CALENDAR_YEAR_SHARE: Final = 0.75

_YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?")
# What the trial contrast has already taken out; a second deduction is refused.
_ALREADY_NET: Final = ("deadweight", "attribution", "displacement", "drop_off")


@dataclass(frozen=True)
class Benefit:
    """One outcome whose effect can be turned into money.

    Attributes:
        outcome: id in the effects table; a fall is a benefit.
        family: outcomes of one family price the same resource, so only one of them counts.
        unit: what one unit of it is, once multiplied by children (`day`, `case`, `year`).
        mix: parameter family that spreads the units over things with a price; None for one thing.
        thing: the thing itself where there is no mix.
        window_months: how long after referral the effect was measured.
        scaled_by: parameter that turns one unit of effect into units; None where they are the same.
        eligible: whom the effect is an average over: `all` children referred, a part of them that
            the effects table counts (`counted`), or young people counted elsewhere (`given`).
    """

    outcome: str
    family: str
    unit: str
    window_months: int
    mix: str | None = None
    thing: str | None = None
    scaled_by: str | None = None
    eligible: str = "all"


BENEFITS: Final = (
    Benefit("days_in_care_36m", "care", "day", 36, mix="placement_mix"),
    Benefit("days_in_care_18m", "care", "day", 18, mix="placement_mix"),
    Benefit("cla_18m", "care", "day", 18, "placement_mix", scaled_by="care_days_per_entry.cla_18m"),
    Benefit("cpp_days_36m", "plans", "day", 36, thing="cp_plan"),
    Benefit(
        "plo_to_proceedings_16w",
        "proceedings",
        "case",
        24,
        thing="care_proceedings",
        eligible="counted",
    ),
    Benefit("neet", "neet", "year", 12, mix="neet_mix", eligible="given"),
    Benefit(
        "unauthorised_absence_3t",
        "absence",
        "year",
        18,
        thing="persistent_absence",
        scaled_by="units_per_effect.unauthorised_absence_3t",
        eligible="counted",
    ),
)
"""Of each family the first outcome with an estimate is priced, unless the settings name one."""

FAMILIES: Final = tuple(dict.fromkeys(benefit.family for benefit in BENEFITS))
ENTRY_OUTCOME: Final = "cla_18m"


def year_start(year: str, *, kind: str) -> int:
    """Return the calendar year in which a year begins: 2023 for 2023-24.

    Raises:
        UsageError: the text is not a year of that kind (`calendar` or `financial`).
    """
    match = _YEAR.fullmatch(year)
    wanted = "2023-24" if kind == "financial" else "2023"
    follows = match is not None and (
        match[2] is None if kind == "calendar" else match[2] == f"{(int(match[1]) + 1) % 100:02d}"
    )
    if match is None or not follows or kind not in ("calendar", "financial"):
        raise UsageError(f"{year!r} is not a {kind} year. Write it as {wanted}.")
    return int(match[1])


def financial_year(start: int) -> str:
    """Return the financial year that begins in `start`, as `2023-24`."""
    return f"{start}-{(start + 1) % 100:02d}"


@dataclass(frozen=True)
class DeflatorYear:
    """Price level of one calendar year."""

    year: int
    index: float
    source: str
    origin: str


@dataclass(frozen=True)
class Deflator:
    """Price level by calendar year.

    A financial year takes three quarters of the year it begins in and one of the next, so 2023-24
    needs both 2023 and 2024.
    """

    years: tuple[DeflatorYear, ...]

    def weights(self, year: str, *, kind: str) -> dict[int, float]:
        """Return the calendar years a year draws on, with their shares."""
        start = year_start(year, kind=kind)
        if kind == "calendar":
            return {start: 1.0}
        return {start: FIRST_CALENDAR_YEAR_SHARE, start + 1: 1 - FIRST_CALENDAR_YEAR_SHARE}

    def covers(self, year: str, *, kind: str) -> bool:
        """Return whether every calendar year that `year` draws on is in the series."""
        held = {entry.year for entry in self.years}
        return set(self.weights(year, kind=kind)) <= held

    def index(self, year: str, *, kind: str) -> float:
        """Return the price level of a year.

        Raises:
            DeclarationError: the series does not cover it.
        """
        if not self.covers(year, kind=kind):
            raise DeclarationError(f"GDP deflator: {self.why_not(year, kind=kind)}")
        level = {entry.year: entry.index for entry in self.years}
        return sum(level[y] * share for y, share in self.weights(year, kind=kind).items())

    def why_not(self, year: str, *, kind: str) -> str:
        """Return the sentence that says a year is not covered, and what to do."""
        held = sorted(entry.year for entry in self.years)
        span = f"{held[0]} to {held[-1]}" if held else "no year"
        return (
            f"{kind} year {year} is not covered (needs "
            f"{' and '.join(map(str, self.weights(year, kind=kind)))}, found {span}). "
            "Give the missing years of the deflator, or a price of a later year."
        )


@dataclass(frozen=True)
class DiscountBand:
    """Yearly discount rate from one year after the start to another, both included."""

    from_year: int
    to_year: int | None
    rate: float
    source: str
    origin: str

    def holds_in(self, year: int) -> bool:
        """Return whether the band sets the rate of the step into `year`."""
        return self.from_year <= year and (self.to_year is None or year <= self.to_year)


@dataclass(frozen=True)
class Price:
    """What one unit of a thing costs one payer.

    Attributes:
        id: of the entry.
        thing: what it is the price of; two prices in use for one thing, payer and perspective
            are refused.
        item: in words.
        amount_gbp, per: the amount, and the unit it is for.
        price_year, price_year_kind: year whose prices it is in, `calendar` or `financial`.
        payer: who bears it, or gains.
        perspective: `fiscal`, `economic` or `social`: exactly one, so nothing is added twice.
        source, grade: where it comes from and how far it can be trusted.
        is_transfer: money that changes hands without using anything up, as a benefit payment;
            it is left out of public value.
        is_used: whether the analysis uses it.
        why: why it is used, or not.
        origin: file that declares it.
    """

    id: str
    thing: str
    item: str
    amount_gbp: float
    per: str
    price_year: str
    price_year_kind: str
    payer: str
    perspective: str
    source: str
    grade: str
    is_transfer: bool
    is_used: bool
    why: str
    origin: str


@dataclass(frozen=True)
class Parameter:
    """One number the analysis needs that is not a price.

    Attributes:
        id: as `cashable_share.care`; `@model` or `@la_code` after it narrows it to one.
        value: None where there is no default.
        spread: standard error of a share; None where it is taken as known.
        unit, meaning: in words.
        source, grade: as for a price; empty where there is no value.
        origin: file that declares it.
    """

    id: str
    value: float | None
    spread: float | None
    unit: str
    meaning: str
    source: str
    grade: str
    origin: str


@dataclass(frozen=True)
class OptimismGrade:
    """How far costs and benefits of one grade of evidence are moved against the programme."""

    grade: int
    costs_share: float
    benefits_share: float
    evidence: str
    source: str
    status: str


@dataclass(frozen=True)
class PriceBook:
    """Everything declared that the analysis may use; whole and free of contradiction once built.

    Raises:
        DeclarationError: an entry has no source or an unknown grade, its price year is outside the
            deflator, two prices stand for one thing, or a share cannot be one.
    """

    prices: tuple[Price, ...]
    parameters: tuple[Parameter, ...]
    deflator: Deflator
    discount_bands: tuple[DiscountBand, ...]
    optimism_grades: tuple[OptimismGrade, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be used, naming the entry."""
        _refuse_twice("parameter", (parameter.id for parameter in self.parameters))
        _refuse_twice("price", (price.id for price in self.prices))
        _refuse_twice("GDP deflator year", (str(entry.year) for entry in self.deflator.years))
        for price in self.used:
            _refuse_price(price, self.deflator)
        for parameter in self.parameters:
            _refuse_parameter(parameter)
        for year in self.deflator.years:
            _refuse_without_source(f"GDP deflator year {year.year}", year.source, year.origin)
        for band in self.discount_bands:
            label = f"discount rate from year {band.from_year}"
            _refuse_without_source(label, band.source, band.origin)
        _refuse_two_prices(self.used)
        _refuse_bands(self.discount_bands)
        _refuse_mixes(self.parameters)
        _refuse_horizons(self)

    @property
    def used(self) -> tuple[Price, ...]:
        """Prices in use, in order of their ids."""
        return tuple(sorted((p for p in self.prices if p.is_used), key=lambda price: price.id))

    def prices_of(self, thing: str) -> tuple[Price, ...]:
        """Return the prices in use for one thing, one per payer and perspective."""
        return tuple(price for price in self.used if price.thing == thing)

    def find(self, name: str, scopes: Iterable[str] = ()) -> Parameter | None:
        """Return the parameter that holds for the narrowest scope that has one with a value."""
        held = {parameter.id: parameter for parameter in self.parameters}
        names = (*(f"{name}@{scope}" for scope in scopes), name)
        found = (held[n] for n in names if n in held and held[n].value is not None)
        return next(found, None)

    def mix(self, family: str, scopes: Iterable[str] = ()) -> tuple[Parameter, ...]:
        """Return the shares of one mix: those of the narrowest scope that gives any."""
        for suffix in (*(f"@{scope}" for scope in scopes), ""):
            shares = _shares(self.parameters, family, suffix)
            if shares:
                return shares
        return ()

    def why_unpriced(self, thing: str) -> str:
        """Return why a thing has no price in use, naming the entries that were passed over."""
        passed_over = [price for price in self.prices if price.thing == thing and not price.is_used]
        named = "; ".join(f"{price.id}: {price.why}" for price in passed_over)
        return f"no price in use for {thing} ({named or 'none declared'})"


def refuse_second_deduction(parameter_id: str, *, origin: str) -> None:
    """Refuse a parameter that would take out again what the trial contrast has taken out.

    Raises:
        DeclarationError: its id speaks of deadweight, attribution, displacement or drop-off.
    """
    if any(word in parameter_id for word in _ALREADY_NET):
        raise DeclarationError(
            f"parameter {parameter_id} in {origin}: the trial contrast has already taken out what "
            "would have happened anyway; deducting it again counts it twice. Remove the entry."
        )


def thing_of(share: Parameter) -> str:
    """Return the thing a share of a mix is for: `care_foster` for `placement_mix.care_foster`."""
    return share.id.split("@", maxsplit=1)[0].split(".", maxsplit=1)[1]


def scope_of(parameter_id: str) -> str:
    """Return what a parameter is narrowed to; empty where it holds for all."""
    return parameter_id.partition("@")[2]


def _shares(parameters: Iterable[Parameter], family: str, suffix: str) -> tuple[Parameter, ...]:
    named = (
        parameter
        for parameter in parameters
        if parameter.id.startswith(f"{family}.")
        and scope_of(parameter.id) == suffix.removeprefix("@")
        and parameter.value is not None
    )
    return tuple(sorted(named, key=lambda share: share.id))


def _refuse_twice(what: str, ids: Iterable[str]) -> None:
    held = list(ids)
    doubled = sorted({name for name in held if held.count(name) > 1})
    if doubled:
        raise DeclarationError(
            f"{what} {', '.join(doubled)}: declared more than once (needs 1). Keep one of them."
        )


def _refuse_without_source(label: str, source: str, origin: str) -> None:
    if not source.strip():
        raise DeclarationError(
            f"{label} in {origin}: source is missing. Say where the number comes from."
        )


def _refuse_price(price: Price, deflator: Deflator) -> None:
    label = f"price {price.id} in {price.origin}"
    _refuse_without_source(f"price {price.id}", price.source, price.origin)
    if not deflator.covers(price.price_year, kind=price.price_year_kind):
        why = deflator.why_not(price.price_year, kind=price.price_year_kind)
        raise DeclarationError(f"{label}: {why}")
    if not (math.isfinite(price.amount_gbp) and price.amount_gbp >= 0):
        raise DeclarationError(f"{label}: amount_gbp is not an amount of money. Correct the entry.")
    if price.perspective not in PERSPECTIVES or price.grade not in GRADES:
        raise DeclarationError(
            f"{label}: perspective {price.perspective!r} or grade {price.grade!r} is not known "
            f"(needs one of {', '.join(PERSPECTIVES)}; one of {', '.join(GRADES)}). "
            "Correct the entry."
        )


def _refuse_two_prices(prices: tuple[Price, ...]) -> None:
    for one in prices:
        for other in prices:
            if one.id < other.id and _stand_for_one_thing(one, other):
                raise DeclarationError(
                    f"prices {one.id} ({one.origin}) and {other.id} ({other.origin}): two prices "
                    f"for {one.thing}, {one.perspective}, in use (needs 1). Keep one of them."
                )


def _stand_for_one_thing(one: Price, other: Price) -> bool:
    same_payer = one.payer == other.payer or MANY_PAYERS in (one.payer, other.payer)
    return one.thing == other.thing and one.perspective == other.perspective and same_payer


def _refuse_parameter(parameter: Parameter) -> None:
    label = f"parameter {parameter.id} in {parameter.origin}"
    refuse_second_deduction(parameter.id, origin=parameter.origin)
    if parameter.value is None:
        return
    _refuse_without_source(f"parameter {parameter.id}", parameter.source, parameter.origin)
    if parameter.grade not in GRADES or not math.isfinite(parameter.value):
        raise DeclarationError(
            f"{label}: value or grade cannot be used (needs a number and one of "
            f"{', '.join(GRADES)}). Correct the entry."
        )
    _refuse_share(parameter, label)


def _refuse_share(parameter: Parameter, label: str) -> None:
    value = parameter.value if parameter.value is not None else 0.0
    is_share = parameter.unit.startswith("share of")
    if value < 0 or (is_share and value > 1 and not parameter.id.startswith("eligible_share.neet")):
        raise DeclarationError(f"{label}: cannot be {value:g} (needs 0 to 1). Correct the entry.")
    widest = math.sqrt(value * (1 - value)) if is_share and value <= 1 else math.inf
    if parameter.spread is not None and not 0 <= parameter.spread < (widest or 1e-300):
        raise DeclarationError(
            f"{label}: spread {parameter.spread:g} is too wide for a share of {value:g} "
            f"(needs less than {widest:.4g}). Give a smaller standard error."
        )


def _refuse_bands(bands: tuple[DiscountBand, ...]) -> None:
    ordered = sorted(bands, key=lambda band: band.from_year)
    ends = [band.to_year for band in ordered]
    starts = [0, *(-1 if end is None else end + 1 for end in ends[:-1])]
    if [band.from_year for band in ordered] != starts or ends[-1:] != [None]:
        raise DeclarationError(
            "discount rates: the years do not follow each other without gap or overlap (needs year "
            "0 onwards, the last band open). Correct the bands."
        )


def _refuse_mixes(parameters: tuple[Parameter, ...]) -> None:
    families = {benefit.mix for benefit in BENEFITS if benefit.mix}
    for family in sorted(families):
        for scope in sorted({scope_of(p.id) for p in parameters if p.id.startswith(f"{family}.")}):
            shares = _shares(parameters, family, f"@{scope}" if scope else "")
            total = sum(share.value or 0.0 for share in shares)
            if shares and not math.isclose(total, 1, abs_tol=1e-6):
                raise DeclarationError(
                    f"parameters {family}.*{'@' + scope if scope else ''}: shares add to "
                    f"{total:.6g} (needs 1). Give every share, {family}.{UNPRICED} included."
                )


def _refuse_horizons(book: PriceBook) -> None:
    windows = {benefit.outcome: benefit.window_months for benefit in BENEFITS}
    for parameter in book.parameters:
        name, _, scope = parameter.id.partition("@")
        outcome = name.removeprefix("horizon_months.")
        if outcome == name or outcome not in windows or parameter.value is None:
            continue
        window = windows[outcome]
        goes_on = book.find(f"persistence.{outcome}", (scope,) if scope else ())
        if parameter.value < window or (parameter.value > window and goes_on is None):
            raise DeclarationError(
                f"parameter {parameter.id} in {parameter.origin}: {parameter.value:g} months "
                f"against a window of {window}. Give the window or more, and with more "
                f"persistence.{outcome} as well."
            )


@cache
def declared_prices() -> PriceBook:
    """Return the price book as declared, without any override."""
    return PriceBook(
        prices=_declared_unit_costs(),
        parameters=tuple(_parameter(row) for row in reference_rows("cost_parameters.csv")),
        deflator=Deflator(tuple(_deflator(row) for row in reference_rows("gdp_deflator.csv"))),
        discount_bands=tuple(_band(row) for row in reference_rows("discount_rates.csv")),
        optimism_grades=tuple(_grade(row) for row in reference_rows("cost_optimism_bias.csv")),
    )


def _declared_unit_costs() -> tuple[Price, ...]:
    choices = {row["id"]: row for row in reference_rows("cost_price_choices.csv")}
    rows = reference_rows("unit_costs.csv")
    without = sorted({row["id"] for row in rows} ^ set(choices))
    if without:
        raise DeclarationError(
            f"cost_price_choices.csv and unit_costs.csv: {', '.join(without)} in only one of them. "
            "Say what each price stands for, and whether it is used."
        )
    return tuple(_price(row, choices[row["id"]]) for row in rows)


def _price(row: dict[str, str], choice: dict[str, str]) -> Price:
    return Price(
        id=row["id"],
        thing=choice["thing"],
        item=row["item"],
        amount_gbp=float(row["amount_gbp"]),
        per=row["per"],
        price_year=row["price_year"],
        price_year_kind=row["price_year_kind"],
        payer=row["payer"],
        perspective=row["perspective"],
        source=row["source"],
        grade=row["grade"],
        is_transfer=choice["is_transfer"] == "yes",
        is_used=choice["is_used"] == "yes",
        why=choice["why"],
        origin="schemas/reference/unit_costs.csv",
    )


def _parameter(row: dict[str, str]) -> Parameter:
    return Parameter(
        id=row["id"],
        value=float(row["value"]) if row["value"] else None,
        spread=float(row["spread"]) if row["spread"] else None,
        unit=row["unit"],
        meaning=row["meaning"],
        source=row["source"],
        grade=row["grade"],
        origin="schemas/reference/cost_parameters.csv",
    )


def _deflator(row: dict[str, str]) -> DeflatorYear:
    return DeflatorYear(
        year=int(row["calendar_year"]),
        index=float(row["index_2024_100"]),
        source=row["source"],
        origin="schemas/reference/gdp_deflator.csv",
    )


def _band(row: dict[str, str]) -> DiscountBand:
    return DiscountBand(
        from_year=int(row["from_year"]),
        to_year=int(row["to_year"]) if row["to_year"] else None,
        rate=float(row["rate"]),
        source=row["source"],
        origin="schemas/reference/discount_rates.csv",
    )


def _grade(row: dict[str, str]) -> OptimismGrade:
    return OptimismGrade(
        grade=int(row["grade"]),
        costs_share=float(row["costs_share"]),
        benefits_share=float(row["benefits_share"]),
        evidence=row["evidence"],
        source=row["source"],
        status=row["status"],
    )
