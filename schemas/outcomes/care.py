"""Becoming looked after, and for how long."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import PER_10_000, Outcome, OutcomeKind
from schemas.outcomes.publication import (
    CARE_TABLE,
    COHORT_CHILDREN,
    COHORT_TABLE,
    LOOKED_AFTER,
    POPULATION,
    STANDS_ALONE,
    WITHIN_YEAR,
    Quantity,
    ValueMeasure,
    amount_of_days,
    published_ratio,
    published_share,
)
from schemas.outcomes.themes import SevenTheme

KINSHIP_PLACEMENTS: Final = ("U1", "U2", "U3")
REUNIFIED_REASONS: Final = ("E4A", "E4B", "E13", "E41", "E45", "E47")
FOLLOW_UP_MONTHS: Final = 18
"""The primary outcome's window: time at risk and half-exposure are measured over it."""

_ENTERED: Final = {
    months: Quantity(
        f"entered_{months}m", f"children who became looked after within {months} months"
    )
    for months in (18, 36)
}
_CARE_DAYS: Final = {
    months: amount_of_days(
        f"care_days_{months}m",
        f"days looked after within {months} months",
        entered,
        months=months,
    )
    for months, entered in _ENTERED.items()
}


def _cla(months: int, role: str, grade: str, theme: SevenTheme | None = None) -> Outcome:
    return Outcome(
        id=f"cla_{months}m",
        role=role,
        subject="care",
        unit="child",
        numerator="children whose first period of care starts in the window",
        denominator="children in the cohort",
        protocol=f"The child starts to be looked after for the first time within {months} calendar "
        "months of the first referral, the last day of the window included.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.COHORT,
        grade=grade,
        window_months=months,
        mature_months=months,
        better="lower",
        publication=published_share(
            f"Became looked after within {months} months of referral",
            COHORT_TABLE,
            (_ENTERED[months], COHORT_CHILDREN),
        ),
        theme=theme,
        theme_place=2,
    )


def _days_in_care(months: int) -> Outcome:
    return Outcome(
        id=f"days_in_care_{months}m",
        role="secondary",
        subject="care",
        unit="child",
        numerator="days looked after inside the window",
        denominator="children in the cohort",
        protocol=f"Days looked after within {months} calendar months of the referral, overlapping "
        "periods counted once and those still open cut at the end of the window; 0 for a child who "
        "was never looked after.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.COHORT,
        grade="S",
        window_months=months,
        mature_months=months,
        better="lower",
        publication=published_ratio(
            f"Days in care within {months} months, all children",
            COHORT_TABLE,
            ValueMeasure.MEAN_DAYS,
            (_CARE_DAYS[months], COHORT_CHILDREN),
        ),
    )


def _days_in_care_entered(months: int) -> Outcome:
    return Outcome(
        id=f"days_in_care_{months}m_entered",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="days looked after inside the window",
        denominator="children whose first period of care starts in the window",
        protocol=f"Days looked after within {months} calendar months of the referral, among "
        "children who started to be looked after in them.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.COHORT,
        grade="S",
        window_months=months,
        mature_months=months,
        better="lower",
        publication=published_ratio(
            f"Days in care within {months} months, children who entered care",
            COHORT_TABLE,
            ValueMeasure.MEAN_DAYS,
            (_CARE_DAYS[months], _ENTERED[months]),
        ),
    )


DECLARED = (
    _cla(18, "primary", "W", SevenTheme.CARE),
    _cla(36, "long follow-up", "S"),
    _days_in_care(18),
    _days_in_care(36),
    _days_in_care_entered(18),
    _days_in_care_entered(36),
    Outcome(
        id="kinship_18m",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="children placed with relatives or friends in the window (U1, U2, U3)",
        denominator="children whose first period of care starts in the window",
        protocol="Of children who started to be looked after within 18 months of the referral, "
        "those placed with relatives or friends within the same 18 months.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.COHORT,
        grade="S, codes I",
        window_months=18,
        mature_months=18,
        better="higher",
        models=("family_valued",),
        publication=published_share(
            "Placed with relatives or friends, children who entered care",
            COHORT_TABLE,
            (Quantity("kinship", "children placed with relatives or friends"), _ENTERED[18]),
        ),
    ),
    Outcome(
        id="reunified_18m",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="children who left care to parents, relatives or friends in the window "
        "(E4A, E4B, E13, E41, E45, E47)",
        denominator="children whose first period of care starts in the window",
        protocol="Of children who started to be looked after within 18 months of the referral, "
        "those who left care to parents, relatives or friends within the same 18 months.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.COHORT,
        grade="S, codes I",
        window_months=18,
        mature_months=18,
        better="higher",
        models=("family_valued",),
        publication=published_share(
            "Left care to parents or relatives, children who entered care",
            COHORT_TABLE,
            (Quantity("reunified", "children who left care to parents or relatives"), _ENTERED[18]),
        ),
    ),
    Outcome(
        id="cla_rate",
        role="monitoring",
        subject="care",
        unit="authority and quarter",
        numerator="children looked after on the last day",
        denominator="children aged 0 to 17 in the authority",
        protocol="Children looked after on the last day of the quarter, short-break series left "
        "out, per 10,000 children aged 0 to 17.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
        publication=published_ratio(
            "Children looked after on the last day",
            CARE_TABLE,
            ValueMeasure.RATE,
            (LOOKED_AFTER, POPULATION),
            STANDS_ALONE,
        ),
        theme=SevenTheme.CARE,
    ),
    Outcome(
        id="cla_start_rate",
        role="monitoring",
        subject="care",
        unit="authority and quarter",
        numerator="periods of care that start in the quarter",
        denominator="children aged 0 to 17 in the authority",
        protocol="Periods of care that start in the quarter, per 10,000 children aged 0 to 17.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
        publication=published_ratio(
            "Periods of care started",
            CARE_TABLE,
            ValueMeasure.RATE,
            (Quantity("care_starts", "periods of care started"), POPULATION),
            WITHIN_YEAR,
        ),
        theme=SevenTheme.CARE,
    ),
)
