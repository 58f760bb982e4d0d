"""Everything one model's appraisal is made from, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from schemas.digits import Digits
from schemas.prices import BENEFITS, Parameter, PriceBook, year_start
from schemas.quarter import Quarter
from schemas.trial import MODELS, Cluster, cluster_of
from tasks.costs.benefits import ExposedChildren, Valued, valued_outcomes
from tasks.costs.effect import Effect, chosen_effect
from tasks.costs.money import discount_factors
from tasks.costs.settings import CostSettings
from tasks.costs.spend import Calendar, Spend, has_spend, is_active, programme_spend

CHILDREN_NOT_KNOWN: Final = "children exposed not known, a return is missing"
"""Why an authority is left out whose referrals of some quarter are not known."""
_MONTHS: Final = 12
# Model name of outcomes that belong to no practice model.
_MONITORING: Final = "all"


@dataclass(frozen=True)
class Evidence:
    """The three tables an appraisal reads."""

    effects: DataFrame
    delivery: DataFrame
    referrals: DataFrame

    def of(self, model: str, settings: CostSettings) -> Evidence:
        """Return the rows of one model; of every model for the pooled one."""
        if model == settings.pooled:
            return self
        return Evidence(
            self.effects,
            self.delivery[self.delivery["model"].eq(model)],
            self.referrals[self.referrals["model"].eq(model)],
        )

    def of_authority(self, la_code: str) -> Evidence:
        """Return the rows of one authority; the effects stay those of its model."""
        return Evidence(
            self.effects,
            self.delivery[self.delivery["la_code"].eq(la_code)],
            self.referrals[self.referrals["la_code"].eq(la_code)],
        )


@dataclass(frozen=True)
class ModelCase:
    """One model, worked out.

    Attributes:
        model: as in the effects table.
        scopes: names a parameter may be narrowed to, narrowest first.
        calendar, factors: years, and the discount factor of each.
        children: children exposed by year.
        effects: the effect used for each outcome that can be priced.
        valued: those outcomes in declared order, with their worth.
        spend: what the programme cost.
        notes: who was left out.
        book, settings: what it was worked out with.
    """

    model: str
    scopes: tuple[str, ...]
    calendar: Calendar
    factors: Floats
    children: Floats
    effects: Mapping[str, Effect]
    valued: tuple[Valued, ...]
    spend: Spend
    notes: tuple[str, ...]
    book: PriceBook
    settings: CostSettings

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter that holds for this model or authority, where one has a value."""
        return self.book.find(name, self.scopes)


def models_of(evidence: Evidence, settings: CostSettings) -> tuple[str, ...]:
    """Return the practice models any table speaks of, in declared order, the pooled one last."""
    tables = (evidence.effects, evidence.delivery, evidence.referrals)
    named = {str(model) for table in tables for model in table["model"].dropna().unique()}
    others = sorted(named - {*MODELS, settings.pooled, _MONITORING})
    return (*(model for model in MODELS if model in named), *others, settings.pooled)


def calendar_of(evidence: Evidence, *, book: PriceBook, settings: CostSettings) -> Calendar:
    """Return the years from the first with spend, exposure or a reunification to the last benefit.

    Rows of zero do not count: reporting early must not move the year discounted to.
    """
    delivery, referrals = evidence.delivery, evidence.referrals
    spending = delivery.loc[is_active(delivery), "quarter"].unique()
    exposing = referrals.loc[referrals["children_exposed"].ne(0), "financial_year"].unique()
    spent = [Quarter.parse(str(text)).year for text in spending]
    exposed = [_start(year) for year in exposing]
    years = [*spent, *exposed] or [2019]
    first = min(years)
    if settings.first_year is not None:
        first = min(first, year_start(settings.first_year, kind="financial"))
    return Calendar(first, max(years) - first + 1 + _longest(book))


def _start(year: object) -> int:
    return year_start(str(year), kind="financial")


def _longest(book: PriceBook) -> int:
    """Return the years after referral in which the last benefit can still fall."""
    windows = [float(benefit.window_months) for benefit in BENEFITS]
    horizons = [
        parameter.value
        for parameter in book.parameters
        if parameter.id.startswith("horizon_months.") and parameter.value is not None
    ]
    return int(np.ceil(max((*windows, *horizons)) / _MONTHS)) + 1


def model_case(
    evidence: Evidence,
    *,
    model: str,
    calendar: Calendar,
    book: PriceBook,
    settings: CostSettings,
    la_code: str | None = None,
) -> ModelCase:
    """Return one model (or one of its authorities) worked out.

    Only authorities on both sides count, with spend and with referrals: a benefit without its
    cost, or a cost without its benefit, would tilt the balance. One of which the children exposed
    of some year are not known does not count either. The others are named. Where no authority
    reported spend there is no balance to tilt: benefits are shown, and no NPV.
    """
    rows = evidence.of(model, settings)
    both, left_out = _on_both_sides(rows)
    scopes = (la_code, model) if la_code else (model,)
    counted = rows.referrals[rows.referrals["la_code"].isin(both)]
    children = _children(counted, calendar, settings.children_digits)
    effects = _effects(evidence.effects, model=model, settings=settings)
    return ModelCase(
        model=model,
        scopes=scopes,
        calendar=calendar,
        factors=discount_factors(book.discount_bands, years=calendar.years),
        children=children,
        effects=effects,
        valued=valued_outcomes(
            effects, population=ExposedChildren(children, scopes), book=book, settings=settings
        ),
        spend=_spend(rows.delivery, both, children, calendar, book, settings),
        notes=(*left_out, *_carried_over(both)),
        book=book,
        settings=settings,
    )


def _effects(table: DataFrame, *, model: str, settings: CostSettings) -> dict[str, Effect]:
    return {
        benefit.outcome: chosen_effect(
            table, model=model, outcome=benefit.outcome, settings=settings
        )
        for benefit in BENEFITS
    }


def _on_both_sides(rows: Evidence) -> tuple[set[str], tuple[str, ...]]:
    spent = _codes(rows.delivery[has_spend(rows.delivery)])
    exposed = _codes(rows.referrals)
    unknown = _codes(rows.referrals[rows.referrals["children_exposed"].isna()])
    left_out = {CHILDREN_NOT_KNOWN: unknown}
    if spent:
        left_out |= {"no spend reported": exposed - spent, "no children exposed": spent - exposed}
    notes = tuple(
        f"left out, {why}: {', '.join(sorted(codes))}" for why, codes in left_out.items() if codes
    )
    return ((spent & exposed) if spent else exposed) - unknown, notes


def _codes(rows: DataFrame) -> set[str]:
    return {str(code) for code in rows["la_code"].unique()}


def _carried_over(codes: set[str]) -> tuple[str, ...]:
    """Return the caution for authorities whose children the effect was not estimated on."""
    clusters = {code: cluster_of(code) for code in codes}
    outside = sorted(code for code, cluster in clusters.items() if not _is_in_trial(cluster))
    note = f"effect carried over to authorities it was not estimated on: {', '.join(outside)}"
    return (note,) if outside else ()


def _is_in_trial(cluster: Cluster | None) -> bool:
    return cluster is not None and cluster.is_analysed


def _children(referrals: DataFrame, calendar: Calendar, digits: Digits) -> Floats:
    """Return the children exposed by year: the sum over models, each as coarse as asked for."""
    children = np.zeros(calendar.years)
    referrals = referrals[referrals["children_exposed"].ne(0)]
    counts = referrals["children_exposed"].astype("float64")
    by_model = counts.groupby([referrals["model"], referrals["financial_year"]]).sum()
    years = by_model.index.get_level_values("financial_year")
    places = np.array([_start(year) - calendar.first for year in years], dtype=int)
    np.add.at(children, places, digits.rounded(by_model))
    return children


def _spend(
    delivery: DataFrame,
    both: set[str],
    children: Floats,
    calendar: Calendar,
    book: PriceBook,
    settings: CostSettings,
) -> Spend:
    exposed = np.flatnonzero(children)
    return programme_spend(
        delivery[delivery["la_code"].isin(both)],
        exposed_to=calendar.first + int(exposed[-1] if len(exposed) else 0),
        calendar=calendar,
        deflator=book.deflator,
        settings=settings,
    )
