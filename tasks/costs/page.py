"""The tables of docs/costs.md, printed from the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.prices import (
    BENEFITS,
    Benefit,
    DiscountBand,
    OptimismGrade,
    Parameter,
    Price,
    PriceBook,
)

_SECTION: Final = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z_]+): begin -->\n).*?(?P<end><!-- (?P=name): end -->)", re.DOTALL
)
BENEFIT_HEADS: Final = ("outcome", "family", "unit", "window", "priced as", "applies to")
PRICE_HEADS: Final = (
    "id",
    "thing",
    "amount",
    "price year",
    "payer",
    "perspective",
    "source",
    "grade",
)
UNUSED_HEADS: Final = ("id", "thing", "amount", "price year", "grade", "why not")
PARAMETER_HEADS: Final = ("id", "value", "unit", "meaning", "source", "grade")
GRADE_HEADS: Final = ("grade", "costs", "benefits", "evidence", "source", "status")


def renewed(page: str, book: PriceBook) -> str:
    """Return the page with every printed section as the declarations now have it."""
    printed = printed_sections(book)
    return _SECTION.sub(
        lambda found: f"{found['begin']}{printed[found['name']]}{found['end']}", page
    )


def printed_sections(book: PriceBook) -> dict[str, str]:
    """Return the tables of the page by the name of their section."""
    return {
        "benefits": _table(BENEFIT_HEADS, (_benefit(benefit) for benefit in BENEFITS)),
        "prices_used": _table(PRICE_HEADS, (_price(price) for price in book.used)),
        "prices_not_used": _table(
            UNUSED_HEADS, (_unused(price) for price in book.prices if not price.is_used)
        ),
        "parameters": _table(
            PARAMETER_HEADS, (_parameter(p) for p in book.parameters if p.value is not None)
        ),
        "no_default": _table(
            ("id", "unit", "meaning"),
            ((f"`{p.id}`", p.unit, p.meaning) for p in book.parameters if p.value is None),
        ),
        "optimism_bias": _table(GRADE_HEADS, (_grade(grade) for grade in book.optimism_grades)),
        "deflator": _table(
            ("calendar year", "index", "source"),
            ((str(y.year), f"{y.index:.4f}", y.source) for y in book.deflator.years),
        ),
        "discount_rates": _table(
            ("years after the start", "rate", "source"),
            (_band(band) for band in book.discount_bands),
        ),
    }


def _grade(grade: OptimismGrade) -> tuple[str, ...]:
    return (
        str(grade.grade),
        f"+{grade.costs_share:.0%}",
        f"-{grade.benefits_share:.0%}",
        grade.evidence,
        grade.source,
        grade.status,
    )


def _band(band: DiscountBand) -> tuple[str, ...]:
    last = "the end" if band.to_year is None else str(band.to_year)
    return (f"{band.from_year} to {last}", f"{band.rate:.1%}", band.source)


def _benefit(benefit: Benefit) -> tuple[str, ...]:
    eligible = {
        "all": "all children referred",
        "counted": "children counted behind the estimate",
        "given": "young people given",
    }
    return (
        f"`{benefit.outcome}`",
        benefit.family,
        benefit.unit,
        f"{benefit.window_months} months",
        f"`{benefit.mix or benefit.thing}`"
        + (f" x `{benefit.scaled_by}`" * bool(benefit.scaled_by)),
        eligible[benefit.eligible],
    )


def _price(price: Price) -> tuple[str, ...]:
    return (
        f"`{price.id}`",
        price.thing,
        f"£{price.amount_gbp:,.0f} per {price.per}",
        price.price_year,
        price.payer,
        price.perspective,
        price.source,
        price.grade,
    )


def _unused(price: Price) -> tuple[str, ...]:
    return (
        f"`{price.id}`",
        price.thing,
        f"£{price.amount_gbp:,.0f} per {price.per}",
        price.price_year,
        price.grade,
        price.why,
    )


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    return (
        f"`{parameter.id}`",
        f"{parameter.value:g}",
        parameter.unit,
        parameter.meaning,
        parameter.source,
        parameter.grade,
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
