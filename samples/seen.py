"""What a return can know: lives as they stand on the last day of a quarter.

A statutory return covers the financial year to date. It carries what was open at any time since
1 April, told in full from its beginning, and nothing that lies after the quarter's last day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from samples.days import NEVER
from samples.lives import Child, Episode, Period, ReferralCase
from schemas.quarter import Quarter


@dataclass(frozen=True)
class Span:
    """The days a return covers, both included, and the collection it belongs to."""

    start: int
    cut: int
    collection: int

    def covers(self, number: int) -> bool:
        """Return whether a day lies in the span."""
        return self.start <= number <= self.cut

    def meets(self, start: int, end: int) -> bool:
        """Return whether something was open at any time in the span, its last day included."""
        return start <= self.cut and end >= self.start


def year_to_date(quarter: Quarter) -> Span:
    """Return the span of a statutory return: 1 April to the quarter's last day."""
    return Span(
        start=quarter.year_start.toordinal(),
        cut=quarter.last_day.toordinal(),
        collection=quarter.collection_year,
    )


def known(number: int, cut: int) -> int:
    """Return the day when it has come by the cut, else NEVER."""
    return number if number <= cut else NEVER


def cases_seen(child: Child, span: Span) -> list[ReferralCase]:
    """Return the cases open at any time in the span."""
    return [case for case in child.cases if span.meets(case.referral, case.closure)]


def episode_at(episode: Episode, cut: int) -> Episode:
    """Return the episode as known on a day: one that ends later is still open."""
    if episode.dec <= cut:
        return episode
    return replace(episode, dec=NEVER, rec="", reason="")


def episodes_seen(child: Child, span: Span) -> Iterator[Episode]:
    """Yield the episodes open at any time in the span, as known at its end."""
    for period in child.periods:
        for episode in period.episodes:
            if span.meets(episode.decom, episode.dec):
                yield episode_at(episode, span.cut)


def periods_seen(child: Child, span: Span) -> list[Period]:
    """Return the periods of care open at any time in the span, short breaks left out."""
    return [
        period
        for period in child.periods
        if not period.is_respite and span.meets(period.start, period.end)
    ]


def is_born(child: Child, cut: int) -> bool:
    """Return whether the child has been born by a day."""
    return child.born <= cut
