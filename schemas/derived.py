"""What is worked out from the returns: care histories and the cohort.

Definitions: docs/decisions/0003-outcome-choices.md.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from schemas.outcomes import COHORT_OUTCOMES, OUTCOMES
from schemas.table import Column, Table, codes

_SOURCE: Final = "docs/decisions/0003-outcome-choices.md"

# Care histories, SSDA903 codes
SHORT_BREAK_STATUSES: Final = ("V3", "V4")
OPENS_PERIOD: Final = "S"
OPENS_PLACEMENT: Final = ("S", "P", "T", "B", "U")
CHANGES_CARER: Final = ("S", "P", "B")
"""Start reasons with which the child comes to another carer; T and U move with the same one."""
TEMPORARY_PLACEMENTS: Final = ("T0", "T1", "T2", "T3", "T4")
CONTINUES_IN_ANOTHER: Final = "X1"

# Covariates
SEX_OF_CODE: Final = {"1": "male", "M": "male", "2": "female", "F": "female"}
ETHNICITY_GROUPS: Final = {
    "WBRI": "white",
    "WIRI": "white",
    "WIRT": "white",
    "WOTH": "white",
    "WROM": "white",
    "MWBC": "mixed",
    "MWBA": "mixed",
    "MWAS": "mixed",
    "MOTH": "mixed",
    "AIND": "asian",
    "APKN": "asian",
    "ABAN": "asian",
    "AOTH": "asian",
    "CHNE": "asian",
    "BCRB": "black",
    "BAFR": "black",
    "BOTH": "black",
    "OOTH": "other",
}
"""The five groups of the 2021 census; refused and not obtained are `unknown`."""
NOT_STATED: Final = "unknown"
NO_DISABILITY: Final = "NONE"
UASC_FACTOR: Final = "9A"

_PERSON = Column("person_id", pa.int64(), "Key of the person inside the authority.")


def _day(name: str, meaning: str) -> Column:
    return Column(name, pa.timestamp("s"), meaning, required=name.endswith("_start"))


PERIODS_OF_CARE = Table(
    name="periods_of_care",
    grain="one row per period of care: a child's back-to-back episodes joined",
    key=("person_id", "period_start"),
    source=_SOURCE,
    columns=(
        _PERSON,
        _day("period_start", "First day of the first episode."),
        _day("period_end", "End of the last episode (not included); 2999-12-31 while open."),
    ),
)

_PLACEMENTS = Table(
    name="placements",
    grain="one row per placement: temporary ones left out, legal changes and returns joined",
    key=("person_id", "placement_start"),
    source=_SOURCE,
    columns=(
        _PERSON,
        Column("period", pa.int64(), "Row of the period of care the placement belongs to."),
        _day("placement_start", "First day."),
        _day("placement_end", "End (not included); 2999-12-31 while open."),
    ),
)


def _cohort_measure(outcome_id: str) -> Column:
    outcome = OUTCOMES[outcome_id]
    meaning = f"{outcome.numerator}, for this child; missing when not mature or not applicable."
    return Column(outcome_id, pa.float64(), meaning, required=False)


COHORT = Table(
    name="cohort",
    grain="one row per child: its first referral in the model's window (restricted)",
    key=("la_code", "person_id"),
    source=_SOURCE,
    columns=(
        Column("la_code", pa.string(), "Local authority, lasting nine-character code."),
        Column("model", pa.string(), "Practice model of the authority."),
        _PERSON,
        Column("referral_date", pa.timestamp("s"), "Day of the referral."),
        Column("cohort_quarter", pa.string(), "Quarter of the referral."),
        Column("wedge", pa.int64(), "How many of the model's go-live days the referral follows."),
        Column(
            "exposed",
            pa.bool_(),
            "Whether the authority had gone live on that day; missing where no day is known.",
            required=False,
        ),
        Column(
            "exposure_quarters",
            pa.float64(),
            "Quarters (of 91.3125 days) from going live to the referral; 0 before it, missing "
            "where no day is known.",
            required=False,
        ),
        Column(
            "age_at_referral", pa.float64(), "Completed years; missing if unborn.", required=False
        ),
        Column("is_unborn", pa.bool_(), "Whether the child was not yet born."),
        Column("sex", pa.string(), "Sex as recorded.", codes=codes("male", "female", NOT_STATED)),
        Column(
            "ethnicity_group",
            pa.string(),
            "Ethnic group.",
            codes=codes(*dict.fromkeys(ETHNICITY_GROUPS.values()), NOT_STATED),
        ),
        Column(
            "is_disabled",
            pa.bool_(),
            "Whether a disability is recorded; missing where nothing is.",
            required=False,
        ),
        Column(
            "has_previous_plan",
            pa.bool_(),
            "Whether the child had a child protection plan before the referral.",
            required=False,
        ),
        Column("is_uasc", pa.bool_(), "Whether the child sought asylum unaccompanied."),
        Column("is_nfa", pa.bool_(), "Whether no further action was taken.", required=False),
        Column(
            "half_follow_up_exposed",
            pa.bool_(),
            "Whether the authority was live for at least half of the 18 months from referral.",
        ),
        Column(
            "entry_days",
            pa.float64(),
            "Days from referral to the first period of care; missing if none.",
            required=False,
        ),
        Column(
            "time_at_risk_days",
            pa.float64(),
            "Days from referral to the first period of care or the end of the 18 months, "
            "whichever is first; missing while not mature.",
            required=False,
        ),
        *(_cohort_measure(outcome_id) for outcome_id in COHORT_OUTCOMES),
    ),
)

COLUMNS_READ: Final = {
    "children": ("birth_month", "sex", "ethnicity"),
    "episodes": (
        "episode_start",
        "start_reason",
        "legal_status",
        "placement_code",
        "placement_urn",
        "episode_end",
        "end_reason",
        "place_change_reason",
    ),
    "missing_episodes": ("missing_start", "missing_end"),
    "uasc": (),
    "oc2": ("sdq_score",),
    "oc3": ("activity_code",),
    "cin_children": ("birth_month", "gender", "sex", "ethnicity"),
    "cin_disabilities": ("disability_code",),
    "referrals": ("referral_date", "closure_date", "is_nfa", "age_at_referral", "is_unborn"),
    "assessment_factors": ("referral_date", "factor_code"),
    "cp_plans": ("cp_plan_start", "cp_plan_end", "previous_cp_plan_count"),
    "cin_plans": ("cin_plan_start", "cin_plan_end"),
    "cin_pre_proceedings": ("first_meeting_date", "proceedings_issued_date"),
    "pre_proceedings": ("first_meeting_date", "proceedings_issued_date"),
    "school_attendance": (
        "academic_year",
        "term",
        "sessions_possible_count",
        "sessions_unauthorised_absence_count",
    ),
}
"""Of each table that names a child, the columns at rest that outcomes read."""

AT_REST: Final[dict[str, pa.DataType]] = {
    "age_at_referral": pa.float64(),
    "is_unborn": pa.bool_(),
    "birth_month": pa.date32(),
}
"""Columns at rest that stand in for dates of birth (schemas/rows.py)."""
