"""Becoming looked after, and for how long."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.arrays import Flags
from schemas.outcomes.care import KINSHIP_PLACEMENTS, REUNIFIED_REASONS
from schemas.outcomes.outcome import Outcome
from tasks.histories.care import is_in
from tasks.histories.cohort import of_children
from tasks.histories.dates import Counts, last_days
from tasks.histories.history import History
from tasks.histories.spans import days_within, on_days
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import (
    by_quarter,
    children_flagged,
    children_resident,
    counts_at,
    counts_by_quarter,
    every_child,
    window_ends,
)


def entered(history: History, outcome: Outcome) -> Flags:
    """Return which children started to be looked after inside the window."""
    first = history.children["first_care"].to_numpy()
    inside: Flags = first <= window_ends(history, outcome)
    return inside


@measure_of("cla_18m", "cla_36m")
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


@measure_of("days_in_care_18m", "days_in_care_36m")
def days_in_care(history: History, outcome: Outcome) -> DataFrame:
    """Return per child the days looked after inside the window; 0 for one never looked after."""
    return every_child(history, days(history, outcome))


@measure_of("days_in_care_18m_entered", "days_in_care_36m_entered")
def days_in_care_entered(history: History, outcome: Outcome) -> DataFrame:
    """Return per child the days looked after, the denominator being those who entered care.

    An entry on the last day of the window is an entry with no days.
    """
    return every_child(history, days(history, outcome), entered(history, outcome))


@measure_of("kinship_18m")
def kinship_18m(history: History, outcome: Outcome) -> DataFrame:
    """Return of each child who entered care whether it was placed with relatives or friends.

    Any episode in such a placement counts that starts in [referral, window end].
    """
    kin = history.care[is_in(history.care, "placement_code", KINSHIP_PLACEMENTS)]
    return among_entered(history, outcome, kin, "episode_start")


@measure_of("reunified_18m")
def reunified_18m(history: History, outcome: Outcome) -> DataFrame:
    """Return of each child who entered care whether it went home, or to relatives or friends.

    Any episode counts that ends in [referral, window end] for one of the declared reasons.
    """
    home = history.care[is_in(history.care, "end_reason", REUNIFIED_REASONS)]
    return among_entered(history, outcome, home, "episode_end")


def among_entered(history: History, outcome: Outcome, episodes: DataFrame, event: str) -> DataFrame:
    """Return of each child who entered care whether an episode's event falls in the window."""
    ours = of_children(episodes, children=history.children)
    child, on = ours["child"].to_numpy(), ours[event].to_numpy()
    inside = (on >= ours["referred"].to_numpy()) & (on <= window_ends(history, outcome)[child])
    entries = entered(history, outcome)
    return every_child(history, children_flagged(history, child[inside]) & entries, entries)


def looked_after_counts(history: History) -> Counts:
    """Return how many persons are looked after on the last day of each quarter."""
    spans = history.looked_after
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    return counts_at(history, on_days(start, end, days=last_days(history.quarters))[1])


@measure_of("cla_rate")
def cla_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the persons looked after on the last day, over resident children."""
    return by_quarter(looked_after_counts(history), children_resident(history))


@measure_of("cla_start_rate")
def cla_start_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the periods of care that start in it, over resident children."""
    starts = counts_by_quarter(history, history.periods["period_start"].to_numpy())
    return by_quarter(starts, children_resident(history))
