"""Referrals, and those before them."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from tasks.histories.dates import Days
from tasks.histories.spans import starts_new


def earlier_referral(referrals: DataFrame) -> Days:
    """Return for each referral the day of the person's one before; missing for the first.

    Args:
        referrals: one per person and day, in order.
    """
    before = np.roll(referrals["referral_date"].to_numpy(), 1)
    before[starts_new(referrals["person_id"].to_numpy())] = np.datetime64("NaT")
    return before
