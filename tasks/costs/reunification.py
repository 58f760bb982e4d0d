"""What children returned home from care would have cost in care.

A count of what happened, with no comparison: some children would have gone home anyway. So it
stands in a table of its own and is never added to the cost-benefit results, whose effect on days in
care already holds these days.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from schemas.prices import DAYS_PER, UNPRICED, PriceBook, financial_year, thing_of
from schemas.quarter import Quarter
from tasks.costs.money import discount_factors, real_unit_price
from tasks.costs.settings import CostSettings
from tasks.costs.spend import RETURNED, Calendar

_COLUMNS: Final = (
    "model",
    "la_code",
    "financial_year",
    "children_returned",
    "children_still_home",
    "weeks_at_home",
    "price_per_week",
    "saving",
    "saving_pv",
    "note",
)
MIX: Final = "placement_mix"


def price_per_care_week(
    book: PriceBook, *, scopes: tuple[str, ...], settings: CostSettings
) -> float:
    """Return the fiscal price of a week in care over the placement mix, in base-year prices.

    Missing where a share of the mix has no price.
    """
    shares = book.mix(MIX, scopes)
    priced = [share for share in shares if thing_of(share) != UNPRICED]
    if not priced or any(not _fiscal(book, thing_of(share)) for share in priced):
        return float("nan")
    return sum(
        float(share.value or 0.0)
        * real_unit_price(price, unit="week", deflator=book.deflator, settings=settings)
        for share in priced
        for price in _fiscal(book, thing_of(share))
    )


def _fiscal(book: PriceBook, thing: str) -> list[Any]:
    return [price for price in book.prices_of(thing) if price.perspective == "fiscal"]


def reunification_savings(
    delivery: DataFrame, *, calendar: Calendar, book: PriceBook, settings: CostSettings
) -> DataFrame:
    """Return savings by model, authority and financial year.

    Weeks per child are `reunification_weeks` where given. Without it only the weeks inside the
    quarter of return are counted (half a quarter on average, returns being spread over it), because
    the return does not say how long a child stayed afterwards: a floor.

    Returns:
        `COLUMNS`, one row per model, authority and financial year with a return.
    """
    factors = discount_factors(book.discount_bands, years=calendar.years)
    rows = delivery[delivery[RETURNED].astype("float64").fillna(0).ne(0)]
    records = [
        _record(keys, group, calendar, factors, book, settings) for keys, group in _by_year(rows)
    ]
    return DataFrame(records, columns=list(_COLUMNS))


def _by_year(rows: DataFrame) -> Iterator[tuple[tuple[str, str, int], DataFrame]]:
    years = [Quarter.parse(str(text)).year for text in rows["quarter"]]
    grouped = rows.assign(year=years).groupby(["model", "la_code", "year"], sort=True)
    for keys, group in grouped:
        model, la_code, year = keys
        yield (str(model), str(la_code), int(str(year))), group


def _record(
    keys: tuple[str, str, int],
    group: DataFrame,
    calendar: Calendar,
    factors: Floats,
    book: PriceBook,
    settings: CostSettings,
) -> dict[str, Any]:
    model, la_code, year = keys
    scopes = (la_code, model)
    given = book.find("reunification_weeks", scopes)
    still = group["reunifications_still_home"].astype("float64")
    weeks = _weeks_at_home(group, None if given is None else given.value)
    price = price_per_care_week(book, scopes=scopes, settings=settings)
    saving = price * weeks
    cells = (
        model,
        la_code,
        financial_year(year),
        float(group[RETURNED].astype("float64").sum()),
        float(still.sum()),
        weeks,
        price,
        saving,
        saving * float(factors[year - calendar.first]),
        _note(int(still.isna().sum()), is_given=given is not None, has_price=price == price),
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _weeks_at_home(group: DataFrame, given: float | None) -> float:
    still = group["reunifications_still_home"].astype("float64").fillna(0)
    weeks = [given if given is not None else _half_a_quarter(str(q)) for q in group["quarter"]]
    return float(still.to_numpy() @ np.array(weeks, dtype=float))


def _half_a_quarter(text: str) -> float:
    quarter = Quarter.parse(text)
    return (quarter.end - quarter.start).days / DAYS_PER["week"] / 2


def _note(unknown: int, *, is_given: bool, has_price: bool) -> str:
    notes = ["gross, no comparison: some would have returned anyway; not added to the NPV"]
    if not is_given:
        notes.append("weeks inside the quarter of return only")
    if unknown:
        notes.append(f"still home not known in {unknown} quarters, counted as nothing")
    if not has_price:
        notes.append("not computed: a share of the placement mix has no price")
    return "; ".join(notes)
