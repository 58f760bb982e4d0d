"""Which function measures which outcome: said where the function stands."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from pandas import DataFrame

from schemas.errors import DeclarationError
from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import Outcome
from tasks.histories.history import History

MeasureFunction = Callable[[History, Outcome], DataFrame]
"""Cohort outcomes return `by_child` frames, the others `by_quarter` frames."""

_MEASURES: Final[dict[str, MeasureFunction]] = {}


def measure_of(*outcome_ids: str) -> Callable[[MeasureFunction], MeasureFunction]:
    """Return a decorator that makes a function the measure of declared outcomes.

    Raises:
        DeclarationError: an outcome is not declared, stands under another subject than the
            function, or has a measure already.
    """

    def register(function: MeasureFunction) -> MeasureFunction:
        for outcome_id in outcome_ids:
            _refuse(outcome_id, function.__module__)
            _MEASURES[outcome_id] = function
        return function

    return register


def _refuse(outcome_id: str, module: str) -> None:
    where = f"{module}: measure of {outcome_id}"
    if outcome_id not in OUTCOMES:
        raise DeclarationError(f"{where}: not declared. Declare it in schemas/outcomes/.")
    if module != f"{__package__}.{OUTCOMES[outcome_id].subject}":
        subject = OUTCOMES[outcome_id].subject
        raise DeclarationError(f"{where}: declared under {subject}. Move one of the two.")
    if outcome_id in _MEASURES:
        raise DeclarationError(f"{where}: measured twice. Keep one.")


def measure_functions() -> dict[str, MeasureFunction]:
    """Return the measure of every declared outcome, in order of declaration.

    Raises:
        DeclarationError: an outcome is declared that nothing measures.
    """
    for subject in dict.fromkeys(outcome.subject for outcome in OUTCOMES.values()):
        import_module(f"{__package__}.{subject}")
    missing = [outcome_id for outcome_id in OUTCOMES if outcome_id not in _MEASURES]
    if missing:
        raise DeclarationError(f"tasks/outcomes: nothing measures {missing}. Write a measure.")
    return {outcome_id: _MEASURES[outcome_id] for outcome_id in OUTCOMES}
