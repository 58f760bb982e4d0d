"""Child ids return: of each child with two identifiers, which is in which of the other returns.

For an authority whose two case systems number their children each in its own way. Every other
return but SSDA903 has the identifiers of the census.
"""

from dataclasses import replace
from typing import Final

from schemas.returns.child import child_id
from schemas.table import Coverage, Form, Return, Table

CENSUS_CHILD_ID: Final = "census_child_id"

CHILD_IDS = Table(
    name="child_ids",
    grain="one row per child that has two identifiers",
    key=("child_id", CENSUS_CHILD_ID),
    source="programme template, child_ids",
    sent_as="child_ids",
    required=True,
    columns=(
        replace(
            child_id("ssda903_child_id"),
            meaning="The child's identifier in SSDA903, as text, with its leading zeros.",
        ),
        replace(
            child_id(CENSUS_CHILD_ID),
            name=CENSUS_CHILD_ID,
            meaning="The same child's identifier in the census, as text, with its leading zeros.",
        ),
    ),
)

RETURN = Return(
    name="child_ids",
    title="Child ids return",
    tables=(CHILD_IDS,),
    forms=(Form.TABLE,),
    coverage=Coverage.STANDING,
    is_expected=False,
)
