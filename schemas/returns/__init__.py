"""Every return the pipeline takes in, by name."""

from schemas.errors import DeclarationError
from schemas.returns import (
    annex_a,
    child_ids,
    cin_census,
    pre_proceedings,
    programme_delivery,
    school_attendance,
    ssda903,
    training_feedback,
    workforce,
)
from schemas.table import Return, Table

RETURNS: dict[str, Return] = {
    module.RETURN.name: module.RETURN
    for module in (
        ssda903,
        cin_census,
        pre_proceedings,
        school_attendance,
        workforce,
        programme_delivery,
        annex_a,
        training_feedback,
        child_ids,
    )
}
"""Whatever goes through returns goes through them in this order."""


def table_named(name: str) -> tuple[Return, Table]:
    """Return the table called `name` with the return it belongs to.

    Raises:
        DeclarationError: no return has such a table.
    """
    for found in RETURNS.values():
        for table in found.tables:
            if table.name == name:
                return found, table
    raise DeclarationError(f"no return has a table {name}.")
