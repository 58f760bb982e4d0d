"""Figures as one linked system: what an attacker could combine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags, vstack

from schemas.arrays import Floats, Ints
from schemas.outcomes import PUBLISHED, QUANTITIES
from schemas.outcomes.publication import AT_MOST, NESTED, THRESHOLD
from tasks.disclose.figures import NO_CELL, Figures
from tasks.disclose.primary import is_printed, is_small, quantity_name, sensitive_cells
from tasks.disclose.system import System, system

MOST_LOSS: Final = 0.95
"""How much more the dearest cell may cost than the cheapest. Below 1, so that the cheapest choice
never hides more than twice the cells that any choice must."""
WIDE_SHARE: Final = 0.8
"""How much of it is for adding up many authorities; the rest is for being used in many rates."""


def linked(figures: Figures, *, threshold: Mapping[str, int]) -> System:
    """Return the figures of one edition as a system, numbers that are always printed as known.

    Args:
        figures: every figure that could be printed.
        threshold: by quantity.
    """
    orders, extras, widths = differences(figures, threshold=threshold)
    public = is_printed(figures)
    return system(
        figures.atoms["value"].to_numpy(dtype=float),
        figures.members,
        forced=sensitive_cells(figures, threshold=threshold),
        fixed=public,
        weights=_losses(figures),
        widths=_widths(figures, threshold),
        orders=orders,
        extras=extras,
        extra_widths=widths,
        ranks=_ranks(figures),
    )


def _ranks(figures: Figures) -> Ints:
    """Return how deep each cell's quantity is nested in others."""
    outer: dict[str, set[str]] = {}
    for inner, out, _ in _pairs(figures):
        outer.setdefault(inner, set()).add(out)
    names = figures.cells["quantity"]
    ranks = {name: _rank(name, outer) for name in names.unique()}
    return names.map(ranks).to_numpy(dtype=np.int64)


def _rank(name: str, outer: Mapping[str, set[str]]) -> int:
    return max((1 + _rank(out, outer) for out in outer.get(name, ())), default=0)


def _widths(figures: Figures, threshold: Mapping[str, int]) -> Floats:
    widths = {
        name: quantity.width / THRESHOLD * threshold[name] for name, quantity in QUANTITIES.items()
    }
    return np.asarray(figures.cells["quantity"].map(quantity_name).map(widths), dtype=float)


def _losses(figures: Figures) -> Floats:
    """Return what hiding each cell loses, from 1 to just under 2.

    More for sums over many authorities, which are the headlines, and for much-used denominators.
    """
    authorities = _authorities(figures)
    spread = np.log2(authorities) / max(np.log2(authorities.max(initial=2.0)), 1.0)
    wide = np.where(authorities > 1, (1 + spread) / 2, 0.0)
    sides = np.concatenate([figures.rows["numerator"], figures.rows["denominator"]])
    uses = np.bincount(sides[sides != NO_CELL].astype(np.int64), minlength=len(authorities))
    used = (uses - 1) / max(uses.max(initial=1) - 1, 1)
    return np.asarray(1 + MOST_LOSS * (WIDE_SHARE * wide + (1 - WIDE_SHARE) * used))


def _authorities(figures: Figures) -> Floats:
    """Return how many authorities each cell adds up."""
    codes, _ = pd.factorize(figures.atoms["la_code"])
    atoms = np.arange(len(codes))
    shape = (len(codes), int(codes.max(initial=0)) + 1)
    belongs = csr_matrix((np.ones(len(codes)), (atoms, codes)), shape=shape)
    return np.maximum(np.diff(csr_matrix(figures.members @ belongs).indptr), 1).astype(float)


def differences(
    figures: Figures, *, threshold: Mapping[str, int]
) -> tuple[csr_matrix, csr_matrix, Floats]:
    """Return which sums are never negative, which differences are sensitive, and their widths.

    Where one quantity counts some of what another counts, the difference is a count as well. A pair
    that the data contradict anywhere (more inner than outer) is not taken as a pair.
    """
    orders, extras = [csr_matrix((0, len(figures.atoms)))], [csr_matrix((0, len(figures.atoms)))]
    widths: list[Floats] = [np.empty(0)]
    for inner, outer, is_share in _pairs(figures):
        rows, cells = _outer_less_inner(figures, inner, outer)
        values = np.asarray(rows @ figures.atoms["value"].to_numpy(dtype=float))
        if (values < 0).any():
            continue
        limit = threshold[quantity_name(outer)]
        sensitive = is_small(values, limit)
        if is_share:
            sensitive |= (values == 0) & (figures.values[cells] > 0)
        orders.append(rows[np.flatnonzero(np.diff(figures.members[cells].indptr) == 1)])
        extras.append(rows[np.flatnonzero(sensitive)])
        widths.append(np.full(int(sensitive.sum()), float(limit)))
    orders += _at_most(figures)
    return csr_matrix(vstack(orders)), csr_matrix(vstack(extras)), np.concatenate(widths)


def _at_most(figures: Figures) -> list[csr_matrix]:
    """Return, of each amount that has a most for each person, what is left of that by atom."""
    values = figures.atoms["value"].to_numpy(dtype=float)
    found = []
    for amount, people, most in AT_MOST:
        partner = _partners(figures, amount, people)
        at = np.flatnonzero(partner != NO_CELL)
        place = np.arange(len(at))
        rows = csr_matrix(
            (
                np.concatenate([np.full(len(at), float(most)), -np.ones(len(at))]),
                (np.concatenate([place, place]), np.concatenate([partner[at], at])),
            ),
            shape=(len(at), len(values)),
        )
        if (np.asarray(rows @ values) >= 0).all():
            found.append(rows)
    return found


def _pairs(figures: Figures) -> Iterator[tuple[str, str, bool]]:
    """Yield inner quantity, outer quantity, and whether they are a share's two sides."""
    rows = figures.rows
    shares = {name for name, shown in PUBLISHED.items() if shown.is_share}
    both = (rows["numerator"] != NO_CELL) & (rows["denominator"] != NO_CELL)
    mine = rows[rows["outcome"].isin(shares) & both]
    names = figures.cells["quantity"].to_numpy()
    pairs = dict.fromkeys(
        (inner, outer)
        for inner, outer in zip(
            names[mine["numerator"].to_numpy()], names[mine["denominator"].to_numpy()], strict=True
        )
        if not QUANTITIES[quantity_name(inner)].is_printed
    )
    yield from ((inner, outer, True) for inner, outer in sorted(pairs))
    met = set(names)
    yield from ((inner, outer, False) for inner, outer in NESTED if {inner, outer} <= met)


def _outer_less_inner(figures: Figures, inner: str, outer: str) -> tuple[csr_matrix, Ints]:
    """Return, for each cell of the inner quantity, the same sum of the outer one less the cell."""
    atoms = figures.atoms
    partner = _partners(figures, inner, outer)
    cells = np.flatnonzero(figures.cells["quantity"] == inner)
    members = figures.members[cells]
    lone = np.asarray(members @ (partner == NO_CELL).astype(float)) > 0
    cells, members = cells[~lone], members[~lone]
    has = np.flatnonzero(partner != NO_CELL)
    shape = (len(atoms), len(atoms))
    across = csr_matrix((np.ones(len(has)), (has, partner[has])), shape=shape)
    return csr_matrix(members @ (across - diags(np.ones(len(atoms))))), cells


def _partners(figures: Figures, inner: str, outer: str) -> Ints:
    """Return, for each atom of the inner quantity, the outer one of the same place and time."""
    atoms = figures.atoms
    keys = pd.MultiIndex.from_frame(atoms[["la_code", "quarter"]])
    is_outer = (atoms["quantity"] == outer).to_numpy()
    numbers = pd.Series(np.flatnonzero(is_outer), index=keys[is_outer])
    is_inner = (atoms["quantity"] == inner).to_numpy()
    partner = np.full(len(atoms), NO_CELL, dtype=np.int64)
    partner[is_inner] = numbers.reindex(keys[is_inner]).fillna(NO_CELL).to_numpy(dtype=np.int64)
    return partner
