"""The course of a referral: assessments, enquiries, conferences, plans, care, closure.

Dates keep the order the CIN census rules ask for: nothing before the referral, conferences on
working days, a protection plan on the day of its conference, no child in need plan alongside a
protection plan, nothing after closure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from samples import rates
from samples.chance import Chance
from samples.days import NEVER, birthday, day_number, working_day, year_end
from samples.lives import (
    Assessment,
    Child,
    CinPlan,
    Period,
    PreProceedings,
    ReferralCase,
    SamplePlan,
    Section47,
)

Enter = Callable[[Child, int], Period]

# Codes by day of authorisation or closure, from the first day of the collection that has them.
_ABUSE_SPLIT = day_number(2020, 4, 1)
_CRIMINAL_EXPLOITATION = day_number(2021, 4, 1)
_EARLY_HELP = day_number(2022, 4, 1)
_REASON_AFTER_CARE = {
    "E11": "RC1",
    "E12": "RC1",
    "E2": "RC2",
    "E41": "RC3",
    "E3": "RC5",
    "E7": "RC6",
} | dict.fromkeys(("E43", "E44", "E45", "E46", "E47", "E48"), "RC4")
_HOME = ("E4A", "E4B", "E13")
_FIFTEEN_WORKING_DAYS = 21
_LONG_ENOUGH_FOR_A_PLAN, _LONGEST_PLAN = 60, 1000
_ROOM_FOR_PLANS, _ROOM_FOR_CIN_PLAN = 1000, 500


@dataclass
class _Course:
    """A case being told, and how far it has come."""

    chance: Chance
    child: Child
    case: ReferralCase
    reached: int

    def reach(self, number: int) -> int:
        """Note that the case lasts at least to a day; returns the day."""
        self.reached = max(self.reached, number)
        return number


def no_further_action(chance: Chance, case: ReferralCase) -> ReferralCase:
    """Return the case closed at once; never carried into the next financial year."""
    case.nfa = True
    case.closure = min(case.referral + chance.between(0, 3), year_end(case.referral))
    case.reason = "RC7"
    return case


def case_without_care(chance: Chance, child: Child, case: ReferralCase) -> ReferralCase:
    """Return the case of a child who does not become looked after in it."""
    course = _Course(chance, child, case, case.referral)
    room = birthday(child.born, 18) - case.referral
    luck = chance.share()
    enquired = luck < rates.ENQUIRY and room > _ROOM_FOR_PLANS
    planned = luck < rates.ENQUIRY + rates.CIN_PLAN and room > _ROOM_FOR_CIN_PLAN
    _assess(course, case.referral + chance.between(0, 4), quiet=enquired or planned)
    if enquired:
        _enquire(course, case.assessments[0].start, until=NEVER)
    elif planned:
        _cin_plan(course, course.reached + chance.between(1, 12))
    else:
        return _close_after_assessment(course)
    return _close(course, "RC5" if chance.happens(0.02) else "RC7")


def case_with_care(
    chance: Chance, child: Child, case: ReferralCase, *, entry: int, enter: Enter
) -> ReferralCase:
    """Return the case of a child who becomes looked after on a day, open until after care."""
    course = _Course(chance, child, case, case.referral)
    start = case.referral + chance.between(0, 3)
    _assess(course, start, quiet=True)
    if entry - case.assessments[0].start > _LONG_ENOUGH_FOR_A_PLAN and not child.is_uasc:
        _before_care(course, entry)
    period = _in_care(course, entry, enter)
    reason = _REASON_AFTER_CARE.get(period.episodes[-1].rec, "RC7")
    return _close(course, reason)


def _before_care(course: _Course, entry: int) -> None:
    """Tell of the enquiry, the protection plan or the child in need plan that came first."""
    chance, case = course.chance, course.case
    if chance.happens(0.7):
        _enquire(course, case.assessments[0].start, until=entry)
    else:
        first = case.assessments[0].authorised + 1
        if first < entry - 10:
            _cin_plan(course, first, until=entry)
    if entry - case.referral > 90 and chance.happens(0.5):
        _proceedings_before(course, entry)


def _in_care(course: _Course, entry: int, enter: Enter) -> Period:
    """Tell of care and of coming back into it; returns the last period."""
    period = enter(course.child, entry)
    course.reach(period.end)
    for _ in range(2):
        if not _returns(course, period):
            break
        again = period.end + course.chance.between(25, 420)
        _plan_after_care(course, period.end, until=again)
        period = enter(course.child, again)
        course.reach(period.end)
    if period.episodes[-1].rec in _HOME and course.chance.happens(0.5):
        _plan_after_care(course, period.end, until=NEVER)
    return period


def _returns(course: _Course, period: Period) -> bool:
    room = birthday(course.child.born, 18) - period.end
    went_home = period.episodes[-1].rec in _HOME
    return went_home and room > _ROOM_FOR_CIN_PLAN + 200 and course.chance.happens(0.16)


def _plan_after_care(course: _Course, left: int, *, until: int) -> None:
    if birthday(course.child.born, 18) - left > _ROOM_FOR_CIN_PLAN:
        _cin_plan(course, left + course.chance.between(1, 10), until=until)


# Steps


def _assess(course: _Course, start: int, *, quiet: bool) -> None:
    """Add an assessment; a quiet one never finds "no factors"."""
    chance = course.chance
    authorised = start + chance.between(6, 45 if chance.happens(0.85) else 60)
    factors = _factors(course, authorised, quiet=quiet)
    course.case.assessments.append(Assessment(start, course.reach(authorised), factors))


def _factors(course: _Course, authorised: int, *, quiet: bool) -> tuple[str, ...]:
    chance = course.chance
    if course.child.is_uasc:
        return ("9A",)
    if not quiet and chance.happens(0.05):
        return ("21",)
    found = {chance.pick(rates.FACTORS) for _ in range(1 + min(chance.waiting(2.0), 5))}
    told = {_factor_in(chance, factor, authorised) for factor in sorted(found)}
    return tuple(sorted(told, key=lambda code: (int(code.rstrip("ABCDEF")), code)))


def _factor_in(chance: Chance, factor: str, authorised: int) -> str:
    """Return the code the collection year has for a factor."""
    if factor in ("18", "19"):
        if authorised < _ABUSE_SPLIT:
            return f"{factor}A"
        return f"{factor}B" if chance.happens(0.25) else f"{factor}C"
    return "20" if factor == "24A" and authorised < _CRIMINAL_EXPLOITATION else factor


def _enquire(course: _Course, since: int, *, until: int) -> None:
    """Add a section 47 enquiry and, where it leads there, conference and protection plan."""
    chance = course.chance
    start = working_day(since + chance.between(0, 12))
    if start + 8 >= until:
        return
    enquiry = Section47(start, target=start + _FIFTEEN_WORKING_DAYS)
    course.case.enquiries.append(enquiry)
    conference = working_day(start + chance.between(6, 19))
    if chance.happens(rates.CONFERENCE) and conference + 12 < until:
        enquiry.conference = course.reach(conference)
        if chance.happens(rates.PLAN_AFTER_CONFERENCE):
            _protect(course, conference, until=until)
    else:
        enquiry.not_required = course.reach(start + chance.between(4, 14))
    if not course.case.plans and until == NEVER and chance.happens(0.5):
        _cin_plan(course, course.reached + chance.between(1, 12))


def _protect(course: _Course, start: int, *, until: int) -> None:
    """Add a protection plan, its reviews and what follows it."""
    chance, case = course.chance, course.case
    stay = max(25, int(chance.spread(235.0, 0.62)))
    end = min(
        start + min(stay, _LONGEST_PLAN), until + chance.between(0, 12) if until < NEVER else NEVER
    )
    first = chance.pick(rates.CATEGORIES)
    latest = chance.pick(rates.CATEGORIES) if chance.happens(0.12) else first
    case.plans.append(
        SamplePlan(start, course.reach(end), first, latest, 0, _plan_reviews(chance, start, end))
    )
    if until == NEVER:
        _after_protection(course, end)
    elif end < until - 25:
        _cin_plan(course, end + chance.between(1, 8), until=until)


def _plan_reviews(chance: Chance, start: int, end: int) -> tuple[int, ...]:
    """Return review dates: within three months, then within every six."""
    found = []
    when = working_day(start + chance.between(55, 85))
    while when < end:
        found.append(when)
        when = working_day(when + chance.between(130, 176))
    return tuple(found)


def _after_protection(course: _Course, end: int) -> None:
    """Tell of stepping down, of a second plan, and of pre-proceedings that led nowhere."""
    chance, case = course.chance, course.case
    plan = case.plans[-1]
    if plan.end - plan.start > 150 and chance.happens(0.15):
        _proceedings_avoided(course, plan)
    if not chance.happens(rates.STEP_DOWN):
        return
    _cin_plan(course, end + chance.between(1, 8))
    room = birthday(course.child.born, 18) - course.reached
    if len(case.plans) == 1 and room > _ROOM_FOR_PLANS and chance.happens(rates.SECOND_PLAN):
        _assess(course, course.reached + chance.between(2, 30), quiet=True)
        _enquire(course, case.assessments[-1].start, until=NEVER)


def _cin_plan(course: _Course, start: int, *, until: int = NEVER) -> None:
    """Add a child in need plan, after any other plan has ended."""
    chance, case = course.chance, course.case
    ends = [plan.end for plan in case.plans] + [plan.end for plan in case.cin_plans]
    start = max([start, *(end + 1 for end in ends)])
    end = min(start + max(20, int(chance.spread(120.0, 0.6))), start + 400, until - 1)
    if end > start:
        case.cin_plans.append(CinPlan(start, course.reach(end)))


# Pre-proceedings


def _proceedings_before(course: _Course, entry: int) -> None:
    """Tell of the process that ended in care proceedings around the entry."""
    chance = course.chance
    first = max(course.case.referral + 21, entry - chance.between(25, 230))
    issued = max(first, entry + chance.between(-12, 14))
    process = _process(chance, first, issued=issued, ended=issued, outcome="proceedings_issued")
    course.case.pre_proceedings.append(process)
    course.reach(issued)


def _proceedings_avoided(course: _Course, plan: SamplePlan) -> None:
    chance = course.chance
    first = plan.start + chance.between(40, 110)
    ended = first + chance.between(70, 240)
    process = _process(chance, first, issued=NEVER, ended=ended, outcome="stepped_down")
    course.case.pre_proceedings.append(process)
    course.reach(ended)


def _process(
    chance: Chance, first: int, *, issued: int, ended: int, outcome: str
) -> PreProceedings:
    letter = first - chance.between(5, 14)
    offered = chance.happens(0.7)
    return PreProceedings(
        letter=letter,
        started=letter - chance.between(1, 5),
        first_meeting=first,
        issued=issued,
        ended=ended,
        outcome=outcome,
        reviews=chance.between(0, 3),
        conference_offered=offered,
        conference_held=offered and chance.happens(0.6),
    )


# Endings


def _close_after_assessment(course: _Course) -> ReferralCase:
    case = course.case
    closure = course.reached + course.chance.between(0, 9)
    to_early_help = closure >= _EARLY_HELP and course.chance.happens(rates.EARLY_HELP)
    case.closure, case.reason = closure, "RC9" if to_early_help else "RC8"
    return case


def _close(course: _Course, reason: str) -> ReferralCase:
    case = course.case
    case.closure = course.reached + course.chance.between(0, 14)
    case.reason = reason
    return case
