"""Design matrices with fixed effects, and which of their effects are identified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from schemas.arrays import Flags, Floats, Ints
from tasks.effects.cells import Cells, sums_by_place
from tasks.effects.result import EffectStatus, Result, Scale, no_result

# Share of a column's squared length that must be left once earlier columns are taken out.
_TOLERANCE: Final = 1e-9
_SMALL: Final = 1e-6
# With two clusters a sandwich has one degree of freedom, and none once fixed effects are in.
FEWEST_CLUSTERS: Final = 3


@dataclass(frozen=True)
class Design:
    """A full-rank design matrix.

    Attributes:
        x: (n, p) independent columns.
        effects: (k,) places in `x` of the effect columns asked for; -1 for one that cannot be told
            apart from the other columns.
        dropped: names of covariates left out because others already say what they say; one that
            is the same everywhere says nothing and is not named.
        mute: names of clusters that say nothing of the effect given their own fixed effect.
    """

    x: Floats
    effects: tuple[int, ...]
    dropped: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()


def dummies(codes: Ints) -> Floats:
    """Return one 0/1 column per code that occurs, in the order of the codes; (n, levels)."""
    levels = np.unique(codes)
    columns: Floats = (codes[:, None] == levels[None, :]).astype(np.float64)
    return columns


def fixed_effects_design(cells: Cells, effects: Floats) -> Design:
    """Return cluster, period and covariate columns, then the effect columns; (n, p).

    The effects stand last, so that a column of theirs which the rest explains is the one found
    wanting: exposure that equals a covariate is not identified, rather than adjusted for nothing.
    """
    nuisance = [dummies(cells.cluster), dummies(cells.period), cells.covariates]
    design = independent(np.hstack(nuisance), effects, names=cells.covariate_names)
    return replace(design, mute=mute_clusters(cells))


def marginal_design(cells: Cells, effects: Floats) -> Design:
    """Return period and covariate columns, then the effect columns, without clusters; (n, p)."""
    nuisance = [dummies(cells.period), cells.covariates]
    return independent(np.hstack(nuisance), effects, names=cells.covariate_names)


def independent(nuisance: Floats, effects: Floats, *, names: tuple[str, ...]) -> Design:
    """Return the columns that add something to those before them.

    Args:
        nuisance: (n, a) columns; its last ones are the covariates.
        effects: (n, k) columns.
        names: of the covariates.
    """
    x = np.hstack([nuisance, effects])
    if not len(x):
        return Design(x=x, effects=(-1,) * effects.shape[1])
    keep = independent_columns(x)
    place = np.cumsum(keep) - 1
    first_effect = nuisance.shape[1]
    first_name = first_effect - len(names)
    covariates = slice(first_name, first_effect)
    lost = ~keep[covariates] & (np.ptp(x[:, covariates], axis=0) > 0)
    dropped = [name for name, gone in zip(names, lost, strict=True) if gone]
    identified = (
        _identified(x, first_effect) if not keep[first_effect:].all() else keep[first_effect:]
    )
    found = np.where(identified, place[first_effect:], -1)
    return Design(x=x[:, keep], effects=tuple(found.tolist()), dropped=tuple(dropped))


def _identified(x: Floats, first: int) -> Flags:
    """Return which columns from `first` on are no combination of all the others.

    Where columns of several effects depend on each other, leaving one out changes what the rest
    mean, so none of them has an estimate.
    """
    scaled = _scaled(x)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    blank = ~scaled.any(axis=0)
    same = np.abs(vectors[:, values < _TOLERANCE]).max(axis=1, initial=0.0) > _SMALL
    distinct: Flags = ~(same | blank)[first:]
    return distinct


def _scaled(x: Floats) -> Floats:
    """Return the columns at length one; a column of zeros stays one."""
    length = np.sqrt(np.einsum("ij,ij->j", x, x))
    scaled: Floats = x / np.where(length > 0, length, 1.0)
    return scaled


def independent_columns(x: Floats) -> Flags:
    """Return which columns are not combinations of earlier ones; (p,).

    Gaussian elimination of the scaled cross-products, column by column; a column of which (almost)
    nothing is left is passed over.
    """
    scaled = _scaled(x)
    left = scaled.T @ scaled
    keep = np.zeros(x.shape[1], dtype=np.bool_)
    for j in range(x.shape[1]):
        keep[j] = left[j, j] > _TOLERANCE
        if keep[j]:
            left -= np.outer(left[:, j], left[j] / left[j, j])
    return keep


def weakness(cells: Cells, *, scale: Scale) -> Result | None:
    """Return why no estimator can say anything of these cells; None where they may."""
    status, reason = _weakness(cells)
    if status is EffectStatus.OK:
        return None
    return no_result(cells, status, reason, scale=scale)


def _weakness(cells: Cells) -> tuple[EffectStatus, str]:
    if cells.size == 0:
        return EffectStatus.NO_DATA, "no children"
    if cells.cluster_count < FEWEST_CLUSTERS:
        return EffectStatus.TOO_FEW_CLUSTERS, _too_few(cells.cluster_count)
    if not cells.exposed.any():
        return EffectStatus.NO_EXPOSED, "no child was referred after go-live"
    if cells.exposed.all():
        return EffectStatus.NO_UNEXPOSED, "no child was referred before go-live"
    if cells.event_count == 0:
        return EffectStatus.NO_EVENTS, "no event in any cell"
    if cells.is_binary and cells.event_count == cells.child_count:
        return EffectStatus.ALL_EVENTS, "every child has the event"
    # No cluster at all is another matter: exposure is then a combination of clusters and periods.
    if 0 < (telling := cells.cluster_count - len(mute_clusters(cells))) < FEWEST_CLUSTERS:
        return EffectStatus.TOO_FEW_CLUSTERS, _too_few(telling)
    return EffectStatus.OK, ""


def _too_few(found: int) -> str:
    return f"{found} of at least {FEWEST_CLUSTERS} clusters that say something of the effect"


def mute_clusters(cells: Cells) -> tuple[str, ...]:
    """Return the clusters that say nothing of the effect given cluster and period effects.

    Nothing is left of a cluster's exposure once these are taken out: it has one period only, or no
    other cluster of its model stands alongside it in the periods that would show it.
    """
    whole = cells.summed
    root = np.sqrt(whole.children)
    x = np.hstack([dummies(whole.cluster), dummies(whole.period)])
    x = x[:, independent_columns(x)] * root[:, None]
    exposed = whole.exposed * root
    left = np.abs(exposed - x @ np.linalg.lstsq(x, exposed, rcond=None)[0]) > _SMALL * root
    size = len(whole.cluster_names)
    here = sums_by_place(np.ones(whole.size), whole.cluster, size=size) > 0
    informative = sums_by_place(left.astype(np.float64), whole.cluster, size=size) > 0
    return tuple(whole.cluster_names[place] for place in np.flatnonzero(here & ~informative))


def one_sided_clusters(cells: Cells) -> tuple[str, ...]:
    """Return the clusters in which no child, or every child, has the event."""
    size = len(cells.cluster_names)
    children = sums_by_place(cells.children, cells.cluster, size=size)
    events = sums_by_place(cells.total, cells.cluster, size=size)
    found = (children > 0) & ((events == 0) | (events == children))
    return tuple(cells.cluster_names[place] for place in np.flatnonzero(found))


def remarks(design: Design) -> str:
    """Return what a reader should know of the design: covariates dropped, mute clusters."""
    said = []
    if design.dropped:
        said.append(f"collinear covariates left out: {', '.join(design.dropped)}")
    if design.mute:
        said.append(f"no information on the effect in cluster {', '.join(design.mute)}")
    return "; ".join(said)
