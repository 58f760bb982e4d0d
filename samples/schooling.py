"""School attendance of referred children, term by term."""

from __future__ import annotations

from collections.abc import Iterator

from samples.chance import Chance
from samples.days import age_on, as_date, term_days
from samples.lives import Child, TermAttendance

_AGES = range(5, 16)
_TERMS = ("autumn", "spring", "summer")
_SESSIONS = {"autumn": 142, "spring": 118, "summer": 120}
_DAYS_BEFORE, _DAYS_AFTER = 130, 640
_NOT_AT_SCHOOL, _ROW_LOST = 0.05, 0.02


def tell_of_school(chance: Chance, child: Child) -> None:
    """Add the terms around each referral while the child is of compulsory school age."""
    if not child.cases or chance.happens(_NOT_AT_SCHOOL):
        return
    authorised = min(0.25, 0.05 * (0.4 - _log(chance)))
    unauthorised = min(0.45, 0.045 * -_log(chance))
    for year, term in _terms(child):
        if chance.happens(_ROW_LOST):
            continue
        possible = _SESSIONS[term] + chance.between(-8, 8)
        child.attendance.append(
            TermAttendance(
                year,
                term,
                possible,
                authorised=_count(chance, possible, authorised),
                unauthorised=_count(chance, possible, unauthorised),
            )
        )


def _terms(child: Child) -> Iterator[tuple[int, str]]:
    """Yield the terms from just before a referral to about five terms after it."""
    first = as_date(child.cases[0].referral - _DAYS_BEFORE).year - 1
    last = as_date(child.cases[-1].referral + _DAYS_AFTER).year
    referrals = [case.referral for case in child.cases]
    for year in range(max(first, as_date(child.born).year + _AGES.start), last + 1):
        for term in _TERMS:
            start, _ = term_days(year, term)
            near = any(-_DAYS_BEFORE <= start - day <= _DAYS_AFTER for day in referrals)
            if near and age_on(child.born, start) in _AGES:
                yield year, term


def _log(chance: Chance) -> float:
    return -float(chance.waiting(1000.0)) / 1000.0


def _count(chance: Chance, possible: int, rate: float) -> int:
    share = rate * (0.5 + chance.share())
    return min(int(possible * share), possible // 2)
