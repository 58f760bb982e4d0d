"""Workforce return: one row for the authority and quarter."""

from typing import Final

import pyarrow as pa

from schemas.table import Column, Coverage, Form, Return, Table

_AMOUNTS = (
    ("fte_days", "Full-time-equivalent working days of case-holding social workers."),
    ("sickness_days", "Full-time-equivalent days lost to sickness."),
    ("fte_start", "Full-time-equivalent social workers in post on the first day."),
    ("leavers_fte", "Full-time-equivalent social workers who left in the quarter."),
    ("agency_fte", "Full-time-equivalent agency workers on the last day."),
    ("vacancies_fte", "Full-time-equivalent vacancies on the last day."),
    ("cases", "Cases held on the last day."),
    ("direct_work_hours", "Hours spent in direct work with families."),
    ("total_hours", "Hours worked."),
)

USUAL_DAYS: Final = (30.0, 92.0)
"""Days a full-time post may count in a quarter: working days, or at most every day of it."""

USUAL_CASES: Final = (2.0, 60.0)
USUAL_HOURS: Final = (2.0, 12.0)
MOST_SICK: Final = 0.5
MOST_LEAVERS: Final = 1.0
MOST_AGENCY: Final = 3.0

OUT_BY: Final = 100.0
"""Authorities were seen to be out by this factor: a share given as a percentage, a point lost."""

FITS: Final = {
    ("fte_days", "fte_start"): USUAL_DAYS,
    ("cases", "fte_start"): USUAL_CASES,
    ("total_hours", "fte_days"): USUAL_HOURS,
}
"""Numbers of one return that hold each other: the one over the other, at least and at most.
One of the two cannot be meant where it is as far out as `OUT_BY` would bring a usual number."""

SHARES: Final = {
    ("sickness_days", "fte_days"): MOST_SICK,
    ("leavers_fte", "fte_start"): MOST_LEAVERS,
    ("agency_fte", "fte_start"): MOST_AGENCY,
}
"""Numbers that may be as small as they like: what the one is, over the other, at most."""

OUT_OF_SCALE: Final = 30.0
"""No true amount moves by this factor from one quarter to another."""

LEAST_IN_SCALE: Final = 1.0
"""Two amounts that are both below it have no scale."""

WORKFORCE = Table(
    name="workforce",
    grain="one row per quarter",
    key=("la_code", "quarter"),
    source="programme template, workforce",
    sent_as="workforce",
    required=True,
    columns=(
        Column("la_code", pa.string(), "Local authority, nine-character ONS code.", "la_code"),
        Column("quarter", pa.string(), "Quarter, as 2025-26Q1.", "quarter"),
        *(
            Column(name, pa.float64(), meaning, name, minimum=0, maximum=10_000_000)
            for name, meaning in _AMOUNTS
        ),
    ),
)

RETURN = Return(
    name="workforce",
    title="Workforce return",
    tables=(WORKFORCE,),
    forms=(Form.TABLE,),
    coverage=Coverage.QUARTER,
)
