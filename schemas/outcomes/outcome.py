"""What is declared of an outcome, once.

Definitions: docs/decisions/0003-outcome-choices.md, which settles what the programme's texts leave
open. `grade` says what a definition rests on: S stated in published programme text, W read in the
evaluators' public scripts, D a DfE statistical convention, I our own inference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.outcomes.publication import Publication
from schemas.outcomes.themes import SevenTheme

SUBMISSION_LAG_MONTHS: Final = 3
"""One more quarterly return, in which late entries can turn up."""

PER_10_000: Final = 10_000
EVERY_MODEL: Final = "all"
"""What stands in `model` where an outcome belongs to no practice model."""

RESULT_COLUMNS: Final = (
    "outcome",
    "model",
    "la_code",
    "quarter",
    "numerator",
    "denominator",
    "value",
    "status",
    "reason",
)
"""`reason` is one of `FigureReason`, or empty."""

CENSUS: Final = "cin_census"
CARE_RETURN: Final = "ssda903"
_COHORT_RETURNS: Final = frozenset({CENSUS, CARE_RETURN})
COHORT_TABLES: Final = frozenset({"referrals", "cin_children", "episodes"})
"""Who is in a cohort: those referred, of an age, and not looked after before."""


class OutcomeKind(StrEnum):
    """Which quarter a figure stands under."""

    COHORT = "cohort"
    QUARTER = "quarter"
    ANNUAL = "annual"


class Statistic(StrEnum):
    """How the units of a quarter become one value."""

    RATIO = "sum of numerators over sum of denominators"
    MEDIAN = "median over units"


class FigureStatus(StrEnum):
    """Whether a figure stands."""

    OK = "ok"
    NOT_KNOWN = "x"
    NOT_APPLICABLE = "z"


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Attributes:
        id: as `cla_18m`.
        role: primary, long follow-up, secondary, headline, monitoring, workforce, wellbeing or
            delivery.
        subject: the file of this folder it stands in, the file of `tasks/outcomes/` that measures
            it, and the chapter of the definitions page.
        unit: what is counted.
        numerator, denominator: in words.
        protocol: the definition as one sentence.
        reads: returns that must have come in: for the whole window of a cohort outcome (whose
            first quarter needs cin_census as well), for the quarter itself otherwise.
        made_of: tables whose rows it counts; who is in a cohort need not be said again.
        numbers: columns that the figure is made of as they were sent, numerator and denominator.
        kind: cohort (stands under the quarter of referral), quarter, or annual (fourth quarters).
        grade: S, W, D or I, as above.
        publication: how the edition shows it.
        tables: tables of those returns that may be left out of one, and without which the outcome
            is not known.
        window_months: length of the window looked at; None where there is none.
        mature_months: months of follow-up that must be covered, before the submission lag; the
            window's own length unless what is measured runs on beyond it.
        look_back_months: months before the quarter that must be covered as well.
        told_back_months: the same, but only from the authority's first return on: what began before
            that one, it tells of. A cohort outcome looks back in this way on every return that
            settles who is in the cohort.
        is_told_later: whether what a cohort outcome counts may come about at any later time, so
            that no later return may be missing, up to the authority's last.
        scale: what the ratio is multiplied by.
        better: `lower` or `higher` where the programme hopes for one, else None.
        statistic: how units become one value.
        models: practice models it applies to; empty for every one.
        theme: which of the programme's seven outcomes it shows; None for no one of them.
        theme_place: its place there: outcomes of one place stand in order of declaration.
    """

    id: str
    role: str
    subject: str
    unit: str
    numerator: str
    denominator: str
    protocol: str
    reads: tuple[str, ...]
    made_of: tuple[str, ...]
    kind: OutcomeKind
    grade: str
    publication: Publication
    tables: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    window_months: int | None = None
    mature_months: int = 0
    look_back_months: int = 0
    told_back_months: int = 0
    is_told_later: bool = False
    scale: int = 1
    better: str | None = None
    statistic: Statistic = Statistic.RATIO
    models: tuple[str, ...] = ()
    theme: SevenTheme | None = None
    theme_place: int = 1

    @property
    def joins(self) -> frozenset[str]:
        """Returns between which it follows children by their ids: none, or two and more.

        The census and the looked-after return settle who is in a cohort.
        """
        is_cohort = self.kind is OutcomeKind.COHORT
        return _COHORT_RETURNS.union(self.reads) if is_cohort else frozenset()

    @property
    def tables_behind(self) -> frozenset[str]:
        """Tables it is made of, those that settle who is in a cohort included."""
        is_cohort = self.kind is OutcomeKind.COHORT
        return frozenset(self.made_of) | (COHORT_TABLES if is_cohort else frozenset())
