"""Which figures may be given: what has come in decides, never what was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.outcomes import SUBMISSION_LAG_MONTHS, Kind, Outcome
from schemas.quarter import Quarter

MONTHS = 3
CENSUS = "cin_census"

Covered = Mapping[str, frozenset[Quarter]]


def quarters_in(months: int) -> int:
    """Return how many quarters the months make, a part of one counting as one."""
    return -(-months // MONTHS)


def is_known(outcome: Outcome, quarter: Quarter, *, covered: Covered) -> bool:
    """Return whether the outcome may be given for a quarter.

    A cohort outcome is mature when every return it reads covers the quarter of referral, all of the
    follow-up and the submission lag, and the census covers the quarter of referral. Any other needs
    the quarter itself. Both need the quarters looked back on.
    """
    after = 0
    if outcome.kind is Kind.COHORT:
        after = quarters_in(outcome.mature_months) + quarters_in(SUBMISSION_LAG_MONTHS)
        if not is_covered(CENSUS, [quarter.index], covered=covered):
            return False
    before = quarters_in(outcome.look_back_months)
    needed = range(quarter.index - before, quarter.index + after + 1)
    return all(is_covered(name, needed, covered=covered) for name in outcome.reads)


def is_covered(return_name: str, quarters: Iterable[int], *, covered: Covered) -> bool:
    """Return whether submissions of the return in force speak for every one of the quarters."""
    known = covered.get(return_name, frozenset())
    return all(Quarter.from_index(index) in known for index in quarters)
