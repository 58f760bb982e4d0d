"""Linear programs over moves of atoms, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, vstack

from schemas.arrays import Floats


@dataclass(frozen=True)
class Solution:
    """Where the least cost lies, what it is, and the price of each equality."""

    point: Floats
    cost: float
    prices: Floats


@dataclass(frozen=True)
class Rules:
    """What a point must obey.

    Attributes:
        equal: rows over the variables, none of which may change; may be empty.
        above: rows over the variables that may fall by at most `room`; may be empty.
        room: one number per row of `above`.
        low: lower bound of each variable.
        high: upper bound of each variable.
    """

    equal: csr_matrix
    above: csr_matrix
    room: Floats
    low: Floats
    high: Floats

    @cached_property
    def limits(self) -> dict[str, Any]:
        """Bounds and constraints as the solver takes them, for whatever costs."""
        rows = vstack([-self.above, self.equal], format="csc")
        zeros = np.zeros(self.equal.shape[0])
        limits: dict[str, Any] = {"bounds": Bounds(self.low, self.high)}
        if rows.shape[0]:
            lowest = np.concatenate([np.full(len(self.room), -np.inf), zeros])
            highest = np.concatenate([self.room, zeros])
            limits["constraints"] = LinearConstraint(rows, lowest, highest)
        return limits


def least_point(costs: Floats, rules: Rules) -> Floats | None:
    """Return the cheapest point that obeys the rules; None where there is none.

    Solved as a mixed-integer program without integers: scipy checks and copies far less on the way
    to the same solver, and most programs here are so small that this is most of their time.
    """
    found = milp(costs, **rules.limits)
    return None if found.x is None or not found.success else np.asarray(found.x, dtype=float)


def priced_point(costs: Floats, rules: Rules) -> Solution | None:
    """Return the cheapest point that obeys the rules, with what each equality costs."""
    given: dict[str, Any] = {"bounds": np.column_stack([rules.low, rules.high]), "method": "highs"}
    if rules.equal.shape[0]:
        given |= {"A_eq": rules.equal, "b_eq": np.zeros(rules.equal.shape[0])}
    if rules.above.shape[0]:
        given |= {"A_ub": -rules.above, "b_ub": rules.room}
    solve: Any = linprog
    found = solve(costs, **given)
    if not found.success:
        return None
    prices = np.asarray(found.eqlin.marginals, dtype=float)
    return Solution(np.asarray(found.x, dtype=float), float(found.fun), prices)
