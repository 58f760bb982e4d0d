"""Pre-proceedings return: meetings under the Public Law Outline, year to date."""

import pyarrow as pa

from schemas.returns.child import child_id
from schemas.table import Column, Coverage, Form, Return, Table

PRE_PROCEEDINGS = Table(
    name="pre_proceedings",
    grain="one row per pre-proceedings process",
    key=("child_id", "first_meeting_date"),
    source="programme template, pre_proceedings",
    sent_as="pre_proceedings",
    required=True,
    columns=(
        child_id("child_id"),
        Column("first_meeting_date", pa.date32(), "First meeting.", "first_meeting_date"),
        Column(
            "proceedings_issued_date",
            pa.date32(),
            "Day care proceedings were issued; empty when they were not.",
            "proceedings_issued_date",
            required=False,
        ),
        Column(
            "pre_proceedings_outcome",
            pa.string(),
            "What was decided, in the authority's words.",
            "outcome",
            required=False,
            max_length=60,
        ),
    ),
)

RETURN = Return(
    name="pre_proceedings",
    title="Pre-proceedings return",
    tables=(PRE_PROCEEDINGS,),
    forms=(Form.TABLE,),
    coverage=Coverage.YEAR_TO_DATE,
    beside=("cin_census",),
)
