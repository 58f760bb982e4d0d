import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tasks.cut import code_version as module
from tasks.cut.code_version import MAKES_EDITIONS, MAKES_FIGURES, code_digest, version_of

HOME = Path(module.__file__).parents[2]
CODE = """
    LIMIT: Final = 18

    def late(days: Days, *, share: float = 0.5) -> Flags:
        return (days > LIMIT) & (days * share <= -1) if len(days) else f"{days!r:>{LIMIT}}, é"
"""
AS_HASHED = "fab4ba4f886584202be34c41480fe0d71ae743bc27f0ccc00eaff2840b3af04c"
OTHER_PYTHONS = [found for name in ("3.12", "3.13") if (found := shutil.which(f"python{name}"))]


def digest(source):
    return code_digest(textwrap.dedent(source))


@pytest.fixture
def home(tmp_path):
    """A copy of the rooms, small enough to be read again and again."""
    kept = (
        "schemas/prices.py",
        "schemas/reference/unit_costs.csv",
        "tasks/outcomes/plans.py",
        "tasks/announce/events.py",
        "tasks/operate/status.py",
        "tasks/disclose/primary.py",
        "tasks/validate/at_rest.py",
        "tasks/validate/judge.py",
        "expectations/returns/workforce.py",
        "warehouse/store.py",
    )
    for name in kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOME / name, tmp_path / name)
    return tmp_path


def versions_around(home, name, before, after):
    """Return the version before and after one change in a file."""
    file = home / name
    first, text = version_of(home, MAKES_FIGURES), file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    return first, version_of(home, MAKES_FIGURES)


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace("= 18", "= 18  # months"),
        CODE.replace("= 18", '= 18\n    """Months of follow-up."""'),
        CODE.replace("-> Flags:", '-> Flags:\n        """Return which are late."""'),
        CODE.replace("(days > LIMIT) & ", "(\n            (days > LIMIT)\n            & ").replace(
            "<= -1)", "<= -1))"
        ),
    ],
    ids=["comment", "words on a constant", "docstring", "line breaks"],
)
def test_how_code_is_written_down_changes_nothing(other):
    assert other != CODE
    assert digest(other) == digest(CODE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("= 18", "= 19"),
        ("= 18", "= 18.0"),
        ("> LIMIT", ">= LIMIT"),
        ("<= -1", "< -1"),
        ("-1", "1"),
        ("0.5", "None"),
        ("days!r", "days!s"),
        ("é", "e"),
        ("late", "too_late"),
        ("days * share", "share * days"),
    ],
)
def test_what_code_says_changes_the_version(before, after):
    assert before in CODE
    assert digest(CODE.replace(before, after)) != digest(CODE)


def test_the_words_and_examples_of_a_rule_leave_it_and_its_reach_and_condition_do_not():
    rule = """
        @_PLANS.error("8925", "Check both days.", "start", reach=RECORD, fails={"a": 1}, passes={})
        def _late(rows):
            return rows["start"] > rows["end"]
    """
    changed = rule.replace("both days", "the days").replace(
        '{"a": 1}, passes={}', '{"a": 2}, passes=()'
    )
    assert digest(changed) == digest(rule)
    pairs = (("8925", "8926"), ("RECORD", "NOTICE"), ('"start",', '"end",'), (">", ">="))
    for before, after in pairs:
        assert digest(rule.replace(before, after, 1)) != digest(rule)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("tasks/announce/events.py", "from", "import os\nfrom"),
        ("tasks/operate/status.py", "from", "import os\nfrom"),
        ("tasks/disclose/primary.py", "values > 0", "values >= 0"),
        ("tasks/outcomes/plans.py", "ONE_DAY, 0)", "ONE_DAY, 0)  # never negative"),
    ],
)
def test_what_makes_no_figure_leaves_the_version(home, name, before, after):
    first, second = versions_around(home, name, before, after)
    assert first == second


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("tasks/outcomes/plans.py", "ONE_DAY, 0)", "ONE_DAY, 1)"),
        ("tasks/outcomes/plans.py", "(start <= months", "(start < months"),
        ("expectations/returns/workforce.py", "> workforce", ">= workforce"),
        ("tasks/validate/at_rest.py", '"referrals"', '"referral"'),
        ("tasks/validate/judge.py", "drop(index=", "take(index="),
        ("schemas/reference/unit_costs.csv", "1", "2"),
        ("schemas/prices.py", '"cla_18m"', '"cla_36m"'),
    ],
)
def test_what_makes_a_figure_changes_the_version(home, name, before, after):
    first, second = versions_around(home, name, before, after)
    assert first != second


def test_disclosure_has_a_version_of_its_own_so_that_a_revision_it_causes_is_explained(home):
    first = version_of(home, MAKES_EDITIONS)
    file = home / "tasks/disclose/primary.py"
    file.write_text(file.read_text("utf-8").replace("values > 0", "values >= 0", 1), "utf-8")
    assert version_of(home, MAKES_EDITIONS) != first


def test_every_room_and_file_named_is_there():
    assert [name for name in (*MAKES_FIGURES, *MAKES_EDITIONS) if not (HOME / name).exists()] == []


def test_the_hash_is_the_same_under_every_python():
    assert digest(CODE).hex() == AS_HASHED
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import code_version as c, pathlib; "
        "print(c.version_of(pathlib.Path(sys.argv[2]), c.MAKES_FIGURES))"
    )
    folder = str(Path(module.__file__).parent)
    for python in OTHER_PYTHONS:
        found = subprocess.run(
            [python, "-c", program, folder, str(HOME)], capture_output=True, text=True, timeout=60
        )
        if found.returncode == 0:  # a shim that stands for no installed Python fails
            assert found.stdout.strip() == version_of(HOME, MAKES_FIGURES), python


def test_it_is_cheap():
    """Measured in a process of its own: the memory of the others' tests is no cost of it."""
    program = (
        "import pathlib, sys, time; from tasks.cut.code_version import *\n"
        "def cost():\n"
        "    began = time.process_time()\n"
        "    version_of(pathlib.Path(sys.argv[1]), MAKES_FIGURES)\n"
        "    return time.process_time() - began\n"
        "print(min(cost() for _ in range(3)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, str(HOME)], capture_output=True, text=True, cwd=HOME
    )
    assert float(found.stdout) < 1
