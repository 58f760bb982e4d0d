"""Which figures may be given: what has come in decides, never what was counted."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.outcomes import SUBMISSION_LAG_MONTHS, Kind, Outcome
from schemas.quarter import Quarter

MONTHS = 3
CENSUS = "cin_census"

Covered = Mapping[str, frozenset[int]]
"""Per return, the `Quarter.index` of every quarter some submission in force speaks for."""


def covered_indexes(covered: Mapping[str, frozenset[Quarter]]) -> dict[str, frozenset[int]]:
    """Return the same quarters as numbers."""
    return {name: frozenset(one.index for one in quarters) for name, quarters in covered.items()}


def quarters_in(months: int) -> int:
    """Return how many quarters the months make, a part of one counting as one."""
    return -(-months // MONTHS)


def is_known(outcome: Outcome, quarter: int, *, covered: Covered) -> bool:
    """Return whether the outcome may be given for a quarter, named by its `Quarter.index`.

    A cohort outcome is mature when every return it reads covers the quarter of referral, all of the
    follow-up and the submission lag, and the census covers the quarter of referral. Any other needs
    the quarter itself. Both need the quarters looked back on.
    """
    after = 0
    if outcome.kind is Kind.COHORT:
        after = quarters_in(outcome.mature_months) + quarters_in(SUBMISSION_LAG_MONTHS)
        if quarter not in covered.get(CENSUS, frozenset()):
            return False
    before = quarters_in(outcome.look_back_months)
    needed = range(quarter - before, quarter + after + 1)
    return all(covered.get(name, frozenset()).issuperset(needed) for name in outcome.reads)
