"""Small changes to one function of the pipeline, made in memory: no file is written.

A change is made by giving the live function the code of the changed source, so that every module
that already holds the function runs the changed one. `Probes` says beforehand which tests could
notice a change at all: those in which the swapped comparison would have answered otherwise.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import numpy as np

SWAPS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_PROBE = "_boundary_probe"


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        module: dotted name.
        function: qualified name of the outermost function or method.
        name: what is changed, as the code says it; with a number where it says so more than once.
        node: place of the changed node in `ast.walk` of the module.
        part: which operator of a chained comparison, or which argument.
        change: alters a node of a fresh tree.
    """

    module: str
    function: str
    name: str
    node: int
    part: int
    change: Callable[[ast.AST, int], ast.AST]

    @property
    def label(self) -> str:
        """Where and what, as survivors are listed."""
        return f"{self.module}.{self.function}: {self.name}"

    @property
    def is_swap(self) -> bool:
        """Whether a comparison is swapped, of which both answers can be compared."""
        return self.change is swapped


def swapped(node: ast.AST, part: int) -> ast.AST:
    """Return a comparison with one operator on the other side of its boundary."""
    assert isinstance(node, ast.Compare)
    ops = [SWAPS[type(op)]() if place == part else op for place, op in enumerate(node.ops)]
    return ast.Compare(node.left, ops, node.comparators)


def without_call(node: ast.AST, part: int) -> ast.AST:
    """Return nothing in place of a call that stands as a statement."""
    assert isinstance(node, ast.Expr)
    return ast.Pass()


def without_argument(node: ast.AST, part: int) -> ast.AST:
    """Return a call without one of its arguments: positional ones first, then keywords."""
    assert isinstance(node, ast.Call)
    count = len(node.args)
    args = [one for place, one in enumerate(node.args) if place != part]
    keywords = [one for place, one in enumerate(node.keywords) if place + count != part]
    return ast.Call(node.func, args, keywords)


def comparisons(module: str) -> list[Mutant]:
    """Return a swap for every `<`, `<=`, `>` and `>=` in the functions of a module."""
    return _mutants(module, _orders, swapped)


def calls_dropped(module: str, *names: str) -> list[Mutant]:
    """Return a removal for every statement that does nothing but call one of the names."""

    def parts(node: ast.AST) -> list[int]:
        is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        return [0] if is_call and ast.unparse(node.value.func) in names else []

    return _mutants(module, parts, without_call)


def arguments_dropped(module: str, name: str, *arguments: str) -> list[Mutant]:
    """Return a removal for each of the arguments in calls of one name."""

    def parts(node: ast.AST) -> list[int]:
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != name:
            return []
        given = [*map(ast.unparse, node.args), *(ast.unparse(one.value) for one in node.keywords)]
        return [place for place, one in enumerate(given) if one in arguments]

    return _mutants(module, parts, without_argument)


def _orders(node: ast.AST) -> list[int]:
    ops = node.ops if isinstance(node, ast.Compare) else []
    return [place for place, op in enumerate(ops) if type(op) in SWAPS]


def _mutants(
    module: str,
    parts: Callable[[ast.AST], list[int]],
    change: Callable[[ast.AST, int], ast.AST],
) -> list[Mutant]:
    tree = _tree(module)
    owner = _owners(tree)
    met: dict[tuple[str, str], int] = {}
    found = []
    for place, node in enumerate(ast.walk(tree)):
        for part in parts(node):
            name = _name(node, part)
            key = owner[id(node)], name
            met[key] = met.get(key, 0) + 1
            name += f" (no. {met[key]})" if met[key] > 1 else ""
            found.append(Mutant(module, owner[id(node)], name, place, part, change))
    return found


def _name(node: ast.AST, part: int) -> str:
    if isinstance(node, ast.Call):
        argument = [*node.args, *(one.value for one in node.keywords)][part]
        return f"{ast.unparse(argument)} in {ast.unparse(node)}"
    return ast.unparse(node)


def _tree(module: str) -> ast.Module:
    return ast.parse(_source(module))


@cache
def _source(module: str) -> str:
    return Path(str(importlib.import_module(module).__file__)).read_text("utf-8")


def _owners(tree: ast.Module) -> dict[int, str]:
    """Return the outermost function or method around each node, by the node's identity."""
    found: dict[int, str] = {}

    def visit(node: ast.AST, prefix: str, owner: str) -> None:
        found[id(node)] = owner
        for child in ast.iter_child_nodes(node):
            if owner or not isinstance(child, ast.FunctionDef | ast.ClassDef):
                visit(child, prefix, owner)
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.", "")
            else:
                visit(child, prefix, f"{prefix}{child.name}")

    visit(tree, "", "")
    return found


@contextlib.contextmanager
def made(mutant: Mutant) -> Iterator[None]:
    """Make one change in the live module, and take it back after."""
    tree = _replaced(_tree(mutant.module), {mutant.node: lambda n: mutant.change(n, mutant.part)})
    with _installed(mutant.module, tree, {mutant.function}):
        yield


class Probes:
    """Records, while tests run, which changes could be noticed.

    A swap: where the comparison and the swapped one answered differently, or not at all. Any other
    change: where its function was called.
    """

    def __init__(self, mutants: list[Mutant]) -> None:
        self._mutants = mutants
        self._met: set[int] = set()

    def taken(self) -> set[int]:
        """Return the numbers of the changes met since the last time."""
        met, self._met = self._met, set()
        return met

    @contextlib.contextmanager
    def placed(self) -> Iterator[None]:
        """Put the probes into the live modules, and take them away after."""
        with contextlib.ExitStack() as stack:
            for module in sorted({one.module for one in self._mutants}):
                mine = {n: one for n, one in enumerate(self._mutants) if one.module == module}
                vars(importlib.import_module(module))[_PROBE] = self
                functions = {one.function for one in mine.values()}
                stack.enter_context(_installed(module, _probed(module, mine), functions))
            yield

    def entered(self, *numbers: int) -> None:
        """Take note that the functions of some changes were called."""
        self._met.update(numbers)

    def answer(self, original: Callable[[], object], *others: tuple[int, Callable[[], object]]):
        """Return what a comparison answers; take note of the swapped ones that differ."""
        found = original()
        self._met.update(
            number for number, other in others if number not in self._met and _differ(found, other)
        )
        return found


def _differ(found: object, other: Callable[[], object]) -> bool:
    # What cannot be compared, a condition of a database query for one, may differ.
    with contextlib.suppress(Exception):
        return not bool(np.array_equal(np.asarray(found), np.asarray(other())))
    return True


def _probed(module: str, mine: dict[int, Mutant]) -> ast.Module:
    tree = _tree(module)
    swaps: dict[int, list[tuple[int, int]]] = {}
    entries: dict[str, list[int]] = {}
    for number, one in mine.items():
        if one.is_swap:
            swaps.setdefault(one.node, []).append((number, one.part))
        else:
            entries.setdefault(one.function, []).append(number)
    owner = _owners(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (numbers := entries.pop(owner[id(node)], [])):
            call = _call("entered", [ast.Constant(number) for number in numbers])
            node.body.insert(0, ast.Expr(call))
    return _replaced(_tree(module) if swaps else tree, _questions(swaps))


def _questions(swaps: dict[int, list[tuple[int, int]]]) -> dict[int, Callable[[ast.AST], ast.AST]]:
    def question(parts: list[tuple[int, int]]) -> Callable[[ast.AST], ast.AST]:
        def asked(node: ast.AST) -> ast.AST:
            others = [
                ast.Tuple([ast.Constant(number), _lambda(swapped(node, part))], ast.Load())
                for number, part in parts
            ]
            return _call("answer", [_lambda(node), *others])

        return asked

    return {node: question(parts) for node, parts in swaps.items()}


def _lambda(body: ast.AST) -> ast.Lambda:
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.Lambda(nothing, body)


def _call(method: str, args: list[ast.expr]) -> ast.Call:
    probe = ast.Name(_PROBE, ast.Load())
    return ast.Call(ast.Attribute(probe, method, ast.Load()), args, [])


def _replaced(tree: ast.Module, changes: dict[int, Callable[[ast.AST], ast.AST]]) -> ast.Module:
    wanted = {id(node): changes[n] for n, node in enumerate(ast.walk(tree)) if n in changes}

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            inside = self.generic_visit(node)
            change = wanted.get(id(node))
            return inside if change is None else ast.copy_location(change(inside), node)

    return ast.fix_missing_locations(Replace().visit(tree))


@contextlib.contextmanager
def _installed(name: str, tree: ast.Module, functions: set[str]) -> Iterator[None]:
    """Give the live functions of a module the code they have in a changed tree."""
    module = importlib.import_module(name)
    changed = dict(_codes(compile(tree, str(module.__file__), "exec", dont_inherit=True)))
    live = {one: list(found) for one in functions if (found := _live(module).get(one))}
    assert live.keys() == functions, f"{name} has no {sorted(functions - live.keys())}"
    before = [(one, one.__code__) for found in live.values() for one in found]
    for qualified, found in live.items():
        for one in found:
            one.__code__ = changed[qualified]
    forget(module)
    try:
        yield
    finally:
        for one, code in before:
            one.__code__ = code
        forget(module)


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner.co_qualname, inner
            yield from _codes(inner)


@cache
def _live(module: ModuleType) -> dict[str, list[FunctionType]]:
    """Return the functions of a module by qualified name, those inside decorators as well."""
    found: dict[str, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == module.__file__:
            found.setdefault(one.__code__.co_qualname, []).append(one)
    return found


def forget(module: ModuleType) -> None:
    """Empty the caches of a module's functions."""
    for one in vars(module).values():
        if callable(clear := getattr(one, "cache_clear", None)):
            clear()
