"""Which returns are owed for which quarters, by when, and how long what they brought is kept.

Two calendars are declared; the settings of a root name the one it keeps (docs/operations.md).
Grade I: the programme asked for quarterly data "within six weeks"; the days are ours and may be set
otherwise here, with a line in the changelog. Those of the yearly collections are DfE's: SSDA903 is
collected until the end of June, the CIN census until the end of July.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from schemas.quarter import Quarter
from schemas.returns import RETURNS

EXPECTED = tuple(name for name, declared in RETURNS.items() if declared.is_expected)
"""Returns that every authority owes, and is chased for."""

DUE_DAYS = 42
"""Days after the end of a quarter by which its returns are due, where nothing else is declared."""
SSDA903_DAYS: Final = 91
"""From 31 March to 30 June."""
CIN_CENSUS_DAYS: Final = 122
"""From 31 March to 31 July."""
_LAST_OF_YEAR: Final = 4


class Every(StrEnum):
    """How often a return is owed."""

    QUARTER = "every quarter"
    YEAR = "at the end of the financial year"


@dataclass(frozen=True)
class Due:
    """When one return is owed.

    Attributes:
        every: for which quarters: each, or the fourth of a financial year.
        days: after the end of that quarter by which it is due.
    """

    every: Every
    days: int


@dataclass(frozen=True)
class DueCalendar:
    """What every authority owes, and when.

    Attributes:
        name: as settings and `sfp samples --cadence` say it.
        dues: by return.
        last: last quarter for which anything is owed; None while the collection goes on.
    """

    name: str
    dues: Mapping[str, Due]
    last: Quarter | None = None

    def owes(self, return_name: str, quarter: Quarter) -> bool:
        """Return whether the return is owed for a quarter."""
        due = self.dues.get(return_name)
        if due is None or (self.last is not None and quarter > self.last):
            return False
        return due.every is Every.QUARTER or quarter.number == _LAST_OF_YEAR

    def owed(self, return_name: str, quarters: Iterable[Quarter]) -> list[Quarter]:
        """Return those of the quarters for which the return is owed, in order."""
        return [quarter for quarter in sorted(quarters) if self.owes(return_name, quarter)]

    def due_date(self, return_name: str, quarter: Quarter) -> date:
        """Return the day by which a return of a quarter is due, were it owed or not.

        One that is owed at the end of the year is due then, whatever quarter it was sent for.
        """
        due = self.dues.get(return_name, Due(Every.QUARTER, DUE_DAYS))
        is_yearly = due.every is Every.YEAR
        owed = Quarter(quarter.year, _LAST_OF_YEAR) if is_yearly else quarter
        return owed.last_day + timedelta(days=due.days)

    def latest_due(self, return_name: str, today: date) -> Quarter:
        """Return the newest quarter of which the return was owed and due before `today`."""
        quarter = Quarter.containing(today)
        while self.due_date(return_name, quarter) >= today or not self.owes(return_name, quarter):
            quarter = Quarter.from_index(quarter.index - 1)
        return quarter


_EACH: Final = Due(Every.QUARTER, DUE_DAYS)
_AT_YEAR_ENDS: Final = {
    "ssda903": Due(Every.YEAR, SSDA903_DAYS),
    "cin_census": Due(Every.YEAR, CIN_CENSUS_DAYS),
    "pre_proceedings": Due(Every.YEAR, DUE_DAYS),
    "school_attendance": Due(Every.YEAR, DUE_DAYS),
}
"""Each speaks for the whole year when it is sent for the fourth quarter."""

EVERY_QUARTER: Final = DueCalendar("quarterly", dict.fromkeys(EXPECTED, _EACH))
"""What the programme asked for: everything, every quarter."""
YEAR_ENDS: Final = DueCalendar("year_ends", {**EVERY_QUARTER.dues, **_AT_YEAR_ENDS})
"""As most authorities can: what speaks for a year at its end, what speaks for a quarter in each."""
CALENDARS: Final = {calendar.name: calendar for calendar in (EVERY_QUARTER, YEAR_ENDS)}


@dataclass(frozen=True)
class Retention:
    """How long one class of what is kept may be kept.

    Attributes:
        name: as operators say it.
        days: after the decision on the submission; for zips after they were seen, for results
            after they were made, for drafts and cuts after a later one was made, for orphans after
            they were set aside, for runs after they ended.
        reason: why so long and no longer.
    """

    name: str
    days: int
    reason: str


REFUSED = Retention("refused", 90, "long enough to talk about the refusal with the authority")
SUPERSEDED = Retention("superseded", 730, "two years of audit of what a published figure came from")
ZIPS = Retention("zips", 90, "zips whose files were kept one by one; as long as refusals")
SET_ASIDE = Retention("quarantine", 365, "a year in which the rows may still be put right")
TEXTS = Retention("restricted text", 730, "as long as what it was written about can be asked")
PACKS = Retention("packs", 365, "the answer to a submission that does not count any more")
KEPT_RESULTS = Retention("cache", 30, "results of old cuts can be made again")
DRAFTS = Retention("drafts", 7, "a later draft took its place; made again from its cut")
CUTS = Retention("cuts", 90, "a quarter in which to publish from a cut; no edition names it")
ORPHANS = Retention("set aside", 90, "a quarter in which to miss what no ledger row named")
RUNS = Retention("runs", 90, "what Prefect knows of runs that have ended")
CLASSES = (REFUSED, SUPERSEDED, ZIPS, SET_ASIDE, TEXTS, PACKS, KEPT_RESULTS, DRAFTS, CUTS, ORPHANS)
"""Classes that `sfp retain` looks through. Accepted rows are in none: figures rest on them."""
ABANDONED_DRAFT_DAYS = 1
"""Temporary files older than the longest load may be removed: no process can still be at them."""
