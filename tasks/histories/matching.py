"""Whether the returns of one authority speak of the same children, by pseudonyms alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import numpy.typing as npt
from pandas import DataFrame

from schemas.identifiers import (
    LEAST_UNKNOWN,
    SPELLING_SHARE,
    USUAL_FALL,
    Join,
)
from schemas.rows import ALIKE_KEY, CHILD_KEY

ChildKeys = npt.NDArray[np.int64]


def _none() -> ChildKeys:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Named:
    """The children a return names, each once.

    Attributes:
        keys: pseudonyms of their identifiers.
        alikes: pseudonyms of the form that is the same for identifiers which programs confuse; 0
            where it was not kept.
    """

    keys: ChildKeys = field(default_factory=_none)
    alikes: ChildKeys = field(default_factory=_none)


@dataclass(frozen=True)
class Match:
    """How many children of a return others know.

    Attributes:
        children: named in the return.
        known: of these, known to the others.
        alike: of those not known, known in another spelling.
    """

    children: int
    known: int
    alike: int

    @property
    def share(self) -> float:
        """Share of the children that are known; 1 where there are none."""
        return self.known / self.children if self.children else 1.0

    def is_collapse(self, needed: float) -> bool:
        """Return whether so few are known that nothing can be joined."""
        unknown = self.children - self.known
        is_too_low = self.share < needed and unknown >= LEAST_UNKNOWN
        return is_too_low or self.alike > SPELLING_SHARE * self.children


def named_in(frame: DataFrame) -> Named:
    """Return the children named in the rows of a table."""
    keys, places = np.unique(frame[CHILD_KEY].to_numpy(), return_index=True)
    alikes = frame[ALIKE_KEY].to_numpy() if ALIKE_KEY in frame else np.zeros(len(frame))
    # Parts from before the column was kept leave gaps, which make floats of all of it.
    is_kept = np.issubdtype(alikes.dtype, np.integer)
    taken = alikes[places] if is_kept else np.zeros(len(keys))
    told = keys != 0
    return Named(keys[told], taken[told].astype(np.int64))


def together(named: Iterable[Named]) -> Named:
    """Return the children of several returns as one, those named twice twice."""
    several = [Named(), *named]
    return Named(
        np.concatenate([one.keys for one in several]),
        np.concatenate([one.alikes for one in several]),
    )


def match_of(named: Named, known: Named) -> Match:
    """Return how many of the children named are among those known."""
    is_known = np.isin(named.keys, known.keys)
    lost = named.alikes[~is_known]
    alike = np.isin(lost[lost != 0], known.alikes)
    return Match(len(named.keys), int(is_known.sum()), int(alike.sum()))


def share_needed(join: Join, shares: Iterable[float]) -> float:
    """Return the share of children that must be known, given what it is in other years."""
    usual = list(shares)
    if join.return_name == join.known_to or not usual:
        return join.floor
    return max(join.floor, median(usual) - USUAL_FALL)
