"""Chance that comes out the same on every machine and does not depend on who else is simulated.

Every stream is keyed by the seed, the authority and a topic, so that adding authorities, changing
their order or using more processes changes nothing. Only `Random.random()` is drawn on, whose
sequence Python promises to keep; everything else is an inverse transform of it.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate
from random import Random


class Chance:
    """One stream of chance."""

    def __init__(self, seed: int, *keys: str) -> None:
        key = blake2b("/".join((str(seed), *keys)).encode(), digest_size=16)
        self._random = Random(int.from_bytes(key.digest(), "little")).random

    def share(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random()

    def happens(self, probability: float) -> bool:
        """Return whether something of this probability happens."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def waiting(self, mean: float) -> int:
        """Return whole days of waiting at a constant rate."""
        return int(-math.log(1.0 - self._random()) * mean)

    def spread(self, median: float, sigma: float) -> float:
        """Return a log-normal number."""
        return median * math.exp(sigma * self.normal())

    def normal(self) -> float:
        """Return a standard normal number (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._random()))
        return radius * math.cos(2.0 * math.pi * self._random())

    def pick(self, weights: Weights) -> str:
        """Return one of the weighted values."""
        return weights.values[bisect(weights.bounds, self._random() * weights.bounds[-1])]


@dataclass(frozen=True)
class Weights:
    """Values with their weights, ready to be drawn."""

    table: Mapping[str, float]

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values in order."""
        return tuple(self.table)

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """Running totals of the weights."""
        return tuple(accumulate(self.table.values()))
