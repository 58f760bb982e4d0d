"""Being referred again."""

from __future__ import annotations

from pandas import DataFrame

from schemas.arrays import Flags
from schemas.outcomes.outcome import Outcome
from schemas.outcomes.referrals import REREFERRAL_FACTORS, REREFERRAL_WITHIN_MONTHS
from tasks.histories.care import is_in
from tasks.histories.cohort import of_children
from tasks.histories.dates import months_after
from tasks.histories.history import History
from tasks.histories.referrals import earlier_referral
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import (
    by_quarter,
    children_flagged,
    counts_by_quarter,
    every_child,
    window_ends,
)


@measure_of("rereferral_factors_18m")
def rereferral_factors_18m(history: History, outcome: Outcome) -> DataFrame:
    """Return of each child with a named factor whether it was referred again in the window.

    The factor stands in an assessment under the cohort referral; the other referral falls in
    (referral, window end].
    """
    named = has_named_factor(history)
    ours = of_children(history.referrals[["person_id", "referral_date"]], children=history.children)
    child, again = ours["child"].to_numpy(), ours["referral_date"].to_numpy()
    ends = window_ends(history, outcome)[child]
    inside = (again > ours["referred"].to_numpy()) & (again <= ends)
    return every_child(history, children_flagged(history, child[inside]) & named, named)


def has_named_factor(history: History) -> Flags:
    """Return which children have a named factor in an assessment under the cohort referral."""
    factors = history.tables["assessment_factors"]
    named = factors[is_in(factors, "factor_code", REREFERRAL_FACTORS)]
    ours = of_children(named, children=history.children)
    under = ours["referral_date"].to_numpy() == ours["referred"].to_numpy()
    return children_flagged(history, ours["child"].to_numpy()[under])


@measure_of("rereferral_12m")
def rereferral_12m(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the referrals with an earlier one in [day - 12 months, day), over all."""
    dates = history.referrals["referral_date"].to_numpy()
    since = months_after(dates, -REREFERRAL_WITHIN_MONTHS)
    repeated = earlier_referral(history.referrals) >= since
    return by_quarter(
        counts_by_quarter(history, dates[repeated]), counts_by_quarter(history, dates)
    )
