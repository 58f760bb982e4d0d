"""The cohort of a trial: one row per child, with covariates and exposure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from pandas import NA, DataFrame, Index, Series, array

from schemas.arrays import Flags
from schemas.derived import NO_DISABILITY, NOT_STATED, UASC_FACTOR
from schemas.outcomes.care import FOLLOW_UP_MONTHS
from schemas.trial import Window, wedge_starts
from tasks.histories.dates import (
    ONE_DAY,
    Days,
    day64,
    months_after,
    quarter_indexes,
    quarter_names,
)
from tasks.histories.spans import starts_new

DAYS_IN_A_QUARTER = 365.25 / 4


def cohort_children(referrals: DataFrame, periods: DataFrame, *, window: Window) -> DataFrame:
    """Return the children of the cohort, by their first referral inside the model's window.

    The first referral is found first, then the age range is applied to it. A child not yet born
    counts where the model includes the unborn. A child with any period of care that started before
    the referral is left out; one that starts on the day itself is an outcome.

    Args:
        referrals: one per person and day, in order.
        periods: as `periods_of_care` returns them.
        window: whom the model takes in.

    Returns:
        person_id, referral_date, when, age_at_referral, is_unborn, is_nfa, first_care (first day of
        the first period of care, missing without one).
    """
    first = first_referrals(referrals, window=window)
    known = first.assign(first_care=first_care(first, periods))
    in_care_before = known["first_care"] < known["referral_date"]
    return known[is_of_age(known, window=window) & ~in_care_before].reset_index(drop=True)


def first_referrals(referrals: DataFrame, *, window: Window) -> DataFrame:
    """Return each person's first referral inside the window, both ends included."""
    dates = referrals["referral_date"].to_numpy()
    inside = (dates >= day64(window.referral_from)) & (dates <= day64(window.referral_to))
    places = np.flatnonzero(inside)
    first = starts_new(referrals["person_id"].to_numpy()[places])
    return referrals.iloc[places[first]].reset_index(drop=True)


def is_of_age(referrals: DataFrame, *, window: Window) -> Flags:
    """Return which children are in the model's age range at referral; unknown ages are not."""
    age = referrals["age_at_referral"].to_numpy(dtype=np.float64)
    unborn = unborn_at_referral(referrals)
    born_in_range = ~unborn & (age >= window.age_from) & (age <= window.age_to)
    return born_in_range | (unborn & window.include_unborn)


def unborn_at_referral(referrals: DataFrame) -> Flags:
    """Return which children were not yet born at referral; a date of birth after it says so too."""
    age = referrals["age_at_referral"].to_numpy(dtype=np.float64)
    return referrals["is_unborn"].to_numpy(dtype=np.bool_, na_value=False) | (age < 0)


def first_care(children: DataFrame, periods: DataFrame) -> Days:
    """Return the first day each child was ever looked after; missing where it never was."""
    person = periods["person_id"].to_numpy()
    first = starts_new(person)
    place = Index(person[first]).get_indexer(children["person_id"].to_numpy())
    never = np.array(["NaT"], dtype="datetime64[s]")
    starts: Days = np.concatenate([periods["period_start"].to_numpy()[first], never])[place]
    return starts


def of_children(rows: DataFrame, *, children: DataFrame) -> DataFrame:
    """Return the rows of a table that are about children of the cohort.

    Returns:
        the table's columns, then child (row of the child in `children`) and referred (the day of
        its cohort referral).
    """
    child = Index(children["person_id"].to_numpy()).get_indexer(rows["person_id"].to_numpy())
    about = np.flatnonzero(child >= 0)
    child = child[about]
    ours: DataFrame = rows.iloc[about]
    return ours.assign(child=child, referred=children["referral_date"].to_numpy()[child])


def exposure_at_referral(children: DataFrame, *, model: str, go_live: date | None) -> DataFrame:
    """Return when each child was referred in the life of the trial, and whether after going live.

    Intention to treat by day of referral: a child referred on the day the authority went live, or
    later, is exposed. Without a day of going live exposure is not known, and no one has been
    exposed for half of the follow-up.

    Returns:
        cohort_quarter, wedge, exposed, exposure_quarters, half_follow_up_exposed, row by row.
    """
    referred = children["referral_date"].to_numpy()
    live = np.datetime64("NaT", "s") if go_live is None else day64(go_live)
    starts = np.array([day64(start) for start in wedge_starts(model)], dtype="datetime64[s]")
    return DataFrame(
        {
            "cohort_quarter": Series(quarter_names(quarter_indexes(referred)), dtype="str"),
            "wedge": np.searchsorted(starts, referred, side="right"),
            "exposed": array(referred >= live, dtype="boolean") if go_live else NA,
            "exposure_quarters": np.maximum((referred - live) / ONE_DAY, 0) / DAYS_IN_A_QUARTER,
            "half_follow_up_exposed": _half_exposed(referred, live),
        }
    ).astype({"exposed": "boolean"})


def _half_exposed(referred: Days, live: np.datetime64) -> Flags:
    end = months_after(referred, FOLLOW_UP_MONTHS)
    since: Days = np.maximum(referred, live)
    halves: Flags = (end - since) / ONE_DAY * 2 >= (end - referred) / ONE_DAY
    return halves


def covariates(
    children: DataFrame, *, people: DataFrame, tables: Mapping[str, DataFrame], plans: DataFrame
) -> DataFrame:
    """Return what is known of each child before the model could act, row by row.

    Sex and ethnic group as last stated. Disabled when any census names a disability, missing when
    none says anything. A previous plan is one that started before the referral, or that the
    authority counts before the first plan after it. An unaccompanied asylum-seeking child is in the
    authority's UASC file, or has factor 9A in an assessment under the cohort referral.

    Returns:
        age_at_referral, is_unborn, sex, ethnicity_group, is_disabled, has_previous_plan, is_uasc,
        is_nfa.
    """
    known = people.reindex(children["person_id"])
    return DataFrame(
        {
            "age_at_referral": children["age_at_referral"].where(~unborn_at_referral(children)),
            "is_unborn": unborn_at_referral(children),
            "sex": known["sex"].fillna(NOT_STATED).array,
            "ethnicity_group": known["ethnicity_group"].fillna(NOT_STATED).array,
            "is_disabled": is_disabled(children, tables["cin_disabilities"]),
            "has_previous_plan": has_previous_plan(children, plans),
            "is_uasc": is_uasc(children, tables["uasc"], tables["assessment_factors"]),
            "is_nfa": children["is_nfa"].astype("boolean"),
        }
    )


def is_disabled(children: DataFrame, disabilities: DataFrame) -> Series[bool]:
    """Return whether a disability is named; missing where no census says anything."""
    stated = disabilities[disabilities["disability_code"].notna().to_numpy()]
    named = stated[(stated["disability_code"] != NO_DISABILITY).to_numpy()]
    said = Series(children["person_id"].isin(stated["person_id"]).to_numpy())
    return children["person_id"].isin(named["person_id"]).astype("boolean").where(said)


def has_previous_plan(children: DataFrame, plans: DataFrame) -> Flags:
    """Return which children had a child protection plan before the cohort referral."""
    ours = of_children(plans, children=children)
    before = ours["cp_plan_start"] < ours["referred"]
    since = ours[~before]
    first_since = since[starts_new(since["child"].to_numpy())]
    counted = first_since[first_since["previous_cp_plan_count"] >= 1]
    had = np.zeros(len(children), dtype=np.bool_)
    had[ours["child"][before]] = True
    had[counted["child"]] = True
    return had


def is_uasc(children: DataFrame, uasc: DataFrame, factors: DataFrame) -> Flags:
    """Return which children sought asylum unaccompanied."""
    found = children["person_id"].isin(uasc["person_id"]).to_numpy().copy()
    ours = of_children(factors, children=children)
    seen = (ours["factor_code"] == UASC_FACTOR) & (ours["referral_date"] == ours["referred"])
    found[ours["child"][seen]] = True
    return found
