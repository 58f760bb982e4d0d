"""Workforce return: one row for the authority and quarter."""

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
