"""Linear programs over moves of atoms, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from schemas.arrays import Floats


@dataclass(frozen=True)
class Solution:
    """Where the least cost lies, what it is, and the price of each equality."""

    point: Floats
    cost: float
    prices: Floats


def least(
    costs: Floats,
    *,
    equal: csr_matrix,
    above: csr_matrix,
    room: Floats,
    low: Floats,
    high: Floats,
) -> Solution | None:
    """Return the cheapest point with equal @ point = 0 and above @ point >= -room; None for none.

    Args:
        costs: of one unit of each variable.
        equal: rows over the variables; may be empty.
        above: rows over the variables; may be empty.
        room: one number per row of `above`.
        low: lower bound of each variable.
        high: upper bound of each variable.
    """
    given: dict[str, Any] = {"bounds": np.column_stack([low, high]), "method": "highs"}
    if equal.shape[0]:
        given |= {"A_eq": equal, "b_eq": np.zeros(equal.shape[0])}
    if above.shape[0]:
        given |= {"A_ub": -above, "b_ub": room}
    solve: Any = linprog
    found = solve(costs, **given)
    if not found.success:
        return None
    prices = np.asarray(found.eqlin.marginals, dtype=float)
    return Solution(np.asarray(found.x, dtype=float), float(found.fun), prices)
