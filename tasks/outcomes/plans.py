"""Child protection plans: coming back to one, days on one, starting one."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.arrays import Flags
from schemas.outcomes.outcome import Outcome
from schemas.outcomes.plans import (
    PLAN_CENSORED_AT_MONTHS,
    PLAN_STARTS_WITHIN_MONTHS,
    REPEAT_PLAN_WITHIN_MONTHS,
)
from tasks.histories.cohort import of_children
from tasks.histories.dates import ONE_DAY, Counts, Days, days_of, months_after
from tasks.histories.history import History
from tasks.histories.plans import days_on_plans
from tasks.histories.spans import days_within
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import (
    by_child,
    by_quarter,
    children_flagged,
    children_resident,
    counts_by_quarter,
    every_child,
    window_ends,
)


@measure_of("return_after_cpp_36m")
def return_after_cpp_36m(history: History, outcome: Outcome) -> DataFrame:
    """Return of each child whose plan ended in the window whether it came back.

    The first end in [referral, window end] counts, unless the child is looked after on that day.
    It came back with a child protection plan, a child in need plan or a period of care that starts
    after that day and by the end of the window.
    """
    ended = first_plan_ends(history, outcome)
    counts = ~np.isnat(ended) & ~is_looked_after(history, ended)
    starts = (
        (history.cp_plans, "cp_plan_start"),
        (history.cin_plans, "cin_plan_start"),
        (history.periods, "period_start"),
    )
    came_back = np.zeros(len(ended), dtype=np.bool_)
    for table, start in starts:
        came_back |= starts_within(
            history, table[["person_id", start]], after=ended, outcome=outcome
        )
    return every_child(history, came_back & counts, counts)


def first_plan_ends(history: History, outcome: Outcome) -> Days:
    """Return when each child's plan first ended in the window; missing where none did."""
    ours = of_children(history.cp_plans, children=history.children)
    end = ours["ends"]
    by_window_end = end.to_numpy() <= window_ends(history, outcome)[ours["child"].to_numpy()]
    inside = ours[(end >= ours["referred"]) & by_window_end]
    first = inside.groupby("child")["ends"].min()
    return days_of(first.reindex(history.children.index))


def is_looked_after(history: History, day: Days) -> Flags:
    """Return which child of the cohort is looked after on its own day; not where it is missing."""
    ours = of_children(history.looked_after, children=history.children)
    child = ours["child"].to_numpy()
    inside = (ours["start"].to_numpy() <= day[child]) & (day[child] < ours["end"].to_numpy())
    return children_flagged(history, child[inside])


def starts_within(history: History, rows: DataFrame, *, after: Days, outcome: Outcome) -> Flags:
    """Return which child has something that starts after its own day and by its window's end."""
    ours = of_children(rows, children=history.children)
    child, start = ours["child"].to_numpy(), ours.iloc[:, 1].to_numpy()
    inside = (start > after[child]) & (start <= window_ends(history, outcome)[child])
    return children_flagged(history, child[inside])


@measure_of("cpp_days_24m", "cpp_days_24m_median")
def cpp_days_24m(history: History, outcome: Outcome) -> DataFrame:
    """Return the days on each plan that starts in [referral, referral + 12 months].

    One row per plan. Days are cut at 24 months; a plan still open runs to the cut.
    """
    ours = of_children(history.cp_plans, children=history.children)
    start, referred = ours["cp_plan_start"].to_numpy(), ours["referred"].to_numpy()
    soon = (start >= referred) & (start <= months_after(referred, PLAN_STARTS_WITHIN_MONTHS))
    cut = np.minimum(ours["ends"].to_numpy(), months_after(start, PLAN_CENSORED_AT_MONTHS))
    days = np.maximum((cut - start) / ONE_DAY, 0)
    return by_child(ours["child"].to_numpy()[soon], days[soon], 1)


@measure_of("cpp_days_36m")
def cpp_days_36m(history: History, outcome: Outcome) -> DataFrame:
    """Return per child the days on any plan in [referral, window end), overlaps counted once."""
    ours = of_children(days_on_plans(history.cp_plans), children=history.children)
    child = ours["child"].to_numpy()
    ends = window_ends(history, outcome)[child]
    days = days_within(ours, first=ours["referred"].to_numpy(), end=ends)
    return every_child(history, np.bincount(child, days, minlength=len(history.children)))


@measure_of("cpp_start_rate")
def cpp_start_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the plans that start in it, over resident children."""
    return by_quarter(_starts(history), children_resident(history))


@measure_of("repeat_cpp")
def repeat_cpp(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the plans that start, and those the authority counts as not the first."""
    again = (history.cp_plans["previous_cp_plan_count"] >= 1).to_numpy()
    return by_quarter(_starts(history, again), _starts(history))


@measure_of("repeat_cpp_24m")
def repeat_cpp_24m(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the plans that start, and those of a child with one ended not long before.

    The earlier plan ended in [start - 24 months, start].
    """
    return by_quarter(_starts(history, ended_before(history.cp_plans)), _starts(history))


def ended_before(plans: DataFrame) -> Flags:
    """Return which plan follows an earlier one of the person that ended in the 24 months before."""
    numbered = plans.assign(plan=np.arange(len(plans)))
    pairs = numbered.merge(plans[["person_id", "cp_plan_start", "ends"]], on="person_id")
    start, ended = pairs["cp_plan_start_x"].to_numpy(), pairs["ends_y"].to_numpy()
    earlier = pairs["cp_plan_start_y"].to_numpy() < start
    recent = (ended >= months_after(start, -REPEAT_PLAN_WITHIN_MONTHS)) & (ended <= start)
    found = np.zeros(len(plans), dtype=np.bool_)
    found[pairs["plan"].to_numpy()[earlier & recent]] = True
    return found


def _starts(history: History, which: Flags | slice = slice(None)) -> Counts:
    return counts_by_quarter(history, history.cp_plans["cp_plan_start"].to_numpy()[which])
