"""The recipe "add a small return" of CONTRIBUTING.md, followed in a copy: five files, no more."""

import re
from pathlib import Path

from tests.support.tree import CopiedTree

HOME = Path(__file__).parents[2]

DECLARATION = '''"""Family visits: one row for each visit in the financial year to date."""

import pyarrow as pa

from schemas.returns.child import child_id
from schemas.table import Column, Coverage, Form, Return, Table

FAMILY_VISITS = Table(
    name="family_visits",
    grain="one row per child and visit",
    key=("child_id", "visit_date"),
    source="programme template, family_visits",
    sent_as="family_visits",
    required=True,
    columns=(
        child_id("child_id"),
        Column("visit_date", pa.date32(), "Day of the visit.", "visit_date"),
    ),
)

RETURN = Return(
    name="family_visits",
    title="Family visits return",
    tables=(FAMILY_VISITS,),
    forms=(Form.TABLE,),
    coverage=Coverage.YEAR_TO_DATE,
)
'''

RULES = '''"""What an acceptable family visits return looks like."""

from pandas import Series

from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet
from schemas.returns.family_visits import FAMILY_VISITS, RETURN
from schemas.submission import Reach

_VISITS = RuleSet(FAMILY_VISITS)


@_VISITS.error(
    "SFP-VISIT-LATE",
    "The visit is after the last day of the quarter. Correct visit_date, or send the row with the "
    "next quarter.",
    "visit_date",
    reach=Reach.RECORD,
    fails={"visit_date": "2024-04-01"},
    passes={"visit_date": "2024-03-31"},
)
def _visit_after_quarter(rows: Rows) -> Series:
    return rows["family_visits"]["visit_date"] > rows.last_day


RULES = (
    *declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset()),
    *_VISITS.rules,
)
'''

FORM = '''"""The family visits return: every child is visited on the day of a referral."""

from __future__ import annotations

from collections.abc import Iterator

from samples.days import uk
from samples.forms import Occasion
from samples.forms.ssda903 import lines_csv


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter."""
    rows = [
        (child.child_id, uk(case.referral))
        for child in occasion.history.children
        for case in child.cases
        if occasion.span.covers(case.referral)
    ]
    yield "family_visits.csv", lines_csv("child_id,visit_date", rows)
'''

STORY = '''"""A family visits return from drop folder to answer."""

import pyarrow.parquet as pq

from expectations.book import rules_of
from expectations.printed import rules_page
from schemas.calendar import EXPECTED
from tasks.intake.sweep import sweep_once
from tasks.operate.template_workbooks import write_templates
from warehouse.ledger import all_in_force


def test_visits_are_recognised_judged_answered_and_in_force(root):
    folder = root.drop / "E08000030" / "2024-25Q4"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "any name.csv").write_text("child_id,visit_date\\n7,31/03/2025\\n8,01/04/2025\\n")
    (judged,) = sweep_once(root, wait=False, progress=lambda _: None).taken
    assert (judged.return_name, str(judged.state)) == ("family_visits", "accepted with queries")
    pack = root.outbox / "E08000030" / "2024-25Q4" / judged.submission_id
    findings = (pack / "findings.csv").read_text("utf-8-sig").splitlines()
    assert [line for line in findings[1:] if "SFP-VISIT-LATE" not in line] == []
    assert len(findings) == 2
    assert [(row.return_name, row.version) for row in all_in_force(root)] == [("family_visits", 1)]
    assert [pq.read_metadata(path).num_rows for path in root.tables.rglob("*.parquet")] == [1]


def test_templates_rules_their_page_and_chasing_know_it(tmp_path):
    written = [path.name for path in write_templates(tmp_path, year=2025)]
    assert "family_visits.xlsx" in written
    assert "SFP-VISIT-LATE" in [rule.code for rule in rules_of("family_visits")]
    assert "## Family visits return" in rules_page()
    assert "family_visits" in EXPECTED
'''

HELD_FOR_EVERY_SMALL_RETURN = (
    "tests/unit/tasks/operate/test_template_workbooks.py::"
    "test_a_template_that_is_filled_in_is_read_without_a_tolerance[family_visits]",
    "tests/unit/samples/test_small_returns.py::test_headings_are_those_declared[family_visits]",
)
REGISTRATION = "schemas/returns/__init__.py"
WRITTEN = {
    "schemas/returns/family_visits.py": DECLARATION,
    "expectations/returns/family_visits.py": RULES,
    "samples/forms/family_visits.py": FORM,
    "tests/flows/test_family_visits.py": STORY,
}


def test_a_return_of_five_files_is_taken_in_answered_and_known_everywhere(tmp_path):
    tree = CopiedTree(tmp_path)
    for name, text in WRITTEN.items():
        tree.write(name, text)
    tree.edit(REGISTRATION, "    workforce,\n", "    workforce,\n    family_visits,\n")
    tree.run("-m", "ruff", "check", "--config", "pyproject.toml", *WRITTEN)
    tree.run(
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/flows/test_family_visits.py",
        *HELD_FOR_EVERY_SMALL_RETURN,
    )


def test_the_recipe_names_the_files_that_were_touched():
    page = (HOME / "CONTRIBUTING.md").read_text("utf-8")
    (recipe,) = re.findall(r"^- \*\*add a small return\*\*(.*?)\n\n", page, re.M | re.S)
    named = re.findall(r"^ +\d\. .*?`([\w./<>]+)`", recipe, re.M)
    touched = [REGISTRATION, *(name.replace("family_visits", "<name>") for name in WRITTEN)]
    assert sorted(named) == sorted(touched)
