"""Child protection plans as days."""

from __future__ import annotations

from pandas import DataFrame

from tasks.histories.spans import merged, spans


def days_on_plans(plans: DataFrame) -> DataFrame:
    """Return the spans in which each person was on a child protection plan, overlaps joined.

    Args:
        plans: rows as `settled` returns them.
    """
    start = plans["cp_plan_start"].to_numpy()
    return merged(spans(plans["person_id"], start, plans["ends"].to_numpy()))
