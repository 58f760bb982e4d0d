"""School sessions missed without leave."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    COHORT_TABLE,
    THRESHOLD,
    Nature,
    Quantity,
    published_share,
)

SCHOOL_AGES: Final = (5, 15)
TERMS_FOLLOWED: Final = 3
TERM_STARTS: Final = {"autumn": (9, 1), "spring": (1, 1), "summer": (4, 16)}
"""Month and day on which each term begins; spring and summer fall in the academic year's second."""

_SESSIONS_A_YEAR: Final = 380
"""190 school days of two sessions (Education (School Day and School Year) Regulations 1999)."""

_SESSIONS_POSSIBLE: Final = Quantity(
    "sessions_possible",
    "school sessions possible",
    Nature.AMOUNT,
    per_person=_SESSIONS_A_YEAR,
    width=THRESHOLD * _SESSIONS_A_YEAR,
)
_PERSISTENT: Final = _SESSIONS_A_YEAR // 10
"""Sessions that a persistent absentee misses: a tenth of those possible (DfE, Working together to
improve school attendance)."""
_SESSIONS_MISSED: Final = Quantity(
    "sessions_missed",
    "school sessions missed without leave",
    Nature.AMOUNT,
    contributors=_SESSIONS_POSSIBLE,
    per_person=_SESSIONS_A_YEAR,
    width=THRESHOLD * _PERSISTENT,
)


DECLARED = (
    Outcome(
        id="unauthorised_absence_3t",
        role="secondary",
        subject="attendance",
        unit="session a child of school age could have attended",
        numerator="sessions missed without leave in the three terms after the referral",
        denominator="sessions possible in them",
        protocol="Sessions missed without leave over sessions possible, in the first three terms "
        "that start after the referral, among children aged 5 to 15 at referral.",
        reads=("school_attendance",),
        made_of=("school_attendance",),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=18,
        mature_months=18,
        better="lower",
        publication=published_share(
            "Unauthorised absence from school over three terms",
            COHORT_TABLE,
            (_SESSIONS_MISSED, _SESSIONS_POSSIBLE),
        ),
    ),
)
