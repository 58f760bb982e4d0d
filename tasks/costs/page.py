"""The tables of docs/costs.md, printed from the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.prices import BENEFITS, Benefit, Parameter, Price, PriceBook

_SECTION: Final = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z_]+): begin -->\n).*?(?P<end><!-- (?P=name): end -->)", re.DOTALL
)


def renewed(page: str, book: PriceBook) -> str:
    """Return the page with every printed section as the declarations now have it."""
    printed = printed_sections(book)
    return _SECTION.sub(
        lambda found: f"{found['begin']}{printed[found['name']]}{found['end']}", page
    )


def printed_sections(book: PriceBook) -> dict[str, str]:
    """Return the tables of the page by the name of their section."""
    without = [p for p in book.parameters if p.value is None]
    return {
        "benefits": _table(
            ("outcome", "family", "unit", "window", "priced as", "applies to"),
            (_benefit(benefit) for benefit in BENEFITS),
        ),
        "prices_used": _table(
            ("id", "thing", "amount", "price year", "payer", "perspective", "source", "grade"),
            (_price(price) for price in book.used),
        ),
        "prices_not_used": _table(
            ("id", "thing", "amount", "price year", "grade", "why not"),
            (_unused(price) for price in book.prices if not price.is_used),
        ),
        "parameters": _table(
            ("id", "value", "unit", "meaning", "source", "grade"),
            (_parameter(p) for p in book.parameters if p.value is not None),
        ),
        "no_default": _table(
            ("id", "unit", "meaning"), ((f"`{p.id}`", p.unit, p.meaning) for p in without)
        ),
        "optimism_bias": _table(
            ("grade", "costs", "benefits", "evidence", "source", "status"),
            (
                (
                    str(g.grade),
                    f"+{g.costs_share:.0%}",
                    f"-{g.benefits_share:.0%}",
                    g.evidence,
                    g.source,
                    g.status,
                )
                for g in book.optimism_grades
            ),
        ),
        "deflator": _table(
            ("calendar year", "index", "source"),
            ((str(y.year), f"{y.index:.4f}", y.source) for y in book.deflator.years),
        ),
        "discount_rates": _table(
            ("years after the start", "rate", "source"),
            (
                (f"{b.from_year} to {b.to_year or 'the end'}", f"{b.rate:.1%}", b.source)
                for b in book.discount_bands
            ),
        ),
    }


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
