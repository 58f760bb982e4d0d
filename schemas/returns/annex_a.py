"""Annex A: the child-level lists Ofsted asks for before an inspection, used here for monitoring.

Headings and categories are those of Ofsted's Annex A guidance; the spellings met in place of them
are in `reference/spellings.csv`. Lists cover six months and are never used for outcomes.
"""

from __future__ import annotations

import pyarrow as pa

from schemas.authorities import reference_rows
from schemas.returns.child import child_id
from schemas.table import AtRest, Code, Column, Coverage, Form, Return, Table, codes_from

_SOURCE = "Ofsted inspection guidance, Annex A, lists 1 to 11"
_COLUMNS = reference_rows("annex_a_columns.csv")
_CODES = reference_rows("annex_a_codes.csv")
_TYPES: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "text": pa.string(),
    "code": pa.string(),
    "number": pa.int16(),
    "yes_no": pa.bool_(),
}
# Names of staff and places where a child lives are read, so that they can be reported, and not
# kept.
_DROPPED = ("worker_name", "adviser_name", "placement_postcode", "early_help_organisation")
_OLDEST = 30
_MOST = 1000
_GRAINS = {
    "annex_a_contacts": ("contact", "contact_date"),
    "annex_a_early_help": ("early help assessment", "early_help_start_date"),
    "annex_a_referrals": ("referral", "referral_date"),
    "annex_a_assessments": ("assessment", "assessment_start_date"),
    "annex_a_section_47": ("section 47 enquiry", "s47_start_date"),
    "annex_a_children_in_need": ("child in need case", "cin_start_date"),
    "annex_a_child_protection": ("child protection plan", "cp_plan_start"),
    "annex_a_children_in_care": ("child looked after", "cla_start"),
    "annex_a_care_leavers": ("care leaver", ""),
    "annex_a_adoptions": ("child with an adoption decision", ""),
    "annex_a_adopters": ("prospective adopter", ""),
}


def _column(row: dict[str, str]) -> Column:
    name, heading = row["name"], row["heading"]
    if name == "child_id":
        return child_id(heading)
    is_number = row["type"] == "number"
    return Column(
        name,
        _TYPES[row["type"]],
        f"What Annex A, {row['sheet'].lower()}, asks for as `{heading}`.",
        sent_as=heading,
        codes=_codes(heading) if row["type"] == "code" else (),
        required=row["required"] == "yes",
        minimum=0 if is_number else None,
        maximum=(_OLDEST if name == "age_years" else _MOST) if is_number else None,
        at_rest=_at_rest(name),
        counts_completed=name == "age_years",
    )


def _codes(heading: str) -> tuple[Code, ...]:
    return codes_from(_CODES, heading)


def _at_rest(name: str) -> AtRest:
    if name == "birth_date":
        return AtRest.MONTH
    if name.endswith("_id"):
        return AtRest.PSEUDONYM
    return AtRest.DROPPED if name in _DROPPED else AtRest.AS_IS


def _table(name: str) -> Table:
    rows = [row for row in _COLUMNS if row["table"] == name]
    grain, date_name = _GRAINS[name]
    who = rows[0]["name"]
    return Table(
        name=name,
        grain=f"one row per {grain} in the six months",
        key=(who, date_name) if date_name else (who,),
        columns=tuple(_column(row) for row in rows),
        source=_SOURCE,
        sent_as=rows[0]["sheet"],
    )


RETURN = Return(
    name="annex_a",
    title="Annex A lists",
    tables=tuple(_table(name) for name in _GRAINS),
    forms=(Form.TABLE,),
    coverage=Coverage.ROLLING,
    is_expected=False,
    is_monitoring_only=True,
)
