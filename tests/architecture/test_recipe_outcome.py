"""The recipe of CONTRIBUTING.md for an outcome, followed in a copy of the tree."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
COPIED = ("schemas", "tasks", "expectations", "warehouse", "samples", "tests/spec", "tests/support")
TOUCHED = (
    "schemas/outcomes/plans.py",
    "tasks/outcomes/plans.py",
    "tests/spec/plans.py",
    "samples/implied/quarterly.py",
)
IMPORTED_BY_TESTS = "tests/unit/tasks/outcomes/returned.py"

DECLARATION = """
    Outcome(
        id="cpp_end_rate",
        role="monitoring",
        subject="plans",
        unit="authority and quarter",
        numerator="child protection plans that end in the quarter",
        denominator="children aged 0 to 17 in the authority",
        protocol="Plans that end in the quarter, per 10,000 children aged 0 to 17.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        scale=PER_10_000,
        publication=published_ratio(
            "Child protection plans ended",
            CARE_TABLE,
            ValueMeasure.RATE,
            (Quantity("plan_ends", "child protection plans ended"), POPULATION),
            WITHIN_YEAR,
        ),
        theme=SevenTheme.PLANS,
    ),
)
"""
MEASURE = '''

@measure_of("cpp_end_rate")
def cpp_end_rate(history: History, outcome: Outcome) -> DataFrame:
    """Return per quarter the plans that end in it, over resident children."""
    ended = counts_by_quarter(history, history.cp_plans["ends"].to_numpy())
    return by_quarter(ended, children_resident(history))
'''
EXAMPLE = """
    Example(
        outcome="cpp_end_rate",
        says="A plan still open has not ended",
        sent='''
            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2023-01-01 | 2023-06-30
            B | 2023-01-01 |
        ''',
        quarter="2023-24Q1",
        numerator=1,
        denominator=70112,
        because="A's ended on the last day of the quarter.",
    ),
)
"""
TRUTH = """        if plan.end != NEVER:
            yield "cpp_end_rate", quarter_of(plan.end), 1, 0
"""

KNOWN_EVERYWHERE = """
    import sys
    from pathlib import Path

    from pandas import concat

    from samples.write import write_samples
    from schemas.outcomes import OUTCOME_TABLES, OUTCOMES, outcomes_shown
    from schemas.outcomes.themes import PUBLIC_SEVEN, RESTRICTED_SEVEN, SevenTheme
    from schemas.quarter import Quarter
    from tasks.disclose.control import controlled
    from tasks.outcomes.authority import authority_outcomes, outcome_csv
    from tasks.publish.ees import outcome_file
    from tasks.publish.package import outcome_definitions
    from tests.spec.definitions import definitions_page
    from tests.spec.example import figure_of
    from tests.spec.examples import EXAMPLES
    from tests.support.outcome_tables import AUTHORITIES, YEAR, one_outcome
    from tests.unit.tasks.outcomes.returned import authority_rows

    NAME, LABEL = "cpp_end_rate", "Child protection plans ended"
    assert Path(sys.modules["schemas"].__file__).is_relative_to(Path.cwd())

    (example,) = (one for one in EXAMPLES if one.outcome == NAME)
    figure = figure_of(example)
    assert (figure["numerator"], figure["denominator"]) == (example.numerator, example.denominator)
    assert f"### {NAME}" in definitions_page()

    first, last = Quarter.parse("2021-22Q1"), Quarter.parse("2022-23Q4")
    out = Path("samples_made")
    write_samples(out, authorities=("E08000030",), first=first, last=last, children=40, seed=7,
                  faults="none", year_end_only=True, jobs=1)
    lines = (out / "truth" / "outcomes.csv").read_text("utf-8").splitlines()
    truth = {line for line in lines if line.startswith(NAME) and "E08000030" in line}
    (folder,) = (out / "drop").iterdir()
    table = authority_outcomes(authority_rows(folder), first=first, last=last).outcomes
    found = {line for line in outcome_csv(table).splitlines() if line.startswith(NAME)}
    assert found == truth
    assert any(line.endswith(",ok,") and not line.endswith(",0,ok,") for line in found)

    by_name = {table.name: table for table in OUTCOME_TABLES}
    published = by_name["care_and_protection_quarterly"]
    rows = controlled(one_outcome(NAME, [(40, 60_000)] * 16), seen=()).rows
    assert set(outcome_file(published, rows).frame["outcome"]) == {LABEL}
    assert LABEL in set(outcome_definitions()["outcome"])
    for view in (RESTRICTED_SEVEN, PUBLIC_SEVEN):
        assert NAME in outcomes_shown(view)[SevenTheme.PLANS]
"""


@pytest.fixture
def tree(tmp_path):
    """A copy of what an outcome passes through."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(HOME / name, tmp_path / name, ignore=ignored)
    (tmp_path / IMPORTED_BY_TESTS).parent.mkdir(parents=True)
    shutil.copy(HOME / IMPORTED_BY_TESTS, tmp_path / IMPORTED_BY_TESTS)
    return tmp_path


def append(file, text, *, instead_of=""):
    """Put text at the end of a file, in place of how it ends."""
    before = file.read_text("utf-8")
    assert before.endswith(instead_of)
    file.write_text(before.removesuffix(instead_of) + text.removeprefix("\n"), "utf-8")


def put_after(file, line, text):
    before = file.read_text("utf-8")
    assert before.count(line) == 1
    file.write_text(before.replace(line, line + text), "utf-8")


def follow_the_recipe(tree):
    declaration, measure, example, truth = (tree / name for name in TOUCHED)
    append(declaration, DECLARATION, instead_of=")\n")
    append(measure, "\n" + MEASURE)
    append(example, EXAMPLE, instead_of=")\n")
    put_after(truth, "from samples.days import ", "NEVER, ")
    put_after(truth, 'QUARTERLY_RATES = {"cla_rate": 0, ', '"cpp_end_rate": 0, ')
    put_after(truth, '        yield "cpp_start_rate", quarter, 1, 0\n', TRUTH)


def test_an_outcome_added_in_four_files_is_known_to_every_table_page_and_edition(tree):
    follow_the_recipe(tree)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KNOWN_EVERYWHERE)],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_the_recipe_names_the_four_places():
    page = (HOME / "CONTRIBUTING.md").read_text("utf-8")
    recipe = page.split("- **add an outcome**")[1].split("- **")[0]
    for name in TOUCHED:
        folder = name.rpartition("/")[0]
        assert f"`{folder}/" in recipe
