"""Periods of care and placements, from a child's episodes.

Short breaks (V3, V4) are left out before anything else. A period opens at RNE S or after a gap and
ends with its last episode; if that one says X1 the end is not known. Ends are not included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from samples.days import NEVER
from samples.implied.told import ToldChild
from samples.lives import Episode

_TEMPORARY = ("T0", "T1", "T2", "T3", "T4")


@dataclass
class Stay:
    """Days from a start up to an end that is not included."""

    start: int
    end: int

    def holds(self, day: int) -> bool:
        """Return whether a day belongs to the stay."""
        return self.start <= day < self.end

    def days_within(self, start: int, end: int) -> int:
        """Return the days shared with [start, end)."""
        return max(0, min(self.end, end) - max(self.start, start))


@dataclass
class PlacementStay(Stay):
    """One placement, looked at through temporary moves."""

    place: str
    urn: str


def implied_care_episodes(child: ToldChild) -> list[Episode]:
    """Return the episodes that count as being looked after, in order."""
    return [episode for episode in child.episodes if not episode.is_respite]


def periods(child: ToldChild) -> list[Stay]:
    """Return the periods of care in order."""
    found: list[Stay] = []
    latest = 0
    for episode in implied_care_episodes(child):
        end = NEVER if episode.rec == "X1" else episode.dec
        if not found or episode.rne == "S" or episode.decom > latest:
            found.append(Stay(episode.decom, end))
        else:
            found[-1].end = end
        latest = max(latest, episode.dec)
    return found


def implied_looked_after(child: ToldChild, day: int) -> bool:
    """Return whether the child is looked after on a day."""
    return any(period.holds(day) for period in periods(child))


def implied_placements(child: ToldChild) -> list[PlacementStay]:
    """Return the placements in order.

    A change of legal status alone continues a placement. Temporary moves are none, and coming
    back from one to the same place and URN continues the placement left.
    """
    found: list[PlacementStay] = []
    away = False
    for episode in implied_care_episodes(child):
        if episode.place in _TEMPORARY:
            away = True
            continue
        if found and _continues(found[-1], episode, away=away):
            found[-1].end = episode.dec
        else:
            found.append(PlacementStay(episode.decom, episode.dec, episode.place, episode.urn))
        away = False
    return found


def _continues(placement: PlacementStay, episode: Episode, *, away: bool) -> bool:
    if episode.rne == "L":
        return True
    same = (placement.place, placement.urn) == (episode.place, episode.urn)
    return away and same and episode.rne != "S"


def implied_moves(child: ToldChild) -> Iterator[tuple[int, str]]:
    """Yield (day, reason given) for each change of placement."""
    before = ""
    for episode in implied_care_episodes(child):
        if episode.rne in ("P", "T", "B", "U"):
            yield episode.decom, before
        before = episode.reason
