"""What the programme delivered: returns home, and family group conferences."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    DELIVERY_TABLE,
    LOOKED_AFTER,
    STANDS_ALONE,
    Publication,
    Quantity,
    ValueMeasure,
    Whose,
    published_ratio,
    published_share,
)

_CONFERENCES: Final = Quantity("conferences", "family group conferences held", whose=Whose.FAMILIES)


def _delivery(name: str, numerator: str, protocol: str, label: str) -> Outcome:
    return Outcome(
        id=name,
        role="delivery",
        subject="delivery",
        unit="family group conference",
        numerator=numerator,
        denominator="family group conferences held",
        protocol=protocol,
        reads=("programme_delivery",),
        made_of=("programme_delivery",),
        kind=OutcomeKind.QUARTER,
        grade="S",
        better="higher",
        publication=published_share(
            label, DELIVERY_TABLE, (Quantity(name, numerator, whose=Whose.FAMILIES), _CONFERENCES)
        ),
    )


def _reunification(name: str, numerator: str, protocol: str, publication: Publication) -> Outcome:
    return Outcome(
        id=name,
        role="delivery",
        subject="delivery",
        unit="child looked after",
        numerator=numerator,
        denominator="children looked after on the last day",
        protocol=protocol,
        reads=("programme_delivery", "ssda903"),
        made_of=("programme_delivery", "episodes"),
        kind=OutcomeKind.QUARTER,
        grade="S",
        better="higher",
        publication=publication,
    )


DECLARED = (
    _reunification(
        "reunification",
        "children who returned home in the quarter",
        "Children who returned home from care in the quarter, for every child looked after on its "
        "last day.",
        published_ratio(
            "Children who returned home from care",
            DELIVERY_TABLE,
            ValueMeasure.PERCENTAGE,
            (Quantity("returned_home", "children who returned home from care"), LOOKED_AFTER),
            STANDS_ALONE,
        ),
    ),
    _reunification(
        "reunification_still_home",
        "children who returned home in the quarter and were still there on its last day",
        "Children who returned home in the quarter and were still home on its last day, for every "
        "child looked after on that day.",
        published_ratio(
            "Children who returned home and were still there",
            DELIVERY_TABLE,
            ValueMeasure.PERCENTAGE,
            (
                Quantity("still_home", "those of them still home at the end of the quarter"),
                LOOKED_AFTER,
            ),
            STANDS_ALONE,
        ),
    ),
    _delivery(
        "fgc_returned_home",
        "conferences after which the child returned home",
        "The share of family group conferences after which the child returned home.",
        "Conferences after which the child returned home",
    ),
    _delivery(
        "fgc_prevented_care",
        "conferences that kept the child out of care",
        "The share of family group conferences that kept the child out of care.",
        "Conferences that kept the child out of care",
    ),
    _delivery(
        "fgc_plan_avoided",
        "conferences that avoided or ended a plan",
        "The share of family group conferences that avoided or ended a plan.",
        "Conferences that avoided or ended a plan",
    ),
    _delivery(
        "fgc_step_avoided",
        "conferences that avoided another statutory step",
        "The share of family group conferences that avoided another statutory step.",
        "Conferences that avoided another statutory step",
    ),
)
