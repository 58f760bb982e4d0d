"""Which function computes which outcome."""

from __future__ import annotations

from typing import Final

from tasks.outcomes import care, referrals
from tasks.outcomes.units import Measure

MEASURES: Final[dict[str, Measure]] = {
    "cla_18m": care.cla,
    "days_in_care_18m": care.days_in_care,
    "cla_rate": care.cla_rate,
    "rereferral_12m": referrals.rereferral_12m,
}
