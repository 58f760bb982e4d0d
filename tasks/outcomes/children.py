"""The cohort table of the trial analysis: covariates, exposure and outcomes of each child."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame, concat

from schemas.arrays import Flags, Floats
from schemas.derived import COHORT
from schemas.outcomes import COHORT_OUTCOMES, OUTCOMES, PRIMARY_OUTCOME
from schemas.outcomes.care import FOLLOW_UP_MONTHS
from schemas.outcomes.outcome import Outcome
from schemas.trial import go_live_of
from tasks.histories.cohort import covariates, exposure_at_referral
from tasks.histories.dates import ONE_DAY, months_after, quarter_indexes
from tasks.histories.history import History
from tasks.outcomes.maturity import Covered, why_not_known


def cohort_table(
    history: History, units: Mapping[str, DataFrame], *, covered: Covered
) -> DataFrame:
    """Return one row per child of the cohort, with the columns of `COHORT`.

    An outcome is missing for a child whose quarter is not mature, and for one it does not apply to.
    """
    children = history.children
    measured = {
        name: child_values(history, name, units, covered=covered) for name in COHORT_OUTCOMES
    }
    model = history.model or ""
    known = covariates(
        children, people=history.people, tables=history.tables, plans=history.cp_plans
    )
    parts = [
        children[["person_id", "referral_date"]],
        exposure_at_referral(children, model=model, go_live=go_live_of(history.la_code)),
        known,
        time_at_risk(history, covered=covered),
        DataFrame(measured, index=children.index),
    ]
    named = concat(parts, axis=1).assign(la_code=history.la_code, model=model)
    return named[[column.name for column in COHORT.columns]]


def child_values(
    history: History, name: str, units: Mapping[str, DataFrame], *, covered: Covered
) -> Floats:
    """Return one outcome of each child: its numerators over its denominators."""
    size = len(history.children)
    if name not in units:
        return np.full(size, np.nan)
    mine = units[name]
    numerator = np.bincount(mine["child"], mine["numerator"], minlength=size)
    denominator = np.bincount(mine["child"], mine["denominator"], minlength=size)
    given = (denominator > 0) & is_mature(history, OUTCOMES[name], covered=covered)
    values: Floats = np.divide(numerator, denominator, out=np.full(size, np.nan), where=given)
    return values


def is_mature(history: History, outcome: Outcome, *, covered: Covered) -> Flags:
    """Return for which children of the cohort the outcome may be given."""
    quarters = quarter_indexes(history.children["referral_date"].to_numpy())
    distinct, place = np.unique(quarters, return_inverse=True)
    why = [why_not_known(outcome, quarter, covered=covered) for quarter in distinct.tolist()]
    return np.array([reason is None for reason in why], dtype=np.bool_)[place]


def time_at_risk(history: History, *, covered: Covered) -> DataFrame:
    """Return days to the first period of care, and days at risk of it within the follow-up."""
    referred = history.children["referral_date"].to_numpy()
    entry = (history.children["first_care"].to_numpy() - referred) / ONE_DAY
    whole = (months_after(referred, FOLLOW_UP_MONTHS) - referred) / ONE_DAY
    mature = is_mature(history, OUTCOMES[PRIMARY_OUTCOME], covered=covered)
    at_risk = np.where(mature, np.fmin(entry, whole), np.nan)
    return DataFrame({"entry_days": entry, "time_at_risk_days": at_risk})
