"""Cells and design that a finite fit of a logit can be made of, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from schemas.arrays import Flags, Floats
from tasks.effects.cells import Cells
from tasks.effects.design import Design, remarks, weakness
from tasks.effects.result import EffectStatus, Result, Scale, joined_reasons, no_result

NOT_TOLD_APART: Final = (
    "exposure cannot be told apart from clusters, periods and covariates together: no period has "
    "exposed and unexposed clusters side by side, or a covariate says the same"
)
ONE_SIDED: Final = (
    "exposure, alone or with other terms, predicts events perfectly, so the odds ratio has no "
    "finite estimate"
)
_SCALE: Final = Scale.LOG_ODDS_RATIO
_STRICT: Final = 1e-7
# Notes are published as they stand: small counts do not belong in them.
_FEWEST_TOLD: Final = 10


@dataclass(frozen=True)
class Usable:
    """What a logit can be fitted to.

    Attributes:
        cells: without those predicted perfectly.
        design: of these cells, the effect among its columns.
        reason: what a reader should know.
    """

    cells: Cells
    design: Design
    reason: str


def usable(cells: Cells, design_of: Callable[[Cells], Design]) -> Usable | Result:
    """Return cells and design with a finite fit, or a result that says why there are none."""
    weak = weakness(cells, scale=_SCALE)
    if weak is not None:
        return weak
    design = design_of(cells)
    if max(design.effects) < 0:
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, NOT_TOLD_APART, scale=_SCALE)
    kept, design = without_separation(cells, design, design_of=design_of)
    lost = left_out_words(cells, kept)
    status, why = _left(kept, design)
    if status is not EffectStatus.OK:
        return no_result(cells, status, joined_reasons(why, lost), scale=_SCALE)
    return Usable(kept, design, joined_reasons(lost, remarks(design)))


def _left(kept: Cells, design: Design) -> tuple[EffectStatus, str]:
    """Return whether an effect is left once cells predicted perfectly are out."""
    weak = weakness(kept, scale=_SCALE)
    if weak is not None and weak.status is EffectStatus.TOO_FEW_CLUSTERS and kept.size:
        return weak.status, weak.reason
    if weak is not None or max(design.effects) < 0:
        return EffectStatus.SEPARATED, ONE_SIDED
    return EffectStatus.OK, ""


def left_out_words(cells: Cells, kept: Cells) -> str:
    """Return in words which cells were left out because they were predicted perfectly."""
    if kept.size == cells.size:
        return ""
    lost = cells.child_count - kept.child_count
    count = str(lost) if lost >= _FEWEST_TOLD else f"fewer than {_FEWEST_TOLD}"
    return f"{count} children in cells predicted perfectly (none or all with the event) left out"


def without_separation(
    cells: Cells, design: Design, *, design_of: Callable[[Cells], Design]
) -> tuple[Cells, Design]:
    """Return the cells, and their design, that are not predicted perfectly.

    A cell is predicted perfectly when some direction of the coefficients makes what it shows ever
    more likely and no other cell less likely (separation). The likelihood has its limit there: the
    cell says nothing more about the other coefficients, so it is left out, as often as more such
    cells appear. Where the effect itself is in such a direction, its column no longer stands in the
    design returned.
    """
    while cells.size:
        separated = _separated(design.x, events=cells.total, children=cells.children)
        if not separated.any():
            break
        cells = cells.kept(~separated)
        design = design_of(cells)
    return cells, design


def _separated(x: Floats, *, events: Floats, children: Floats) -> Flags:
    """Return the cells predicted perfectly by some direction of the coefficients; (n,).

    Konis (2007): such a direction has x beta = 0 in cells with some but not all events, which
    leaves few directions or none, and a linear programme looks among those.
    """
    mixed = (events > 0) & (events < children)
    free = _null_space(x[mixed])
    if free.shape[1] == 0 or mixed.all():
        return np.zeros(len(x), dtype=np.bool_)
    sign = np.where(events > 0, 1.0, -1.0)
    pulls = np.where(mixed[:, None], 0.0, sign[:, None] * (x @ free))
    return _pulled(pulls)


def _null_space(x: Floats) -> Floats:
    """Return an orthonormal basis of the coefficients that x sends to zero; (p, free)."""
    values, vectors = np.linalg.eigh(x.T @ x)
    largest = max(float(values[-1]), 1.0) if values.size else 1.0
    return vectors[:, values < largest * 1e-11]


def _pulled(pulls: Floats) -> Flags:
    """Return the rows that some direction with no row below zero puts above zero; (n,)."""
    # Imported here: scipy.optimize costs a third of a second and few tables need it.
    from scipy.optimize import linprog

    rows, place = np.unique(np.round(pulls, 9), axis=0, return_inverse=True)
    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    if found.x is None:
        return np.zeros(len(pulls), dtype=np.bool_)
    above: Flags = (rows @ found.x > _STRICT)[place.ravel()]
    return above
