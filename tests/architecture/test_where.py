"""docs/where.md: each question is answered by two files at most, and there indeed."""

import ast
import csv
import json
import re
from pathlib import Path

import pytest

from tests.support.decided import decided
from tests.support.tree import CopiedTree

HOME = Path(__file__).parents[2]
NEW_OUTCOME = "What does a new outcome need?"
MOST_FILES = {NEW_OUTCOME: 4}
ROW = re.compile(r"^\| (.+\?) \| (.+) \|$", re.MULTILINE)
ANSWERS = dict(ROW.findall((HOME / "docs" / "where.md").read_text("utf-8")))

CHANGES = {
    "settle": (
        "warehouse/settings.py",
        "settle_seconds: float = 60.0",
        "settle_seconds: float = 90.0",
    ),
    "root of a run": ("flows/service/work.py", '"root" in parameters', '"place" in parameters'),
    "chased": ("schemas/calendar.py", "DUE_DAYS = 42", "DUE_DAYS = 200"),
    "before": ("tasks/outcomes/seven.py", "last_day < go_live", "last_day <= go_live"),
    "report": (
        "tasks/answer/templates/report.html.j2",
        "Nothing needs correcting.",
        "All is well.",
    ),
    "threshold": (
        "schemas/outcomes/publication.py",
        "THRESHOLD: Final = 5",
        "THRESHOLD: Final = 9",
    ),
    "price": ("schemas/reference/unit_costs.csv", "318400", "318401"),
    "event": ("tasks/announce/events.py", '"return.rejected"', '"return.refused"'),
    "periods": ("tasks/histories/care.py", "gap = starts > ", "gap = starts >= "),
    "findings": ("tasks/operate/status.py", '"count": one.count', '"count": one.count + 1'),
}
"""By what is decided: one of the files its row names, and a change there."""


def places(answer):
    """Each file that an answer names, with the names to look for in it, in order."""
    found = []
    for token in re.findall(r"`([^`]+)`", answer):
        if "/" in token:
            found.append((token, []))
        else:
            found[-1][1].append(token)
    return found


def names_defined(path):
    """Every name that a file defines: functions, classes with their parts, constants, columns."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return set(defined_in(ast.parse(text).body))
    if path.suffix == ".csv":
        return set(next(csv.reader(text.splitlines())))
    return set(re.findall(r"{% (?:macro|block) (\w+)", text))


def defined_in(body, within=""):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield within + node.name
        if isinstance(node, ast.ClassDef):
            yield from defined_in(node.body, f"{node.name}.")
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        yield from (within + one.id for one in targets if isinstance(one, ast.Name))


def test_the_questions_of_a_newcomer_are_all_there():
    assert len(ANSWERS) == 12
    lines = (HOME / "docs" / "where.md").read_text("utf-8").splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 12 + 2


@pytest.mark.parametrize("question", ANSWERS)
def test_two_files_answer_a_question_and_define_every_name(question):
    found = places(ANSWERS[question])
    assert 1 <= len(found) <= MOST_FILES.get(question, 2)
    for name, wanted in found:
        assert wanted, name
        assert set(wanted) - names_defined(HOME / name) == set(), name


def test_a_change_at_each_place_changes_what_is_decided(tmp_path):
    tree = CopiedTree(tmp_path)
    before = decided()
    named = {name for answer in ANSWERS.values() for name, _ in places(answer)}
    for name, old, new in CHANGES.values():
        assert name in named
        tree.edit(name, old, new)
    after = json.loads(tree.run("-m", "tests.support.decided"))
    assert before.keys() == after.keys() == CHANGES.keys()
    assert [what for what in CHANGES if before[what] == after[what]] == []
