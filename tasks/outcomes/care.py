"""Becoming looked after, and for how long."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.outcomes import Outcome
from tasks.cohort import of_children
from tasks.outcomes.dates import Counts, Days, Flags, last_days, months_after
from tasks.outcomes.history import History
from tasks.outcomes.spans import days_within, on_days
from tasks.outcomes.units import by_quarter, children_resident, counted, counted_at, every_child


def window_ends(history: History, outcome: Outcome) -> Days:
    """Return the last day of each child's window, on which events still count."""
    return months_after(history.children["referral_date"].to_numpy(), outcome.window_months or 0)


def entered(history: History, outcome: Outcome) -> Flags:
    """Return which children started to be looked after inside the window."""
    first = history.children["first_care"].to_numpy()
    inside: Flags = first <= window_ends(history, outcome)
    return inside


def cla(history: History, outcome: Outcome) -> DataFrame:
    """Return per child whether the first period of care starts in [referral, window end]."""
    return every_child(history, entered(history, outcome))


def days(history: History, outcome: Outcome) -> Counts:
    """Return per child the days looked after in [referral, window end), overlaps counted once."""
    ours = of_children(history.looked_after, children=history.children)
    child = ours["child"].to_numpy()
    ends = window_ends(history, outcome)[child]
    inside = days_within(ours, first=ours["referred"].to_numpy(), end=ends)
    return np.bincount(child, inside, minlength=len(history.children)).astype(np.int64)


def days_in_care(history: History, outcome: Outcome) -> DataFrame:
    """Return per child the days looked after inside the window; 0 for one never looked after."""
    return every_child(history, days(history, outcome))


def days_in_care_entered(history: History, outcome: Outcome) -> DataFrame:
    """Return per child the days looked after, the denominator being those who entered care.

    An entry on the last day of the window is an entry with no days.
    """
    return every_child(history, days(history, outcome), entered(history, outcome))


def looked_after_counts(history: History) -> Counts:
    """Return how many persons are looked after on the last day of each quarter."""
    spans = history.looked_after
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    return counted_at(history, on_days(start, end, days=last_days(history.quarters))[1])


def cla_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the persons looked after on the last day, over resident children."""
    return by_quarter(looked_after_counts(history), children_resident(history))


def cla_start_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the periods of care that start in it, over resident children."""
    starts = counted(history, history.periods["period_start"].to_numpy())
    return by_quarter(starts, children_resident(history))
