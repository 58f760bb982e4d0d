"""What the world may see: which figures, in which tables, under which disclosure rules.

Disclosure rules: docs/disclosure.md and docs/decisions/0008-disclosure-control.md. File form: the
rules of DfE's Explore Education Statistics (EES) service, as `tasks/publish/ees_rules.py` checks
them. A *quantity* is something that is counted or added up; an outcome is one quantity over
another. Outcomes that share a quantity are linked: hiding it in one and showing it in the other
would hide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.outcomes import OUTCOMES

THRESHOLD: Final = 5
"""Counts from 1 to this many are hidden, unless a table is stricter (outcomes.md)."""

RELIABLE_FROM: Final = 10
"""A mean over fewer people than this is marked `u`; training feedback draws the same line."""


class Symbol(StrEnum):
    """What stands in a cell instead of a number (DfE and Analysis Function shorthand)."""

    HIDDEN = "c"
    NOT_APPLICABLE = "z"
    NOT_AVAILABLE = "x"
    LOW = "low"
    UNRELIABLE = "u"


SYMBOL_MEANINGS: Final = {
    Symbol.HIDDEN: "confidential: hidden so that no child can be recognised",
    Symbol.NOT_APPLICABLE: "not applicable: the figure cannot exist here",
    Symbol.NOT_AVAILABLE: "not available: not returned, or not yet mature; never zero",
    Symbol.LOW: "rounds to zero but is not zero",
    Symbol.UNRELIABLE: f"low reliability: a mean over fewer than {RELIABLE_FROM}",
}


class Nature(StrEnum):
    """What kind of number a quantity is, for disclosure control."""

    COUNT = "children, events or workers, one by one"
    AMOUNT = "days, hours, sessions or scores, added up over children or workers"
    PUBLIC = "published elsewhere already"


@dataclass(frozen=True)
class Quantity:
    """Something counted or added up by authority and quarter.

    Attributes:
        name: unique.
        words: what it is, in words for a column of the data dictionary.
        nature: as `Nature`.
        contributors: the quantity that says how many people stand behind an amount: where they
            are 1 to the threshold, the amount is theirs, and hidden.
        per_person: the most one person can add to it: an amount without contributors is hidden
            from 1 to threshold times this.
        width: how wide the range must stay in which a hidden value can lie; the threshold for
            counts.
    """

    name: str
    words: str
    nature: Nature = Nature.COUNT
    contributors: str | None = None
    per_person: int = 1
    width: int = THRESHOLD


DAYS_WIDTH: Final = THRESHOLD * 91
"""A hidden number of days may lie anywhere in a range of five children's quarters, or more."""

SESSIONS_A_YEAR: Final = 380
"""190 school days of two sessions (Education (School Day and School Year) Regulations 1999)."""

SCORE_HIGHEST: Final = 40
"""Highest total of the strengths and difficulties questionnaire (OC2)."""


def _days(name: str, words: str, contributors: str) -> Quantity:
    return Quantity(name, words, Nature.AMOUNT, contributors=contributors, width=DAYS_WIDTH)


QUANTITIES: Final[dict[str, Quantity]] = {
    quantity.name: quantity
    for quantity in (
        Quantity("cohort", "children in the cohort"),
        Quantity("entered_18m", "children who became looked after within 18 months"),
        Quantity("entered_36m", "children who became looked after within 36 months"),
        _days("care_days_18m", "days looked after within 18 months", "entered_18m"),
        _days("care_days_36m", "days looked after within 36 months", "entered_36m"),
        Quantity("kinship", "children placed with relatives or friends"),
        Quantity("reunified", "children who left care to parents or relatives"),
        Quantity("plan_ended", "children whose child protection plan ended"),
        Quantity("returned", "children who came back to a plan or into care"),
        Quantity("cohort_plans", "child protection plans started within 12 months of referral"),
        _days("plan_days_24m", "days on those plans", "cohort_plans"),
        _days("plan_days_36m", "days on child protection plans in 36 months", "cohort_plans"),
        Quantity("pre_proceedings", "children whose pre-proceedings began"),
        Quantity("issued_16w", "children with proceedings issued within 16 weeks"),
        Quantity("with_factors", "children whose assessment found a named factor"),
        Quantity("referred_again", "those of them referred again within 18 months"),
        Quantity(
            "sessions_possible",
            "school sessions possible",
            Nature.AMOUNT,
            per_person=SESSIONS_A_YEAR,
            width=THRESHOLD * SESSIONS_A_YEAR,
        ),
        Quantity(
            "sessions_missed",
            "school sessions missed without leave",
            Nature.AMOUNT,
            width=THRESHOLD,
        ),
        Quantity("population", "children aged 0 to 17", Nature.PUBLIC),
        Quantity("looked_after", "children looked after on the last day of the quarter"),
        Quantity("care_starts", "periods of care started"),
        Quantity("moved_often", "children with three or more placements in twelve months"),
        Quantity("long_in_care", "children under 16 looked after for two and a half years"),
        Quantity("long_in_place", "those of them in one placement for two years"),
        Quantity("placement_changes", "changes of placement"),
        Quantity("unplanned_changes", "changes of placement for an unplanned reason"),
        Quantity("plan_starts", "child protection plans started"),
        Quantity("repeat_plans", "second or later child protection plans"),
        Quantity("repeat_plans_24m", "child protection plans within 24 months of an earlier one"),
        Quantity("referrals", "referrals"),
        Quantity("rereferrals", "referrals within 12 months of an earlier one"),
        Quantity("sickness_days", "working days lost to sickness", Nature.AMOUNT),
        Quantity("fte_days", "working days of social workers", Nature.AMOUNT),
        Quantity("leavers_fte", "social workers who left, full-time equivalent"),
        Quantity("fte_start", "social workers in post, full-time equivalent"),
        Quantity("agency_fte", "agency workers, full-time equivalent"),
        Quantity("direct_hours", "hours in direct work with families", Nature.AMOUNT),
        Quantity("total_hours", "hours worked", Nature.AMOUNT),
        Quantity("cases", "cases held"),
        Quantity("returned_home", "children who returned home from care"),
        Quantity("still_home", "those of them still home at the end of the quarter"),
        Quantity("conferences", "family group conferences held"),
        Quantity("fgc_returned_home", "conferences after which the child returned home"),
        Quantity("fgc_prevented_care", "conferences that kept the child out of care"),
        Quantity("fgc_plan_avoided", "conferences that avoided or ended a plan"),
        Quantity("fgc_step_avoided", "conferences that avoided another statutory step"),
        Quantity("activity_known", "young people aged 16 to 20 whose activity is known"),
        Quantity("neet", "those of them not in education, employment or training"),
        Quantity("scored", "children looked after with a score"),
        Quantity(
            "score_sum",
            "sum of their scores",
            Nature.AMOUNT,
            contributors="scored",
            width=THRESHOLD * SCORE_HIGHEST,
        ),
        Quantity("scored_high", "those of them with a score of 17 or more"),
    )
}

NESTED: Final = (
    ("entered_18m", "entered_36m"),
    ("plan_ended", "cohort"),
    ("pre_proceedings", "cohort"),
    ("with_factors", "cohort"),
    ("cohort", "referrals"),
    ("long_in_care", "looked_after"),
    ("repeat_plans_24m", "repeat_plans"),
    ("still_home", "returned_home"),
)
"""Quantities of which the first counts some of those the second counts: their difference is a
count of children too ("32 returned home, 29 still there" publishes a 3). Numerators of shares are
nested in their denominators without being named here."""


class Measure(StrEnum):
    """The columns in which a table can give an outcome's value."""

    PERCENTAGE = "percentage"
    RATE = "rate_per_10000"
    MEAN_DAYS = "mean_days"
    MEDIAN_DAYS = "median_days"
    MEAN_SCORE = "mean_score"
    CASES = "cases_per_worker"

    @property
    def scale(self) -> int:
        """What the ratio of numerator to denominator is multiplied by."""
        return {Measure.PERCENTAGE: 100, Measure.RATE: 10_000}.get(self, 1)

    @property
    def is_mean(self) -> bool:
        """Whether the value is an average over people: unreliable over few of them."""
        return self in (Measure.MEAN_DAYS, Measure.MEDIAN_DAYS, Measure.MEAN_SCORE)


MEASURE_LABELS: Final = {
    Measure.PERCENTAGE: "Percentage",
    Measure.RATE: "Rate per 10,000 children aged 0 to 17",
    Measure.MEAN_DAYS: "Mean number of days",
    Measure.MEDIAN_DAYS: "Median number of days",
    Measure.MEAN_SCORE: "Mean score",
    Measure.CASES: "Cases for each social worker",
}


class Span(StrEnum):
    """The length of time a row speaks for."""

    QUARTER = "quarter"
    YEAR = "year"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True)
class PublishedOutcome:
    """How one outcome is published.

    Attributes:
        id: as in `schemas.outcomes.OUTCOMES`.
        label: item of the outcome filter, at most 80 characters.
        subject: the table it stands in.
        measure: the column its value stands in.
        numerator: quantity; None where the value is not a ratio.
        denominator: quantity.
        is_share: whether the numerator counts some of those in the denominator, so that what
            remains is a count of people as well.
        spans: the lengths of time over which it may be added up. A number on a day cannot be
            added over quarters, and a rate per year's population not over years.
    """

    id: str
    label: str
    subject: str
    measure: Measure
    numerator: str | None
    denominator: str
    is_share: bool
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        """Refuse an outcome or a quantity that is not declared."""
        named = {self.numerator or self.denominator, self.denominator}
        if self.id not in OUTCOMES or not named <= QUANTITIES.keys():
            raise KeyError(f"published outcome {self.id}: outcome or quantity not declared")


ADDS_UP: Final = (Span.QUARTER, Span.YEAR, Span.CUMULATIVE)
WITHIN_YEAR: Final = (Span.QUARTER, Span.YEAR)
STANDS_ALONE: Final = (Span.QUARTER,)
ONCE_A_YEAR: Final = (Span.YEAR,)


def _share(
    id_: str, label: str, subject: str, of: tuple[str, str], spans: tuple[Span, ...] = ADDS_UP
) -> PublishedOutcome:
    return PublishedOutcome(
        id_, label, subject, Measure.PERCENTAGE, *of, is_share=True, spans=spans
    )


def _ratio(
    id_: str,
    label: str,
    subject: str,
    measure: Measure,
    of: tuple[str | None, str],
    spans: tuple[Span, ...] = ADDS_UP,
) -> PublishedOutcome:
    return PublishedOutcome(id_, label, subject, measure, *of, is_share=False, spans=spans)


_COHORT: Final = "cohort_outcomes"
MONITORING: Final = "care_and_protection"
WORKFORCE: Final = "workforce"
_DELIVERY: Final = "programme_delivery"
YEARLY: Final = "young_people"

PUBLISHED: Final[dict[str, PublishedOutcome]] = {
    outcome.id: outcome
    for outcome in (
        _share(
            "cla_18m",
            "Became looked after within 18 months of referral",
            _COHORT,
            ("entered_18m", "cohort"),
        ),
        _share(
            "cla_36m",
            "Became looked after within 36 months of referral",
            _COHORT,
            ("entered_36m", "cohort"),
        ),
        _ratio(
            "days_in_care_18m",
            "Days in care within 18 months, all children",
            _COHORT,
            Measure.MEAN_DAYS,
            ("care_days_18m", "cohort"),
        ),
        _ratio(
            "days_in_care_36m",
            "Days in care within 36 months, all children",
            _COHORT,
            Measure.MEAN_DAYS,
            ("care_days_36m", "cohort"),
        ),
        _ratio(
            "days_in_care_18m_entered",
            "Days in care within 18 months, children who entered care",
            _COHORT,
            Measure.MEAN_DAYS,
            ("care_days_18m", "entered_18m"),
        ),
        _ratio(
            "days_in_care_36m_entered",
            "Days in care within 36 months, children who entered care",
            _COHORT,
            Measure.MEAN_DAYS,
            ("care_days_36m", "entered_36m"),
        ),
        _share(
            "return_after_cpp_36m",
            "Came back to a plan or into care after a child protection plan",
            _COHORT,
            ("returned", "plan_ended"),
        ),
        _ratio(
            "cpp_days_24m",
            "Days on a child protection plan, at most 24 months",
            _COHORT,
            Measure.MEAN_DAYS,
            ("plan_days_24m", "cohort_plans"),
        ),
        _ratio(
            "cpp_days_24m_median",
            "Days on a child protection plan, median",
            _COHORT,
            Measure.MEDIAN_DAYS,
            (None, "cohort_plans"),
        ),
        _ratio(
            "cpp_days_36m",
            "Days on any child protection plan within 36 months, all children",
            _COHORT,
            Measure.MEAN_DAYS,
            ("plan_days_36m", "cohort"),
        ),
        _share(
            "plo_to_proceedings_16w",
            "Proceedings issued within 16 weeks of the first meeting",
            _COHORT,
            ("issued_16w", "pre_proceedings"),
        ),
        _share(
            "rereferral_factors_18m",
            "Referred again within 18 months, named factor found",
            _COHORT,
            ("referred_again", "with_factors"),
        ),
        _share(
            "unauthorised_absence_3t",
            "Unauthorised absence from school over three terms",
            _COHORT,
            ("sessions_missed", "sessions_possible"),
        ),
        _share(
            "kinship_18m",
            "Placed with relatives or friends, children who entered care",
            _COHORT,
            ("kinship", "entered_18m"),
        ),
        _share(
            "reunified_18m",
            "Left care to parents or relatives, children who entered care",
            _COHORT,
            ("reunified", "entered_18m"),
        ),
        _ratio(
            "cla_rate",
            "Children looked after on the last day",
            MONITORING,
            Measure.RATE,
            ("looked_after", "population"),
            STANDS_ALONE,
        ),
        _ratio(
            "cla_start_rate",
            "Periods of care started",
            MONITORING,
            Measure.RATE,
            ("care_starts", "population"),
            WITHIN_YEAR,
        ),
        _ratio(
            "cpp_start_rate",
            "Child protection plans started",
            MONITORING,
            Measure.RATE,
            ("plan_starts", "population"),
            WITHIN_YEAR,
        ),
        _share(
            "repeat_cpp",
            "Second or later child protection plans",
            MONITORING,
            ("repeat_plans", "plan_starts"),
        ),
        _share(
            "repeat_cpp_24m",
            "Child protection plans within 24 months of an earlier one",
            MONITORING,
            ("repeat_plans_24m", "plan_starts"),
        ),
        _share(
            "rereferral_12m",
            "Referrals within 12 months of an earlier one",
            MONITORING,
            ("rereferrals", "referrals"),
        ),
        _share(
            "placement_moves_3plus",
            "Three or more placements in twelve months",
            MONITORING,
            ("moved_often", "looked_after"),
            STANDS_ALONE,
        ),
        _share(
            "placement_long_term",
            "Same placement for two years, children long in care",
            MONITORING,
            ("long_in_place", "long_in_care"),
            STANDS_ALONE,
        ),
        _share(
            "unplanned_moves",
            "Unplanned changes of placement",
            MONITORING,
            ("unplanned_changes", "placement_changes"),
        ),
        _share(
            "sickness_absence",
            "Working days lost to sickness",
            WORKFORCE,
            ("sickness_days", "fte_days"),
        ),
        _share(
            "turnover",
            "Social workers who left in the quarter",
            WORKFORCE,
            ("leavers_fte", "fte_start"),
            STANDS_ALONE,
        ),
        _ratio(
            "agency_rate",
            "Agency workers for every 100 social workers",
            WORKFORCE,
            Measure.PERCENTAGE,
            ("agency_fte", "fte_start"),
            STANDS_ALONE,
        ),
        _share(
            "direct_work_share",
            "Hours spent in direct work with families",
            WORKFORCE,
            ("direct_hours", "total_hours"),
        ),
        _ratio(
            "caseload",
            "Cases held for every social worker",
            WORKFORCE,
            Measure.CASES,
            ("cases", "fte_start"),
            STANDS_ALONE,
        ),
        _ratio(
            "reunification",
            "Children who returned home from care",
            _DELIVERY,
            Measure.PERCENTAGE,
            ("returned_home", "looked_after"),
            STANDS_ALONE,
        ),
        _ratio(
            "reunification_still_home",
            "Children who returned home and were still there",
            _DELIVERY,
            Measure.PERCENTAGE,
            ("still_home", "looked_after"),
            STANDS_ALONE,
        ),
        _share(
            "fgc_returned_home",
            "Conferences after which the child returned home",
            _DELIVERY,
            ("fgc_returned_home", "conferences"),
        ),
        _share(
            "fgc_prevented_care",
            "Conferences that kept the child out of care",
            _DELIVERY,
            ("fgc_prevented_care", "conferences"),
        ),
        _share(
            "fgc_plan_avoided",
            "Conferences that avoided or ended a plan",
            _DELIVERY,
            ("fgc_plan_avoided", "conferences"),
        ),
        _share(
            "fgc_step_avoided",
            "Conferences that avoided another statutory step",
            _DELIVERY,
            ("fgc_step_avoided", "conferences"),
        ),
        _share(
            "neet",
            "Not in education, employment or training, aged 16 to 20",
            YEARLY,
            ("neet", "activity_known"),
            ONCE_A_YEAR,
        ),
        _ratio(
            "sdq_total",
            "Strengths and difficulties score",
            YEARLY,
            Measure.MEAN_SCORE,
            ("score_sum", "scored"),
            ONCE_A_YEAR,
        ),
        _share(
            "sdq_high",
            "Strengths and difficulties score of 17 or more",
            YEARLY,
            ("scored_high", "scored"),
            ONCE_A_YEAR,
        ),
    )
}

SUBJECT_TITLES: Final = {
    _COHORT: "Outcomes of children referred, by quarter of referral",
    MONITORING: "Care and child protection",
    WORKFORCE: "Social workers",
    _DELIVERY: "Programme delivery",
    YEARLY: "Care leavers and wellbeing",
}

SUBJECT_THRESHOLDS: Final[dict[str, int]] = dict.fromkeys(SUBJECT_TITLES, THRESHOLD)
"""The threshold of each table; a stricter one is set here and holds for every linked table."""


@dataclass(frozen=True)
class PublishedTable:
    """One data file of the outcomes.

    Attributes:
        name: stem of the file.
        title: what people call it.
        subject: which outcomes it holds.
        span: how long a time each row speaks for.
    """

    name: str
    title: str
    subject: str
    span: Span

    @property
    def outcomes(self) -> tuple[PublishedOutcome, ...]:
        """The outcomes it holds, in order."""
        return tuple(
            o for o in PUBLISHED.values() if o.subject == self.subject and self.span in o.spans
        )

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The value columns it needs, in order."""
        used = {outcome.measure for outcome in self.outcomes}
        return tuple(measure for measure in Measure if measure in used)


_SPAN_TITLES: Final = {
    Span.QUARTER: "by quarter",
    Span.YEAR: "by financial year",
    Span.CUMULATIVE: "from the first quarter to the end of each financial year",
}
_SPAN_STEMS: Final = {
    Span.QUARTER: "quarterly",
    Span.YEAR: "yearly",
    Span.CUMULATIVE: "cumulative",
}

OUTCOME_TABLES: Final = tuple(
    table
    for subject, title in SUBJECT_TITLES.items()
    for span in Span
    if (
        table := PublishedTable(
            f"{subject}_{_SPAN_STEMS[span]}", f"{title}, {_SPAN_TITLES[span]}", subject, span
        )
    ).outcomes
)

COUNTRY_CODE: Final = "E92000001"
COUNTRY_NAME: Final = "England"
TOTAL: Final = "Total"
NATIONAL: Final = "National"
LOCAL_AUTHORITY: Final = "Local authority"

LICENCE_NAME: Final = "OGL-UK-3.0"
LICENCE_TITLE: Final = "Open Government Licence v3.0"
LICENCE_PATH: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

META_COLUMNS: Final = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
    "filter_default",
)
"""Columns of a metadata file, in order."""

SEVEN_OUTCOMES: Final = (
    ("Stability", ("placement_moves_3plus", "placement_long_term", "unplanned_moves")),
    ("Child protection plans", ("cpp_start_rate", "repeat_cpp_24m")),
    ("Wellbeing", ("sdq_high", "neet")),
    ("Children in care", ("cla_rate", "cla_start_rate")),
    ("Staff sickness", ("sickness_absence",)),
    ("Turnover and agency workers", ("turnover", "agency_rate")),
)
"""Six of the programme's seven outcomes and what stands for each; the seventh, value for money, is
the cost-benefit analysis."""

COST_WORDS: Final = {
    "npv": "Net present value",
    "bcr": "Benefits for every pound of cost",
    "payback_year": "Year in which costs are paid back",
    "probability_npv_positive": "Probability that it pays",
    "children_kept_from_care": "Children kept from care",
    "cost_pv": "Cost, present value",
    "benefit_pv": "Benefit, present value",
}
"""The headline measures of the cost-benefit analysis, as readers know them."""

TRAINING_WORDS: Final = {
    "attended": "People who attended",
    "nps": "Net promoter score",
    "reaction_relevant_top_two": "Found it relevant, share",
    "reaction_expectations_top_two": "Met their expectations, share",
    "reaction_facilitator_top_two": "Facilitated well, share",
    "learning_self_assessment_mean_change": "Mean change in self-assessment",
    "learning_self_assessment_improved": "Improved in self-assessment, share",
    "retention_self_assessment_mean_change": "Mean change still there after six months",
    "retention_self_assessment_above_start": "Still above their start after six months, share",
    "review_applied_top_two": "Applied it at work, share",
    "review_tools_any": "Used at least one tool, share",
    "audit_workings_out_before_good_share": "Files with good workings out before, share",
    "audit_workings_out_after_good_share": "Files with good workings out after, share",
}
"""The training measures that are published, as readers know them."""
