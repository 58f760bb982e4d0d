"""The root stays at the edge: what judges a submission is handed values."""

import ast
from pathlib import Path

ROOM = Path("tasks/validate")
EDGES = {
    "ingest_submission": "the outermost function of judging one submission",
    "ingest_or_report": "the same, with an internal error reported",
    "not_ingested": "what is reported of one that was not judged",
    "_damage": "counts which of its landed files can be read, for one that was not judged",
    "_storage": "the narrow reads and writes that judging is handed in place of the root",
    "_module_pages": "reads what is in force of feedback, for an accepted one alone",
    "_until_settled": "settles those claims after each batch",
    "judge_batches": "the outermost function of judging many",
    "judge_pending": "the same, in this process and for all that waits",
}
PURE = (
    ROOM / "at_rest.py",
    ROOM / "check.py",
    ROOM / "judge.py",
    ROOM / "reply.py",
    Path("tasks/intake/classify.py"),
)
FAR = {"warehouse.root", "warehouse.database", "datetime", "time"}
"""Modules that a pure function has no use for: the root, the ledger's database, clocks."""


def functions(path):
    return [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    ]


def takes_root(function):
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return any(
        argument.arg == "root" or "Root" in ast.unparse(argument.annotation or ast.Constant(""))
        for argument in every
    )


def imports(path):
    """Yield every module a file imports, in either form."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def test_only_the_edges_of_validate_take_the_root():
    found = {
        function.name
        for path in ROOM.glob("*.py")
        for function in functions(path)
        if takes_root(function)
    }
    assert found == set(EDGES)


def test_what_classifies_judges_and_answers_knows_neither_root_nor_ledger_nor_clock():
    imported = {(path.name, module) for path in PURE for module in imports(path)}
    assert len(imported) > len(PURE)
    assert [found for found in sorted(imported) if found[1] in FAR] == []
    assert [one.name for path in PURE for one in functions(path) if takes_root(one)] == []
