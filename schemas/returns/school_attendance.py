"""School attendance of referred children, by term, financial year to date."""

import pyarrow as pa

from schemas.returns.child import child_id
from schemas.table import Column, Coverage, Form, Return, Table, codes

TERM_LAST_DAYS = {"autumn": (0, 12, 31), "spring": (1, 4, 15), "summer": (1, 7, 31)}
"""Years after the academic year began, month and day by which each term has ended."""

SCHOOL_ATTENDANCE = Table(
    name="school_attendance",
    grain="one row per child and school term",
    key=("child_id", "academic_year", "term"),
    source="programme template, school_attendance",
    sent_as="school_attendance",
    required=True,
    columns=(
        child_id("child_id"),
        Column("academic_year", pa.string(), "As 2023/24.", "academic_year", max_length=7),
        Column("term", pa.string(), "School term.", "term", codes("autumn", "spring", "summer")),
        *(
            Column(f"{name}_count", pa.int16(), meaning, name, minimum=0, maximum=200)
            for name, meaning in (
                ("sessions_possible", "Half-day sessions the child could have attended."),
                ("sessions_authorised_absence", "Sessions missed with leave."),
                ("sessions_unauthorised_absence", "Sessions missed without leave."),
            )
        ),
    ),
)

RETURN = Return(
    name="school_attendance",
    title="School attendance return",
    tables=(SCHOOL_ATTENDANCE,),
    forms=(Form.TABLE,),
    coverage=Coverage.YEAR_TO_DATE,
    beside=("cin_census",),
)
