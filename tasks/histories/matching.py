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
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY

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
        births: pseudonyms of identifier and date of birth together; 0 where that was not said.
    """

    keys: ChildKeys = field(default_factory=_none)
    alikes: ChildKeys = field(default_factory=_none)
    births: ChildKeys = field(default_factory=_none)


@dataclass(frozen=True)
class Match:
    """How many children of a return others know.

    Attributes:
        children: named in the return.
        known: of these, known to the others.
        alike: of those not known, known in another spelling.
        born_otherwise: of those known, known with other dates of birth only.
    """

    children: int
    known: int
    alike: int
    born_otherwise: int = 0

    @property
    def share(self) -> float:
        """Share of the children that are known; 1 where there are none."""
        return self.known / self.children if self.children else 1.0

    @property
    def is_of_others(self) -> bool:
        """Whether so many were born on other days that the identifiers are not these children's."""
        few = SPELLING_SHARE * self.children
        return self.born_otherwise >= LEAST_UNKNOWN and self.born_otherwise > few

    def is_collapse(self, needed: float) -> bool:
        """Return whether so few are known that nothing can be joined."""
        unknown = self.children - self.known
        is_too_low = self.share < needed and unknown >= LEAST_UNKNOWN
        is_spelled_otherwise = self.alike > SPELLING_SHARE * self.children
        return is_too_low or is_spelled_otherwise or self.is_of_others


def named_in(frame: DataFrame) -> Named:
    """Return the children named in the rows of a table."""
    keys, places = np.unique(frame[CHILD_KEY].to_numpy(), return_index=True)
    told = keys != 0
    alikes, births = (_kept(frame, name)[places] for name in (ALIKE_KEY, BIRTH_MARK))
    return Named(keys[told], alikes[told], births[told])


def _kept(frame: DataFrame, column: str) -> ChildKeys:
    """Return a column of pseudonyms, 0 where it was not kept.

    Parts from before it was kept leave gaps, which make floats of all of it.
    """
    found = frame[column].to_numpy() if column in frame else np.zeros(len(frame))
    is_kept = np.issubdtype(found.dtype, np.integer)
    return found.astype(np.int64) if is_kept else np.zeros(len(frame), dtype=np.int64)


def together(named: Iterable[Named]) -> Named:
    """Return the children of several returns as one, those named twice twice."""
    several = [Named(), *named]
    return Named(
        np.concatenate([one.keys for one in several]),
        np.concatenate([one.alikes for one in several]),
        np.concatenate([one.births for one in several]),
    )


def match_of(named: Named, known: Named) -> Match:
    """Return how many of the children named are among those known."""
    is_known = np.isin(named.keys, known.keys)
    lost = named.alikes[~is_known]
    alike = np.isin(lost[lost != 0], known.alikes)
    return Match(
        len(named.keys), int(is_known.sum()), int(alike.sum()), _born_otherwise(named, known)
    )


def _born_otherwise(named: Named, known: Named) -> int:
    """Return how many children are known with dates of birth, and none of them theirs."""
    if not len(named.births) or not len(known.births):
        return 0
    is_told = np.isin(named.keys, known.keys[known.births != 0]) & (named.births != 0)
    return int((is_told & ~np.isin(named.births, known.births)).sum())


def share_needed(join: Join, shares: Iterable[float]) -> float:
    """Return the share of children that must be known, given what it is in other years."""
    usual = list(shares)
    if join.return_name == join.known_to or not usual:
        return join.floor
    return max(join.floor, median(usual) - USUAL_FALL)
