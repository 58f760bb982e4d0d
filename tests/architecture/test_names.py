"""One public name has one meaning in all rooms, and yesterday's words stand nowhere."""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

from typer.main import get_command

from cli.app import app

HOME = Path(__file__).parents[2]
ROOMS = ("cli", "flows", "tasks", "schemas", "expectations", "warehouse", "samples")
SHARED_NAMES = {
    "RULES": "every return declares its rules under this name",
    "RETURN": "every return declares itself under this name",
    "DECLARED": "every subject declares its outcomes under this name",
    "files": "every form of the samples writes its files by this name",
    "main": "where a process of its own begins: the command line, the reader of untrusted files",
}
COMMANDS = set(get_command(app).commands)
"""A command in `cli/` has the name of the flow or step it starts."""
MIGRATIONS = Path("warehouse/migrations/versions")
"""Alembic finds revision, upgrade and the like by these names in every file."""

YESTERDAY = re.compile(
    r"\b(noughts?|mend(s|ed|ing)?|whoever|anew|afresh|parcels?|told of)\b|_parcels?\b|despite=",
    re.IGNORECASE,
)
SAY_WHETHER = re.compile(r'("""|; )say whether', re.IGNORECASE)
PAGES = (".py", ".md", ".j2", ".toml", ".yaml", ".yml")
NAME_THEM = {
    "tests/architecture/test_names.py": "the list itself",
    "docs/style.md": "says which word to write instead",
    "CHANGELOG.md": "tells users what a thing was called before",
}


def public_names(tree):
    """Names a module gives to others: functions, classes and constants at its top."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found = [node.name]
        elif isinstance(node, ast.Assign):
            found = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found = [node.target.id]
        else:
            found = []
        yield from (name for name in found if not name.startswith("_"))


def places_of_names():
    places = defaultdict(set)
    for path in (path for room in ROOMS for path in (HOME / room).rglob("*.py")):
        where = path.relative_to(HOME)
        if MIGRATIONS not in where.parents:
            named = set(public_names(ast.parse(path.read_text("utf-8"))))
            for name in named - (COMMANDS if where.parts[0] == "cli" else set()):
                places[name].add(str(where))
    return places


def test_a_public_name_lives_in_one_place():
    shared = {name: sorted(at) for name, at in places_of_names().items() if len(at) > 1}
    assert shared.keys() - SHARED_NAMES.keys() == set(), shared


def test_every_exception_is_still_one():
    places = places_of_names()
    assert {name for name in SHARED_NAMES if len(places[name]) < 2} == set()


def found_in(text):
    lines = enumerate(text.splitlines(), start=1)
    return [number for number, line in lines if YESTERDAY.search(line) or SAY_WHETHER.search(line)]


def test_yesterdays_words_are_noticed():
    lines = ("What is nought?", "Mend it.", "xs=parcels(1)", 'f"""Say whether', "sealed anew")
    assert found_in("\n".join(lines)) == [1, 2, 3, 4, 5]
    assert found_in("An amendment, a recommendation, and what it has to say.") == []


def test_yesterdays_words_stand_in_no_file():
    listed = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True)
    names = [name for name in listed.stdout.split() if name.endswith(PAGES)]
    assert len(names) > 100
    found = {
        name: lines
        for name in names
        if name not in NAME_THEM and (lines := found_in((HOME / name).read_text("utf-8")))
    }
    assert found == {}
