"""Columns that mean the same wherever a return names a child."""

import pyarrow as pa

from schemas.table import AtRest, Column


def child_id(sent_as: str) -> Column:
    """Return the column that names the child, by the authority's own identifier."""
    return Column(
        "child_id",
        pa.string(),
        "The authority's own identifier of the child, as text, with its leading zeros.",
        sent_as=sent_as,
        at_rest=AtRest.PSEUDONYM,
        max_length=20,
    )


def birth_date(sent_as: str, *, at_rest: AtRest = AtRest.DROPPED, required: bool = True) -> Column:
    """Return the date of birth; most tables repeat it only to confirm who the child is."""
    return Column(
        "birth_date", pa.date32(), "Date of birth.", sent_as, required=required, at_rest=at_rest
    )
