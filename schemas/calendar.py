"""Which returns are due when, and how long what they brought is kept. One calendar for everything.

Grade I: the programme asked for quarterly data "within six weeks"; the days are ours and may be set
otherwise here, with a line in the changelog.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.quarter import Quarter
from schemas.returns import RETURNS

EXPECTED = tuple(name for name, declared in RETURNS.items() if declared.is_expected_quarterly)
"""Returns that every authority owes every quarter, and is chased for."""

DUE_DAYS = 42
"""Days after the end of a quarter by which its returns are due."""


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


def due_date(quarter: Quarter) -> date:
    """Return the day by which the returns of a quarter are due."""
    return quarter.last_day + timedelta(days=DUE_DAYS)


def latest_due(today: date) -> Quarter:
    """Return the newest quarter whose returns were due before `today`."""
    quarter = Quarter.containing(today)
    while due_date(quarter) >= today:
        quarter = Quarter.from_index(quarter.index - 1)
    return quarter
