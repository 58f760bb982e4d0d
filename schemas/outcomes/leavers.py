"""Young people in and after care: education, employment and training."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    ONCE_A_YEAR,
    YEARLY_TABLE,
    Quantity,
    published_share,
)
from schemas.outcomes.themes import SevenTheme

NEET_AGES: Final = (16, 20)
NEET_ACTIVITIES: Final = ("G4", "G5", "G6")
ACTIVITY_NOT_KNOWN: Final = "0"


DECLARED = (
    Outcome(
        id="neet",
        role="secondary",
        subject="leavers",
        unit="care leaver or child looked after, aged 16 to 20",
        numerator="those not in education, employment or training (G4, G5, G6)",
        denominator="those aged 16 to 20 on 31 March whose activity is known",
        protocol="Of young people aged 16 to 20 on 31 March whose activity is known, those not in "
        "education, employment or training.",
        reads=("ssda903",),
        made_of=("oc3", "children"),
        tables=("oc3",),
        kind=OutcomeKind.ANNUAL,
        grade="S, W",
        better="lower",
        publication=published_share(
            "Not in education, employment or training, aged 16 to 20",
            YEARLY_TABLE,
            (
                Quantity("neet", "those of them not in education, employment or training"),
                Quantity("activity_known", "young people aged 16 to 20 whose activity is known"),
            ),
            ONCE_A_YEAR,
        ),
        theme=SevenTheme.WELLBEING,
        theme_place=2,
    ),
)
