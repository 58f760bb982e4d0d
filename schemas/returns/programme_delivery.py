"""Programme delivery return: one row for the authority and quarter."""

import pyarrow as pa

from schemas.table import Column, Coverage, Form, Return, Table

_SPEND = (
    ("spend_set_up_gbp", "Spend on setting up the practice model."),
    ("spend_staff_gbp", "Spend on staff who deliver it."),
    ("spend_training_gbp", "Spend on training."),
    ("spend_other_running_gbp", "Other running spend."),
)
_COUNTS = (
    ("conferences_held", "Family group conferences held."),
    ("conferences_returned_home", "Conferences after which the child returned home."),
    ("conferences_prevented_care", "Conferences that kept the child out of care."),
    ("conferences_plan_avoided", "Conferences that avoided or ended a plan."),
    ("conferences_step_avoided", "Conferences that avoided another statutory step."),
    ("reunifications", "Children who returned home from care in the quarter."),
    ("reunifications_still_home", "Of these, still home on the last day."),
    ("staff_trained", "Staff who completed training in the model."),
)

PROGRAMME_DELIVERY = Table(
    name="programme_delivery",
    grain="one row per quarter",
    key=("la_code", "quarter"),
    source="programme template, programme_delivery",
    sent_as="programme_delivery",
    required=True,
    columns=(
        Column("la_code", pa.string(), "Local authority, nine-character ONS code.", "la_code"),
        Column("quarter", pa.string(), "Quarter, as 2025-26Q1.", "quarter"),
        *(
            Column(name, pa.float64(), meaning, name, required=False, minimum=0, maximum=1e9)
            for name, meaning in _SPEND
        ),
        *(
            Column(name, pa.int32(), meaning, name, required=False, minimum=0, maximum=1e6)
            for name, meaning in _COUNTS
        ),
    ),
)

RETURN = Return(
    name="programme_delivery",
    title="Programme delivery return",
    tables=(PROGRAMME_DELIVERY,),
    forms=(Form.TABLE,),
    coverage=Coverage.QUARTER,
)
