"""The people who do the work: absence, turnover, agency, direct work, caseload."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.outcome import Outcome
from tasks.histories.history import History
from tasks.outcomes.measures import measure_of
from tasks.outcomes.sent import ratio_sent

_RETURN = "workforce"


@measure_of("sickness_absence")
def sickness_absence(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the days lost to sickness over full-time-equivalent working days."""
    return ratio_sent(history, _RETURN, "sickness_days", "fte_days")


@measure_of("turnover")
def turnover(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the social workers who left over those in post on its first day."""
    return ratio_sent(history, _RETURN, "leavers_fte", "fte_start")


@measure_of("agency_rate")
def agency_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the agency workers over the social workers in post on its first day."""
    return ratio_sent(history, _RETURN, "agency_fte", "fte_start")


@measure_of("direct_work_share")
def direct_work_share(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the hours in direct work with families over hours worked."""
    return ratio_sent(history, _RETURN, "direct_work_hours", "total_hours")


@measure_of("caseload")
def caseload(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the cases held over the social workers in post on its first day."""
    return ratio_sent(history, _RETURN, "cases", "fte_start")
