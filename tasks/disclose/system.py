"""Linked figures as numbers: what is summed from what, and what must not be found out.

An *atom* is a number split no further; a *cell* is a sum of atoms that could be printed. The
attacker knows every cell that is shown, every sum known from elsewhere (earlier editions), that no
atom is negative, and which sums can never be negative because one counts some of another. A
*target* must stay uncertain: every hidden cell, and every difference that is itself a small count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack
from scipy.sparse.csgraph import connected_components

from schemas.arrays import Flags, Floats, Ints

REACH: Final = 20
"""A smaller reach can only make the attack's ranges too narrow, never too wide."""


@dataclass(frozen=True)
class System:
    """Linked figures.

    Attributes:
        atoms: true value of each atom, none negative.
        cells: cells by atoms, 1 where the atom is part of the cell.
        forced: cells that must be hidden.
        fixed: cells that are public already: hiding them would hide nothing.
        weights: what hiding each cell loses, from 1 to just under 2.
        widths: how wide the range of each cell must stay when it is hidden.
        orders: sums over atoms that are never negative, besides the atoms.
        room: how far each of these may fall from its true value.
        known: sums over atoms that the attacker knows from elsewhere.
        extras: sums over atoms that must stay uncertain though they are no cells.
        extra_widths: how wide the range of each must stay.
        ranks: how deep each cell is nested: 0 for what everything else is counted out of.
    """

    atoms: Floats
    cells: csr_matrix
    forced: Flags
    fixed: Flags
    weights: Floats
    widths: Floats
    orders: csr_matrix
    room: Floats
    known: csr_matrix
    extras: csr_matrix
    extra_widths: Floats
    ranks: Ints

    @property
    def reach(self) -> float:
        """How far the search for other states of the world goes: many times the widest range."""
        return float(REACH * max([1.0, *self.widths, *self.extra_widths]))

    def targets(self, hidden: Flags) -> tuple[csr_matrix, Floats]:
        """Return the sums that must stay uncertain when `hidden` are hidden, and how wide."""
        at = np.flatnonzero(hidden & ~self.fixed)
        rows = vstack([self.cells[at], self.extras], format="csr")
        return rows, np.concatenate([self.widths[at], self.extra_widths])

    def told(self, hidden: Flags) -> csr_matrix:
        """Return the sums the attacker knows when `hidden` are hidden."""
        shown = self.cells[np.flatnonzero(~hidden | self.fixed)]
        return csr_matrix(vstack([shown, self.known]))


def system(
    atoms: Floats,
    cells: csr_matrix,
    *,
    forced: Flags,
    widths: Floats,
    weights: Floats | None = None,
    fixed: Flags | None = None,
    orders: csr_matrix | None = None,
    known: csr_matrix | None = None,
    extras: csr_matrix | None = None,
    extra_widths: Floats | None = None,
    ranks: Ints | None = None,
) -> System:
    """Return a system in which everything that is not given is empty."""
    none = csr_matrix((0, len(atoms)))
    above = none if orders is None else csr_matrix(orders)
    return System(
        atoms=atoms,
        cells=csr_matrix(cells),
        forced=forced,
        fixed=np.zeros(cells.shape[0], dtype=bool) if fixed is None else fixed,
        weights=np.ones(cells.shape[0]) if weights is None else weights,
        widths=widths,
        orders=above,
        room=np.maximum(np.asarray(above @ atoms), 0.0),
        known=none if known is None else csr_matrix(known),
        extras=none if extras is None else csr_matrix(extras),
        extra_widths=np.empty(0) if extra_widths is None else extra_widths,
        ranks=np.zeros(cells.shape[0], dtype=np.int64) if ranks is None else ranks,
    )


@dataclass(frozen=True)
class _Part:
    """A system that no sum links to the rest, and where its cells and extras stood in the whole."""

    system: System
    cells: Ints
    extras: Ints


def unlinked_parts(whole: System) -> list[_Part]:
    """Return the systems into which a system falls, in order of their first atom.

    Atoms that are public already link nothing and are left out: the attacker knows them. Only
    parts with something to protect are returned: the others are shown as they are.
    """
    moving = ~public_atoms(whole)
    rows = _over(vstack([whole.cells, whole.orders, whole.known, whole.extras]), moving)
    label = np.where(moving, component_labels(rows), -1)
    split = _Split(whole, moving, label)
    busy = set(split.cells[whole.forced & ~whole.fixed]) | set(split.extras)
    return [split.part(name) for name in sorted(busy - {-1})]


def public_atoms(whole: System) -> Flags:
    """Return whether each atom is known outright: shown alone in a fixed cell, or known alone."""
    told = csr_matrix(vstack([whole.cells[np.flatnonzero(whole.fixed)], whole.known]))
    single = told[np.flatnonzero(np.diff(told.indptr) == 1)]
    found = np.zeros(len(whole.atoms), dtype=bool)
    found[single.indices] = True
    return found


def _over(rows: csr_matrix, moving: Flags) -> csr_matrix:
    """Return the rows with nothing in the columns of atoms that do not move."""
    kept = csr_matrix(csr_matrix(rows) @ diags(moving.astype(float)))
    kept.eliminate_zeros()
    return kept


def component_labels(rows: csr_matrix) -> Ints:
    """Return, for each atom, the number of the group of atoms that the rows link it to."""
    count = rows.shape[1]
    filled = rows[np.flatnonzero(np.diff(rows.indptr))]
    first = np.repeat(filled.indices[filled.indptr[:-1]], np.diff(filled.indptr))
    graph = csr_matrix((np.ones(len(first)), (first, filled.indices)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int64)


def owners(rows: csr_matrix, label: Ints) -> Ints:
    """Return the group that each row's atoms are in; -1 for an empty row."""
    owner = np.full(rows.shape[0], -1, dtype=np.int64)
    filled = np.diff(rows.indptr) > 0
    owner[filled] = label[rows.indices[rows.indptr[:-1][filled]]]
    return owner


class _Sorted:
    """Rows in the order of the group they belong to, over the atoms of their own group alone."""

    def __init__(self, rows: csr_matrix, owner: Ints, place: Ints) -> None:
        self._order = np.argsort(owner, kind="stable")
        self._owner = owner[self._order]
        self._rows = rows[self._order]
        self._indices = place[self._rows.indices].astype(self._rows.indices.dtype)

    def numbers(self, name: int) -> Ints:
        """Return which rows of the whole are of a group."""
        return self._order[self._span(name)]

    def part(self, name: int, atoms: int) -> csr_matrix:
        """Return the rows of a group, over as many atoms as it has."""
        span = self._span(name)
        ends = self._rows.indptr[span.start : span.stop + 1]
        inside = slice(ends[0], ends[-1])
        given = self._rows.data[inside], self._indices[inside], ends - ends[0]
        return csr_matrix(given, shape=(len(ends) - 1, atoms))

    def _span(self, name: int) -> slice:
        return slice(*np.searchsorted(self._owner, [name, name + 1]).tolist())


class _Split:
    """A whole system with the group that every atom and every row belongs to."""

    def __init__(self, whole: System, moving: Flags, label: Ints) -> None:
        self.whole = whole
        self._atoms = np.argsort(label, kind="stable")
        self._labels = label[self._atoms]
        first = np.searchsorted(self._labels, self._labels)
        place = np.empty(len(label), dtype=np.int64)
        place[self._atoms] = np.arange(len(label)) - first
        of_whole = whole.cells, whole.orders, whole.known, whole.extras
        rows = [_over(found, moving) for found in of_whole]
        owner = [owners(found, label) for found in rows]
        self.cells, _, _, self.extras = owner
        self._cells, self._orders, self._known, self._extras = (
            _Sorted(found, group, place) for found, group in zip(rows, owner, strict=True)
        )

    def part(self, name: int) -> _Part:
        """Return the system of one group."""
        whole = self.whole
        atoms = self._atoms[slice(*np.searchsorted(self._labels, [name, name + 1]))]
        cells, extras = self._cells.numbers(name), self._extras.numbers(name)
        made = replace(
            whole,
            atoms=whole.atoms[atoms],
            cells=self._cells.part(name, len(atoms)),
            forced=whole.forced[cells],
            fixed=whole.fixed[cells],
            weights=whole.weights[cells],
            widths=whole.widths[cells],
            orders=self._orders.part(name, len(atoms)),
            room=whole.room[self._orders.numbers(name)],
            known=self._known.part(name, len(atoms)),
            extras=self._extras.part(name, len(atoms)),
            extra_widths=whole.extra_widths[extras],
            ranks=whole.ranks[cells],
        )
        return _Part(made, cells, extras)
