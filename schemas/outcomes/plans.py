"""Child protection plans: coming back to one, days on one, starting one."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import PER_10_000, Outcome, OutcomeKind, Statistic
from schemas.outcomes.publication import (
    CARE_TABLE,
    COHORT_CHILDREN,
    COHORT_TABLE,
    POPULATION,
    WITHIN_YEAR,
    Quantity,
    ValueMeasure,
    amount_of_days,
    published_ratio,
    published_share,
)
from schemas.outcomes.themes import SevenTheme

PLAN_STARTS_WITHIN_MONTHS: Final = 12
PLAN_CENSORED_AT_MONTHS: Final = 24
REPEAT_PLAN_WITHIN_MONTHS: Final = 24

_COHORT_PLANS: Final = Quantity(
    "cohort_plans", "child protection plans started within 12 months of referral"
)
_PLAN_STARTS: Final = Quantity("plan_starts", "child protection plans started")

DECLARED = (
    Outcome(
        id="return_after_cpp_36m",
        role="secondary",
        subject="plans",
        unit="child whose child protection plan ended",
        numerator="those with a new child protection plan, child in need plan or period of care "
        "after that day and by the end of the window",
        denominator="children whose child protection plan ended in the window and who were not "
        "looked after on that day",
        protocol="Of children whose child protection plan ended within 36 months of the referral, "
        "the first such end counting, and who were not then looked after, those who came back to a "
        "plan or into care by the end of the 36 months.",
        reads=("ssda903", "cin_census"),
        made_of=("cp_plans", "cin_plans", "episodes"),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=36,
        mature_months=36,
        better="lower",
        publication=published_share(
            "Came back to a plan or into care after a child protection plan",
            COHORT_TABLE,
            (
                Quantity("returned", "children who came back to a plan or into care"),
                Quantity("plan_ended", "children whose child protection plan ended"),
            ),
        ),
    ),
    Outcome(
        id="cpp_days_24m",
        role="secondary",
        subject="plans",
        unit="child protection plan",
        numerator="days on the plan, at most 24 months of them",
        denominator="plans that start within 12 months of the referral",
        protocol="Days on each child protection plan that starts within 12 months of the referral, "
        "cut at 24 months; because only mature plans enter, the mean is the restricted mean.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=24,
        mature_months=36,
        better="lower",
        publication=published_ratio(
            "Days on a child protection plan, at most 24 months",
            COHORT_TABLE,
            ValueMeasure.MEAN_DAYS,
            (
                amount_of_days("plan_days_24m", "days on those plans", _COHORT_PLANS, months=24),
                _COHORT_PLANS,
            ),
        ),
    ),
    Outcome(
        id="cpp_days_24m_median",
        role="secondary",
        subject="plans",
        unit="child protection plan",
        numerator="none: the value is a median",
        denominator="plans that start within 12 months of the referral",
        protocol="The median of the days on each child protection plan that starts within 12 "
        "months of the referral, cut at 24 months.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=24,
        mature_months=36,
        better="lower",
        statistic=Statistic.MEDIAN,
        publication=published_ratio(
            "Days on a child protection plan, median",
            COHORT_TABLE,
            ValueMeasure.MEDIAN_DAYS,
            (None, _COHORT_PLANS),
        ),
    ),
    Outcome(
        id="cpp_days_36m",
        role="secondary",
        subject="plans",
        unit="child",
        numerator="days on any child protection plan inside the window",
        denominator="children in the cohort",
        protocol="Days on any child protection plan within 36 months of the referral, overlapping "
        "plans counted once; 0 for a child without one.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=36,
        mature_months=36,
        better="lower",
        publication=published_ratio(
            "Days on any child protection plan within 36 months, all children",
            COHORT_TABLE,
            ValueMeasure.MEAN_DAYS,
            (
                amount_of_days(
                    "plan_days_36m",
                    "days on child protection plans in 36 months",
                    _COHORT_PLANS,
                    months=36,
                ),
                COHORT_CHILDREN,
            ),
        ),
    ),
    Outcome(
        id="cpp_start_rate",
        role="monitoring",
        subject="plans",
        unit="authority and quarter",
        numerator="child protection plans that start in the quarter",
        denominator="children aged 0 to 17 in the authority",
        protocol="Child protection plans that start in the quarter, per 10,000 children aged 0 to "
        "17.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
        publication=published_ratio(
            "Child protection plans started",
            CARE_TABLE,
            ValueMeasure.RATE,
            (_PLAN_STARTS, POPULATION),
            WITHIN_YEAR,
        ),
        theme=SevenTheme.PLANS,
    ),
    Outcome(
        id="repeat_cpp",
        role="monitoring",
        subject="plans",
        unit="child protection plan",
        numerator="plans of children who had one or more before, as the authority counts them",
        denominator="child protection plans that start in the quarter",
        protocol="Of child protection plans that start in the quarter, those the authority says "
        "are a second or later one.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        better="lower",
        publication=published_share(
            "Second or later child protection plans",
            CARE_TABLE,
            (Quantity("repeat_plans", "second or later child protection plans"), _PLAN_STARTS),
        ),
        theme=SevenTheme.PLANS,
    ),
    Outcome(
        id="repeat_cpp_24m",
        role="monitoring",
        subject="plans",
        unit="child protection plan",
        numerator="plans whose child had an earlier one that ended in the 24 months before",
        denominator="child protection plans that start in the quarter",
        protocol="Of child protection plans that start in the quarter, those whose child had an "
        "earlier plan that ended within the 24 months up to the start.",
        reads=("cin_census",),
        made_of=("cp_plans",),
        kind=OutcomeKind.QUARTER,
        grade="D",
        window_months=24,
        look_back_months=24,
        better="lower",
        publication=published_share(
            "Child protection plans within 24 months of an earlier one",
            CARE_TABLE,
            (
                Quantity(
                    "repeat_plans_24m", "child protection plans within 24 months of an earlier one"
                ),
                _PLAN_STARTS,
            ),
        ),
        theme=SevenTheme.PLANS,
    ),
)
