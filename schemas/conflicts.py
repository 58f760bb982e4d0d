"""Conflicts met while histories are put together: every kind that is counted, in words."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from schemas.endings import ending_kinds
from schemas.table import Column, Table, codes

CONFLICTS: Final = {
    "id_shared_by_two_persons": "child ids that stand with two different dates of birth: each "
    "date is a person",
    "rows_without_a_day": "referrals, episodes, plans and meetings without the day they began, and "
    "terms that cannot be told: left out",
    "episodes_merged": "episodes sent more than once, word for word the same: one is kept",
    "episodes_closed_later": "episodes open in one return and ended in a later one: the later is "
    "kept",
    "episodes_end_changed": "episodes whose end differs between returns: the later is kept",
    "episodes_start_changed": "episodes whose reason, status or placement differs between returns: "
    "the later is kept",
    "episodes_twice_in_one_return": "different episodes of one child with one start in one "
    "return: the last in order of content is kept",
    **ending_kinds("episodes"),
    "episodes_overlap": "episodes that start before an earlier one of the child has ended, both of "
    "one return: days count once",
    "referrals_merged": "referrals of one child on one day in more than one row: one is kept",
    **ending_kinds("referrals"),
    "cp_plans_merged": "child protection plans of one child with one start in more than one row: "
    "the latest is kept",
    **ending_kinds("cp_plans"),
    "cin_plans_merged": "child in need plans of one child with one start in more than one row: "
    "the latest is kept",
    **ending_kinds("cin_plans"),
    **ending_kinds("missing_episodes"),
    "meetings_merged": "first pre-proceedings meetings of one child on one day in more than one "
    "row: the latest is kept",
    "terms_merged": "terms of one child in more than one row: the latest is kept",
}
"""Every kind of conflict that is counted while histories are put together, in words."""

CONFLICT_COUNTS = Table(
    name="conflicts",
    grain="one row per kind of conflict met while histories were put together",
    key=("kind",),
    source="docs/decisions/0003-outcome-choices.md",
    columns=(
        Column("kind", pa.string(), "Kind of conflict.", codes=codes(*CONFLICTS)),
        Column("count", pa.int64(), "How many."),
    ),
)
