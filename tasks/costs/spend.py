"""Programme spend of one model, by financial year, in prices of the base year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from pandas import DataFrame, Series

from schemas.arrays import Floats
from schemas.prices import Deflator, financial_year
from schemas.quarter import Quarter
from tasks.costs.money import rebase_factor
from tasks.costs.settings import CostSettings

SET_UP: Final = ("spend_set_up_gbp",)
RUNNING: Final = ("spend_staff_gbp", "spend_training_gbp", "spend_other_running_gbp")
RETURNED: Final = "reunifications"

_Flags: TypeAlias = "Series[bool]"


@dataclass(frozen=True)
class Calendar:
    """Financial years of the analysis; year 0 is the one everything is discounted to.

    Attributes:
        first: calendar year in which year 0 begins.
        years: how many years the flows run over.
    """

    first: int
    years: int

    def name(self, year: int) -> str:
        """Return the financial year `year` years after year 0."""
        return financial_year(self.first + year)


@dataclass(frozen=True)
class Spend:
    """What the programme cost.

    Attributes:
        set_up, running: by year of the calendar, prices of the base year.
        reported, expected: authority-quarters with spend, and those that should have some.
        notes: what is missing, in words.
        reason: why no cost can be given; empty when one can.
    """

    set_up: Floats
    running: Floats
    reported: int
    expected: int
    notes: tuple[str, ...]
    reason: str

    @property
    def by_year(self) -> Floats:
        """Set-up and running spend together."""
        return self.set_up + self.running


def programme_spend(
    delivery: DataFrame,
    *,
    exposed_to: int,
    calendar: Calendar,
    deflator: Deflator,
    settings: CostSettings,
) -> Spend:
    """Return set-up and running spend by year, with what is missing said.

    Spend is expected of each authority from the first quarter it reported to the last quarter of
    the last year with children exposed, the one that begins in `exposed_to`. A missing quarter or
    cell counts as nothing, so the cost is then a lower bound. Training counts as running spend.
    """
    quarters = [Quarter.parse(text) for text in delivery["quarter"].astype(str)]
    amounts = _cells(delivery, (*SET_UP, *RUNNING)).fillna(0).sum(axis=1)
    spans = {quarter.year for quarter, gbp in zip(quarters, amounts, strict=True) if gbp}
    reason = _why_no_cost(spans, deflator, is_reported=bool(has_spend(delivery).any()))
    real = _zeros(calendar) if reason else _factors(spans, calendar, deflator, settings)
    cash_set_up = _by_year(delivery, SET_UP, quarters, calendar)
    cash_running = _by_year(delivery, RUNNING, quarters, calendar)
    reported, expected = _authority_quarters(delivery, quarters, exposed_to)
    return Spend(
        set_up=settings.spend_digits.rounded(cash_set_up * real),
        running=settings.spend_digits.rounded(cash_running * real),
        reported=reported,
        expected=expected,
        notes=(*_missing_quarters(reported, expected), *_missing_cells(delivery)),
        reason=reason,
    )


def has_spend(delivery: DataFrame) -> _Flags:
    """Return, per row, whether it reports any spend; a zero is spend, an empty cell is not."""
    return _cells(delivery, (*SET_UP, *RUNNING)).notna().any(axis=1)


def is_active(delivery: DataFrame) -> _Flags:
    """Return, per row, whether it reports money spent or children returned home."""
    return _cells(delivery, (*SET_UP, *RUNNING, RETURNED)).fillna(0).ne(0).any(axis=1)


def _why_no_cost(spans: set[int], deflator: Deflator, *, is_reported: bool) -> str:
    if not is_reported:
        return "no spend reported in programme_delivery"
    names = [financial_year(year) for year in sorted(spans)]
    beyond = [name for name in names if not deflator.covers(name, kind="financial")]
    if beyond:
        why = deflator.why_not(beyond[0], kind="financial")
        return f"spend of {', '.join(beyond)} cannot be rebased: {why.rstrip('.')}"
    return ""


def _zeros(calendar: Calendar) -> Floats:
    return np.zeros(calendar.years)


def _factors(
    spans: set[int], calendar: Calendar, deflator: Deflator, settings: CostSettings
) -> Floats:
    factors = _zeros(calendar)
    for year in spans:
        factors[year - calendar.first] = rebase_factor(
            deflator,
            year=financial_year(year),
            kind="financial",
            base_year=settings.base_year,
            base_kind=settings.base_year_kind,
        )
    return factors


def _by_year(
    delivery: DataFrame, columns: Iterable[str], quarters: list[Quarter], calendar: Calendar
) -> Floats:
    cash = _zeros(calendar)
    places = np.array([quarter.year - calendar.first for quarter in quarters], dtype=int)
    amounts = _cells(delivery, columns).fillna(0).sum(axis=1).to_numpy(dtype=float)
    # Rows of zero may lie outside the calendar, which begins with the first pound or child.
    np.add.at(cash, places[amounts != 0], amounts[amounts != 0])
    return cash


def _cells(delivery: DataFrame, columns: Iterable[str]) -> DataFrame:
    return delivery[list(columns)].astype("float64")


def _authority_quarters(
    delivery: DataFrame, quarters: list[Quarter], exposed_to: int
) -> tuple[int, int]:
    given = has_spend(delivery)
    held: dict[str, set[int]] = {}
    for la_code, quarter, is_given in zip(delivery["la_code"], quarters, given, strict=True):
        if is_given:
            held.setdefault(str(la_code), set()).add(quarter.index)
    last = Quarter(exposed_to, 4).index
    spans = [max(last, max(indices)) - min(indices) + 1 for indices in held.values()]
    return sum(len(indices) for indices in held.values()), sum(spans)


def _missing_quarters(reported: int, expected: int) -> tuple[str, ...]:
    if reported == expected:
        return ()
    return (
        f"spend missing for {expected - reported} of {expected} authority-quarters: "
        "cost is at least this",
    )


def _missing_cells(delivery: DataFrame) -> tuple[str, ...]:
    cells = _cells(delivery, (*SET_UP, *RUNNING))
    partly = cells[has_spend(delivery)].isna().sum()
    return tuple(
        f"{name} empty in {count} rows, counted as nothing"
        for name, count in partly.items()
        if count
    )
