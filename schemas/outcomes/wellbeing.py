"""How children looked after are doing: strengths and difficulties scores."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    ONCE_A_YEAR,
    THRESHOLD,
    YEARLY_TABLE,
    Nature,
    Publication,
    Quantity,
    ValueMeasure,
    published_ratio,
    published_share,
)
from schemas.outcomes.themes import SevenTheme

SDQ_HIGH: Final = 17

_SCORE_HIGHEST: Final = 40
"""Highest total of the strengths and difficulties questionnaire (OC2)."""

_SCORED: Final = Quantity("scored", "children looked after with a score")


def _sdq(name: str, numerator: str, protocol: str, publication: Publication) -> Outcome:
    return Outcome(
        id=name,
        role="wellbeing",
        subject="wellbeing",
        unit="child looked after with a score",
        numerator=numerator,
        denominator="children with a score in the year",
        protocol=protocol,
        reads=("ssda903",),
        made_of=("oc2",),
        tables=("oc2",),
        kind=OutcomeKind.ANNUAL,
        grade="D",
        better="lower",
        publication=publication,
        theme=SevenTheme.WELLBEING,
    )


DECLARED = (
    _sdq(
        "sdq_total",
        "sum of the scores",
        "Mean total score of the strengths and difficulties questionnaire among children looked "
        "after with a score in the financial year.",
        published_ratio(
            "Strengths and difficulties score",
            YEARLY_TABLE,
            ValueMeasure.MEAN_SCORE,
            (
                Quantity(
                    "score_sum",
                    "sum of their scores",
                    Nature.AMOUNT,
                    contributors=_SCORED,
                    per_person=_SCORE_HIGHEST,
                    width=THRESHOLD * _SCORE_HIGHEST,
                ),
                _SCORED,
            ),
            ONCE_A_YEAR,
        ),
    ),
    _sdq(
        "sdq_high",
        "children with a score of 17 or more",
        "The share of scored children with 17 or more, a cause for concern.",
        published_share(
            "Strengths and difficulties score of 17 or more",
            YEARLY_TABLE,
            (Quantity("scored_high", "those of them with a score of 17 or more"), _SCORED),
            ONCE_A_YEAR,
        ),
    ),
)
