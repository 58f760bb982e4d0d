"""Spells of cumulative returns: once each, with the ends that later returns imply."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.arrays import Flags
from schemas.derived import OPENS_PERIOD
from schemas.endings import CORRECTED, FOLLOWED, REPLACED, Spell
from schemas.quarter import Quarter
from tasks.histories.contradictions import (
    Contradiction,
    SpellsTold,
    Verdicts,
    mentioned,
    spell_verdicts,
)
from tasks.histories.dates import FOREVER, ONE_DAY, Counts, Days, ends_of, last_days
from tasks.histories.spans import starts_new
from tasks.histories.versions import WHEN, latest_versions

_PERSON = "person_id"
_QUARTERS = 4
_NEVER = np.datetime64("NaT", "s")
_COUNTED = {
    CORRECTED: Contradiction.CORRECTED,
    REPLACED: Contradiction.REPLACED,
    FOLLOWED: Contradiction.FOLLOWED,
}

_NO_ONE = DataFrame({_PERSON: np.empty(0, np.int64), "year": np.empty(0, np.int64)})


@dataclass(frozen=True)
class Settled:
    """Spells once each, as all returns together are taken to say.

    Attributes:
        rows: the table's columns, then ends (`FOREVER` while open) and goes_on (whether a later
            return has another spell take over, whatever the row gives as the reason of its end).
        repeated: how many rows told again of a spell that another row tells of.
        counts: how often each kind of `ENDINGS` was met, but for those gone.
        gone: person_id and year (in which it begins) of the return an open spell is missing from.
        known_until: first day after what the latest return covers; missing without a return.
    """

    rows: DataFrame
    repeated: int
    counts: Mapping[str, int]
    gone: DataFrame
    known_until: np.datetime64


def spells_settled(rows: DataFrame, *, spell: Spell, covered: Collection[Quarter]) -> Settled:
    """Return the spells of a table once each, in order, with the ends that `ENDINGS` declares.

    Args:
        rows: as sent, with person_id and when.
        spell: what they are.
        covered: the quarters for which the table was sent.
    """
    once = latest_versions(rows, key=[_PERSON, spell.start])
    known = _of_the_kind(once, spell)
    quarters = _last_quarters(rows, covered)
    ends = _ends_sent(known, spell)
    until = (last_days(quarters[-1:]) + ONE_DAY)[0] if len(quarters) else _NEVER
    doubted = np.flatnonzero(_doubted(known, ends, spell=spell, quarters=quarters))
    repeated = len(rows) - len(once)
    if not len(doubted):
        agreed = known.assign(ends=ends, goes_on=False)
        return Settled(agreed, repeated, dict.fromkeys(_COUNTED, 0), _NO_ONE, until)
    few = known.iloc[doubted]
    found = spell_verdicts(_told(few, ends[doubted], rows, spell=spell, quarters=quarters))
    gone = few[found.kind == Contradiction.GONE]
    return Settled(
        rows=_with_verdicts(known, ends, doubted, found),
        repeated=repeated,
        counts={name: int((found.kind == kind).sum()) for name, kind in _COUNTED.items()},
        gone=DataFrame({_PERSON: gone[_PERSON].array, "year": _next_years(gone, quarters)}),
        known_until=until,
    )


def _with_verdicts(known: DataFrame, sent: Days, doubted: Counts, found: Verdicts) -> DataFrame:
    ends, goes_on, kept = sent.copy(), np.zeros(len(known), bool), np.ones(len(known), bool)
    ends[doubted], goes_on[doubted], kept[doubted] = found.ends, found.goes_on, ~found.is_left_out
    return known.assign(ends=ends, goes_on=goes_on)[kept].reset_index(drop=True)


def _next_years(rows: DataFrame, quarters: Counts) -> Counts:
    """Return the year of the return that comes after the one each row came in."""
    years: Counts = (quarters // _QUARTERS)[_places(rows, quarters) + 1]
    return years


def _of_the_kind(known: DataFrame, spell: Spell) -> DataFrame:
    column, others = spell.status
    if not column:
        return known
    return known.iloc[np.flatnonzero(~known[column].isin(others).to_numpy())].reset_index(drop=True)


def _last_quarters(rows: DataFrame, covered: Collection[Quarter]) -> Counts:
    """Return the last quarter that came in of each financial year, in order."""
    sent = np.array([quarter.index for quarter in covered], dtype=np.int64)
    known = np.union1d(pd.unique(rows[WHEN].to_numpy(dtype=np.int64)), sent)
    last = np.roll(starts_new(known // _QUARTERS), -1)
    return known[last]


def _ends_sent(known: DataFrame, spell: Spell) -> Days:
    ends = ends_of(known[spell.end])
    if not spell.over_at_once:
        return ends
    at_once = known[spell.over_at_once].to_numpy(dtype=np.bool_, na_value=False)
    return np.where(at_once & (ends == FOREVER), known[spell.start].to_numpy(), ends)


def _places(rows: DataFrame, quarters: Counts) -> Counts:
    """Return which return each row came in, from 0 for the earliest year's."""
    places: Counts = np.searchsorted(
        quarters // _QUARTERS, rows[WHEN].to_numpy(dtype=np.int64) // _QUARTERS
    )
    return places


def _doubted(known: DataFrame, ends: Days, *, spell: Spell, quarters: Counts) -> Flags:
    """Return every spell of a person of whom one is open and not in the last return, or two meet.

    Of anyone else the returns agree.
    """
    new_person = starts_new(known[_PERSON].to_numpy())
    last_year = quarters[-1:] // _QUARTERS * _QUARTERS
    stale = (ends == FOREVER) & (known[WHEN].to_numpy() < (last_year if len(quarters) else 0))
    # Where a spell reaches any later one of the person, it reaches the very next.
    meets = ~new_person
    meets[1:] &= known[spell.start].to_numpy()[1:] < ends[:-1]
    if not (stale | meets).any():
        return np.zeros(len(known), np.bool_)
    number = np.cumsum(new_person) - 1
    doubted: Flags = np.bincount(number, stale | meets)[number] > 0
    return doubted


def _told(
    few: DataFrame, ends: Days, rows: DataFrame, *, spell: Spell, quarters: Counts
) -> SpellsTold:
    persons = few[_PERSON].to_numpy()
    reasons = few[spell.start_reason] if spell.start_reason else few[_PERSON].isna()
    begins = reasons.isna() | reasons.eq(OPENS_PERIOD) | (not spell.start_reason)
    return SpellsTold(
        person=np.cumsum(starts_new(persons)) - 1,
        start=few[spell.start].to_numpy(),
        ends=ends,
        place=_places(few, quarters),
        reason=pd.factorize(reasons)[0],
        continues=~begins.to_numpy(dtype=np.bool_),
        until=last_days(quarters) + ONE_DAY,
        goes_straight_on=_goes_straight_on(quarters),
        mentions=_mentions(rows, pd.Index(persons).unique(), spell=spell, quarters=quarters),
        is_ended=spell.is_ended,
    )


def _goes_straight_on(quarters: Counts) -> Flags:
    """Return after the last quarter of which year's return the next one that came in begins."""
    begins = np.roll(quarters // _QUARTERS * _QUARTERS, -1)
    straight: Flags = begins == quarters + 1
    return straight


def _mentions(rows: DataFrame, persons: pd.Index, *, spell: Spell, quarters: Counts) -> Counts:
    """Return every start that a return gives of one of the persons, as `mentioned` has it."""
    number = persons.get_indexer(pd.Index(rows[_PERSON]))
    about = np.flatnonzero(number >= 0)
    start = rows[spell.start].to_numpy()[about]
    return mentioned(number[about], start, _places(rows.iloc[about], quarters))
