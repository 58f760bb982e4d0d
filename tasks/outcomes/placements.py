"""Moving from placement to placement, and staying."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame, Index

from schemas.arrays import Flags
from schemas.outcomes.outcome import Outcome
from schemas.outcomes.placements import (
    LONG_TERM_CARE_MONTHS,
    LONG_TERM_PLACEMENT_MONTHS,
    LONG_TERM_UNDER_AGE,
    MANY_PLACEMENTS,
    PLACEMENT_CHANGES,
    PLACEMENTS_WITHIN_MONTHS,
    UNPLANNED_REASONS,
)
from tasks.histories.care import is_in
from tasks.histories.dates import Counts, Days, ages_at_month_end, last_days, months_after
from tasks.histories.history import History
from tasks.histories.spans import on_days, overlapping, starts_new
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import by_quarter, counts_by_quarter

NO_PERIOD = -1


@measure_of("placement_moves_3plus")
def placement_moves_3plus(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the children looked after on its last day with three or more placements.

    A placement counts when it has a day in the twelve months up to and including that day.
    """
    rows, days = history.placements, last_days(history.quarters)
    since = months_after(days, -PLACEMENTS_WITHIN_MONTHS)
    start, end = rows["placement_start"].to_numpy(), rows["placement_end"].to_numpy()
    row, place = overlapping(start, end, since=since, days=days)
    many = per_person(history, rows["person_id"].to_numpy()[row], place) >= MANY_PLACEMENTS
    stock = looked_after(history)
    return by_quarter((many & stock).sum(axis=0), stock.sum(axis=0))


def looked_after(history: History) -> Flags:
    """Return who is looked after on the last day of which quarter: persons down, quarters across.

    Persons are the distinct ones of `history.looked_after`, in order.
    """
    spans = history.looked_after
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    row, place = on_days(start, end, days=last_days(history.quarters))
    return per_person(history, spans["person_id"].to_numpy()[row], place) > 0


def per_person(history: History, person: Counts, place: Counts) -> Counts:
    """Return how often each person ever looked after is named at each quarter."""
    everyone = Index(history.looked_after["person_id"].unique())
    quarters = len(history.quarters)
    cell = everyone.get_indexer(person) * quarters + place
    return np.bincount(cell, minlength=len(everyone) * quarters).reshape(-1, quarters)


@measure_of("placement_long_term")
def placement_long_term(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the children long looked after, and those long with one carer.

    Under 16 on the last day, in a period of care that started 30 months before it or earlier. The
    carer is the one the child is with, or was with before a temporary placement, and the child came
    to that carer 24 months before the day or earlier: a move with the same carer (start reason T or
    U) is none.
    """
    start, end = (history.periods[name].to_numpy() for name in ("period_start", "period_end"))
    period, place = on_days(start, end, days=last_days(history.quarters))
    day = last_days(history.quarters)[place]
    person = history.periods["person_id"].to_numpy()[period]
    long_care = start[period] <= months_after(day, -LONG_TERM_CARE_MONTHS)
    counts = long_care & (ages(history, person, day) < LONG_TERM_UNDER_AGE)
    settled = placed_since(history, period, day) <= months_after(day, -LONG_TERM_PLACEMENT_MONTHS)
    everyone = per_person(history, person[counts], place[counts]) > 0
    stayed = per_person(history, person[counts & settled], place[counts & settled]) > 0
    return by_quarter(stayed.sum(axis=0), everyone.sum(axis=0))


def ages(
    history: History, person: Counts, day: Days
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return completed years on each day, all of them last days of a month."""
    born = history.people["birth_month"].reindex(person)
    return ages_at_month_end(born.to_numpy(), day)


def placed_since(history: History, period: Counts, day: Days) -> Days:
    """Return when the stay with one carer began that a period of care had reached by a day.

    Missing where the period had only temporary placements until then.
    """
    rows = history.stays
    reached = _place_in_time(rows["period"].to_numpy(), rows["placement_start"].to_numpy())
    reached_by = np.searchsorted(reached, _place_in_time(period, day), side="right")
    of_period = np.concatenate([[NO_PERIOD], rows["period"].to_numpy()])[reached_by]
    never = np.array(["NaT"], dtype="datetime64[s]")
    started: Days = np.concatenate([never, rows["placement_start"].to_numpy()])[reached_by]
    return np.where(of_period == period, started, never)


def _place_in_time(period: Counts, day: Days) -> Counts:
    seconds: Counts = day.astype(np.int64)
    return period * 2**40 + seconds


@measure_of("unplanned_moves")
def unplanned_moves(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the changes of placement, and those for an unplanned reason.

    A change is an episode that starts in the quarter with a placement reason; why it came about is
    written on the episode it follows.
    """
    care = history.care
    before = np.roll(is_in(care, "place_change_reason", UNPLANNED_REASONS), 1)
    follows = ~starts_new(care["person_id"].to_numpy())
    changes = is_in(care, "start_reason", PLACEMENT_CHANGES)
    starts = care["episode_start"].to_numpy()
    unplanned = counts_by_quarter(history, starts[changes & before & follows])
    return by_quarter(unplanned, counts_by_quarter(history, starts[changes]))
