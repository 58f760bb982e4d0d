"""How an outcome is published: table, column, and the quantities that disclosure control protects.

Disclosure rules: docs/disclosure.md and docs/decisions/0008-disclosure-control.md. A *quantity* is
something that is counted or added up; an outcome is one quantity over another. Outcomes that share
a quantity are linked: hiding it in one and showing it in the other would hide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

THRESHOLD: Final = 5
"""Counts from 1 to this many are hidden, unless a table is stricter (outcomes.md)."""

SMALLEST_SET_SHARE: Final = 0.5
"""A total adds up no fewer than this share of the authorities that take part: what fewer of them
returned is not called the total (docs/decisions/0022-totals-over-sets.md)."""
LATE_QUARTERS: Final = 4
"""An authority whose figures are missing from the newest of these quarters alone is late, not out:
totals wait for it. A year, because a yearly return brings the quarters that were missing."""


class Nature(StrEnum):
    """What kind of number a quantity is, for disclosure control."""

    COUNT = "children, events or workers, one by one"
    AMOUNT = "days, hours, sessions or scores, added up over children or workers"
    PUBLIC = "published elsewhere already"


class Whose(StrEnum):
    """Whom a quantity is personal to: whose life is seen where a number of few is known.

    Of posts and working time DfE publishes every number of an authority ("Children's social work
    workforce", 2017 to 2025: 8 cells of some 33,000 are `c`), and so does an edition: they are of
    a public office. Cases are held by workers, and are children.
    """

    CHILDREN = "children"
    FAMILIES = "families"
    STAFF = "staff, as holders of posts: printed, as DfE prints it"


@dataclass(frozen=True)
class Quantity:
    """Something counted or added up by authority and quarter.

    Attributes:
        name: unique.
        words: what it is, in words for a column of the data dictionary.
        nature: as `Nature`.
        whose: as `Whose`.
        contributors: the quantity that says how many people stand behind an amount: where they
            are 1 to the threshold, the amount is theirs, and hidden.
        per_person: the most one person can add to it: an amount without contributors is hidden
            from 1 to threshold times this, and a change of up to that may be that of few.
        width: how wide the range must stay in which a hidden value can lie; the threshold for
            counts.
    """

    name: str
    words: str
    nature: Nature = Nature.COUNT
    contributors: Quantity | None = None
    per_person: int = 1
    width: int = THRESHOLD
    whose: Whose = Whose.CHILDREN

    @property
    def is_printed(self) -> bool:
        """Whether its numbers are shown however small: disclosure control takes them as known."""
        return self.nature is Nature.PUBLIC or self.whose is Whose.STAFF


DAYS_WIDTH: Final = THRESHOLD * 91
"""A hidden number of days may lie anywhere in a range of five children's quarters, or more."""


MOST_DAYS: Final = {18: 550, 24: 731, 36: 1096}
"""The most days in so many months, both ends of leap years included."""


def amount_of_days(name: str, words: str, contributors: Quantity, *, months: int) -> Quantity:
    """Return a quantity of days, at most so many months for each contributor."""
    return Quantity(name, words, Nature.AMOUNT, contributors, MOST_DAYS[months], DAYS_WIDTH)


# Quantities that outcomes of several subjects share
COHORT_CHILDREN: Final = Quantity("cohort", "children in the cohort")
POPULATION: Final = Quantity("population", "children aged 0 to 17", Nature.PUBLIC)
LOOKED_AFTER: Final = Quantity(
    "looked_after", "children looked after on the last day of the quarter"
)

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


AT_MOST: Final = (
    ("care_days_18m", "entered_18m", MOST_DAYS[18]),
    ("care_days_36m", "entered_36m", MOST_DAYS[36]),
    ("plan_days_24m", "cohort_plans", MOST_DAYS[24]),
    ("plan_days_36m", "cohort", MOST_DAYS[36]),
)
"""Amounts, what they are amounts of, and the most that each one can add: an attacker who sees 5,400
days within 18 months knows that ten children, or more, stand behind them."""


class ValueMeasure(StrEnum):
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
        return {ValueMeasure.PERCENTAGE: 100, ValueMeasure.RATE: 10_000}.get(self, 1)

    @property
    def is_mean(self) -> bool:
        """Whether the value is an average over people: unreliable over few of them."""
        return self in (ValueMeasure.MEAN_DAYS, ValueMeasure.MEDIAN_DAYS, ValueMeasure.MEAN_SCORE)


MEASURE_LABELS: Final = {
    ValueMeasure.PERCENTAGE: "Percentage",
    ValueMeasure.RATE: "Rate per 10,000 children aged 0 to 17",
    ValueMeasure.MEAN_DAYS: "Mean number of days",
    ValueMeasure.MEDIAN_DAYS: "Median number of days",
    ValueMeasure.MEAN_SCORE: "Mean score",
    ValueMeasure.CASES: "Cases for each social worker",
}


class TimeSpan(StrEnum):
    """The length of time a published row speaks for."""

    QUARTER = "quarter"
    YEAR = "year"
    CUMULATIVE = "cumulative"


ADDS_UP: Final = (TimeSpan.QUARTER, TimeSpan.YEAR, TimeSpan.CUMULATIVE)
WITHIN_YEAR: Final = (TimeSpan.QUARTER, TimeSpan.YEAR)
STANDS_ALONE: Final = (TimeSpan.QUARTER,)
ONCE_A_YEAR: Final = (TimeSpan.YEAR,)

COHORT_TABLE: Final = "cohort_outcomes"
CARE_TABLE: Final = "care_and_protection"
WORKFORCE_TABLE: Final = "workforce"
DELIVERY_TABLE: Final = "programme_delivery"
YEARLY_TABLE: Final = "young_people"

TABLE_TITLES: Final = {
    COHORT_TABLE: "Outcomes of children referred, by quarter of referral",
    CARE_TABLE: "Care and child protection",
    WORKFORCE_TABLE: "Social workers",
    DELIVERY_TABLE: "Programme delivery",
    YEARLY_TABLE: "Care leavers and wellbeing",
}

TABLE_THRESHOLDS: Final[dict[str, int]] = dict.fromkeys(TABLE_TITLES, THRESHOLD)
"""The threshold of each table; a stricter one is set here and holds for every linked table."""


@dataclass(frozen=True)
class Publication:
    """How one outcome is published.

    Attributes:
        label: item of the outcome filter, at most 80 characters.
        table: the table it stands in, a key of `TABLE_TITLES`.
        measure: the column its value stands in.
        numerator: None where the value is not a ratio.
        denominator: what the value is out of.
        is_share: whether the numerator counts some of those in the denominator, so that what
            remains is a count of people as well.
        spans: the lengths of time over which it may be added up. A number on a day cannot be
            added over quarters, and a rate per year's population not over years.
    """

    label: str
    table: str
    measure: ValueMeasure
    numerator: Quantity | None
    denominator: Quantity
    is_share: bool
    spans: tuple[TimeSpan, ...]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities the value is made of, and those that stand behind them."""
        own = [one for one in (self.numerator, self.denominator) if one is not None]
        return (*own, *(one.contributors for one in own if one.contributors is not None))


def published_share(
    label: str,
    table: str,
    of: tuple[Quantity, Quantity],
    spans: tuple[TimeSpan, ...] = ADDS_UP,
) -> Publication:
    """Return how a percentage is published whose numerator counts some of the denominator."""
    return Publication(label, table, ValueMeasure.PERCENTAGE, *of, is_share=True, spans=spans)


def published_ratio(
    label: str,
    table: str,
    measure: ValueMeasure,
    of: tuple[Quantity | None, Quantity],
    spans: tuple[TimeSpan, ...] = ADDS_UP,
) -> Publication:
    """Return how a rate, a mean or a median is published."""
    return Publication(label, table, measure, *of, is_share=False, spans=spans)
