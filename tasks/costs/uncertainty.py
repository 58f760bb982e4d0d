"""What is uncertain, and how it is drawn.

Every variable is drawn by turning a stream of uniform numbers into its own quantiles, so the
draws, the tornado and the intervals speak of one distribution. A stream depends on the seed and its
name alone: adding a variable leaves every other draw as it was, one price is one draw for all
models, and care outcomes of one model move together because they come from the same children.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from scipy import special

from schemas.arrays import Floats
from schemas.errors import DeclarationError
from schemas.prices import Parameter, Price
from tasks.costs.case import ModelCase
from tasks.costs.effect import Effect

# One price is drawn once and looked at from every perspective and for every authority.
_REMEMBERED: Final = 256


class Family(StrEnum):
    """Kind of distribution."""

    T = "t"
    GAMMA = "gamma"
    BETA = "beta"


@dataclass(frozen=True)
class Distribution:
    """What one number may be.

    Attributes:
        family: kind.
        mean: central value.
        spread: standard error of a t or a beta; coefficient of variation of a gamma.
        df: degrees of freedom of a t; infinite for the normal.
    """

    family: Family
    mean: float
    spread: float
    df: float = math.inf

    def quantile(self, at: Floats) -> Floats:
        """Return the values below which these shares of the distribution lie."""
        if self.spread == 0:
            return np.full_like(at, self.mean)
        return np.asarray(_QUANTILES[self.family](self, at))


def _t_quantile(t: Distribution, at: Floats) -> Floats:
    standard = special.ndtri(at) if math.isinf(t.df) else special.stdtrit(t.df, at)
    return np.asarray(t.mean + t.spread * standard)


def _gamma_quantile(gamma: Distribution, at: Floats) -> Floats:
    shape = 1 / gamma.spread**2
    return np.asarray(gamma.mean * special.gammaincinv(shape, at) / shape)


def _beta_quantile(beta: Distribution, at: Floats) -> Floats:
    size = beta.mean * (1 - beta.mean) / beta.spread**2 - 1
    return np.asarray(special.betaincinv(beta.mean * size, (1 - beta.mean) * size, at))


_QUANTILES: Final = {
    Family.T: _t_quantile,
    Family.GAMMA: _gamma_quantile,
    Family.BETA: _beta_quantile,
}


@dataclass(frozen=True)
class Variable:
    """One uncertain number.

    Attributes:
        name: as shown in the tornado, unique within a view.
        stream: variables with the same stream move together.
        distribution: what it may be; its mean is the value used outside the draws.
    """

    name: str
    stream: str
    distribution: Distribution

    @property
    def central(self) -> float:
        """Value used outside the draws."""
        return self.distribution.mean

    @property
    def is_fixed(self) -> bool:
        """Whether it has no uncertainty of its own."""
        return self.distribution.spread == 0


def uniform(stream: str, *, seed: int, draws: int) -> Floats:
    """Return uniform numbers strictly between 0 and 1 that depend on seed and stream alone."""
    digest = blake2b(stream.encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
    return np.clip(generator.random(draws), 1e-15, 1 - 1e-15)


def drawn(variable: Variable, *, seed: int, draws: int) -> Floats:
    """Return the draws of one variable; the array is shared and cannot be written to."""
    return _drawn(variable.stream, variable.distribution, seed, draws)


@lru_cache(maxsize=_REMEMBERED)
def _drawn(stream: str, distribution: Distribution, seed: int, draws: int) -> Floats:
    values = distribution.quantile(uniform(stream, seed=seed, draws=draws))
    values.flags.writeable = False
    return values


def effect_distribution(effect: Effect) -> Distribution:
    """Return the t of an effect: its estimate, standard error and degrees of freedom."""
    return Distribution(Family.T, effect.estimate, effect.se, effect.df)


def effect_variable(effect: Effect, family: str) -> Variable:
    """Return the effect as a t around its estimate with its own standard error and df."""
    return Variable(
        name=f"effect {effect.outcome}",
        stream=f"effect {effect.model} {family}",
        distribution=effect_distribution(effect),
    )


def price_variable(case: ModelCase, price: Price) -> Variable:
    """Return a factor of mean one that moves a price, the same in every model.

    Raises:
        DeclarationError: the book has no uncertainty for prices of this grade.
    """
    spread = case.parameter(f"price_cv.{price.grade}")
    if spread is None:
        raise DeclarationError(
            f"price {price.id} in {price.origin}: parameter price_cv.{price.grade} is missing. "
            "Give how uncertain prices of this grade are."
        )
    return _factor(f"price {price.id}", f"price {price.id}", float(spread.value or 0.0))


def spend_variable(case: ModelCase) -> Variable:
    """Return a factor of mean one that moves the programme's cost."""
    spread = case.parameter("spend_cv")
    return _factor(
        "programme spend", f"spend {case.model}", float(spread.value or 0) if spread else 0
    )


def share_variable(family: str, share: Parameter) -> Variable:
    """Return a cashable share as a beta with its mean and standard error."""
    mean, se = float(share.value or 0.0), float(share.spread or 0.0)
    return Variable(
        name=f"cashable share {family}",
        stream=f"cashable share {family}",
        distribution=Distribution(Family.BETA, mean, se),
    )


def _factor(name: str, stream: str, cv: float) -> Variable:
    return Variable(name, stream, Distribution(Family.GAMMA, 1.0, cv))
