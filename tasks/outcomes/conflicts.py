"""Conflicts met while histories were put together: counted by kind, none dropped in silence."""

from __future__ import annotations

from pandas import DataFrame

from schemas.derived import CONFLICTS
from tasks.outcomes.history import History
from tasks.outcomes.maturity import Covered


def conflict_counts(history: History, *, covered: Covered) -> DataFrame:
    """Return how often each kind of conflict was met, every kind in order of declaration."""
    found = {"id_shared_by_two_persons": history.shared_ids}
    return DataFrame({"kind": list(CONFLICTS), "count": [found.get(kind, 0) for kind in CONFLICTS]})
