"""Child protection and child in need plans: one row per person and start, over all returns."""

from __future__ import annotations

from pandas import DataFrame

from tasks.histories.dates import ends_of
from tasks.histories.spans import merged, spans
from tasks.histories.versions import latest_versions


def cp_plans_once(cp_plans: DataFrame) -> DataFrame:
    """Return one row per child protection plan, in order: the latest return's word.

    Returns:
        the columns of `cp_plans`, then ends (`FOREVER` while open).
    """
    plans = latest_versions(cp_plans, key=["person_id", "cp_plan_start"])
    return plans.assign(ends=ends_of(plans["cp_plan_end"]))


def cin_plans_once(cin_plans: DataFrame) -> DataFrame:
    """Return one row per child in need plan, in order: the latest return's word."""
    return latest_versions(cin_plans, key=["person_id", "cin_plan_start"])


def days_on_plans(plans: DataFrame) -> DataFrame:
    """Return the spans in which each person was on a child protection plan, overlaps joined."""
    start = plans["cp_plan_start"].to_numpy()
    return merged(spans(plans["person_id"], start, plans["ends"].to_numpy()))
