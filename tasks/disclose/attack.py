"""The attack: how far can each hidden number be worked out from all that is shown?

A number is safe when there are two states of the world, both in agreement with everything the
attacker knows, in which it differs by its width. Finding such states proves safety for many numbers
at once, so the attack first looks for them in bulk, then close to each number that is left, and
only then solves for the exact range. A number is called unsafe on the exact range alone. A state of
the world is written as a *move*: how far each atom lies from its true value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix, vstack

from schemas.arrays import Flags, Floats, Ints
from tasks.disclose.linear_program import Rules, least_point
from tasks.disclose.system import System, component_labels

TOLERANCE: Final = 1e-6
_ROUNDS: Final = 12
"""Bulk searches, each in two opposite directions, before single numbers are looked at."""
_PERTURBATION: Final = 0.05
"""Weight of the other unsafe targets alongside the one a move is meant for."""
NEAR: Final = 80
"""Atoms in the neighbourhood of one number."""
WIDE_ROW: Final = 8
"""Atoms taken from one wide sum into a neighbourhood."""
_SEED: Final = 8


def moves(values: Floats) -> Flags:
    """Return which numbers differ from zero by more than a solver's rounding."""
    return np.asarray(np.abs(values) > TOLERANCE)


@dataclass(frozen=True)
class Ranges:
    """What the attack found for each target.

    Attributes:
        lower: how far below its true value the target can lie, at least (a negative number).
        upper: how far above.
        widths: how wide the range must be.
    """

    lower: Floats
    upper: Floats
    widths: Floats

    @property
    def found(self) -> Floats:
        """The width of the range of each target."""
        return self.upper - self.lower

    @property
    def unsafe(self) -> Flags:
        """Whether each target's range is too narrow."""
        return np.asarray(self.found < self.widths - TOLERANCE)

    def with_move(self, moved: Floats) -> Ranges:
        """Return the ranges with one more move of the targets taken into account."""
        lower, upper = np.minimum(self.lower, moved), np.maximum(self.upper, moved)
        return Ranges(lower, upper, self.widths)


def unmoved(widths: Floats) -> Ranges:
    """Return ranges of which nothing is known yet."""
    return Ranges(np.zeros(len(widths)), np.zeros(len(widths)), widths)


class Space:
    """The moves that agree with everything the attacker knows.

    Attributes:
        moving: atoms that are not known outright, in order.
        equal: sums that may not change, over moving atoms.
        above: sums that may fall by at most `room`, over moving atoms.
        low, high: how far each moving atom may move.
    """

    def __init__(self, system: System, hidden: Flags) -> None:
        told = system.told(hidden)
        single = told[np.flatnonzero(np.diff(told.indptr) == 1)]
        is_moving = np.ones(len(system.atoms), dtype=bool)
        is_moving[single.indices] = False
        self.moving: Ints = np.flatnonzero(is_moving)
        self.equal = _filled(told[:, self.moving])
        self.above, self.room = _with_room(system.orders[:, self.moving], system.room)
        self.low: Floats = -system.atoms[self.moving]
        self.high: Floats = np.full(len(self.moving), system.reach)

    def restricted(self, at: Ints) -> Space:
        """Return the space in which only the moving atoms `at` move."""
        part = object.__new__(Space)
        part.moving = self.moving[at]
        part.equal = _filled(self.equal[:, at])
        part.above, part.room = _with_room(self.above[:, at], self.room)
        part.low, part.high = self.low[at], self.high[at]
        return part

    @cached_property
    def rules(self) -> Rules:
        """What every move obeys."""
        return Rules(self.equal, self.above, self.room, self.low, self.high)

    def furthest(self, direction: Floats) -> Floats:
        """Return the move that goes furthest in a direction over the moving atoms."""
        if not direction.any():
            return np.zeros(len(direction))
        found = least_point(-direction, self.rules)
        # Staying put always agrees with what is known: a failed search proves nothing new.
        return np.zeros(len(direction)) if found is None else found

    def linked(self) -> Ints:
        """Return, for each moving atom, the number of the group that sums link it to."""
        return component_labels(csr_matrix(vstack([self.equal, self.above])))


def _filled(rows: csr_matrix) -> csr_matrix:
    """Return the rows that say something, each once."""
    rows = csr_matrix(rows)
    rows = rows[np.flatnonzero(np.diff(rows.indptr))]
    if rows.shape[0] == 0:
        return rows
    draw = np.random.default_rng(_SEED).random((rows.shape[1], 2))
    _, first = np.unique(np.asarray(rows @ draw).round(9), axis=0, return_index=True)
    return rows[np.sort(first)]


def _with_room(rows: csr_matrix, room: Floats) -> tuple[csr_matrix, Floats]:
    rows = csr_matrix(rows)
    filled = np.flatnonzero(np.diff(rows.indptr))
    return rows[filled], room[filled]


def attack(system: System, hidden: Flags) -> Ranges:
    """Return how uncertain every target stays when `hidden` are hidden and the rest is shown.

    Ranges are at least as wide as found, and exact where they are unsafe.
    """
    space, targets, ranges = _in_bulk(system, hidden, *system.targets(hidden))
    if len(space.moving) > NEAR:
        ranges = _close_by(space, targets, ranges)
    return _exactly(space, targets, ranges)


def quick_bounds(system: System, hidden: Flags, rows: csr_matrix, widths: Floats) -> Ranges:
    """Return ranges as `attack` does, but from bulk moves alone: too narrow for some.

    Args:
        system: the figures.
        hidden: which cells are hidden.
        rows: the sums that must stay uncertain then (`System.targets`).
        widths: how wide the range of each must stay.
    """
    return _in_bulk(system, hidden, rows, widths)[2]


def _in_bulk(
    system: System, hidden: Flags, rows: csr_matrix, widths: Floats
) -> tuple[Space, csr_matrix, Ranges]:
    space = Space(system, hidden)
    targets = csr_matrix(rows[:, space.moving])
    ranges = unmoved(widths)
    for move in bulk_moves(space, targets, widths):
        ranges = ranges.with_move(np.asarray(targets @ move))
    return space, targets, ranges


def bulk_moves(space: Space, targets: csr_matrix, widths: Floats) -> list[Floats]:
    """Return a few moves, each in a direction that moves all targets still unsafe."""
    draw = np.random.default_rng(_SEED)
    ranges, found = unmoved(widths), []
    for _ in range(_ROUNDS):
        unsafe = ranges.unsafe
        signs = np.where(unsafe, draw.choice([-1.0, 1.0], len(widths)), 0.0)
        signs *= draw.random(len(widths))
        for sign in (signs, -signs) if unsafe.any() else ():
            found.append(space.furthest(np.asarray(targets.T @ sign)))
            ranges = ranges.with_move(np.asarray(targets @ found[-1]))
        if ranges.unsafe.sum() == unsafe.sum():
            break
    return found


def _close_by(space: Space, targets: csr_matrix, ranges: Ranges) -> Ranges:
    """Return the ranges after moves among the atoms nearest to each unsafe target.

    Each move is meant for one target, and moves the other unsafe ones nearby as well.
    """
    links = Neighbours(space.equal)
    draw = np.random.default_rng(_SEED)
    for target in np.flatnonzero(ranges.unsafe).tolist():
        if ranges.unsafe[target]:
            at = links.near(targets[target].indices)
            signs = np.where(
                ranges.unsafe, draw.choice([-_PERTURBATION, _PERTURBATION], targets.shape[0]), 0.0
            )
            signs[target] = 1.0
            ranges = _both_ways(space, targets, ranges, signs, at=at)
    return ranges


def _exactly(space: Space, targets: csr_matrix, ranges: Ranges) -> Ranges:
    """Return the ranges with the exact one of every target still unsafe."""
    label = space.linked()
    for target in np.flatnonzero(ranges.unsafe).tolist():
        if ranges.unsafe[target]:
            at = np.flatnonzero(np.isin(label, label[targets[target].indices]))
            signs = np.zeros(targets.shape[0])
            signs[target] = 1.0
            ranges = _both_ways(space, targets, ranges, signs, at=at)
    return ranges


def _both_ways(
    space: Space, targets: csr_matrix, ranges: Ranges, signs: Floats, *, at: Ints
) -> Ranges:
    """Return the ranges after the furthest moves of the atoms `at`, up and down `signs`."""
    inside, near = space.restricted(at), csr_matrix(targets[:, at])
    for sign in (signs, -signs):
        ranges = ranges.with_move(np.asarray(near @ inside.furthest(np.asarray(near.T @ sign))))
    return ranges


class Neighbours:
    """Which atoms stand near which: in the same sums, narrow sums first."""

    def __init__(self, rows: csr_matrix, preferred: Flags | None = None) -> None:
        order = np.argsort(np.diff(rows.indptr), kind="stable")
        self._rows = rows[order]
        self._columns = self._rows.tocsc()
        self._preferred = preferred

    def near(self, start: Iterable[int], *, limit: int = NEAR) -> Ints:
        """Return at most about `limit` atoms around those at the start, in order."""
        met = dict.fromkeys(int(atom) for atom in start)
        queue = list(met)
        for atom in queue:
            if len(met) >= limit:
                break
            for row in self._sums_of(atom):
                fresh = [other for other in self._taken(row) if other not in met]
                met |= dict.fromkeys(fresh)
                queue += fresh
        return np.array(sorted(met), dtype=np.int64)

    def _sums_of(self, atom: int) -> list[int]:
        columns = self._columns
        found: list[int] = columns.indices[columns.indptr[atom] : columns.indptr[atom + 1]].tolist()
        return found

    def _taken(self, row: int) -> list[int]:
        """Return the atoms of a sum; of a wide one, those that cost nothing to move, then some."""
        atoms = self._rows.indices[self._rows.indptr[row] : self._rows.indptr[row + 1]]
        if len(atoms) > WIDE_ROW and self._preferred is not None:
            atoms = atoms[np.argsort(~self._preferred[atoms], kind="stable")]
        found: list[int] = atoms[:WIDE_ROW].tolist()
        return found
