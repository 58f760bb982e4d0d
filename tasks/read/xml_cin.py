"""The children in need census as XML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from schemas.limits import Limits
from schemas.returns import cin_census
from schemas.table import Table
from tasks.read.dates import CIN_FORMS
from tasks.read.packed import without_packed_cells
from tasks.read.sheet import SentTable
from tasks.read.xml_tree import Element, Tree, no_rows, tree_of

_ROOT = "Message"
# A joint return is met with a header for each authority, and with both codes in one element.
_SPLIT = re.compile(r"[^\s,;/+&]+")
_CHILD = "Message/Children/Child"
_CASE = f"{_CHILD}/CINdetails"
_PLAN = f"{_CASE}/ChildProtectionPlans"
_ABOVE: dict[str, tuple[str, ...]] = {
    "cin_children": (),
    "cin_disabilities": ("cin_children",),
    "referrals": ("cin_children",),
    "assessments": ("referrals", "cin_children"),
    "assessment_factors": ("assessments", "referrals", "cin_children"),
    "section_47": ("referrals", "cin_children"),
    "cp_plans": ("referrals", "cin_children"),
    "cp_plan_reviews": ("cp_plans", "referrals", "cin_children"),
    "cin_plans": ("referrals", "cin_children"),
    "cin_pre_proceedings": ("referrals", "cin_children"),
}
# What a child, case, assessment or plan says once, and the tables below it repeat.
_REPEATED = {
    "child_id": "cin_children",
    "referral_date": "referrals",
    "assessment_start_date": "assessments",
    "cp_plan_start": "cp_plans",
}
# Elements that hold one code each and are met with several.
_PACKED = {"assessment_factors": "factor_code", "cin_disabilities": "disability_code"}


def _cells(table: Table) -> tuple[str, ...]:
    """Return the elements of a table's own cells, without those it repeats from above."""
    above = _ABOVE[table.name]
    return tuple(
        column.sent_as
        for column in table.columns
        if column.sent_as is not None and _REPEATED.get(column.name) not in above
    )


def _element(table: Table, path: str, within: tuple[str, ...] = (), **more: object) -> Element:
    # The names and kinds in `more` are the fields of Element, which the checker cannot see through.
    return Element(table.name, path, _cells(table), within, **more)  # type: ignore[arg-type]


_ELEMENTS = (
    Element(
        "message",
        "Message",
        ("Collection", "Year", "ReferenceDate"),
        ("Header/CollectionDetails",),
    ),
    Element(
        "source",
        "Message/Header/Source",
        ("SourceLevel", "LEA", "SoftwareCode", "Release", "SerialNo", "DateTime"),
    ),
    _element(cin_census.CIN_CHILDREN, _CHILD, ("ChildIdentifiers", "ChildCharacteristics")),
    _element(
        cin_census.CIN_DISABILITIES,
        f"{_CHILD}/ChildCharacteristics/Disabilities/Disability",
        is_cell=True,
    ),
    _element(cin_census.REFERRALS, _CASE),
    _element(cin_census.ASSESSMENTS, f"{_CASE}/Assessments"),
    _element(
        cin_census.ASSESSMENT_FACTORS,
        f"{_CASE}/Assessments/FactorsIdentifiedAtAssessment/AssessmentFactors",
        is_cell=True,
    ),
    _element(cin_census.SECTION_47, f"{_CASE}/Section47"),
    _element(cin_census.CP_PLANS, _PLAN),
    # One row per date, whether one Reviews holds many dates or many hold one each.
    _element(cin_census.CP_PLAN_REVIEWS, f"{_PLAN}/Reviews/CPPreviewDate", is_cell=True),
    _element(cin_census.CIN_PLANS, f"{_CASE}/CINPlanDates"),
    _element(
        cin_census.CIN_PRE_PROCEEDINGS,
        f"{_CASE}/PreProceedings",
        loose=_CASE,
        begins="PPStartDate",
        also=("PreProceedingsandFGDM", "PreProceedingsAndFGDM", "PreProceedingsFGDM"),
    ),
)


@dataclass(frozen=True)
class CinFile:
    """A census file: its tables, and what its header says of itself."""

    tables: tuple[SentTable, ...]
    old_la_codes: tuple[str, ...]
    year: str | None


def cin_file(path: Path, name: str, *, limits: Limits) -> CinFile:
    """Return the tables of a census file.

    Raises:
        UnreadableError: with the reason and, where there is one, the line.
    """
    tree = tree_of(path, name, _ELEMENTS, root=_ROOT, limits=limits)
    if not len(tree.rows["cin_children"]):
        raise no_rows(name)
    tables = [_sent(tree, table, name) for table in cin_census.RETURN.tables]
    sources = tree.rows["source"].cells["LEA"].to_pylist()
    codes = {code for text in sources if text for code in _SPLIT.findall(text)}
    (year,) = tree.rows["message"].cells["Year"].to_pylist()
    return CinFile(tuple(tables), tuple(sorted(codes)), year and year.strip())


def _sent(tree: Tree, table: Table, name: str) -> SentTable:
    own, above = tree.rows[table.name], _ABOVE[table.name]
    columns = {}
    for column in table.columns:
        holder = _REPEATED.get(column.name)
        if holder is not None and holder in above:
            steps = above[: above.index(holder) + 1]
            columns[column.name] = tree.seen_from(table.name, steps, str(column.sent_as))
        else:
            columns[column.name] = own.cells[str(column.sent_as)]
    unknown = tree.tolerances if table is cin_census.CIN_CHILDREN else ()
    raw = pa.Table.from_arrays(list(columns.values()), names=list(columns))
    sent = SentTable(table, name, raw, own.lines, table.sent_as, unknown, CIN_FORMS)
    packed = _PACKED.get(table.name)
    return sent if packed is None else without_packed_cells(sent, table[packed])
