"""The seven outcomes the programme set out: themes that outcomes are declared to show, and views.

An outcome names its theme where it is declared; the two views of the seven, restricted and public,
draw on those. Where they differ is declared here, and docs/decisions/0013-seven-outcomes.md says
what is to be settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class SevenTheme(StrEnum):
    """One of the seven outcomes the programme set out, in its order."""

    STABILITY = "stability"
    PLANS = "plans"
    WELLBEING = "wellbeing"
    CARE = "care"
    SICKNESS = "sickness"
    TURNOVER = "turnover"
    VALUE = "value"


@dataclass(frozen=True)
class SevenView:
    """One view of the seven outcomes.

    Attributes:
        names: what it calls each theme it shows.
        speaks_for: which of the figures before and after going live it gives, as a sentence.
        why: the reason.
        left_out: outcomes of those themes that it does not show, and why.
        from_elsewhere: themes that no outcome shows, and the id that stands there instead.
    """

    names: Mapping[SevenTheme, str]
    speaks_for: str
    why: str
    left_out: Mapping[str, str]
    from_elsewhere: Mapping[SevenTheme, str] = field(default_factory=dict)


_NOT_SO_FAR: Final = "no edition has shown it so far: to be settled (decision 0013)"

RESTRICTED_SEVEN: Final = SevenView(
    names={
        SevenTheme.STABILITY: "stability",
        SevenTheme.PLANS: "plans",
        SevenTheme.WELLBEING: "wellbeing",
        SevenTheme.CARE: "reduction in care",
        SevenTheme.SICKNESS: "staff sickness",
        SevenTheme.TURNOVER: "turnover and agency",
        SevenTheme.VALUE: "value for money",
    },
    speaks_for="For each authority and each model, every quarter before its model went live added "
    "up, and every quarter since.",
    why="numbers that are not suppressed may be added up",
    left_out={"neet": _NOT_SO_FAR},
    from_elsewhere={SevenTheme.VALUE: "value_for_money"},
)
"""Value for money is no figure of one authority and quarter: it comes from the costs, and is not
known here."""

PUBLIC_SEVEN: Final = SevenView(
    names={
        SevenTheme.STABILITY: "Stability",
        SevenTheme.PLANS: "Child protection plans",
        SevenTheme.WELLBEING: "Wellbeing",
        SevenTheme.CARE: "Children in care",
        SevenTheme.SICKNESS: "Staff sickness",
        SevenTheme.TURNOVER: "Turnover and agency workers",
        SevenTheme.VALUE: "Value for money",
    },
    speaks_for="For each authority, the last whole year (or quarter, for what is counted on one "
    "day) before its model went live, and the newest since.",
    why="nothing may be added up again once it has passed disclosure control",
    left_out={
        "repeat_cpp": _NOT_SO_FAR,
        "sdq_total": _NOT_SO_FAR,
        "cla_18m": _NOT_SO_FAR,
    },
    from_elsewhere={SevenTheme.VALUE: "value_for_money"},
)
"""Value for money is of a whole model: the edition's cost-benefit analysis."""
