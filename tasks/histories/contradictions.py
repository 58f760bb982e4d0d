"""Spells that returns do not agree on: which kind of contradiction each meets, and when it ends.

The rules, in the order in which they are tried, are `ENDINGS` in schemas/endings.py. Returns are
gone through from the latest to the earliest, so that a spell is held only against what later
returns are taken to say. There is a loop over returns and none over rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import pandas as pd

from schemas.arrays import Flags
from schemas.endings import CORRECTED_WITHIN_DAYS
from tasks.histories.dates import FOREVER, ONE_DAY, Counts, Days
from tasks.histories.spans import latest_so_far, starts_new

_NONE: Final = -1
_NEVER = np.datetime64("NaT", "s")
_A_LONG_TIME = 2**23
"""More days than lie between any two dates that can be written."""
_MANY_RETURNS = 2**10


class Contradiction(IntEnum):
    """What a spell met, as the kinds of `ENDINGS` tell them apart."""

    NONE = 0
    CORRECTED = 1
    REPLACED = 2
    FOLLOWED = 3
    GONE = 4


@dataclass(frozen=True)
class SpellsTold:
    """Spells of some persons, once each, in order of person and start: the latest return's word.

    Attributes:
        person: number of the person, from 0.
        start, ends: as sent; `FOREVER` while open.
        place: which return has the word, from 0 for the earliest.
        reason: number of the start reason.
        continues: whether that reason says that another spell came just before.
        until: per return, the first day it does not cover.
        goes_straight_on: per return, whether the next one covers that day: otherwise what was open
            may have ended, and another begun, in what no return tells of.
        mentions: as `mentioned` has them, in order: every person and start of every return.
        is_ended: whether ends are read; otherwise only starts are corrected.
    """

    person: Counts
    start: Days
    ends: Days
    place: Counts
    reason: Counts
    continues: Flags
    until: Days
    goes_straight_on: Flags
    mentions: Counts
    is_ended: bool


@dataclass(frozen=True)
class Verdicts:
    """What became of each spell, one place per spell.

    Attributes:
        kind: as `Contradiction`.
        ends: end as taken.
        goes_on: whether a later return has another spell take over, as its start reason says.
    """

    kind: Counts
    ends: Days
    goes_on: Flags

    @property
    def is_left_out(self) -> Flags:
        """Return which spells another one stands for."""
        return np.isin(self.kind, (Contradiction.CORRECTED, Contradiction.REPLACED))


def mentioned(person: Counts, start: Days, place: Counts) -> Counts:
    """Return one number for each person, start and return that tells of it."""
    return _in_line(person, start) * _MANY_RETURNS + place


def _in_line(person: Counts, start: Days) -> Counts:
    return person * _A_LONG_TIME + start.astype("datetime64[D]").astype(np.int64)


def spell_verdicts(told: SpellsTold) -> Verdicts:
    """Return what becomes of each spell."""
    size = len(told.person)
    found = Verdicts(np.zeros(size, np.int64), told.ends.copy(), np.zeros(size, np.bool_))
    for place in np.unique(told.place)[::-1]:
        mine = np.flatnonzero(told.place == place)
        later = np.flatnonzero((told.place > place) & ~found.is_left_out)
        _drop(found, told, mine, later)
        _end(found, told, mine[found.kind[mine] == Contradiction.NONE], later)
    return found


def _drop(found: Verdicts, told: SpellsTold, mine: Counts, later: Counts) -> None:
    """Note which spells of one return are corrected or replaced by those of later returns."""
    before, after = _beside(told, mine, later)
    twin = np.where(_is_same(found, told, mine, before), before, _NONE)
    twin = np.where(_is_same(found, told, mine, after), after, twin)
    # One later spell corrects one. Spells for other reasons may lie between those it could be.
    twin[pd.Index(twin).duplicated(keep="last")] = _NONE
    reach = np.full(len(told.person), _NEVER)
    reach[later] = latest_so_far(found.ends[later], new_person=starts_new(told.person[later]))
    inside = (before != _NONE) & (reach[before] > told.start[mine]) & told.is_ended
    found.kind[mine] = np.select(
        [twin != _NONE, inside],
        [Contradiction.CORRECTED, Contradiction.REPLACED],
        Contradiction.NONE,
    )
    moves_on = (twin != _NONE) & (twin == after) & told.continues[mine]
    _lead_on(found, told, mine[moves_on], twin[moves_on])


def _lead_on(found: Verdicts, told: SpellsTold, old: Counts, new: Counts) -> None:
    """End what ended where a corrected spell began where that begins now, which is later.

    It may be an earlier return's than the corrected one, whose word is the last of several.
    """
    line = pd.Index(_in_line(told.person, told.start)[old])
    at = line.get_indexer(pd.Index(_in_line(told.person, told.ends)))
    met = np.flatnonzero(at != _NONE)
    led = met[told.place[met] <= told.place[old[at[met]]]]
    found.ends[led] = told.start[new[at[led]]]


def _beside(told: SpellsTold, mine: Counts, later: Counts) -> tuple[Counts, Counts]:
    """Return the person's spell of a later return just before, and just after; -1 for none."""
    line = _in_line(told.person, told.start)
    at = np.searchsorted(line[later], line[mine])
    padded = np.concatenate([[_NONE], later, [_NONE]])
    return _own(told, mine, padded[at]), _own(told, mine, padded[at + 1])


def _own(told: SpellsTold, mine: Counts, other: Counts) -> Counts:
    return np.where(told.person[other] == told.person[mine], other, _NONE)


def _is_same(found: Verdicts, told: SpellsTold, mine: Counts, other: Counts) -> Flags:
    """Return which spells have the other one, of a later return, as their corrected self."""
    first, second = np.minimum(mine, other), np.maximum(mine, other)
    near = told.start[second] - told.start[first] <= CORRECTED_WITHIN_DAYS * ONE_DAY
    meets = found.ends[first] > told.start[second]
    alike = told.reason[mine] == told.reason[other]
    place = told.place[mine]
    told_of_both = (told.start[other] < told.until[place]) | told.goes_straight_on[place]
    own_word = mentioned(told.person[mine], told.start[other], told.place[mine])
    is_new = ~np.isin(own_word, told.mentions)
    same: Flags = (other != _NONE) & near & meets & alike & told_of_both & is_new
    return same


def _end(found: Verdicts, told: SpellsTold, mine: Counts, later: Counts) -> None:
    """End those spells of one return that nothing replaces."""
    after = _beside(told, mine, later)[1]
    until = told.until[told.place[mine]]
    is_open = told.ends[mine] == FOREVER
    is_last = told.place[mine] == len(told.until) - 1
    taken_over = _start_of(told, after) < found.ends[mine]
    taken_over &= (told.start[after] < until) | told.continues[after]
    here = np.where(is_open, _start_of(told, _next_in_return(told, mine)), FOREVER)
    cut = np.minimum(np.where(taken_over, told.start[after], FOREVER), here)
    followed = (cut < FOREVER) & told.is_ended
    gone = is_open & ~followed & ~is_last
    found.kind[mine] = np.select(
        [followed, gone], [Contradiction.FOLLOWED, Contradiction.GONE], Contradiction.NONE
    )
    found.ends[mine] = np.select(
        [followed, gone], [cut, np.maximum(until, told.start[mine])], found.ends[mine]
    )
    found.goes_on[mine] = followed & taken_over & told.continues[after] & (cut < here)


def _start_of(told: SpellsTold, rows: Counts) -> Days:
    """Return the start of each row; `FOREVER` where there is none."""
    starts: Days = np.where(rows == _NONE, FOREVER, told.start[rows])
    return starts


def _next_in_return(told: SpellsTold, mine: Counts) -> Counts:
    """Return the person's next spell among those of one return; -1 for none."""
    after = np.roll(mine, -1)
    after[-1:] = _NONE
    return _own(told, mine, after)
