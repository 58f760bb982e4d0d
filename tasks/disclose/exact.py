"""The least that must be hidden, exactly, for small systems: a mixed-integer programme by cuts.

After Fischetti and Salazar (Management Science 47, 2001): choose what to hide; attack; each number
the attack finds unsafe yields, by the dual of the attacker's programme, an inequality that every
safe choice obeys and this one breaks; choose again. When nothing is unsafe the choice is the
cheapest there is. Solved by HiGHS; limits are on nodes and rounds, never on time, so that the same
data give the same edition on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, vstack

from tasks.disclose.attack import TOLERANCE, attack
from tasks.disclose.programme import least
from tasks.disclose.system import Flags, Floats, System

ROUNDS: Final = 200
NODES: Final = 20_000


@dataclass(frozen=True)
class Cut:
    """An inequality over what is hidden: sum of `shares` of hidden cells >= hidden[cell] or 1."""

    shares: Floats
    cell: int | None


def exact_hiding(system: System) -> Flags | None:
    """Return the cheapest choice of cells to hide under which every target is safe.

    None where it was not proved within the limits, or no choice is safe.
    """
    cuts: list[Cut] = []
    hidden = system.forced & ~system.fixed
    for _ in range(ROUNDS):
        new = violated(system, hidden)
        if not new:
            return hidden
        cuts += new
        chosen = _chosen(system, cuts)
        if chosen is None:
            return None
        hidden = chosen
    return None


def violated(system: System, hidden: Flags) -> list[Cut]:
    """Return one cut for each target that the attack finds unsafe."""
    ranges = attack(system, hidden)
    cells = np.flatnonzero(hidden & ~system.fixed)
    rows, widths = system.targets(hidden)
    found = []
    for target in np.flatnonzero(ranges.unsafe).tolist():
        cell = int(cells[target]) if target < len(cells) else None
        forced = cell is not None and bool(system.forced[cell])
        shares = _shares(system, hidden, rows[target], widths[target])
        if shares is not None:
            found.append(Cut(shares, None if forced else cell))
    return found


def _shares(system: System, hidden: Flags, row: csr_matrix, width: float) -> Floats | None:
    """Return how much hiding each shown cell could add to the range of `row`, as a share of need.

    Need is what the range lacks now: None when it lacks nothing. A share above 1 is no use, so it
    is cut down to 1.
    """
    total, added = 0.0, np.zeros(len(hidden))
    for sign in (1.0, -1.0):
        value, share = _dual(system, hidden, sign * row.toarray().ravel())
        total += value
        added += share
    if total >= width - TOLERANCE:
        return None
    return np.minimum(added / (width - total), 1.0)


def _dual(system: System, hidden: Flags, direction: Floats) -> tuple[float, Floats]:
    """Return the furthest the attacker's programme goes, and what each shown cell holds back."""
    shown = np.flatnonzero(~hidden & ~system.fixed)
    still = vstack([system.cells[np.flatnonzero(system.fixed)], system.known], format="csr")
    reach = system.reach
    found = least(
        -direction,
        equal=vstack([system.cells[shown], still], format="csr"),
        above=system.orders,
        room=system.room,
        low=-system.atoms,
        high=np.full(len(system.atoms), reach),
    )
    if found is None:
        return 0.0, np.zeros(len(hidden))
    price = -found.prices[: len(shown)]
    most = reach * np.diff(system.cells[shown].indptr)
    held = np.asarray(system.cells[shown] @ system.atoms)
    share = np.zeros(len(hidden))
    share[shown] = np.where(price > 0, price * most, -price * held)
    share[np.abs(share) < TOLERANCE] = 0.0
    return -found.cost, share


def _chosen(system: System, cuts: list[Cut]) -> Flags | None:
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
    return np.asarray(found.x) > 0.5 if found.status == 0 and found.x is not None else None
