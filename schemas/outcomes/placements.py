"""Moving from placement to placement, and staying."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    CARE_TABLE,
    LOOKED_AFTER,
    STANDS_ALONE,
    Quantity,
    published_share,
)
from schemas.outcomes.themes import SevenTheme

MANY_PLACEMENTS: Final = 3
PLACEMENTS_WITHIN_MONTHS: Final = 12
LONG_TERM_UNDER_AGE: Final = 16
LONG_TERM_CARE_MONTHS: Final = 30
LONG_TERM_PLACEMENT_MONTHS: Final = 24
PLACEMENT_CHANGES: Final = ("P", "T", "B", "U")
UNPLANNED_REASONS: Final = ("ALLEG", "APPRR", "CLOSE", "CREQB", "CREQO", "STAND")


DECLARED = (
    Outcome(
        id="placement_moves_3plus",
        role="secondary",
        subject="placements",
        unit="child looked after on the last day",
        numerator="children with three or more placements in the twelve months to that day",
        denominator="children looked after on the last day",
        protocol="Of children looked after on the last day of the quarter, those with three or "
        "more placements in the twelve months up to it. A change of legal status is no new "
        "placement, nor is a temporary move or the return from one.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        window_months=12,
        look_back_months=9,
        better="lower",
        publication=published_share(
            "Three or more placements in twelve months",
            CARE_TABLE,
            (
                Quantity("moved_often", "children with three or more placements in twelve months"),
                LOOKED_AFTER,
            ),
            STANDS_ALONE,
        ),
        theme=SevenTheme.STABILITY,
    ),
    Outcome(
        id="placement_long_term",
        role="secondary",
        subject="placements",
        unit="child under 16 looked after for two and a half years",
        numerator="those who have lived with the same carer for two years or more",
        denominator="children under 16 on the last day whose period of care has lasted 30 months",
        protocol="Of children under 16 who on the last day of the quarter had been looked after "
        "without a break for two and a half years, those living with the same carer for at least "
        "two. A move with the same carer (start reason T or U) does not break them; for the other "
        "outcomes about placements it is a change of placement like any other.",
        reads=("ssda903",),
        made_of=("episodes", "children"),
        kind=OutcomeKind.QUARTER,
        grade="D",
        window_months=30,
        told_back_months=27,
        better="higher",
        publication=published_share(
            "Same carer for two years, children long in care",
            CARE_TABLE,
            (
                Quantity("long_in_place", "those of them with one carer for two years"),
                Quantity("long_in_care", "children under 16 looked after for two and a half years"),
            ),
            STANDS_ALONE,
        ),
        theme=SevenTheme.STABILITY,
    ),
    Outcome(
        id="unplanned_moves",
        role="headline",
        subject="placements",
        unit="change of placement",
        numerator="changes for an unplanned reason (ALLEG, APPRR, CLOSE, CREQB, CREQO, STAND)",
        denominator="changes of placement in the quarter",
        protocol="Of episodes that start in the quarter with a change of placement, those that "
        "follow an episode which ended for an unplanned reason.",
        reads=("ssda903",),
        made_of=("episodes",),
        kind=OutcomeKind.QUARTER,
        grade="I",
        better="lower",
        publication=published_share(
            "Unplanned changes of placement",
            CARE_TABLE,
            (
                Quantity("unplanned_changes", "changes of placement for an unplanned reason"),
                Quantity("placement_changes", "changes of placement"),
            ),
        ),
        theme=SevenTheme.STABILITY,
    ),
)
