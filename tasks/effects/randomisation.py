"""Randomisation test: would another order of go-live have shown as much?

The order was drawn within readiness strata. Under no effect at all, what was observed would have
been the same in any order, so the observed difference is held against the difference under every
order that could have been drawn. The statistic is the two-way fixed-effects difference in mean
outcome (weights = children, cells summed over covariates). Exact, whatever the correlation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations, product
from math import factorial, nan, prod
from typing import Final

import numpy as np

from schemas.arrays import Floats, Ints
from tasks.effects.callaway_santanna import go_live_periods
from tasks.effects.cells import Cells
from tasks.effects.design import dummies, independent_columns, weakness
from tasks.effects.result import LEVEL, EffectStatus, Result, bare_result, joined_reasons, no_result
from tasks.effects.separation import NOT_TOLD_APART
from tasks.effects.two_way_fixed_effects import difference_scale

# Above this many orders a sample of this size, drawn from a fixed seed, stands for all.
MOST_ALLOCATIONS: Final = 2000
_SEED: Final = 20260401
_EQUAL: Final = 1e-9


@dataclass(frozen=True)
class Allocations:
    """Every order that could have been drawn, a copies of m clusters.

    Attributes:
        starts: (a, m) first exposed period of each cluster; the first row is what was drawn.
        statistic: (a,) difference the order shows; NaN where it is not identified.
        observed_as: (a,) what the observed exposure itself shows under the order: 1 in the first.
        is_complete: whether all orders are here, rather than a sample.
        cells: those tested, summed over covariates.
        left_out: clusters not tested, as their strata are not published.
    """

    starts: Floats
    statistic: Floats
    observed_as: Floats
    is_complete: bool
    cells: Cells
    left_out: tuple[str, ...]


def stratified_randomisation_test(cells: Cells) -> Result:
    """Return the two-way difference with its exact p value, and an interval where p can reach 5 %.

    The interval holds the differences that, taken away from exposed cells, leave p above 5 %.
    """
    found = allocations(cells)
    if isinstance(found, Result):
        return found
    estimate = float(found.statistic[0])
    p = _p_value(found, shift=0.0)
    smallest = 1 / len(found.statistic)
    low, high = _interval(found) if smallest <= 1 - LEVEL else (nan, nan)
    kind = "exact" if found.is_complete else "sampled"
    count = f"{kind} p over {len(found.statistic)} possible orders cannot fall below"
    skipped = f"strata not published: {', '.join(found.left_out)}" if found.left_out else ""
    note = joined_reasons(f"{count} {smallest:.3f}", skipped)
    bare = bare_result(found.cells, estimate, EffectStatus.OK, note, scale=difference_scale(cells))
    extras = {"allocations": float(len(found.statistic)), "smallest_p": smallest}
    return replace(bare, p=p, ci_low=low, ci_high=high, extras=extras)


def allocations(cells: Cells) -> Allocations | Result:
    """Return the orders that could have been drawn with what each would show, or why none.

    A cluster whose stratum is not published is left out, and with it every cluster of its model.
    """
    scale = difference_scale(cells)
    tested, skipped = _with_strata(cells.summed)
    if cells.size and not tested.size:
        why = "the strata the order was drawn in are not published"
        return no_result(cells, EffectStatus.NOT_APPLICABLE, why, scale=scale)
    weak = weakness(tested, scale=scale)
    if weak is not None:
        return weak
    starts = go_live_periods(tested)
    if starts is None:
        why = "exposure does not begin once and stay, cluster by cluster"
        return no_result(cells, EffectStatus.NOT_APPLICABLE, why, scale=scale)
    orders, is_complete = _orders(starts, _groups(tested))
    statistic, observed_as = _statistics(tested, orders)
    if not np.isfinite(statistic[0]):
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, NOT_TOLD_APART, scale=scale)
    return Allocations(orders, statistic, observed_as, is_complete, tested, skipped)


def orders_in_words(found: Allocations) -> list[str]:
    """Return each order as the names of the clusters from first to last."""
    here = np.unique(found.cells.cluster)
    names = np.array(found.cells.cluster_names, dtype=object)[here]
    places = np.argsort(found.starts[:, here], axis=1, kind="stable")
    return [", ".join(row) for row in names[places]]


def _with_strata(cells: Cells) -> tuple[Cells, tuple[str, ...]]:
    """Return the cells of models with published strata, and the names of the other clusters."""
    unknown = {m for m, s in zip(cells.models, cells.strata, strict=True) if s is None}
    known = np.array([model not in unknown for model in cells.models], dtype=np.bool_)
    kept = cells.kept(known[cells.cluster])
    return kept, cells.missing_clusters(kept)


def _groups(cells: Cells) -> list[Ints]:
    """Return the places of the clusters whose order was drawn together: of a model and stratum."""
    here = np.unique(cells.cluster)
    pairs = [(cells.models[place], str(cells.strata[place])) for place in here]
    return [here[[pair == group for pair in pairs]] for group in sorted(set(pairs))]


def _orders(starts: Floats, groups: list[Ints]) -> tuple[Floats, bool]:
    """Return the distinct orders (a, m), the observed first, and whether these are all.

    A sample keeps orders drawn twice, so that each counts as often as it is likely.
    """
    is_complete = prod(factorial(group.size) for group in groups) <= MOST_ALLOCATIONS
    if not is_complete:
        return np.vstack([starts, _sampled_orders(starts, groups)]), False
    others = np.unique(_all_orders(starts, groups), axis=0)
    others = others[~np.all(others == starts, axis=1)]
    return np.vstack([starts, others]), True


def _all_orders(starts: Floats, groups: list[Ints]) -> Floats:
    choices = product(*(permutations(starts[group]) for group in groups))
    flat = np.array([np.concatenate(choice) for choice in choices])
    drawn = np.tile(starts, (len(flat), 1))
    drawn[:, np.concatenate(groups)] = flat
    return drawn


def _sampled_orders(starts: Floats, groups: list[Ints]) -> Floats:
    random = np.random.default_rng(_SEED)
    drawn = np.tile(starts, (MOST_ALLOCATIONS - 1, 1))
    for group in groups:
        drawn[:, group] = random.permuted(drawn[:, group], axis=1)
    return drawn


def _statistics(cells: Cells, orders: Floats) -> tuple[Floats, Floats]:
    """Return each order's difference (a,), and the one it gives the observed exposure (a,).

    With exposure freed of cluster and period effects (weights = children), the difference is the
    weighted product of exposure and outcome over that of exposure with itself.
    """
    root = np.sqrt(cells.children)
    x = np.hstack([dummies(cells.cluster), dummies(cells.period)])
    x = x[:, independent_columns(x)] * root[:, None]
    exposed = (cells.period >= orders[:, cells.cluster]) * root
    basis = np.linalg.qr(x)[0]
    freed = exposed - (exposed @ basis) @ basis.T
    own = np.einsum("an,an->a", freed, freed)
    own = np.where(own > _EQUAL * np.einsum("an,an->a", exposed, exposed), own, np.nan)
    return freed @ (cells.rate * root) / own, freed @ exposed[0] / own


def _p_value(found: Allocations, *, shift: float) -> float:
    """Return the share of orders showing at least as much, once `shift` is taken off exposure."""
    size = np.abs(found.statistic - shift * found.observed_as)
    return float(np.mean(~(size < size[0] - _EQUAL * max(1.0, size[0]))))


def _interval(found: Allocations) -> tuple[float, float]:
    """Return the smallest and largest shift with p above 5 %; p only changes at crossings."""
    with np.errstate(divide="ignore", invalid="ignore"):
        minus = (found.statistic - found.statistic[0]) / (found.observed_as - 1)
        plus = (found.statistic + found.statistic[0]) / (found.observed_as + 1)
    crossings = np.unique(np.concatenate([minus, plus]))
    crossings = crossings[np.isfinite(crossings)]
    middles = (crossings[1:] + crossings[:-1]) / 2
    inside = np.array([_p_value(found, shift=float(shift)) > 1 - LEVEL for shift in middles])
    beyond = [
        _p_value(found, shift=float(crossings[k]) + side) > 1 - LEVEL
        for k, side in ((0, -1e6), (-1, 1e6))
    ]
    if any(beyond) or not inside.any():
        return nan, nan
    places = np.flatnonzero(inside)
    return float(crossings[places[0]]), float(crossings[places[-1] + 1])
