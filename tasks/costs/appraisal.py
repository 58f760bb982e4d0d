"""The cost-benefit analysis of every model, from three tables and a price book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd
from pandas import DataFrame

from schemas.prices import PriceBook
from tasks.costs import reunification, tables
from tasks.costs.case import Evidence, ModelCase, calendar_of, model_case, models_of
from tasks.costs.draws import draws_of
from tasks.costs.measures import count_rows, view_rows
from tasks.costs.row import COST_COLUMNS, CostRow
from tasks.costs.settings import CostSettings
from tasks.costs.trace import INPUT_COLUMNS, inputs_of
from tasks.costs.view import VIEWS, WITH_COSTS, View, view_of

# Digits that survive a change of processor or library; beyond them bytes would differ for nothing.
SIGNIFICANT_DIGITS: Final = 10


@dataclass(frozen=True)
class CostResult:
    """Everything one run gives.

    Attributes:
        table: results, columns as `sfp costs`.
        by_authority: the same with la_code first, for authorities that agreed to it.
        inputs: every value used, per model, and where it came from.
        tornado: NPV with one variable at P10 and P90.
        draws: distribution of NPV, one row per model and perspective.
        acceptability: probability of paying at each value of a child kept from care.
        plane: the first draws as points of the cost-effectiveness plane.
        by_year: cost, benefit and discounted balance by year.
        reunification: children returned and still home, and what their care would have cost.
    """

    table: DataFrame
    by_authority: DataFrame
    inputs: DataFrame
    tornado: DataFrame
    draws: DataFrame
    acceptability: DataFrame
    plane: DataFrame
    by_year: DataFrame
    reunification: DataFrame


def cost_benefit(
    effects: DataFrame,
    delivery: DataFrame,
    referrals: DataFrame,
    *,
    prices: PriceBook,
    settings: CostSettings,
) -> CostResult:
    """Return costs and benefits per model, pooled, and per authority that agreed to it.

    An outcome without an estimate, a price or a parameter gives a row that says so and no number.

    Args:
        effects: columns as `sfp effects`.
        delivery: la_code, model, quarter and the columns of `programme_delivery`.
        referrals: model, la_code, financial_year, children_exposed.
        prices: declared, with any override already in it.
        settings: seed, base year and the like.
    """
    evidence = Evidence(effects, delivery, referrals)
    calendar = calendar_of(evidence, book=prices, settings=settings)
    cases = [
        model_case(evidence, model=model, calendar=calendar, book=prices, settings=settings)
        for model in models_of(evidence, settings)
    ]
    parts = _Parts()
    for case in cases:
        _add_case(parts, case)
    savings = reunification.reunification_savings(
        delivery, calendar=calendar, book=prices, settings=settings
    )
    return _result(parts, _authority_rows(evidence, cases), savings)


class _Parts:
    """Records gathered case by case, by table."""

    def __init__(self) -> None:
        self.rows: list[CostRow] = []
        self.inputs: list[dict[str, Any]] = []
        self.tornado: list[tables.Record] = []
        self.draws: list[tables.Record] = []
        self.acceptability: list[tables.Record] = []
        self.plane: list[tables.Record] = []
        self.by_year: list[tables.Record] = []


def _add_case(parts: _Parts, case: ModelCase) -> None:
    parts.rows.extend(count_rows(case))
    parts.inputs.extend(asdict(entry) for entry in inputs_of(case))
    for perspective in VIEWS:
        _add_view(parts, view_of(case, perspective))


def _add_view(parts: _Parts, view: View) -> None:
    draws = draws_of(view)
    parts.rows.extend(view_rows(view, draws))
    if not view.reason and view.perspective in WITH_COSTS:
        parts.tornado.extend(tables.tornado_records(view))
    if not view.reason and not view.why_no_interval and view.perspective in WITH_COSTS:
        parts.draws.append(tables.draws_record(view, draws))
        parts.acceptability.extend(tables.acceptability_records(view, draws))
        parts.plane.extend(tables.plane_records(view, draws))
    if not view.reason:
        parts.by_year.extend(tables.year_records(view))


def _authority_rows(evidence: Evidence, cases: Iterable[ModelCase]) -> list[tuple[str, CostRow]]:
    """Return the results of each consenting authority: its children and spend, its model's effect.

    No effect is estimated for one authority.
    """
    found: list[tuple[str, CostRow]] = []
    for case in cases:
        rows = evidence.of(case.model, case.settings).referrals
        held = {str(code) for code in rows["la_code"].unique()}
        codes = sorted(held & set(case.settings.consenting))
        for la_code in codes if case.model != case.settings.pooled else ():
            found.extend((la_code, row) for row in _of_authority(evidence, case, la_code))
    return found


def _of_authority(evidence: Evidence, case: ModelCase, la_code: str) -> list[CostRow]:
    own = model_case(
        evidence.of_authority(la_code),
        model=case.model,
        calendar=case.calendar,
        book=case.book,
        settings=case.settings,
        la_code=la_code,
    )
    views = [view_of(own, perspective) for perspective in VIEWS]
    return [*count_rows(own), *(row for view in views for row in view_rows(view, draws_of(view)))]


def _result(
    parts: _Parts, by_authority: list[tuple[str, CostRow]], savings: DataFrame
) -> CostResult:
    authority_records = [{"la_code": la_code, **asdict(row)} for la_code, row in by_authority]
    return CostResult(
        table=_frame([asdict(row) for row in parts.rows], COST_COLUMNS),
        by_authority=_frame(authority_records, ("la_code", *COST_COLUMNS)),
        inputs=_frame(parts.inputs, INPUT_COLUMNS),
        tornado=_frame(parts.tornado, tables.TORNADO),
        draws=_frame(parts.draws, tables.DRAWS),
        acceptability=_frame(parts.acceptability, tables.ACCEPTABILITY),
        plane=_frame(parts.plane, tables.PLANE),
        by_year=_frame(parts.by_year, tables.BY_YEAR),
        reunification=_rounded(savings),
    )


def _frame(records: list[dict[str, Any]], columns: tuple[str, ...]) -> DataFrame:
    return _rounded(DataFrame(records, columns=list(columns)))


def _rounded(table: DataFrame) -> DataFrame:
    """Return the table with every float cut to the digits that are the same on every machine."""
    numbers = {
        str(name): table[name].map(_ten_digits) for name in table.select_dtypes("float64").columns
    }
    return table.assign(**numbers)


def _ten_digits(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def as_csv(table: DataFrame) -> str:
    """Return a table as CSV text: numbers to ten significant digits, blank where there is none."""
    text = table.astype({str(name): "object" for name in table.select_dtypes("float64").columns})
    return text.map(_cell).to_csv(index=False, lineterminator="\n")


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.{SIGNIFICANT_DIGITS}g}"
    return value
