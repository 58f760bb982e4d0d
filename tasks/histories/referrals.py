"""Referrals: one per person and day, over all returns."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from tasks.histories.dates import Days
from tasks.histories.spans import starts_new
from tasks.histories.versions import latest_versions

REFERRAL = ["person_id", "referral_date"]


def referrals_once(referrals: DataFrame) -> DataFrame:
    """Return one row per person and day of referral: the latest return's word, in order."""
    return latest_versions(referrals, key=REFERRAL)


def earlier_referral(referrals: DataFrame) -> Days:
    """Return for each referral the day of the person's one before; missing for the first.

    Args:
        referrals: as `referrals_once` returns them.
    """
    before = np.roll(referrals["referral_date"].to_numpy(), 1)
    before[starts_new(referrals["person_id"].to_numpy())] = np.datetime64("NaT")
    return before
