"""Being referred again."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    CARE_TABLE,
    COHORT_TABLE,
    Quantity,
    published_share,
)

REREFERRAL_FACTORS: Final = ("1B", "2B", "3A", "3B", "3C", "4B")
REREFERRAL_WITHIN_MONTHS: Final = 12


DECLARED = (
    Outcome(
        id="rereferral_factors_18m",
        role="secondary",
        subject="referrals",
        unit="child whose assessment found a named factor",
        numerator="those referred again after the day of referral and by the end of the window",
        denominator="children with a factor 1B, 2B, 3A, 3B, 3C or 4B in an assessment under the "
        "cohort referral",
        protocol="Of children whose assessment under the cohort referral found parental alcohol or "
        "drug misuse, domestic violence or parental mental ill health, those referred again within "
        "18 months.",
        reads=("cin_census",),
        made_of=("referrals", "assessment_factors"),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=18,
        mature_months=18,
        is_told_later=True,
        better="lower",
        publication=published_share(
            "Referred again within 18 months, named factor found",
            COHORT_TABLE,
            (
                Quantity("referred_again", "those of them referred again within 18 months"),
                Quantity("with_factors", "children whose assessment found a named factor"),
            ),
        ),
    ),
    Outcome(
        id="rereferral_12m",
        role="monitoring",
        subject="referrals",
        unit="referral",
        numerator="referrals whose child had an earlier one within the twelve months before",
        denominator="referrals in the quarter",
        protocol="Of referrals in the quarter, those of a child who had been referred within the "
        "twelve months before. Several on one day are one.",
        reads=("cin_census",),
        made_of=("referrals",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        window_months=12,
        look_back_months=12,
        better="lower",
        publication=published_share(
            "Referrals within 12 months of an earlier one",
            CARE_TABLE,
            (
                Quantity("rereferrals", "referrals within 12 months of an earlier one"),
                Quantity("referrals", "referrals"),
            ),
        ),
    ),
)
