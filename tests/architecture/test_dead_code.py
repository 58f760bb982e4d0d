"""Public functions and classes that nothing but tests uses: there are none without a reason."""

import ast
from pathlib import Path

HOME = Path(__file__).parents[2]
ROOMS = ("cli", "flows", "tasks", "schemas", "expectations", "warehouse", "samples")
ALSO_RUN = ("benchmarks", "tests/support/pages.py")
"""What people run besides the rooms; `make docs` prints pages with the file of tests/support."""
REGISTERED = {"flow", "task", "measure_of"}
"""Decorators that hand a function to what calls it."""
REASONS = {
    "expectations.condition.BrokenRowsByRule": "Great Expectations finds it by its class",
    "tasks.training.redact.redacted": "the one way to read free text (docs/training.md)",
}
ENTRYPOINTS = {("samples.forms", "files"), ("warehouse.migrations.versions", "upgrade")}
"""Functions called by name in every module of a package: forms, and Alembic's migrations."""


def python_files(place):
    path = HOME / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def module_of(path):
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parsed(places):
    """Return the syntax tree of every module in some places, by its name."""
    files = [path for place in places for path in python_files(place)]
    return {module_of(path): ast.parse(path.read_text("utf-8")) for path in files}


def public_definitions(module, tree):
    """Yield functions and classes of a module that other modules may use."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            is_registered = REGISTERED & {decorator_name(one) for one in node.decorator_list}
            if not is_registered and (module.rpartition(".")[0], node.name) not in ENTRYPOINTS:
                yield f"{module}.{node.name}"


def decorator_name(node):
    return ast.unparse(getattr(node, "func", node))


def names_used(module, tree):
    """Yield every name a module imports, reads as attribute of a module, or reads in itself."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                yield f"{node.module}.{one.name}"
                modules[one.asname or one.name] = f"{node.module}.{one.name}"
    for top in tree.body:
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield f"{modules.get(node.value.id)}.{node.attr}"
            elif isinstance(node, ast.Name) and node.id != getattr(top, "name", None):
                yield f"{module}.{node.id}"


def unused(rooms, others):
    used = {name for module, tree in (rooms | others).items() for name in names_used(module, tree)}
    defined = {name for module, tree in rooms.items() for name in public_definitions(module, tree)}
    return defined - used


def test_everything_public_is_used_outside_tests_or_has_a_reason():
    assert unused(parsed(ROOMS), parsed(ALSO_RUN)) == set(REASONS)


def test_a_function_that_only_itself_and_tests_call_is_found():
    trees = {
        "tasks.one": ast.parse("def kept(): ...\ndef lost(): lost()\ndef read(): ...\n"),
        "tasks.two": ast.parse("from tasks import one\nfrom tasks.one import kept\none.read()\n"),
    }
    assert unused(trees, {}) == {"tasks.one.lost"}
