"""The people who do the work: absence, turnover, agency, direct work, caseload."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    STANDS_ALONE,
    WORKFORCE_TABLE,
    Nature,
    Publication,
    Quantity,
    ValueMeasure,
    Whose,
    published_ratio,
    published_share,
)
from schemas.outcomes.themes import SevenTheme


def _of_staff(name: str, words: str, nature: Nature = Nature.COUNT) -> Quantity:
    """Return a quantity of posts or working time."""
    return Quantity(name, words, nature, whose=Whose.STAFF)


_FTE_START: Final = _of_staff("fte_start", "social workers in post, full-time equivalent")


def _workforce(
    name: str,
    numbers: tuple[str, str],
    words: tuple[str, str, str],
    publication: Publication,
    *,
    better: str = "lower",
    theme: SevenTheme | None = None,
) -> Outcome:
    return Outcome(
        id=name,
        role="workforce",
        subject="workforce",
        unit="authority and quarter",
        numerator=words[0],
        denominator=words[1],
        protocol=words[2],
        reads=("workforce",),
        made_of=("workforce",),
        numbers=numbers,
        kind=OutcomeKind.QUARTER,
        grade="S",
        better=better,
        publication=publication,
        theme=theme,
    )


DECLARED = (
    _workforce(
        "sickness_absence",
        ("sickness_days", "fte_days"),
        (
            "days lost to sickness",
            "full-time-equivalent working days",
            "Working days of case-holding social workers lost to sickness in the quarter.",
        ),
        published_share(
            "Working days lost to sickness",
            WORKFORCE_TABLE,
            (
                _of_staff("sickness_days", "working days lost to sickness", Nature.AMOUNT),
                _of_staff("fte_days", "working days of social workers", Nature.AMOUNT),
            ),
        ),
        theme=SevenTheme.SICKNESS,
    ),
    _workforce(
        "turnover",
        ("leavers_fte", "fte_start"),
        (
            "full-time-equivalent social workers who left",
            "full-time-equivalent social workers in post on the first day",
            "Social workers who left in the quarter, of those in post on its first day.",
        ),
        published_share(
            "Social workers who left in the quarter",
            WORKFORCE_TABLE,
            (_of_staff("leavers_fte", "social workers who left, full-time equivalent"), _FTE_START),
            STANDS_ALONE,
        ),
        theme=SevenTheme.TURNOVER,
    ),
    _workforce(
        "agency_rate",
        ("agency_fte", "fte_start"),
        (
            "full-time-equivalent agency workers",
            "full-time-equivalent social workers in post on the first day",
            "Agency workers for every social worker in post on the first day of the quarter.",
        ),
        published_ratio(
            "Agency workers for every 100 social workers",
            WORKFORCE_TABLE,
            ValueMeasure.PERCENTAGE,
            (_of_staff("agency_fte", "agency workers, full-time equivalent"), _FTE_START),
            STANDS_ALONE,
        ),
        theme=SevenTheme.TURNOVER,
    ),
    _workforce(
        "direct_work_share",
        ("direct_work_hours", "total_hours"),
        (
            "hours in direct work with families",
            "hours worked",
            "The share of hours worked that was spent in direct work with families.",
        ),
        published_share(
            "Hours spent in direct work with families",
            WORKFORCE_TABLE,
            (
                _of_staff("direct_hours", "hours in direct work with families", Nature.AMOUNT),
                _of_staff("total_hours", "hours worked", Nature.AMOUNT),
            ),
        ),
        better="higher",
    ),
    _workforce(
        "caseload",
        ("cases", "fte_start"),
        (
            "cases held",
            "full-time-equivalent social workers in post on the first day",
            "Cases held for every social worker in post on the first day of the quarter.",
        ),
        published_ratio(
            "Cases held for every social worker",
            WORKFORCE_TABLE,
            ValueMeasure.CASES,
            # Workers hold them; they are children.
            (Quantity("cases", "cases held"), _FTE_START),
            STANDS_ALONE,
        ),
    ),
)
