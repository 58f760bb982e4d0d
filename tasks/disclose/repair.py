"""Hiding by linear programs: for each unsafe number, the cheapest move that makes it safe.

A move of atoms that agrees with all that is fixed, and shifts the unsafe number far enough, becomes
possible once every shown sum it changes is hidden. The program finds the move that changes least
(weighted), twice over with weights that favour few large changes to many small ones. Each move is
kept as proof for every other number it shifts. Good, not optimal; `exact` is for small systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix, hstack, identity, vstack

from schemas.arrays import Flags, Floats, Ints
from tasks.disclose.attack import (
    NEAR,
    TOLERANCE,
    Neighbours,
    Ranges,
    Space,
    bulk_moves,
    moves,
    unmoved,
)
from tasks.disclose.linear_program import Rules, least_point
from tasks.disclose.system import System

SHARPENED: Final = 2
"""Times the program is solved again with weights that favour few large changes."""
MOST_TO_PROVE: Final = 8
"""A cell is not tried again when more targets than this would have to be proved safe again."""
STEEP: Final = 3
"""Power to which losses are raised: a step by itself must see how much dearer headlines are."""
FEW: Final = 4
"""A move that changes this many shown sums or fewer is not solved again."""
WIDER: Final = (1, 4)
"""Neighbourhoods tried, as multiples of `NEAR`, before the whole system."""


@dataclass(frozen=True)
class Hiding:
    """What is hidden, and what could not be protected.

    Attributes:
        hidden: for each cell.
        hopeless: targets (cells, then extras) that what is public already gives away.
    """

    hidden: Flags
    hopeless: Flags


def repaired(system: System, hidden: Flags) -> Hiding:
    """Return `hidden` and as much else as it takes to make every target safe.

    At the end each cell that was hidden for others' sake is tried again: it is shown after all
    where what proves the others safe does not need it, or something near does as well.
    """
    state = _State(system, hidden)
    while (target := state.worst()) is not None:
        state.make_safe(target)
    for cell in state.spare():
        state.show_if_safe(cell)
    return Hiding(state.hidden, state.hopeless)


class _State:
    """A hiding in the making, and the moves that prove what is safe so far."""

    def __init__(self, system: System, hidden: Flags) -> None:
        self.system = system
        self.hidden, self._given = hidden.copy(), hidden
        self.sums = csr_matrix(vstack([system.cells, system.extras]))
        self.ranges = unmoved(np.concatenate([system.widths, system.extra_widths]))
        self.hopeless = np.zeros(self.sums.shape[0], dtype=bool)
        self.near = _neighbourhoods(system, hidden)
        self._moved: list[Floats] = []
        space = Space(system, hidden)
        rows, widths = system.targets(hidden)
        for move in bulk_moves(space, csr_matrix(rows[:, space.moving]), widths):
            self._record(space.moving, move)

    def _record(self, at: Ints, move: Floats) -> None:
        """Keep how far every sum is moved by a move of the atoms `at`."""
        moved = np.asarray(self.sums[:, at] @ move)
        self._moved.append(moved)
        self.ranges = self.ranges.with_move(moved)

    def _targets(self) -> Ints:
        count = len(self.hidden)
        extras = np.arange(count, self.sums.shape[0])
        cells = np.flatnonzero(self.hidden & ~self.system.fixed)
        return np.concatenate([cells, extras])

    def worst(self) -> int | None:
        """Return the target that is furthest from safe; None when all are, as far as may be."""
        at = self._targets()
        short = (self.ranges.widths - self.ranges.found)[at] / self.ranges.widths[at]
        short[self.hopeless[at]] = -1
        if not len(at) or short.max() <= TOLERANCE:
            return None
        return int(at[np.argmax(short)])

    def make_safe(self, target: int) -> None:
        """Hide what the cheapest move for the target changes; give up when there is none."""
        row = self.sums[target]
        needed = self.ranges.lower[target] + self.ranges.widths[target]
        everywhere = np.arange(len(self.system.atoms))
        for times in (*WIDER, None):
            at = self.near.near(row.indices, limit=times * NEAR) if times else everywhere
            move = cheapest_move(self.system, self.hidden, row, needed=needed, at=at)
            if move is not None:
                self._record(at, move)
                self.hidden |= moves(self._moved[-1][: len(self.hidden)]) & ~self.system.fixed
                return
        self.hopeless[target] = True

    def spare(self) -> list[int]:
        """Return the cells hidden for others' sake, the dearest first."""
        cells = np.flatnonzero(self.hidden & ~self._given & ~self.system.forced)
        order = np.argsort(-self.system.weights[cells], kind="stable")
        found: list[int] = cells[order].tolist()
        return found

    def show_if_safe(self, cell: int) -> None:
        """Show the cell again if every target can still be proved safe by moves nearby."""
        if self._plainly_needed(cell):
            return
        kept = [moved for moved in self._moved if not moves(moved[cell])]
        trial = object.__new__(_State)
        trial.__dict__ |= self.__dict__
        trial.hidden = self.hidden.copy()
        trial.hidden[cell] = False
        trial._moved = kept
        trial.ranges = _over(kept, self.ranges.widths)
        if trial.unsafe_count() <= MOST_TO_PROVE and trial.prove():
            self.__dict__ |= trial.__dict__

    def unsafe_count(self) -> int:
        """Return how many targets are not known to be safe, those given up left out."""
        at = self._targets()
        return int((self.ranges.unsafe & ~self.hopeless)[at].sum())

    def _plainly_needed(self, cell: int) -> bool:
        """Return whether showing the cell would leave some shown sum with too little hidden in it.

        Hidden atoms that add up to less than their width within a shown sum lie below it.
        """
        system = self.system
        single = np.diff(system.cells.indptr) == 1
        trial = self.hidden.copy()
        trial[cell] = False
        unknown = np.ones(len(system.atoms))
        unknown[system.cells[np.flatnonzero(single & ~trial)].indices] = 0.0
        shown = system.cells[np.flatnonzero(~single & ~trial)]
        count, total = shown @ unknown, shown @ (unknown * system.atoms)
        return bool(((count > 0) & (total < system.widths.min(initial=np.inf) - TOLERANCE)).any())

    def prove(self) -> bool:
        """Look close to each unsafe target for moves that prove it safe; return whether all are."""
        space = Space(self.system, self.hidden)
        place = np.full(len(self.system.atoms), -1)
        place[space.moving] = np.arange(len(space.moving))
        while (target := self.worst()) is not None:
            near = place[self.near.near(self.sums[target].indices)]
            inside = space.restricted(near[near >= 0])
            direction = self.sums[target].toarray().ravel()[inside.moving]
            for sign in (1.0, -1.0):
                self._record(inside.moving, inside.furthest(sign * direction))
            if self.ranges.unsafe[target]:
                return False
        return True


def _over(moved: list[Floats], widths: Floats) -> Ranges:
    """Return the ranges that moves prove."""
    ranges = unmoved(widths)
    for move in moved:
        ranges = ranges.with_move(move)
    return ranges


def _neighbourhoods(system: System, hidden: Flags) -> Neighbours:
    """Return who stands near whom; atoms that are hidden already come first."""
    single = np.diff(system.cells.indptr) == 1
    free = np.zeros(len(system.atoms), dtype=bool)
    free[system.cells[np.flatnonzero(single & hidden)].indices] = True
    rows = vstack([system.cells, system.known, system.orders], format="csr")
    return Neighbours(rows[np.flatnonzero(np.diff(rows.indptr) != 1)], free)


def cheapest_move(
    system: System, hidden: Flags, row: csr_matrix, *, needed: float, at: Ints
) -> Floats | None:
    """Return the move of the atoms `at` that changes least and shifts `row` up by `needed`.

    None where no move can: what is fixed does not allow it.
    """
    program = _Program(system, hidden, row, needed=needed, at=at)
    costs = program.costs
    move = program.solved(costs)
    for _ in range(SHARPENED):
        if move is None or not len(costs):
            break
        changed = np.abs(program.priced @ move)
        if moves(changed).sum() <= FEW:
            break
        sharper = program.solved(costs / (changed + needed / NEAR))
        move = sharper if sharper is not None else move
    return move


class _Program:
    """The linear program for one target: variables are moves and, per shown sum, its change."""

    def __init__(
        self, system: System, hidden: Flags, row: csr_matrix, *, needed: float, at: Ints
    ) -> None:
        shown = np.flatnonzero(~hidden & ~system.fixed)
        touched = _touching(system.cells[shown], at)
        self.priced = system.cells[shown[touched]][:, at]
        self.costs: Floats = system.weights[shown[touched]] ** STEEP
        self._row, self._needed = row[:, at], needed
        still = vstack([system.cells[np.flatnonzero(system.fixed)], system.known], format="csr")
        self._still = still[_touching(still, at)][:, at]
        above = _touching(system.orders, at)
        self._above = system.orders[above][:, at]
        self._room: Floats = system.room[above]
        self._reach = system.reach
        self._low: Floats = -system.atoms[at]

    def solved(self, costs: Floats) -> Floats | None:
        """Return the cheapest move under the costs of changing each priced sum."""
        count, priced = self._row.shape[1], len(costs)
        size = identity(priced, format="csr")
        never = csr_matrix((self._still.shape[0], 2 * priced))
        loose = csr_matrix((self._above.shape[0], 2 * priced))
        equal = vstack(
            [hstack([self.priced, -size, size]), hstack([self._still, never])], format="csr"
        )
        reach = hstack([self._row, csr_matrix((1, 2 * priced))])
        rules = Rules(
            equal=equal,
            above=vstack([reach, hstack([self._above, loose])], format="csr"),
            room=np.concatenate([[-self._needed], self._room]),
            low=np.concatenate([self._low, np.zeros(2 * priced)]),
            high=np.concatenate([np.full(count, self._reach), np.full(2 * priced, np.inf)]),
        )
        found = least_point(np.concatenate([np.zeros(count), costs, costs]), rules)
        return None if found is None else found[:count]


def _touching(rows: csr_matrix, at: Ints) -> Ints:
    """Return which rows hold one of the atoms."""
    wanted = np.zeros(rows.shape[1])
    wanted[at] = 1.0
    return np.flatnonzero(np.asarray(abs(rows) @ wanted))
