"""Being referred again."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes import REREFERRAL_WITHIN_MONTHS, Outcome
from tasks.outcomes.dates import months_after
from tasks.outcomes.history import History
from tasks.outcomes.units import by_quarter, counted
from tasks.referrals import earlier_referral


def rereferral_12m(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the referrals with an earlier one in [day - 12 months, day), over all."""
    dates = history.referrals["referral_date"].to_numpy()
    since = months_after(dates, -REREFERRAL_WITHIN_MONTHS)
    repeated = earlier_referral(history.referrals) >= since
    return by_quarter(counted(history, dates[repeated]), counted(history, dates))
