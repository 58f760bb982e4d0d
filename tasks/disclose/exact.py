"""The least that must be hidden, exactly, for small systems: a mixed-integer program by cuts.

After Fischetti and Salazar (Management Science 47, 2001): choose what to hide; attack; each number
the attack finds unsafe yields, by the dual of the attacker's linear program, an inequality that
every safe choice obeys and this one breaks; choose again. When nothing is unsafe the choice is the
cheapest there is. Solved by HiGHS; limits are on nodes and rounds, never on time, so that the same
data give the same edition on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, vstack

from schemas.arrays import Flags, Floats
from tasks.disclose.attack import TOLERANCE, quick_bounds
from tasks.disclose.linear_program import Rules, priced_point
from tasks.disclose.system import System

_ROUNDS: Final = 200
NODES: Final = 20_000


@dataclass(frozen=True)
class _Cut:
    """An inequality over what is hidden: sum of `shares` of hidden cells >= hidden[cell] or 1."""

    shares: Floats
    cell: int | None


def exact_hiding(system: System) -> Flags | None:
    """Return the cheapest choice of cells to hide under which every target is safe.

    None where it was not proved within the limits, or no choice is safe.
    """
    cuts: list[_Cut] = []
    hidden = system.forced & ~system.fixed
    for _ in range(_ROUNDS):
        new = violated(system, hidden)
        if not new:
            return hidden
        cuts += new
        chosen = _chosen(system, cuts)
        if chosen is None:
            return None
        hidden = chosen
    return None


def violated(system: System, hidden: Flags) -> list[_Cut]:
    """Return one cut for each target that the attack finds unsafe."""
    rows, widths = system.targets(hidden)
    ranges = quick_bounds(system, hidden, rows, widths)
    if not ranges.unsafe.any():
        return []
    cells = np.flatnonzero(hidden & ~system.fixed)
    known = _Known(system, hidden)
    found = []
    for target in np.flatnonzero(ranges.unsafe).tolist():
        if not ranges.unsafe[target]:
            continue
        cell = int(cells[target]) if target < len(cells) else None
        bound = None if cell is None or system.forced[cell] else cell
        up, down = (_Dual(known, sign * rows[target]) for sign in (1.0, -1.0))
        ranges = ranges.with_move(rows @ up.move).with_move(rows @ down.move)
        if ranges.unsafe[target]:
            need = widths[target] - up.furthest - down.furthest
            found.append(_Cut(np.minimum((up.held + down.held) / need, 1.0), bound))
    return found


class _Known:
    """What the attacker knows when `hidden` are hidden.

    Attributes:
        system: the figures.
        shown: cells that are shown and could be hidden.
        rules: what every state of the world obeys, the shown cells first.
        cells: the shown cells by atoms.
    """

    def __init__(self, system: System, hidden: Flags) -> None:
        self.system, self.shown = system, np.flatnonzero(~hidden & ~system.fixed)
        self.cells = system.cells[self.shown]
        still = [system.cells[np.flatnonzero(system.fixed)], system.known]
        self.rules = Rules(
            equal=csr_matrix(vstack([self.cells, *still])),
            above=system.orders,
            room=system.room,
            low=-system.atoms,
            high=np.full(len(system.atoms), system.reach),
        )
        self.most: Floats = system.reach * np.diff(self.cells.indptr)
        self.least: Floats = np.asarray(self.cells @ system.atoms)


class _Dual:
    """The attacker's linear program in one direction.

    Attributes:
        move: that goes furthest.
        furthest: how far.
        held: how much further it might go for each shown cell, were that cell hidden.
    """

    def __init__(self, known: _Known, row: csr_matrix) -> None:
        system, shown = known.system, known.shown
        found = priced_point(-row.toarray().ravel(), known.rules)
        self.held: Floats = np.zeros(len(system.forced))
        self.move: Floats
        if found is None:
            self.move, self.furthest = np.zeros(len(system.atoms)), 0.0
            return
        self.move, self.furthest = found.point, -found.cost
        price = -found.prices[: len(shown)]
        held = np.maximum(price * known.most, -price * known.least)
        self.held[shown] = np.where(np.abs(held) < TOLERANCE, 0.0, held)


def _chosen(system: System, cuts: list[_Cut]) -> Flags | None:
    """Return the cheapest choice that obeys every cut, or None when not found within limits."""
    matrix = np.array([cut.shares for cut in cuts])
    bound = np.ones(len(cuts))
    for place, cut in enumerate(cuts):
        if cut.cell is not None:
            matrix[place, cut.cell] -= 1.0
            bound[place] = 0.0
    lower = (system.forced & ~system.fixed).astype(float)
    upper = (~system.fixed).astype(float)
    found = milp(
        system.weights,
        constraints=LinearConstraint(csr_matrix(matrix), lb=bound - TOLERANCE, ub=np.inf),
        integrality=np.ones(len(lower), dtype=np.int64),
        bounds=Bounds(lower, upper),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if found.status != 0 or found.x is None:
        return None
    return np.rint(found.x).astype(bool)
