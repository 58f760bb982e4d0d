"""An override file into a price book: any entry, from one file, with its source.

The file is YAML with up to five lists, each optional:

    prices: [{id, thing, item, amount_gbp, per, price_year, price_year_kind, payer, perspective,
              source, grade, is_transfer, is_used, why}]
    parameters: [{id, value, spread, source, grade}]
    deflator: [{year, index, source}]
    discount_rates: [{from_year, to_year, rate, source}]      the whole series
    optimism_grades: [{grade, costs_share, benefits_share, evidence, source}]

An entry with the id of a declared one changes what it names and must say its own source and grade.
A new price takes the place of the declared price of the same thing, payer and perspective.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

import yaml

from schemas.errors import DeclarationError, UsageError
from schemas.prices import (
    BENEFITS,
    Deflator,
    DeflatorYear,
    DiscountBand,
    OptimismGrade,
    Parameter,
    Price,
    PriceBook,
    refuse_second_deduction,
)

_Row = Mapping[str, Any]
Entry = TypeVar("Entry", Price, Parameter, DeflatorYear, DiscountBand, OptimismGrade)

_SECTIONS: Final = ("prices", "parameters", "deflator", "discount_rates", "optimism_grades")
_NUMBERS: Final = ("amount_gbp", "value", "spread", "index", "rate", "costs_share")
_NUMBERS_TOO: Final = ("benefits_share",)
_COUNTS: Final = ("year", "from_year", "to_year")
_FLAGS: Final = ("is_transfer", "is_used")
_MIXES: Final = tuple(sorted({benefit.mix for benefit in BENEFITS if benefit.mix}))


def price_book(book: PriceBook, override: str, *, name: str) -> PriceBook:
    """Return the book with the entries of an override file in place of its own.

    Args:
        book: usually `declared_prices()`.
        override: text of the file.
        name: of the file, shown wherever one of its values is used.

    Raises:
        DeclarationError: an entry cannot be used; the message names it.
        UsageError: the text is not such a file.
    """
    given = _Given(_sections(override, name), name)
    return PriceBook(
        prices=_prices(book, given),
        parameters=_parameters(book, given),
        deflator=Deflator(_deflator(book, given)),
        discount_bands=_bands(book, given),
        optimism_grades=_optimism_grades(book, given),
    )


@dataclass(frozen=True)
class _Given:
    """Rows of one override file by section."""

    sections: Mapping[str, list[_Row]]
    name: str

    @property
    def origin(self) -> str:
        """Where its values come from, as the output names it."""
        return f"override {self.name}"

    def rows(self, section: str) -> list[_Row]:
        """Return the rows of one section; none when it is left out."""
        return self.sections.get(section, [])


def _sections(override: str, name: str) -> Mapping[str, list[_Row]]:
    try:
        read = yaml.safe_load(override) or {}
    except yaml.YAMLError as fault:
        raise UsageError(f"override {name}: is not YAML. Correct the file.") from fault
    if not isinstance(read, dict) or set(read) - set(_SECTIONS):
        raise UsageError(
            f"override {name}: unknown section (needs {', '.join(_SECTIONS)}). Correct the file."
        )
    for section, rows in read.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UsageError(f"override {name}: {section} is not a list of entries. Correct it.")
    return read


def _prices(book: PriceBook, given: _Given) -> tuple[Price, ...]:
    declared = {price.id: price for price in book.prices}
    rows = given.rows("prices")
    _refuse_doubled([str(row.get("id")) for row in rows], given)
    new = [_price(row, declared, given) for row in rows]
    kept = [price for price in book.prices if price.id not in {price.id for price in new}]
    return (*(_or_passed_over(price, new, given) for price in kept), *new)


def _price(row: _Row, declared: Mapping[str, Price], given: _Given) -> Price:
    start = {"is_transfer": False, "is_used": True, "why": "given in the override file"}
    return _entry(Price, {**start, **row}, declared.get(str(row.get("id"))), given)


def _or_passed_over(price: Price, new: list[Price], given: _Given) -> Price:
    for other in new:
        same = (other.thing, other.payer, other.perspective)
        if (
            other.is_used
            and price.is_used
            and same == (price.thing, price.payer, price.perspective)
        ):
            return replace(price, is_used=False, why=f"replaced by {other.id} of {given.name}")
    return price


def _parameters(book: PriceBook, given: _Given) -> tuple[Parameter, ...]:
    declared = {parameter.id: parameter for parameter in book.parameters}
    rows = given.rows("parameters")
    _refuse_doubled([str(row.get("id")) for row in rows], given)
    new = {str(row.get("id")): _parameter(row, declared, given) for row in rows}
    kept = [parameter for parameter in book.parameters if parameter.id not in new]
    return (*kept, *new.values())


def _parameter(row: _Row, declared: Mapping[str, Parameter], given: _Given) -> Parameter:
    name = str(row.get("id")).partition("@")[0]
    refuse_second_deduction(name, origin=given.origin)
    like = declared.get(name) or _like_a_share(name, declared)
    if like is None:
        raise DeclarationError(
            f"parameter {row.get('id')} in {given.origin}: is not known. "
            "Use an id of docs/costs.md, with @model or @la_code after it if need be."
        )
    return _entry(Parameter, {"spread": None, **row}, like, given)


def _like_a_share(name: str, declared: Mapping[str, Parameter]) -> Parameter | None:
    family = name.partition(".")[0]
    if family not in _MIXES:
        return None
    return next(p for p in declared.values() if p.id.startswith(f"{family}."))


def _deflator(book: PriceBook, given: _Given) -> tuple[DeflatorYear, ...]:
    rows = given.rows("deflator")
    new = [_entry(DeflatorYear, row, None, given) for row in rows]
    kept = [entry for entry in book.deflator.years if entry.year not in {n.year for n in new}]
    return (*kept, *new)


def _bands(book: PriceBook, given: _Given) -> tuple[DiscountBand, ...]:
    rows = given.rows("discount_rates")
    new = tuple(_entry(DiscountBand, {"to_year": None, **row}, None, given) for row in rows)
    return new or book.discount_bands


def _optimism_grades(book: PriceBook, given: _Given) -> tuple[OptimismGrade, ...]:
    rows = given.rows("optimism_grades")
    new = [_entry(OptimismGrade, {**row, "status": given.origin}, None, given) for row in rows]
    kept = [g for g in book.optimism_grades if g.grade not in {n.grade for n in new}]
    return (*kept, *new)


def _entry(kind: type[Entry], row: _Row, like: Entry | None, given: _Given) -> Entry:
    """Return the entry a row makes: every field from the row, or else from the declared one.

    Source and grade are never taken over: another number has another source.
    """
    known = [field.name for field in fields(kind)]
    label = f"{kind.__name__.lower()} {row.get('id', row.get('year', ''))} in {given.origin}"
    unknown = sorted(set(row) - set(known) - {"origin"})
    if unknown:
        raise DeclarationError(f"{label}: {', '.join(unknown)} not known. Correct the entry.")
    own = {"source": "", "grade": "", "origin": given.origin}
    values = {**_declared(like), **own, **row, "origin": given.origin}
    missing = [name for name in known if name not in values]
    if missing:
        raise DeclarationError(f"{label}: {', '.join(missing)} missing. Give every field.")
    return kind(**{name: _typed(name, values[name], label) for name in known})


def _declared(like: Entry | None) -> dict[str, Any]:
    return {} if like is None else {field.name: getattr(like, field.name) for field in fields(like)}


def _typed(name: str, value: Any, label: str) -> Any:
    kind: Callable[[Any], Any] = str
    if value is None and name in ("to_year", "value", "spread"):
        return None
    if name in (*_NUMBERS, *_NUMBERS_TOO):
        kind = float
    elif name in _COUNTS or (name == "grade" and label.startswith("optimismgrade")):
        kind = int
    elif name in _FLAGS:
        kind = bool
    try:
        return kind("" if value is None else value)
    except (TypeError, ValueError) as fault:
        raise DeclarationError(f"{label}: {name} is not a number. Correct the entry.") from fault


def _refuse_doubled(ids: list[str], given: _Given) -> None:
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise DeclarationError(
            f"{', '.join(doubled)} in {given.origin}: given more than once (needs 1). Keep one."
        )
