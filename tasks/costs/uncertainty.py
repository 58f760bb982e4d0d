"""What is uncertain, and how it is drawn.

Every variable is drawn by turning a stream of uniform numbers into its own quantiles, so the
draws, the tornado and the intervals speak of one distribution. A stream depends on the seed and its
name alone: adding a variable leaves every other draw as it was, one price is one draw for all
models, and care outcomes of one model move together because they come from the same children.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from scipy import special

from schemas.errors import DeclarationError
from schemas.prices import Parameter, Price
from tasks.costs.case import Case
from tasks.costs.effect import Effect
from tasks.costs.money import Floats

Quantile = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Variable:
    """One uncertain number.

    Attributes:
        name: as shown in the tornado, unique within a view.
        stream: variables with the same stream move together.
        central: value used outside the draws.
        quantile: inverse of its distribution function.
        is_fixed: whether it has no uncertainty of its own.
    """

    name: str
    stream: str
    central: float
    quantile: Quantile
    is_fixed: bool = False


def uniform(stream: str, *, seed: int, draws: int) -> Floats:
    """Return uniform numbers strictly between 0 and 1 that depend on seed and stream alone."""
    digest = blake2b(stream.encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
    return np.clip(generator.random(draws), 1e-15, 1 - 1e-15)


def drawn(variable: Variable, *, seed: int, draws: int) -> Floats:
    """Return the draws of one variable."""
    return variable.quantile(uniform(variable.stream, seed=seed, draws=draws))


def effect_variable(effect: Effect, family: str) -> Variable:
    """Return the effect as a t around its estimate with its own standard error and df."""
    return Variable(
        name=f"effect {effect.outcome}",
        stream=f"effect {effect.model} {family}",
        central=effect.estimate,
        quantile=t_quantile(effect.estimate, effect.se, effect.df),
        is_fixed=effect.se == 0,
    )


def price_variable(case: Case, price: Price) -> Variable:
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


def spend_variable(case: Case) -> Variable:
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
        central=mean,
        quantile=beta_quantile(mean, se),
        is_fixed=se == 0,
    )


def _factor(name: str, stream: str, cv: float) -> Variable:
    return Variable(name, stream, 1.0, gamma_quantile(1.0, cv), is_fixed=cv == 0)


def t_quantile(mean: float, se: float, df: float) -> Quantile:
    """Return the quantiles of mean + se * t(df); of the normal where df is infinite."""

    def quantile(at: Floats) -> Floats:
        standard = special.ndtri(at) if math.isinf(df) else special.stdtrit(df, at)
        return np.asarray(mean + se * standard)

    return quantile


def gamma_quantile(mean: float, cv: float) -> Quantile:
    """Return the quantiles of a gamma with this mean and coefficient of variation."""

    def quantile(at: Floats) -> Floats:
        if cv == 0:
            return np.full_like(at, mean)
        shape = 1 / cv**2
        return np.asarray(mean * special.gammaincinv(shape, at) / shape)

    return quantile


def beta_quantile(mean: float, se: float) -> Quantile:
    """Return the quantiles of a beta with this mean and standard error."""

    def quantile(at: Floats) -> Floats:
        if se == 0:
            return np.full_like(at, mean)
        size = mean * (1 - mean) / se**2 - 1
        return np.asarray(special.betaincinv(mean * size, (1 - mean) * size, at))

    return quantile
