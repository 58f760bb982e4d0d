"""Every outcome the pipeline computes, declared once, with the numbers and codes they turn on.

Definitions: docs/decisions/0003-outcome-choices.md, which settles what the programme's texts leave
open. `grade` says what a definition rests on: S stated in published programme text, W read in the
evaluators' public scripts, D a DfE statistical convention, I our own inference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
)

# Cohort outcomes
REREFERRAL_FACTORS: Final = ("1B", "2B", "3A", "3B", "3C", "4B")
KINSHIP_PLACEMENTS: Final = ("U1", "U2", "U3")
REUNIFIED_REASONS: Final = ("E4A", "E4B", "E13", "E41", "E45", "E47")
PLAN_STARTS_WITHIN_MONTHS: Final = 12
PLAN_CENSORED_AT_MONTHS: Final = 24
PROCEEDINGS_WITHIN_DAYS: Final = 112
SCHOOL_AGES: Final = (5, 15)
TERMS_FOLLOWED: Final = 3
TERM_STARTS: Final = {"autumn": (9, 1), "spring": (1, 1), "summer": (4, 16)}
"""Month and day on which each term begins; spring and summer fall in the academic year's second."""
FOLLOW_UP_MONTHS: Final = 18
"""The primary outcome's window: time at risk and half-exposure are measured over it."""

# Quarter outcomes
MANY_PLACEMENTS: Final = 3
PLACEMENTS_WITHIN_MONTHS: Final = 12
LONG_TERM_UNDER_AGE: Final = 16
LONG_TERM_CARE_MONTHS: Final = 30
LONG_TERM_PLACEMENT_MONTHS: Final = 24
PLACEMENT_CHANGES: Final = ("P", "T", "B", "U")
UNPLANNED_REASONS: Final = ("ALLEG", "APPRR", "CLOSE", "CREQB", "CREQO", "STAND")
REPEAT_PLAN_WITHIN_MONTHS: Final = 24
REREFERRAL_WITHIN_MONTHS: Final = 12

# Annual outcomes
NEET_AGES: Final = (16, 20)
NEET_ACTIVITIES: Final = ("G4", "G5", "G6")
ACTIVITY_NOT_KNOWN: Final = "0"
SDQ_HIGH: Final = 17


class Kind(StrEnum):
    """Which quarter a figure stands under."""

    COHORT = "cohort"
    QUARTER = "quarter"
    ANNUAL = "annual"


class Statistic(StrEnum):
    """How the units of a quarter become one value."""

    RATIO = "sum of numerators over sum of denominators"
    MEDIAN = "median over units"


class Status(StrEnum):
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
        subject: file of `tasks/outcomes/` it is computed in, and chapter of the definitions page.
        unit: what is counted.
        numerator, denominator: in words.
        protocol: the definition as one sentence.
        reads: returns that must have come in: for the whole window of a cohort outcome (whose
            first quarter needs cin_census as well), for the quarter itself otherwise.
        tables: tables of those returns that may be left out of one, and without which the outcome
            is not known.
        kind: cohort (stands under the quarter of referral), quarter, or annual (fourth quarters).
        grade: S, W, D or I, as above.
        window_months: length of the window looked at; None where there is none.
        mature_months: months of follow-up that must be covered, before the submission lag; the
            window's own length unless what is measured runs on beyond it.
        look_back_months: months before the quarter that must be covered as well.
        scale: what the ratio is multiplied by.
        better: `lower` or `higher` where the programme hopes for one, else None.
        statistic: how units become one value.
        models: practice models it applies to; empty for every one.
    """

    id: str
    role: str
    subject: str
    unit: str
    numerator: str
    denominator: str
    protocol: str
    reads: tuple[str, ...]
    kind: Kind
    grade: str
    tables: tuple[str, ...] = ()
    window_months: int | None = None
    mature_months: int = 0
    look_back_months: int = 0
    scale: int = 1
    better: str | None = None
    statistic: Statistic = Statistic.RATIO
    models: tuple[str, ...] = ()


def _cla(months: int, role: str, grade: str) -> Outcome:
    return Outcome(
        id=f"cla_{months}m",
        role=role,
        subject="care",
        unit="child",
        numerator="children whose first period of care starts in the window",
        denominator="children in the cohort",
        protocol=f"The child starts to be looked after for the first time within {months} calendar "
        "months of the first referral, the last day of the window included.",
        reads=("ssda903",),
        kind=Kind.COHORT,
        grade=grade,
        window_months=months,
        mature_months=months,
        better="lower",
    )


def _days_in_care(months: int) -> Outcome:
    return Outcome(
        id=f"days_in_care_{months}m",
        role="secondary",
        subject="care",
        unit="child",
        numerator="days looked after inside the window",
        denominator="children in the cohort",
        protocol=f"Days looked after within {months} calendar months of the referral, overlapping "
        "periods counted once and those still open cut at the end of the window; 0 for a child who "
        "was never looked after.",
        reads=("ssda903",),
        kind=Kind.COHORT,
        grade="S",
        window_months=months,
        mature_months=months,
        better="lower",
    )


def _days_in_care_entered(months: int) -> Outcome:
    return Outcome(
        id=f"days_in_care_{months}m_entered",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="days looked after inside the window",
        denominator="children whose first period of care starts in the window",
        protocol=f"Days looked after within {months} calendar months of the referral, among "
        "children who started to be looked after in them.",
        reads=("ssda903",),
        kind=Kind.COHORT,
        grade="S",
        window_months=months,
        mature_months=months,
        better="lower",
    )


CARE = (
    _cla(18, "primary", "W"),
    _cla(36, "long follow-up", "S"),
    _days_in_care(18),
    _days_in_care(36),
    _days_in_care_entered(18),
    _days_in_care_entered(36),
    Outcome(
        id="kinship_18m",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="children placed with relatives or friends in the window (U1, U2, U3)",
        denominator="children whose first period of care starts in the window",
        protocol="Of children who started to be looked after within 18 months of the referral, "
        "those placed with relatives or friends within the same 18 months.",
        reads=("ssda903",),
        kind=Kind.COHORT,
        grade="S, codes I",
        window_months=18,
        mature_months=18,
        better="higher",
        models=("family_valued",),
    ),
    Outcome(
        id="reunified_18m",
        role="secondary",
        subject="care",
        unit="child who became looked after",
        numerator="children who left care to parents, relatives or friends in the window "
        "(E4A, E4B, E13, E41, E45, E47)",
        denominator="children whose first period of care starts in the window",
        protocol="Of children who started to be looked after within 18 months of the referral, "
        "those who left care to parents, relatives or friends within the same 18 months.",
        reads=("ssda903",),
        kind=Kind.COHORT,
        grade="S, codes I",
        window_months=18,
        mature_months=18,
        better="higher",
        models=("family_valued",),
    ),
    Outcome(
        id="cla_rate",
        role="monitoring",
        subject="care",
        unit="authority and quarter",
        numerator="children looked after on the last day",
        denominator="children aged 0 to 17 in the authority",
        protocol="Children looked after on the last day of the quarter, short-break series left "
        "out, per 10,000 children aged 0 to 17.",
        reads=("ssda903",),
        kind=Kind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
    ),
    Outcome(
        id="cla_start_rate",
        role="monitoring",
        subject="care",
        unit="authority and quarter",
        numerator="periods of care that start in the quarter",
        denominator="children aged 0 to 17 in the authority",
        protocol="Periods of care that start in the quarter, per 10,000 children aged 0 to 17.",
        reads=("ssda903",),
        kind=Kind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
    ),
)

_PLACEMENTS = (
    Outcome(
        id="placement_moves_3plus",
        role="secondary",
        subject="placements",
        unit="child looked after on the last day",
        numerator="children with three or more placements in the twelve months to that day",
        denominator="children looked after on the last day",
        protocol="Of children looked after on the last day of the quarter, those with three or "
        "more placements in the twelve months up to it. A change of legal status is no new "
        "placement, nor is a temporary move or the return from one.",
        reads=("ssda903",),
        kind=Kind.QUARTER,
        grade="D",
        window_months=12,
        look_back_months=9,
        better="lower",
    ),
    Outcome(
        id="placement_long_term",
        role="secondary",
        subject="placements",
        unit="child under 16 looked after for two and a half years",
        numerator="those in the same placement for two years or more",
        denominator="children under 16 on the last day whose period of care has lasted 30 months",
        protocol="Of children under 16 who on the last day of the quarter had been looked after "
        "without a break for two and a half years, those in the same placement for at least two.",
        reads=("ssda903",),
        kind=Kind.QUARTER,
        grade="D",
        window_months=30,
        better="higher",
    ),
    Outcome(
        id="unplanned_moves",
        role="headline",
        subject="placements",
        unit="change of placement",
        numerator="changes for an unplanned reason (ALLEG, APPRR, CLOSE, CREQB, CREQO, STAND)",
        denominator="changes of placement in the quarter",
        protocol="Of episodes that start in the quarter with a change of placement, those that "
        "follow an episode which ended for an unplanned reason.",
        reads=("ssda903",),
        kind=Kind.QUARTER,
        grade="I",
        better="lower",
    ),
)

PLANS = (
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
        kind=Kind.COHORT,
        grade="W",
        window_months=36,
        mature_months=36,
        better="lower",
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
        kind=Kind.COHORT,
        grade="W",
        window_months=24,
        mature_months=36,
        better="lower",
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
        kind=Kind.COHORT,
        grade="W",
        window_months=24,
        mature_months=36,
        better="lower",
        statistic=Statistic.MEDIAN,
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
        kind=Kind.COHORT,
        grade="W",
        window_months=36,
        mature_months=36,
        better="lower",
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
        kind=Kind.QUARTER,
        grade="D",
        scale=PER_10_000,
        better="lower",
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
        kind=Kind.QUARTER,
        grade="D",
        better="lower",
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
        kind=Kind.QUARTER,
        grade="D",
        window_months=24,
        look_back_months=24,
        better="lower",
    ),
)

_REFERRALS = (
    Outcome(
        id="rereferral_factors_18m",
        role="secondary",
        subject="referrals",
        unit="child whose assessment found a named factor",
        numerator="those referred again after the day of referral and by the end of the window",
        denominator="children with a factor 1B, 2B, 3A, 3B, 3C or 4B in an assessment under the "
        "cohort referral",
        protocol="Of children whose assessment under the cohort referral found parental alcohol or "
        "drug misuse, domestic violence or parental mental ill health, those referred again within "
        "18 months.",
        reads=("cin_census",),
        kind=Kind.COHORT,
        grade="W",
        window_months=18,
        mature_months=18,
        better="lower",
    ),
    Outcome(
        id="rereferral_12m",
        role="monitoring",
        subject="referrals",
        unit="referral",
        numerator="referrals whose child had an earlier one within the twelve months before",
        denominator="referrals in the quarter",
        protocol="Of referrals in the quarter, those of a child who had been referred within the "
        "twelve months before. Several on one day are one.",
        reads=("cin_census",),
        kind=Kind.QUARTER,
        grade="D",
        window_months=12,
        look_back_months=12,
        better="lower",
    ),
)

PROCEEDINGS = (
    Outcome(
        id="plo_to_proceedings_16w",
        role="secondary",
        subject="proceedings",
        unit="child whose pre-proceedings began",
        numerator="those with proceedings issued within 112 days of the first meeting",
        denominator="children whose first meeting falls within 18 months of the referral",
        protocol="Of children whose pre-proceedings began within 18 months of the referral, those "
        "with care proceedings issued within 112 days of the first meeting.",
        reads=("pre_proceedings",),
        kind=Kind.COHORT,
        grade="W",
        window_months=18,
        mature_months=24,
        better="lower",
    ),
)

ATTENDANCE = (
    Outcome(
        id="unauthorised_absence_3t",
        role="secondary",
        subject="attendance",
        unit="session a child of school age could have attended",
        numerator="sessions missed without leave in the three terms after the referral",
        denominator="sessions possible in them",
        protocol="Sessions missed without leave over sessions possible, in the first three terms "
        "that start after the referral, among children aged 5 to 15 at referral.",
        reads=("school_attendance",),
        kind=Kind.COHORT,
        grade="W",
        window_months=18,
        mature_months=18,
        better="lower",
    ),
)


def _workforce(
    name: str, numerator: str, denominator: str, protocol: str, better: str | None
) -> Outcome:
    return Outcome(
        id=name,
        role="workforce",
        subject="workforce",
        unit="authority and quarter",
        numerator=numerator,
        denominator=denominator,
        protocol=protocol,
        reads=("workforce",),
        kind=Kind.QUARTER,
        grade="S",
        better=better,
    )


_WORKFORCE = (
    _workforce(
        "sickness_absence",
        "days lost to sickness",
        "full-time-equivalent working days",
        "Working days of case-holding social workers lost to sickness in the quarter.",
        "lower",
    ),
    _workforce(
        "turnover",
        "full-time-equivalent social workers who left",
        "full-time-equivalent social workers in post on the first day",
        "Social workers who left in the quarter, of those in post on its first day.",
        "lower",
    ),
    _workforce(
        "agency_rate",
        "full-time-equivalent agency workers",
        "full-time-equivalent social workers in post on the first day",
        "Agency workers for every social worker in post on the first day of the quarter.",
        "lower",
    ),
    _workforce(
        "direct_work_share",
        "hours in direct work with families",
        "hours worked",
        "The share of hours worked that was spent in direct work with families.",
        "higher",
    ),
    _workforce(
        "caseload",
        "cases held",
        "full-time-equivalent social workers in post on the first day",
        "Cases held for every social worker in post on the first day of the quarter.",
        "lower",
    ),
)


def _delivery(name: str, numerator: str, protocol: str) -> Outcome:
    return Outcome(
        id=name,
        role="delivery",
        subject="delivery",
        unit="family group conference",
        numerator=numerator,
        denominator="family group conferences held",
        protocol=protocol,
        reads=("programme_delivery",),
        kind=Kind.QUARTER,
        grade="S",
        better="higher",
    )


def _reunification(name: str, numerator: str, protocol: str) -> Outcome:
    return Outcome(
        id=name,
        role="delivery",
        subject="delivery",
        unit="child looked after",
        numerator=numerator,
        denominator="children looked after on the last day",
        protocol=protocol,
        reads=("programme_delivery", "ssda903"),
        kind=Kind.QUARTER,
        grade="S",
        better="higher",
    )


_DELIVERY = (
    _reunification(
        "reunification",
        "children who returned home in the quarter",
        "Children who returned home from care in the quarter, for every child looked after on its "
        "last day.",
    ),
    _reunification(
        "reunification_still_home",
        "children who returned home in the quarter and were still there on its last day",
        "Children who returned home in the quarter and were still home on its last day, for every "
        "child looked after on that day.",
    ),
    _delivery(
        "fgc_returned_home",
        "conferences after which the child returned home",
        "The share of family group conferences after which the child returned home.",
    ),
    _delivery(
        "fgc_prevented_care",
        "conferences that kept the child out of care",
        "The share of family group conferences that kept the child out of care.",
    ),
    _delivery(
        "fgc_plan_avoided",
        "conferences that avoided or ended a plan",
        "The share of family group conferences that avoided or ended a plan.",
    ),
    _delivery(
        "fgc_step_avoided",
        "conferences that avoided another statutory step",
        "The share of family group conferences that avoided another statutory step.",
    ),
)

LEAVERS = (
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
        tables=("oc3",),
        kind=Kind.ANNUAL,
        grade="S, W",
        better="lower",
    ),
)


def _sdq(name: str, numerator: str, protocol: str) -> Outcome:
    return Outcome(
        id=name,
        role="wellbeing",
        subject="wellbeing",
        unit="child looked after with a score",
        numerator=numerator,
        denominator="children with a score in the year",
        protocol=protocol,
        reads=("ssda903",),
        tables=("oc2",),
        kind=Kind.ANNUAL,
        grade="D",
        better="lower",
    )


WELLBEING = (
    _sdq(
        "sdq_total",
        "sum of the scores",
        "Mean total score of the strengths and difficulties questionnaire among children looked "
        "after with a score in the financial year.",
    ),
    _sdq(
        "sdq_high",
        "children with a score of 17 or more",
        "The share of scored children with 17 or more, a cause for concern.",
    ),
)

OUTCOMES: Final[dict[str, Outcome]] = {
    outcome.id: outcome
    for subject in (
        CARE,
        _PLACEMENTS,
        PLANS,
        _REFERRALS,
        PROCEEDINGS,
        ATTENDANCE,
        _WORKFORCE,
        _DELIVERY,
        LEAVERS,
        WELLBEING,
    )
    for outcome in subject
}

SEVEN: Final = {
    "stability": ("placement_moves_3plus", "placement_long_term", "unplanned_moves"),
    "plans": ("cpp_start_rate", "repeat_cpp", "repeat_cpp_24m"),
    "wellbeing": ("sdq_total", "sdq_high"),
    "reduction in care": ("cla_rate", "cla_start_rate", "cla_18m"),
    "staff sickness": ("sickness_absence",),
    "turnover and agency": ("turnover", "agency_rate"),
    "value for money": ("value_for_money",),
}
"""The seven outcomes the programme set out, and what shows each.

Value for money is no figure of one authority and quarter: it comes from the costs, and is not known
here.
"""

COHORT_OUTCOMES: Final = tuple(o.id for o in OUTCOMES.values() if o.kind is Kind.COHORT)
