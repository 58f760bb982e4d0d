"""Periods of care and placements, from a child's episodes.

Short breaks (V3, V4) are left out before anything else. A period opens at RNE S or after a gap and
ends with its last episode, also where that one says X1 and none follows. Ends are not included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
        if not found or episode.rne == "S" or episode.decom > latest:
            found.append(Stay(episode.decom, episode.dec))
        else:
            found[-1].end = episode.dec
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
    return _stays(child, going_on=("L",))


def implied_carers(child: ToldChild) -> list[PlacementStay]:
    """Return the stays with one carer in order: T and U are moves with the same carer."""
    return _stays(child, going_on=("L", "T", "U"))


def _stays(child: ToldChild, *, going_on: tuple[str, ...]) -> list[PlacementStay]:
    found: list[PlacementStay] = []
    away = False
    for episode in implied_care_episodes(child):
        if episode.place in _TEMPORARY:
            away = True
            continue
        stay = PlacementStay(episode.decom, episode.dec, episode.place, episode.urn)
        if found and (episode.rne in going_on or _comes_back(found[-1], episode, away=away)):
            found[-1] = replace(stay, start=found[-1].start)
        else:
            found.append(stay)
        away = False
    return found


def _comes_back(placement: PlacementStay, episode: Episode, *, away: bool) -> bool:
    same = (placement.place, placement.urn) == (episode.place, episode.urn)
    return away and same and episode.rne != "S"


def implied_moves(child: ToldChild) -> Iterator[tuple[int, str]]:
    """Yield (day, reason given) for each change of placement."""
    before = ""
    for episode in implied_care_episodes(child):
        if episode.rne in ("P", "T", "B", "U"):
            yield episode.decom, before
        before = episode.reason
