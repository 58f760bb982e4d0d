"""Logistic regression of counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from schemas.arrays import Floats

_STEPS: Final = 60
_CLOSE: Final = 1e-10


@dataclass(frozen=True)
class LogitFit:
    """A maximum likelihood fit.

    Attributes:
        beta: (p,) coefficients.
        risk: (n,) fitted probability of each cell.
        information: (p, p) expected information.
        is_converged: whether the last step changed nothing that matters.
    """

    beta: Floats
    risk: Floats
    information: Floats
    is_converged: bool


def logit_fit(x: Floats, *, events: Floats, children: Floats) -> LogitFit:
    """Return the logistic regression of events among children on a full-rank design.

    Newton steps (Fisher scoring) with halving whenever the likelihood would fall.
    """
    start = np.log((events + 0.5) / (children - events + 0.5))
    weights = children * expit(start) * expit(-start)
    beta: Floats = np.linalg.lstsq(
        x * np.sqrt(weights)[:, None], start * np.sqrt(weights), rcond=None
    )[0]
    is_converged = False
    for _ in range(_STEPS):
        step = _newton_step(x, beta, events=events, children=children)
        beta = _climbed(x, beta, step, events=events, children=children)
        is_converged = bool(np.max(np.abs(x @ step)) < _CLOSE)
        if is_converged:
            break
    risk = expit(x @ beta)
    return LogitFit(beta, risk, _information(x, risk, children), is_converged)


def _information(x: Floats, risk: Floats, children: Floats) -> Floats:
    information: Floats = x.T @ (x * (children * risk * (1 - risk))[:, None])
    return information


def _newton_step(x: Floats, beta: Floats, *, events: Floats, children: Floats) -> Floats:
    risk = expit(x @ beta)
    score = x.T @ (events - children * risk)
    return np.linalg.solve(_information(x, risk, children), score)


def log_likelihood(eta: Floats, *, events: Floats, children: Floats) -> float:
    """Return the binomial log likelihood without its constant."""
    return float(events @ eta - children @ np.logaddexp(0, eta))


def _climbed(x: Floats, beta: Floats, step: Floats, *, events: Floats, children: Floats) -> Floats:
    before = log_likelihood(x @ beta, events=events, children=children)
    for _ in range(20):
        after = log_likelihood(x @ (beta + step), events=events, children=children)
        if after >= before - _CLOSE * abs(before):
            break
        step = step / 2
    return beta + step
