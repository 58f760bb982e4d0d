"""Exchangeable correlation of children, for cells that hold counts of them.

Imports statsmodels at once (over a second), so it is itself imported only where a GEE is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from statsmodels.genmod.cov_struct import CovStruct

from schemas.arrays import Floats

_LARGEST = 0.99


class ChildrenExchangeable(CovStruct):  # type: ignore[misc]  # statsmodels carries no types
    """Any two children of a cluster correlate by `dep_params`, never below zero.

    The cell's outcome is a share of its children, so with n children and variance v of one child
    two shares of a cluster have covariance dep_params v and one has (1 - dep_params) v / n more.
    statsmodels' own weights do not reach its Mancl-DeRouen leverage, hence this structure.
    """

    def __init__(self, children: Sequence[Floats]) -> None:
        """Take the children of each cell, one array per cluster in the order of the model."""
        super().__init__()
        self.dep_params = 0.0
        self.children = children

    def update(self, params: Floats) -> None:
        """Set the correlation to the mean product of residuals over pairs of children."""
        del params
        pairs, products = 0.0, 0.0
        for children, events, (risk, _) in zip(
            self.children, self._events(), self.model.cached_means, strict=True
        ):
            spread = np.sqrt(risk * (1 - risk))
            total = np.sum((events - children * risk) / spread)
            squares = events * (1 - risk) ** 2 + (children - events) * risk**2
            products += total**2 - np.sum(squares / spread**2)
            pairs += children.sum() ** 2 - children.sum()
        self.dep_params = float(np.clip(products / pairs, 0.0, _LARGEST))

    def _events(self) -> list[Floats]:
        return [n * share for n, share in zip(self.children, self.model.endog_li, strict=True)]

    def covariance_matrix(self, expval: Floats, index: int) -> tuple[Floats, bool]:
        """Return the working correlation times one child's variance, and that it is no correlation.

        `expval` is (n,) and `index` the place of the cluster; the result is (n, n).
        """
        within = np.diag((1 - self.dep_params) / self.children[index])
        spread = np.sqrt(expval * (1 - expval))
        return (within + self.dep_params) * np.outer(spread, spread), False

    def covariance_matrix_solve(
        self, expval: Floats, index: int, stdev: Floats, rhs: Sequence[Floats]
    ) -> list[Floats]:
        """Return the solutions of working variance @ solution = each of `rhs`."""
        del expval
        scale, within = self.children[index], 1 - self.dep_params
        shared = self.dep_params / (within + self.dep_params * scale.sum())

        def solution(side: Floats) -> Floats:
            columns = (side.T / stdev).T
            own = (columns.T * scale).T / within
            answer: Floats = (
                (own - np.multiply.outer(scale, shared * own.sum(axis=0))).T / stdev
            ).T
            return answer

        return [solution(side) for side in rhs]
