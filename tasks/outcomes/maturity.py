"""Which figures may be given: what has come in decides, never what was counted."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.outcomes.outcome import SUBMISSION_LAG_MONTHS, Outcome, OutcomeKind
from schemas.quarter import Quarter

MONTHS = 3
CENSUS = "cin_census"

Covered = Mapping[str, frozenset[int]]
"""Per return, the `Quarter.index` of every quarter some submission in force speaks for; per table
that may be left out (`table_sent`), of those for which it was sent."""

_NEVER: frozenset[int] = frozenset()


def covered_indexes(
    covered: Mapping[str, frozenset[Quarter]], sent: Mapping[str, frozenset[Quarter]]
) -> dict[str, frozenset[int]]:
    """Return as numbers the quarters returns speak for, and those that tables were sent for."""
    named = {**covered, **{table_sent(table): quarters for table, quarters in sent.items()}}
    return {name: frozenset(one.index for one in quarters) for name, quarters in named.items()}


def table_sent(table: str) -> str:
    """Return the name a table has among returns: some returns are named as their only table."""
    return f"table {table}"


def quarters_in(months: int) -> int:
    """Return how many quarters the months make, a part of one counting as one."""
    return -(-months // MONTHS)


def is_known(outcome: Outcome, quarter: int, *, covered: Covered) -> bool:
    """Return whether the outcome may be given for a quarter, named by its `Quarter.index`.

    A cohort outcome is mature when every return it reads covers the quarter of referral, all of the
    follow-up and the submission lag, and the census covers the quarter of referral. Any other needs
    the quarter itself. Both need the quarters looked back on. A return that came without a table
    the outcome is made of does not count for it.
    """
    after = 0
    if outcome.kind is OutcomeKind.COHORT:
        after = quarters_in(outcome.mature_months) + quarters_in(SUBMISSION_LAG_MONTHS)
        if quarter not in covered.get(CENSUS, _NEVER):
            return False
    before = quarters_in(outcome.look_back_months)
    needed = range(quarter - before, quarter + after + 1)
    read = (*outcome.reads, *map(table_sent, outcome.tables))
    return all(covered.get(name, _NEVER).issuperset(needed) for name in read)
