"""Outcomes of a model's cohort, child by child: (numerator, denominator) each contributes.

The cohort is the children whose first referral inside the model's window finds them of the model's
age and never looked after before. Events count in [referral, window end], both included; days in
[referral, window end).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from samples.days import age_on, months_later, term_starts_after
from samples.implied.care import Stay, implied_care_episodes, implied_looked_after, periods
from samples.implied.told import ToldChild, ToldReferral
from samples.settings import Model

_Counts = tuple[int, int]

_FACTORS = frozenset({"1B", "2B", "3A", "3B", "3C", "4B"})
_RELATIVES = ("U1", "U2", "U3")
REUNIFIED = ("E4A", "E4B", "E13", "E41", "E45", "E47")
COURT_DAYS = 112
_SCHOOL_AGES = range(5, 16)


@dataclass(frozen=True)
class Member:
    """A child of the cohort with the referral that put it there."""

    child: ToldChild
    referral: ToldReferral

    def window(self, months: int) -> tuple[int, int]:
        """Return the referral day and the window's end."""
        return self.referral.day, months_later(self.referral.day, months)


def member(child: ToldChild, model: Model) -> Member | None:
    """Return the child as a member of the model's cohort, if it is one."""
    inside = [r for r in child.referrals if model.referral_from <= r.day <= model.referral_to]
    if not inside:
        return None
    first = min(inside, key=lambda referral: referral.day)
    if not model.takes_age(age_on(child.born, first.day)):
        return None
    if any(period.start < first.day for period in periods(child)):
        return None
    return Member(child, first)


# Care


def implied_entered(one: Member, months: int) -> _Counts:
    """Whether the first period of care starts in the window."""
    start, end = one.window(months)
    stays = periods(one.child)
    return int(bool(stays) and start <= stays[0].start <= end), 1


def implied_days_in_care(one: Member, months: int) -> _Counts:
    """Days looked after inside the window."""
    return _days(periods(one.child), *one.window(months)), 1


def implied_days_in_care_entered(one: Member, months: int) -> _Counts:
    """The same days, over the children who entered."""
    return implied_days_in_care(one, months)[0], implied_entered(one, months)[0]


def kinship(one: Member, months: int) -> _Counts:
    """Whether a child who entered was placed with relatives or friends in the window."""
    start, end = one.window(months)
    with_kin = any(
        e.place in _RELATIVES and start <= e.decom <= end for e in implied_care_episodes(one.child)
    )
    return _among_entered(one, months, found=with_kin)


def reunified(one: Member, months: int) -> _Counts:
    """Whether a child who entered left care to parents or relatives in the window."""
    start, end = one.window(months)
    home = any(
        e.rec in REUNIFIED and start <= e.dec <= end for e in implied_care_episodes(one.child)
    )
    return _among_entered(one, months, found=home)


def _among_entered(one: Member, months: int, *, found: bool) -> _Counts:
    has_entered = implied_entered(one, months)[0]
    return int(found and bool(has_entered)), has_entered


def _days(stays: list[Stay], start: int, end: int) -> int:
    """Return the days of [start, end) in any of the stays, each day once."""
    total, reached = 0, start
    for stay in sorted(stays, key=lambda stay: stay.start):
        total += stay.days_within(reached, end)
        reached = max(reached, stay.end)
    return total


# Plans


def return_after_plan(one: Member, months: int) -> _Counts:
    """Whether a child whose protection plan ended, not into care, came back to plan or care."""
    start, end = one.window(months)
    ended = [plan.end for plan in one.child.plans if start <= plan.end <= end]
    if not ended or implied_looked_after(one.child, min(ended)):
        return 0, 0
    starts = [plan.start for plan in one.child.plans]
    starts += [first for first, _ in one.child.cin_plans]
    starts += [period.start for period in periods(one.child)]
    return int(any(min(ended) < when <= end for when in starts)), 1


def plan_lengths(one: Member, months: int) -> list[int]:
    """Return the days of each plan started within 12 months, cut off at the months given."""
    start, within = one.window(12)
    return [
        min(plan.end, months_later(plan.start, months)) - plan.start
        for plan in one.child.plans
        if start <= plan.start <= within
    ]


def implied_days_on_plans(one: Member, months: int) -> _Counts:
    """Days on any protection plan inside the window."""
    return _days([Stay(p.start, p.end) for p in one.child.plans], *one.window(months)), 1


def to_proceedings(one: Member, months: int) -> _Counts:
    """Whether proceedings were issued within 16 weeks of the first meeting."""
    start, end = one.window(months)
    after = [(first, issued) for first, issued in one.child.meetings if first >= start]
    if not after or min(after)[0] > end:
        return 0, 0
    first, issued = min(after)
    return int(0 <= issued - first <= COURT_DAYS), 1


# Referral and school


def referred_again(one: Member, months: int) -> _Counts:
    """Whether a child with the factors was referred again."""
    start, end = one.window(months)
    if not one.referral.factors & _FACTORS:
        return 0, 0
    return int(any(start < r.day <= end for r in one.child.referrals)), 1


def unauthorised_absence(one: Member, _months: int) -> _Counts:
    """Unauthorised of possible sessions in the three terms that start after the referral."""
    if age_on(one.child.born, one.referral.day) not in _SCHOOL_AGES:
        return 0, 0
    starts = term_starts_after(one.referral.day, 3)
    terms = [term for term in one.child.terms if term.start in starts]
    return sum(t.unauthorised for t in terms), sum(t.possible for t in terms)


# Outcome id: (measure, window in months, returns read after referral, maturity in months).
_Measure = Callable[[Member, int], _Counts]
SUMS: dict[str, tuple[_Measure, int, tuple[str, ...], int]] = {
    "cla_18m": (implied_entered, 18, ("ssda903",), 18),
    "cla_36m": (implied_entered, 36, ("ssda903",), 36),
    "days_in_care_18m": (implied_days_in_care, 18, ("ssda903",), 18),
    "days_in_care_36m": (implied_days_in_care, 36, ("ssda903",), 36),
    "days_in_care_18m_entered": (implied_days_in_care_entered, 18, ("ssda903",), 18),
    "days_in_care_36m_entered": (implied_days_in_care_entered, 36, ("ssda903",), 36),
    "return_after_cpp_36m": (return_after_plan, 36, ("ssda903", "cin_census"), 36),
    "cpp_days_36m": (implied_days_on_plans, 36, ("cin_census",), 36),
    "plo_to_proceedings_16w": (to_proceedings, 18, ("pre_proceedings",), 24),
    "rereferral_factors_18m": (referred_again, 18, ("cin_census",), 18),
    "unauthorised_absence_3t": (unauthorised_absence, 18, ("school_attendance",), 18),
}
FAMILY_VALUED_SUMS: dict[str, tuple[_Measure, int, tuple[str, ...], int]] = {
    "kinship_18m": (kinship, 18, ("ssda903",), 18),
    "reunified_18m": (reunified, 18, ("ssda903",), 18),
}
PLAN_LENGTH_MONTHS, PLAN_LENGTH_MATURITY = 24, 36


def middle(lengths: list[int]) -> float:
    """Return the median of plan lengths."""
    return float(median(lengths))
