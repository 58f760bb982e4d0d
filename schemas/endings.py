"""What a later return says of what an earlier one left open, and what is taken of it.

A return of a year to date holds everything that was open on some day from 1 April to the end of its
quarter. So what is open at the end of one year's return stands in the next return that comes in,
under the same start. Where it does not, the two contradict each other, and the later return counts:
`ENDINGS` says how, in the order in which the kinds are tried. A year that was not returned says
nothing: what was open before it goes on until a return says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.derived import SHORT_BREAK_STATUSES

CORRECTED_WITHIN_DAYS: Final = 31
"""Two starts at most this far apart may be one start, corrected."""

CHILDREN_LOST_SHARE: Final = 0.10
LEAST_LOST: Final = 5
"""A return that names fewer than nine in ten of the children whose spells the year before left
open, and at least so many fewer, tells no history. The authority is asked from one in twenty on
(`SFP-CARE-LOST`, `SFP-CASES-LOST`); a child or two who are gone have left."""


@dataclass(frozen=True)
class Spell:
    """Something that begins on one day, ends on another, and is open in between.

    Attributes:
        return_name: the return it stands in.
        words: what several of it are called.
        start, end: columns.
        start_reason: column that says by `OPENS_PERIOD` whether nothing came just before; empty
            without one.
        status: column and values of what is not such a spell; empty where all are.
        over_at_once: yes-or-no column of what needs no end because it was over on its first day.
        is_ended: whether the end is read; otherwise nothing but a corrected start changes it.
    """

    return_name: str
    words: str
    start: str
    end: str
    start_reason: str = ""
    status: tuple[str, tuple[str, ...]] = ("", ())
    over_at_once: str = ""
    is_ended: bool = True


SPELLS: Final = {
    "episodes": Spell(
        "ssda903",
        "episodes",
        "episode_start",
        "episode_end",
        start_reason="start_reason",
        status=("legal_status", SHORT_BREAK_STATUSES),
    ),
    "cp_plans": Spell("cin_census", "child protection plans", "cp_plan_start", "cp_plan_end"),
    "cin_plans": Spell("cin_census", "child in need plans", "cin_plan_start", "cin_plan_end"),
    "referrals": Spell(
        "cin_census",
        "child in need episodes",
        "referral_date",
        "closure_date",
        over_at_once="is_nfa",
        is_ended=False,
    ),
    "missing_episodes": Spell("ssda903", "missing spells", "missing_start", "missing_end"),
}
"""Every table of spells, by its name."""


@dataclass(frozen=True)
class Ending:
    """One kind of contradiction between two returns, or inside one.

    Attributes:
        says: what the returns say.
        taken: what is taken of it.
        is_of_starts: whether it concerns spells of which only the start is read, too.
    """

    says: str
    taken: str
    is_of_starts: bool = False


CORRECTED: Final = "corrected"
REPLACED: Final = "replaced"
FOLLOWED: Final = "followed"
GONE_WITH_CHILD: Final = "gone_with_child"
GONE_ALONE: Final = "gone_alone"
ENDINGS: Final = {
    CORRECTED: Ending(
        f"a later return has it under another start, at most {CORRECTED_WITHIN_DAYS} days off and "
        "for the same start reason, which the earlier return does not have (and could have had, or "
        "the next year's return came in as well); where there are several, the last of each return",
        "the later start counts, and the two are one; what the same return or an earlier one ends "
        "on a start that moves on, for another start reason than S, ends where that moves to",
        is_of_starts=True,
    ),
    REPLACED: Ending(
        "a later return has another one open on the day it is said to have begun",
        "it is left out",
    ),
    FOLLOWED: Ending(
        "another one begins before it has ended, in a later return (by the end of what the earlier "
        "one covers, or at any time for another start reason than S), or in the same return, which "
        "gives it no end",
        "it ends on the day the other begins",
    ),
    GONE_WITH_CHILD: Ending(
        "open at the end of what a return covers, and the next one names the child nowhere",
        "it ends on the day after the last that its own return covers",
        is_of_starts=True,
    ),
    GONE_ALONE: Ending(
        "open at the end of what a return covers, and missing from the next one, which does name "
        "the child",
        "it ends on the day after the last that its own return covers",
        is_of_starts=True,
    ),
}
"""Kinds of contradiction, by name."""
UNFOLLOWED: Final = "episodes_unfollowed"
UNFOLLOWED_SAYS: Final = "ends because another begins the same day (X1), and no return has that one"
UNFOLLOWED_TAKEN: Final = "it ends on its own last day, unless that lies beyond what has come in"


def ending_kinds(table: str) -> dict[str, str]:
    """Return every kind of contradiction that is counted for a table of spells, in words."""
    spell = SPELLS[table]
    found = {
        f"{table}_{kind}": f"{spell.words}: {one.says}: {_taken(spell, kind)}"
        for kind, one in ENDINGS.items()
        if spell.is_ended or one.is_of_starts
    }
    return (
        {**found, UNFOLLOWED: f"{spell.words}: {UNFOLLOWED_SAYS}: {UNFOLLOWED_TAKEN}"}
        if spell.start_reason
        else found
    )


def _taken(spell: Spell, kind: str) -> str:
    if spell.is_ended or kind == CORRECTED:
        return ENDINGS[kind].taken
    return "its start counts as before, its end is not read"
