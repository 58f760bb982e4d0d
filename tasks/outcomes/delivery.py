"""What the programme delivered: returns home, and family group conferences."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.outcome import Outcome
from tasks.histories.history import History
from tasks.outcomes.care import looked_after_counts
from tasks.outcomes.measures import measure_of
from tasks.outcomes.sent import ratio_sent, sent
from tasks.outcomes.units import by_quarter

_RETURN = "programme_delivery"
_HELD = "conferences_held"


@measure_of("reunification")
def reunification(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the children who returned home over those looked after on its last day."""
    return by_quarter(sent(history, _RETURN, "reunifications"), looked_after_counts(history))


@measure_of("reunification_still_home")
def reunification_still_home(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the returned still home on its last day over those then looked after."""
    still = sent(history, _RETURN, "reunifications_still_home")
    return by_quarter(still, looked_after_counts(history))


@measure_of("fgc_returned_home")
def fgc_returned_home(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the conferences after which the child returned home over those held."""
    return ratio_sent(history, _RETURN, "conferences_returned_home", _HELD)


@measure_of("fgc_prevented_care")
def fgc_prevented_care(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the conferences that kept the child out of care over those held."""
    return ratio_sent(history, _RETURN, "conferences_prevented_care", _HELD)


@measure_of("fgc_plan_avoided")
def fgc_plan_avoided(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the conferences that avoided or ended a plan over those held."""
    return ratio_sent(history, _RETURN, "conferences_plan_avoided", _HELD)


@measure_of("fgc_step_avoided")
def fgc_step_avoided(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the conferences that avoided another statutory step over those held."""
    return ratio_sent(history, _RETURN, "conferences_step_avoided", _HELD)
