"""Units into figures: one number per outcome and quarter, with whether it stands."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from schemas.outcomes.outcome import FigureStatus, Outcome, OutcomeKind, Statistic
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.trial import Window, windows
from tasks.histories.dates import Counts, quarter_indexes
from tasks.histories.history import History
from tasks.outcomes.maturity import Covered, reason_of
from tasks.outcomes.units import by_quarter

FOURTH = 4
_UNKNOWN = FigureStatus.NOT_KNOWN


def applies(history: History, outcome: Outcome) -> bool:
    """Return whether an authority has the outcome: cohort outcomes belong to practice models."""
    if outcome.kind is not OutcomeKind.COHORT:
        return True
    return history.model is not None and history.model in (outcome.models or (history.model,))


def quarters_reported(history: History, outcome: Outcome) -> Counts:
    """Return the quarters, of those asked about, that the outcome has a row for.

    Cohort outcomes: those that overlap the model's referral window. Annual ones: fourth quarters.
    """
    quarters = [Quarter.from_index(index) for index in history.quarters.tolist()]
    if outcome.kind is OutcomeKind.COHORT and history.model is not None:
        quarters = [one for one in quarters if _overlaps(one, windows()[history.model])]
    if outcome.kind is OutcomeKind.ANNUAL:
        quarters = [one for one in quarters if one.number == FOURTH]
    return np.array([one.index for one in quarters], dtype=np.int64)


def _overlaps(quarter: Quarter, window: Window) -> bool:
    return quarter.start <= window.referral_to and quarter.last_day >= window.referral_from


def sums_by_quarter(
    history: History, outcome: Outcome, units: DataFrame, *, quarters: Counts
) -> DataFrame:
    """Return numerator and denominator of each quarter reported, in order."""
    if outcome.kind is not OutcomeKind.COHORT:
        reported: DataFrame = units.iloc[quarters - history.quarters[0]]
        return reported.reset_index(drop=True)
    referred = _quarters_of_referral(history, units)
    # A child referred inside the window but before anything was sent belongs to no row here.
    reported_here = np.isin(referred, quarters)
    place, counted = np.searchsorted(quarters, referred[reported_here]), units[reported_here]
    size = len(quarters)
    numerator = np.bincount(place, counted["numerator"], minlength=size)
    return by_quarter(numerator, np.bincount(place, counted["denominator"], minlength=size))


def medians(history: History, units: DataFrame, *, quarters: Counts) -> Floats:
    """Return the median over units of each quarter reported, in order; missing without units."""
    by_referral = units["numerator"].groupby(_quarters_of_referral(history, units))
    return by_referral.median().reindex(quarters).to_numpy()


def _quarters_of_referral(history: History, units: DataFrame) -> Counts:
    referred = history.children["referral_date"].to_numpy()
    quarters: Counts = quarter_indexes(referred)[units["child"].to_numpy()]
    return quarters


def outcome_figures(
    history: History, outcome: Outcome, units: DataFrame, *, covered: Covered
) -> DataFrame:
    """Return one outcome's figures, one row per quarter reported.

    A figure is `x`, and empty, when it is not mature or something it is made of was not sent; `z`,
    with zeros and no value, when there was no one to count. A median never has a numerator.

    Returns:
        quarter (`Quarter.index`), numerator, denominator, value, status, reason (empty where the
        figure is given and there is nothing to say of it).
    """
    quarters = quarters_reported(history, outcome)
    found = sums_by_quarter(history, outcome, units, quarters=quarters)
    numerator, denominator = found["numerator"].to_numpy(), found["denominator"].to_numpy()
    said = [reason_of(outcome, quarter, covered=covered) for quarter in quarters.tolist()]
    known = np.array([one is None or one.goes_with_a_figure for one in said], dtype=np.bool_)
    reason = np.array([one or "" for one in said], dtype=np.str_)
    there = ~np.isnan(numerator + denominator)
    stands = known & there
    counts = stands & (denominator > 0)
    value = np.divide(numerator, denominator, out=np.full(len(quarters), np.nan), where=counts)
    if outcome.statistic is Statistic.MEDIAN:
        numerator = np.full(len(quarters), np.nan)
        value = medians(history, units, quarters=quarters)
    return DataFrame(
        {
            "quarter": quarters,
            "numerator": np.where(stands, numerator, np.nan),
            "denominator": np.where(stands, denominator, np.nan),
            "value": np.where(counts, value * outcome.scale, np.nan),
            "status": np.select(
                [counts, stands], [FigureStatus.OK, FigureStatus.NOT_APPLICABLE], _UNKNOWN
            ),
            "reason": np.select(
                [counts, stands & (reason == ""), stands, known],
                [reason, FigureReason.NO_ONE_TO_COUNT, reason, FigureReason.NUMBER_NOT_SENT],
                reason,
            ),
        }
    )
