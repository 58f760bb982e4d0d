"""The children looked after return as XML: one CHILD with its HEADER and EPISODEs.

What the CSV set sends in files of their own, the XML keeps in the HEADER; each such table has a row
for every child whose HEADER says something of it. Social worker episodes and deprivation of liberty
orders are not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from schemas.arrays import Flags
from schemas.limits import Limits
from schemas.returns import ssda903
from schemas.table import Table
from tasks.read.arrow import Places, Texts, blank, taken
from tasks.read.dates import SSDA903_FORMS
from tasks.read.sheet import SentTable
from tasks.read.xml_tree import Element, Tree, no_rows, tree_of

_ROOT = "EXPSSDA903"
_CHILD = f"{_ROOT}/CHILD"
_HEADER = f"{_CHILD}/HEADER"
# Where the XML's name for a cell is not the CSV's heading.
_RENAMED = {"CHILD": "CHILDID", "PLACE": "PL"}
_UASC_FLAG = "UASC"
# Tables with an element of their own, and the element.
_REPEATED: dict[str, tuple[Table, str]] = {
    "episodes": (ssda903.EPISODES, f"{_CHILD}/EPISODE"),
    "reviews": (ssda903.REVIEWS, f"{_HEADER}/AREVIEW"),
    "missing_episodes": (ssda903.MISSING_EPISODES, f"{_HEADER}/AMISSING"),
    "placed_for_adoption": (ssda903.PLACED_FOR_ADOPTION, f"{_HEADER}/AD_PLACED"),
    "oc2": (ssda903.OC2, f"{_HEADER}/OC2"),
    "previous_permanence": (ssda903.PREVIOUS_PERMANENCE, f"{_HEADER}/PERMANENCE"),
}
# Tables made of cells of the HEADER itself, and the cells that say there is a row.
_IN_HEADER: dict[str, tuple[Table, tuple[str, ...]]] = {
    "uasc": (ssda903.UASC, (_UASC_FLAG,)),
    "oc3": (ssda903.OC3, ("IN_TOUCH", "ACTIV", "ACCOM")),
    "adoptions": (
        ssda903.ADOPTIONS,
        ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"),
    ),
}
_OF_CHILD = ("CHILD", "DOB")


def _element_name(heading: str | None) -> str:
    return _RENAMED.get(str(heading), str(heading))


def _own_cells(table: Table) -> tuple[str, ...]:
    return tuple(_element_name(c.sent_as) for c in table.columns if c.sent_as not in _OF_CHILD)


_HEADER_CELLS = tuple(
    dict.fromkeys(
        [
            *(_element_name(column.sent_as) for column in ssda903.CHILDREN.columns),
            _UASC_FLAG,
            *(cell for table, _ in _IN_HEADER.values() for cell in _own_cells(table)),
        ]
    )
)
_ELEMENTS = (
    Element("child", _CHILD, _HEADER_CELLS, ("HEADER",)),
    *(Element(name, path, _own_cells(table)) for name, (table, path) in _REPEATED.items()),
)


def ssda903_tables(path: Path, name: str, *, limits: Limits) -> tuple[SentTable, ...]:
    """Return the tables of a return sent as XML.

    Raises:
        UnreadableError: with the reason and, where there is one, the line.
    """
    tree = tree_of(path, name, _ELEMENTS, root=_ROOT, limits=limits)
    child = tree.rows["child"]
    if not len(child):
        raise no_rows(name)
    everyone = np.arange(len(child), dtype=np.int64)
    return (
        _of_children(tree, ssda903.CHILDREN, name, everyone),
        *(_repeated(tree, table, name) for table, _ in _REPEATED.values()),
        *(
            _of_children(tree, table, name, np.flatnonzero(_says(tree, table, cells)))
            for table, cells in _IN_HEADER.values()
        ),
    )


def _says(tree: Tree, table: Table, cells: tuple[str, ...]) -> Flags:
    """Return, per child, whether its HEADER says something of a table."""
    texts = tree.rows["child"].cells
    if table is ssda903.UASC:
        # The flag says for every child whether it is one; a date of ceasing says it too.
        flags = [text == "1" for text in texts[_UASC_FLAG].to_pylist()]
        return np.array(flags, dtype=bool) | ~blank(texts["DUC"])
    says = np.zeros(len(tree.rows["child"]), dtype=bool)
    for cell in cells:
        says |= ~blank(texts[cell])
    return says


def _of_children(tree: Tree, table: Table, name: str, places: Places) -> SentTable:
    child = tree.rows["child"]
    columns = {
        column.name: taken(child.cells[_element_name(column.sent_as)], places)
        for column in table.columns
    }
    unknown = tree.tolerances if table is ssda903.CHILDREN else ()
    return SentTable(
        table, name, _raw(columns), child.lines[places], "HEADER", unknown, SSDA903_FORMS
    )


def _repeated(tree: Tree, table: Table, name: str) -> SentTable:
    own = tree.rows[table.name]
    columns = {
        column.name: tree.seen_from(table.name, ("child",), _element_name(column.sent_as))
        if column.sent_as in _OF_CHILD
        else own.cells[_element_name(column.sent_as)]
        for column in table.columns
    }
    element = _REPEATED[table.name][1].rpartition("/")[2]
    return SentTable(table, name, _raw(columns), own.lines, element, (), SSDA903_FORMS)


def _raw(columns: Mapping[str, Texts]) -> pa.Table:
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))
