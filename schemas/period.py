"""Which period a return speaks of: the dates that tell it, and from when on they are certain.

A return is put into the folder of a quarter by hand. Its own dates tell when that was the wrong
one. Dates of what is still open may be years old, so the newest dates decide, and a small return
may have none in a quiet quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.quarter import Quarter
from schemas.returns.school_attendance import TERM_LAST_DAYS
from schemas.table import Coverage
from schemas.training import FORM_KINDS

PERIOD_MISMATCH = "PERIOD_MISMATCH"
PERIOD_DOUBTFUL = "PERIOD_DOUBTFUL"
PERIOD_CODES = frozenset({PERIOD_MISMATCH, PERIOD_DOUBTFUL})

STRAY_SHARE = 0.01
"""Of a return of hundreds of dates, so many may be slips of the pen, in whichever direction."""
FEW_DATES = 3
"""One or two dates just outside of what a return covers may be of cases carried over, or slips."""
NEAR_DAYS = 92
"""A quarter: outside by no more than this is "just outside"."""
FAR_DAYS = 730
"""Where everything is still open, nothing need have happened for long; but in two years some child
of several moves, or comes, or leaves."""
NINE_MONTHS = 274
"""Guidance gives pre-proceedings sixteen weeks; some last half a year and more, few nine months."""
CERTAIN_DAYS = 20
"""Days with an event that the rate of the year before lets expect in a quarter without any: by
chance alone this happens once in 500 million times, and once in 20,000 if events come in pairs."""
DOUBTFUL_DAYS = 8
"""With so many expected it happens once in 3,000 times, or in 50: worth a question, no more."""
THIN_SHARE = 0.25
"""Of the dates that the rate of the year before lets expect. A return of its own period has more
than that rate, since of the year before it holds only what was still open; one sent again from an
earlier quarter with a few new rows has next to none."""
LATE_DAYS = 42
"""An export that is not cut off at the end of the quarter holds dates up to the day it is due."""
NEXT_QUARTER_DAYS = 75
"""Dates so long after the quarter reach the last weeks of the next: no late export does."""
LATE_SHARE = 0.10
"""Of the dates from the first covered day on. The next quarter's return has a fifth or more."""
LATE_DATES = 5
"""And at least so many: fewer are slips of the pen, each reported by itself."""


@dataclass(frozen=True)
class PeriodEvidence:
    """What in a return tells which period it speaks of, each as `table.column`.

    Attributes:
        ended: dates that must lie in what the return covers: of events, and of what ended.
        begun: dates from which something may still be open, so that they may be older.
        last_days_excluded: of these, days on which it was already over.
        quarters: texts that name the quarter of their row.
        terms: whether rows are of school terms, which are few and long.
        open_days: what began longer than this before the first covered day is not open any more.
        fewest: so many dates, all older, are no return of the period.
        apart: the table whose dates tell by themselves, whatever the others say.
    """

    ended: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    last_days_excluded: frozenset[str] = frozenset()
    quarters: tuple[str, ...] = ()
    terms: bool = False
    open_days: int = FAR_DAYS
    fewest: int = FEW_DATES
    apart: str = ""


_CENSUS_ENDS = ("referrals.closure_date", "cp_plans.cp_plan_end", "cin_plans.cin_plan_end")
EVIDENCE: Mapping[str, PeriodEvidence] = {
    "ssda903": PeriodEvidence(
        ended=(
            "episodes.episode_end",
            "reviews.review_date",
            "missing_episodes.missing_end",
            "social_worker_episodes.social_worker_end",
            "dolo.dolo_end",
        ),
        begun=(
            "episodes.episode_start",
            "missing_episodes.missing_start",
            "adoptions.adoption_match_date",
            "placed_for_adoption.placed_date",
            "social_worker_episodes.social_worker_start",
            "dolo.dolo_start",
        ),
        last_days_excluded=frozenset(
            (
                "episodes.episode_end",
                "social_worker_episodes.social_worker_end",
                "dolo.dolo_end",
            )
        ),
        apart="episodes",
    ),
    "cin_census": PeriodEvidence(
        ended=_CENSUS_ENDS,
        begun=(
            "referrals.referral_date",
            "assessments.assessment_start_date",
            "assessments.assessment_authorised_date",
            "section_47.s47_start_date",
            "section_47.icpc_date",
            "cp_plans.cp_plan_start",
            "cp_plan_reviews.cp_plan_review_date",
            "cin_plans.cin_plan_start",
            "cin_pre_proceedings.first_meeting_date",
        ),
        last_days_excluded=frozenset(_CENSUS_ENDS[1:]),
    ),
    "annex_a": PeriodEvidence(
        begun=(
            "annex_a_contacts.contact_date",
            "annex_a_early_help.early_help_start_date",
            "annex_a_referrals.referral_date",
            "annex_a_assessments.assessment_start_date",
            "annex_a_section_47.s47_start_date",
            "annex_a_children_in_need.cin_start_date",
            "annex_a_children_in_need.last_seen_date",
            "annex_a_children_in_need.closure_date",
            "annex_a_child_protection.cp_plan_start",
            "annex_a_child_protection.last_visit_date",
            "annex_a_child_protection.cp_plan_end",
            "annex_a_children_in_care.cla_start",
            "annex_a_children_in_care.last_visit_date",
            "annex_a_children_in_care.cla_end",
            "annex_a_care_leavers.last_contact_date",
        ),
    ),
    "pre_proceedings": PeriodEvidence(
        ended=("pre_proceedings.proceedings_issued_date",),
        begun=("pre_proceedings.first_meeting_date",),
        open_days=NINE_MONTHS,
        fewest=1,
    ),
    "school_attendance": PeriodEvidence(terms=True),
    "workforce": PeriodEvidence(quarters=("workforce.quarter",)),
    "programme_delivery": PeriodEvidence(quarters=("programme_delivery.quarter",)),
    "training_feedback": PeriodEvidence(
        ended=tuple(
            f"{kind.table}.{name}"
            for kind in FORM_KINDS.values()
            for name in kind.columns
            if name.endswith("_date")
        ),
    ),
}


def first_covered_day(coverage: Coverage, quarter: Quarter) -> date:
    """Return the first day that a return of a quarter speaks of; the last is the quarter's own."""
    if coverage is Coverage.YEAR_TO_DATE:
        return quarter.year_start
    if coverage is Coverage.ROLLING:
        return Quarter.from_index(quarter.index - 1).start
    return quarter.start


def latest_term_end(day: date) -> date:
    """Return the last day of the school term that had ended last by a day."""
    ends = (
        date(day.year + year, month, last)
        for year in (-1, 0)
        for _, month, last in TERM_LAST_DAYS.values()
    )
    return max(end for end in ends if end <= day)
