"""Estimates in plain sentences that an evaluator can quote."""

from __future__ import annotations

from math import exp, isfinite

from schemas.plan import PlannedOutcome, ValueKind
from schemas.trial import MODEL_NAMES
from tasks.effects.result import Result, Scale

POOLED = "pooled"


def model_name(model: str) -> str:
    """Return the model as a reader knows it."""
    return MODEL_NAMES.get(model, "All models together")


def sentence(outcome: PlannedOutcome, *, model: str, primary: Result, difference: Result) -> str:
    """Return what was found: who, how many, the change with its interval, and what it leaves open.

    Args:
        outcome: as planned.
        model: or `pooled`.
        primary: result of the outcome's primary estimator.
        difference: the same on the outcome's own scale.
    """
    who = f"{model_name(model)}, {primary.clusters} authorities, {primary.children:,} children"
    if not isfinite(primary.estimate):
        return f"{who}: no effect can be stated ({primary.note})."
    return f"{who}: {_found(outcome, primary, difference)} {_verdict(primary)}{_caution(primary)}"


def _found(outcome: PlannedOutcome, primary: Result, difference: Result) -> str:
    if outcome.kind is ValueKind.AMOUNT:
        return f"mean {outcome.words}: {_change(difference)} after go-live ({_doubt(difference)})."
    odds, low, high = (f"{exp(x):.2f}" for x in _three(primary))
    share = f"{round(primary.events):,} {outcome.words}"
    sentence = f"{share}; after go-live the odds were {odds} times those without it"
    sentence += f" (95% interval {low} to {high}, p = {_p(primary.p)})"
    if not isfinite(difference.estimate):
        return f"{sentence}."
    return f"{sentence}, for the exposed children {_change(difference)} ({_doubt(difference)})."


def _three(result: Result) -> tuple[float, float, float]:
    # Odds beyond e^20 are unbounded for any purpose, and larger powers overflow.
    clipped = [max(min(x, 20.0), -20.0) for x in (result.estimate, result.ci_low, result.ci_high)]
    return clipped[0], clipped[1], clipped[2]


def _change(result: Result) -> str:
    is_share = result.scale is Scale.RISK_DIFFERENCE
    size = _size(abs(result.estimate), result) + (" percentage points" if is_share else "")
    return f"{size} {'lower' if result.estimate < 0 else 'higher'}"


def _doubt(result: Result) -> str:
    low, high = (_size(bound, result) for bound in (result.ci_low, result.ci_high))
    return f"95% interval {low} to {high}"


def _size(value: float, result: Result) -> str:
    return f"{100 * value:.1f}" if result.scale is Scale.RISK_DIFFERENCE else f"{value:.3g}"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "less than 0.001"


def _verdict(result: Result) -> str:
    if result.ci_low <= 0 <= result.ci_high:
        return "The interval includes no change."
    return f"The interval lies on the side of a {'fall' if result.ci_high < 0 else 'rise'}."


def _caution(result: Result) -> str:
    if isfinite(result.df) and result.df < 4:
        return f" It rests on few authorities ({result.df:.1f} degrees of freedom)."
    return ""
