"""XML into sent tables: a plan of elements for the worker, and what its rows stand for.

A plan says where in the tree each table's rows and cells stand. Rows come back with the place of
the row they lie in, so that what a case or child says once is repeated in every row below it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from schemas.errors import UnreadableError
from schemas.limits import Limits
from schemas.rows import BLOCK_UNKNOWN, Tolerance
from schemas.spellings import is_direct_identifier
from tasks.read.arrow import Places, Texts, taken, texts
from tasks.read.child_process import answer_of
from tasks.read.headings import shown
from tasks.read.sheet import RowNumbers, identifier_not_allowed
from tasks.read.text import FORBIDDEN
from tasks.read.unpack import checked_size

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Element:
    """Where in the tree rows of one kind stand, and their cells.

    Attributes:
        name: of the rows, as the plan calls them.
        path: of the element that is a row, from the root, as `Message/Children/Child`.
        cells: element names of the cells, in order.
        within: containers below the row that may hold cells, apart from the row itself.
        is_cell: whether the row element itself is the one cell.
        inside: name of the rows these lie in; None for the root.
        loose: paths under which the cells may also stand without an element for their row.
        begins: the cell whose repetition there begins another row.
        also: other names that the last element of the path has had.
    """

    name: str
    path: str
    cells: tuple[str, ...]
    within: tuple[str, ...] = ()
    is_cell: bool = False
    inside: str | None = None
    loose: str = ""
    begins: str = ""
    also: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths under each name."""
        above = self.path.rpartition("/")[0]
        return (self.path, *(f"{above}/{name}" for name in self.also))


@dataclass(frozen=True)
class _Rows:
    """Rows of one kind as they stood in the file.

    Attributes:
        cells: text by element name; null where the element is absent.
        lines: line on which each row's element begins.
        inside: place of the row each one lies in.
    """

    cells: Mapping[str, Texts]
    lines: RowNumbers
    inside: Places

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.lines)


@dataclass(frozen=True)
class Tree:
    """Everything a plan found in one file."""

    rows: Mapping[str, _Rows]
    tolerances: tuple[Tolerance, ...]

    def seen_from(self, name: str, above: Sequence[str], cell: str) -> Texts:
        """Return a cell of an enclosing row for every row called `name`.

        Args:
            name: of the rows.
            above: names of the rows on the way up, nearest first; the last holds the cell.
            cell: element name.
        """
        places = self.rows[name].inside
        for step in above[:-1]:
            places = self.rows[step].inside[places]
        return taken(self.rows[above[-1]].cells[cell], places)


def tree_of(
    path: Path, name: str, elements: Sequence[Element], *, root: str, limits: Limits
) -> Tree:
    """Return the rows of an XML file by the plan in `elements`.

    Raises:
        UnreadableError: the file is no well-formed return, breaks a limit, or names people.
    """
    checked_size(path, name, limits)
    request = {"kind": "xml", "path": str(path), "plan": _plan(elements, root)}
    answer = answer_of(request, name=name, too_large="XML_LIMIT", limits=limits)
    unknown = _unknown_tolerances(name, answer["unknown"], answer["blocks"])
    rows = {element.name: _rows(element, answer["rows"][element.name]) for element in elements}
    return Tree(rows, unknown)


def _plan(elements: Sequence[Element], root: str) -> dict[str, Any]:
    top: dict[str, Any] = {"kids": {}}
    for element in elements:
        for path in element.paths:
            _place_row(top, element, path)
    return {
        "root": root,
        "tree": top["kids"][root],
        "tables": {element.name: len(element.cells) for element in elements},
        "forbidden": FORBIDDEN.pattern,
    }


def _place_row(top: dict[str, Any], element: Element, path: str) -> None:
    node = _node(top, path)
    node["row"] = element.name
    if element.is_cell:
        node["cell"] = [element.name, 0, False, False]
        return
    for container in ("", *element.within):
        holder = _node(node, container)
        for column, cell in enumerate(element.cells):
            _node(holder, cell)["cell"] = [element.name, column, False, False]
    if element.loose:
        holder = _node(top, element.loose)
        for column, cell in enumerate(element.cells):
            begins = cell == element.begins
            _node(holder, cell)["cell"] = [element.name, column, True, begins]


def _node(top: dict[str, Any], path: str) -> dict[str, Any]:
    node = top
    for step in path.split("/") if path else ():
        node = node["kids"].setdefault(step, {"kids": {}})
    return node


def _rows(element: Element, packed: Mapping[str, Any]) -> _Rows:
    cells = (
        taken(texts(column["texts"]), _numbers(column["places"]).astype(np.int64))
        for column in packed["columns"]
    )
    return _Rows(
        cells=dict(zip(element.cells, cells, strict=True)),
        lines=_numbers(packed["lines"]),
        inside=_numbers(packed["inside"]).astype(np.int64),
    )


def _numbers(text: str) -> RowNumbers:
    return np.frombuffer(base64.b64decode(text), dtype=np.int32)


def _unknown_tolerances(
    name: str, unknown: Mapping[str, int], blocks: Mapping[str, int]
) -> tuple[Tolerance, ...]:
    identifying = [e for e in unknown if is_direct_identifier(_CAMEL.sub(" ", e))]
    if identifying:
        raise identifier_not_allowed(name, identifying)
    if not unknown:
        return ()
    words = f"Elements we do not know were not read: {shown(sorted(unknown))}."
    used = (Tolerance("ELEMENT_UNKNOWN", name, words, sum(unknown.values())),)
    if not blocks:
        return used
    words = f"Blocks we do not know were not read, with all they hold: {shown(sorted(blocks))}."
    return (*used, Tolerance(BLOCK_UNKNOWN, name, words, sum(blocks.values())))


def no_rows(name: str) -> UnreadableError:
    """Return the error for a return that holds nothing and does not say that it should."""
    return UnreadableError(
        "NO_ROWS",
        f"{name}: no rows below the headings. Send the rows, or write `nil return` in the first "
        "cell of the first row when there is nothing to report.",
    )
