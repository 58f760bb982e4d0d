"""Money through time: price levels first, then discounting.

Order: every amount is rebased to one base year with the GDP deflator, and only then discounted from
the year it falls in. The two answer different questions, and one is never used for the other.
"""

from __future__ import annotations

import numpy as np

from schemas.arrays import Floats
from schemas.errors import DeclarationError
from schemas.prices import DAYS_PER, Deflator, DiscountBand, Price
from tasks.costs.settings import CostSettings


def rebase_factor(
    deflator: Deflator, *, year: str, kind: str, base_year: str, base_kind: str
) -> float:
    """Return what one pound of `year` is worth in prices of the base year: P(base) / P(year).

    Raises:
        DeclarationError: the deflator does not cover one of the two years.
    """
    base = deflator.index(base_year, kind=base_kind)
    return base / deflator.index(year, kind=kind)


def discount_factors(bands: tuple[DiscountBand, ...], *, years: int) -> Floats:
    """Return the worth today of one pound in year 0, 1, ..., `years` - 1.

    The factor of year n is the product over years 1 to n of 1 / (1 + rate of that year); year 0
    is 1 (HM Treasury Green Book, annex on discounting).
    """
    steps = [1.0, *(1 / (1 + _rate(bands, year)) for year in range(1, years))]
    return np.cumprod(np.array(steps[:years]))


def _rate(bands: tuple[DiscountBand, ...], year: int) -> float:
    return next(band.rate for band in bands if band.holds_in(year))


def real_unit_price(
    price: Price, *, unit: str, deflator: Deflator, settings: CostSettings
) -> float:
    """Return the price of one `unit` in prices of the base year.

    Raises:
        DeclarationError: the price is for another kind of unit, or a year is not covered.
    """
    factor = rebase_factor(
        deflator,
        year=price.price_year,
        kind=price.price_year_kind,
        base_year=settings.base_year,
        base_kind=settings.base_year_kind,
    )
    return price.amount_gbp * _units_per(unit, price) * factor


def _units_per(unit: str, price: Price) -> float:
    if unit == price.per:
        return 1.0
    if unit not in DAYS_PER or price.per not in DAYS_PER:
        raise DeclarationError(
            f"price {price.id} in {price.origin}: is per {price.per}, but the outcome is counted "
            f"in units of one {unit}. Give a price per {unit}."
        )
    return DAYS_PER[unit] / DAYS_PER[price.per]


def distributional_weight(income_gbp: float, *, reference_gbp: float, exponent: float) -> float:
    """Return how much a pound to this income counts: (reference / income) ** exponent.

    HM Treasury Green Book, annex on distributional analysis.
    """
    return float((reference_gbp / income_gbp) ** exponent)


def accrual(*, from_months: float, to_months: float) -> Floats:
    """Return the shares of a benefit that fall in the year of referral, the next, and so on.

    Referrals are spread evenly over their financial year and the benefit evenly over the months
    after referral: with U uniform on [0, 1] and T on [from, to], the share of year k is
    P(k <= U + T < k + 1). They add to 1.
    """
    start, end = from_months / 12, to_months / 12
    years = int(np.ceil(end + 1))
    edges = np.arange(years + 1, dtype=float)
    by_edge = (_ramp(edges - start, end - start) - _ramp(edges - start - 1, end - start)) / (
        end - start
    )
    return np.diff(by_edge)


def _ramp(z: Floats, length: float) -> Floats:
    """Return the integral of min(max(s, 0), length) up to z."""
    inside = np.clip(z, 0, length)
    area: Floats = inside**2 / 2 + length * np.clip(z - length, 0, None)
    return area
