"""Which code made the figures: one hash over what it says, not over how it is written down.

Taken from the files and not from git, so that an installed copy knows its version too. Comments,
docstrings, line breaks and the words and examples of rules leave it as it is; a changed constant,
comparison or reference file does not. Nodes of the parsed code are hashed one by one, and not
their text: `ast.dump` and `ast.unparse` write the same code differently from one Python to the
next.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

MAKES_FIGURES: Final = (
    "schemas",
    "expectations",
    "tasks/read",
    "tasks/histories",
    "tasks/outcomes",
    "tasks/effects",
    "tasks/costs",
    "tasks/training",
    "tasks/cut",
    "tasks/validate/at_rest.py",
    "tasks/validate/judge.py",
    "warehouse/store.py",
)
"""Rooms and files that a figure of a cut depends on. `at_rest.py` works out ages and months of
birth, `judge.py` decides which rows are accepted, `store.py` reads rows back in their types; what
else is in their rooms decides who is asked and where things lie."""

MAKES_EDITIONS: Final = ("tasks/disclose", "tasks/publish")
"""Rooms that decide how much of a figure is shown."""

_HOME: Final = Path(__file__).parents[2]
_REFERENCE: Final = frozenset((".csv", ".yaml"))
_RULE: Final = frozenset(("error", "query", "notice"))
"""What declares a rule: code, words and fields in place, then what else is said of it."""
_EXAMPLES: Final = frozenset(("fails", "passes"))
_OF_PLACE: Final = frozenset(("ctx", "kind", "type_comment"))
"""Fields of a node that follow from its place, or change nothing."""


@cache
def code_version() -> str:
    """Return the version of the code and the reference files that make figures."""
    return version_of(_HOME, MAKES_FIGURES)


@cache
def edition_code_version() -> str:
    """Return the version of the code that turns figures into editions."""
    return version_of(_HOME, MAKES_EDITIONS)


def version_of(home: Path, rooms: Iterable[str]) -> str:
    """Return one hash over the rooms and files named, by their place under `home`."""
    digest = hashlib.sha256()
    for path in _sources(home, rooms):
        digest.update(path.relative_to(home).as_posix().encode())
        digest.update(_content(path))
    return digest.hexdigest()[:16]


def _sources(home: Path, rooms: Iterable[str]) -> Iterator[Path]:
    for room in rooms:
        whole = home / room
        files = whole.rglob("*") if whole.is_dir() else [whole]
        yield from sorted(
            path for path in files if path.suffix == ".py" or path.suffix in _REFERENCE
        )


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return code_digest(content) if path.suffix == ".py" else hashlib.sha256(content).digest()


def code_digest(source: bytes | str) -> bytes:
    """Return a hash of what a module says, the same under every Python that can run it."""
    return hashlib.sha256("\0".join(_tokens(ast.parse(source))).encode()).digest()


def _tokens(tree: ast.Module) -> Iterator[str]:
    """Yield the nodes of a tree and what they hold, each with the name of its field."""
    waiting: list[Any] = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, ast.AST):
            yield type(found).__name__
            for name, value in _fields(found):
                yield name
                waiting.append(value)
        elif isinstance(found, list):
            yield f"[{len(found)}"
            waiting.extend(found)
        else:
            yield f"{type(found).__name__} {found!a}"


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a node that say something; later Pythons add some that are empty."""
    for name, value in ast.iter_fields(node):
        if name == "decorator_list":
            value = [_without_words(one) for one in value]
        elif isinstance(value, list):
            value = [one for one in value if not _is_only_text(one)]
        if name not in _OF_PLACE and value not in (None, []):
            yield name, value


def _is_only_text(node: Any) -> bool:
    """Return whether a statement is a string alone: a docstring, or words on a constant."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _without_words(decorator: ast.expr) -> ast.expr:
    """Return the declaration of a rule without what officers read and without its examples."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return decorator
    if decorator.func.attr not in _RULE or not decorator.args:
        return decorator
    code, *rest = decorator.args
    more = [one for one in decorator.keywords if one.arg not in _EXAMPLES]
    return ast.Call(decorator.func, [code, *rest[1:]], more)
