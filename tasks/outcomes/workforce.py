"""The people who do the work: absence, turnover, agency, direct work, caseload."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.outcome import Outcome
from tasks.histories.history import History
from tasks.outcomes.measures import measure_of
from tasks.outcomes.sent import ratio_sent


@measure_of("sickness_absence", "turnover", "agency_rate", "direct_work_share", "caseload")
def workforce_ratio(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the one number over the other, as they were sent."""
    return ratio_sent(history, "workforce", *outcome.numbers)
