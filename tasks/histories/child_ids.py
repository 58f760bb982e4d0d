"""Rows of SSDA903 under the identifiers of the census, where an authority says which are which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from pandas import DataFrame

from schemas.returns import RETURNS
from schemas.returns.child_ids import CENSUS_CHILD_ID, CHILD_IDS
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY
from tasks.histories.matching import ChildKeys

_TABLES = frozenset(table.name for table in RETURNS["ssda903"].tables)
_APART = np.int64(2**62)


def _none() -> ChildKeys:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class PairedIds:
    """Children with two identifiers, each once, as pseudonyms.

    Attributes:
        looked_after: identifiers in SSDA903, in order of size.
        census: identifiers of the same children in the census.
    """

    looked_after: ChildKeys = field(default_factory=_none)
    census: ChildKeys = field(default_factory=_none)

    def census_keys(self, keys: ChildKeys) -> ChildKeys:
        """Return the keys by which the census knows children of SSDA903.

        A child without a pair keeps its key, unless that is another child's in the census: then it
        has one that no other return knows.
        """
        if not len(self.census):
            return keys
        place = np.searchsorted(self.looked_after, keys).clip(max=len(self.looked_after) - 1)
        is_paired = self.looked_after[place] == keys
        own = np.where(np.isin(keys, self.census), keys ^ _APART, keys)
        found: ChildKeys = np.where(is_paired, self.census[place], own)
        return found


def paired_ids(frames: Mapping[str, DataFrame]) -> PairedIds:
    """Return the pairs of identifiers that an authority sent; none where it sent no such list."""
    pairs = frames.get(CHILD_IDS.name, DataFrame())
    if not len(pairs):
        return PairedIds()
    told = pairs[pairs[CHILD_KEY].ne(0) & pairs[CENSUS_CHILD_ID].ne(0)].sort_values(CHILD_KEY)
    return PairedIds(told[CHILD_KEY].to_numpy(), told[CENSUS_CHILD_ID].to_numpy())


def with_census_keys(frames: Mapping[str, DataFrame]) -> Mapping[str, DataFrame]:
    """Return tables at rest in which the children of SSDA903 have their keys of the census.

    What was made of the other identifier goes with it, `birth_mark` above all: an identifier that
    stands with two marks is taken for two children.
    """
    pairs = paired_ids(frames)
    if not len(pairs.census):
        return frames
    return {
        name: _under_census_keys(frame, pairs) if name in _TABLES else frame
        for name, frame in frames.items()
    }


def _under_census_keys(frame: DataFrame, pairs: PairedIds) -> DataFrame:
    if CHILD_KEY not in frame:
        return frame
    sent = frame[CHILD_KEY].to_numpy()
    keys = pairs.census_keys(sent)
    of_id = [name for name in (BIRTH_MARK, ALIKE_KEY) if name in frame]
    changed = {name: frame[name].where(keys == sent, 0) for name in of_id}
    return frame.assign(**{CHILD_KEY: keys}, **changed)
