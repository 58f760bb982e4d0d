"""One authority's history: every child's life from its own stream of chance, quarter by quarter.

A history is burnt in for some years before the first quarter, so that the first returns carry the
cases and the children in care they would. What ended before the first financial year is then
dropped: no return can show it, and the truth is about what can be known.

Lives are told one at a time in plain Python. Measured for five years of 1,500 referrals: 1.1 s of
processor time to tell, 1.0 s to write, 0.3 s to work out the truth.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from samples import rates
from samples.agency import delivery, workforce
from samples.care import entry_day, period_of_care
from samples.cases import case_with_care, case_without_care, no_further_action
from samples.chance import Chance
from samples.days import NEVER, age_on, as_date, birthday
from samples.identity import Registry, new_child, new_uasc
from samples.leavers import tell_of_leaving
from samples.lives import Child, DeliveryQuarter, Period, ReferralCase, WorkforceQuarter
from samples.looked_after import tell_of_care
from samples.respite import short_breaks
from samples.schooling import tell_of_school
from samples.settings import Setting
from schemas.quarter import Quarter

_UASC_SHARE = 0.011
_ROOM_FOR_ENTRY = 40
_ROOM_FOR_REFERRAL = 160
_FINAL = ("RC1", "RC2", "RC5", "RC6")


@dataclass
class AuthorityHistory:
    """What happened in one authority, as far as its returns can show it.

    Attributes:
        setting: the authority and the quarters.
        children: in order of first being known.
        workforce, delivery: what the two quarterly returns say.
    """

    setting: Setting
    children: list[Child]
    workforce: dict[Quarter, WorkforceQuarter] = field(default_factory=dict)
    delivery: dict[Quarter, DeliveryQuarter] = field(default_factory=dict)


@dataclass
class _Telling:
    """A history being told."""

    setting: Setting
    registry: Registry
    intercept: float
    children: list[Child] = field(default_factory=list)
    again: defaultdict[int, list[Child]] = field(default_factory=lambda: defaultdict(list))
    again_on: dict[str, int] = field(default_factory=dict)
    noises: dict[Quarter, float] = field(default_factory=dict)

    @property
    def tier(self) -> int:
        """A number of its own for each authority's providers."""
        return int(self.setting.la_code[1:3]) * 80 + int(self.setting.la_code[6:])

    def noise(self, quarter: Quarter) -> float:
        """Return how far this quarter's entries are off, in standard deviations."""
        if quarter not in self.noises:
            self.noises[quarter] = self.stream("entry", str(quarter)).normal()
        return self.noises[quarter]

    def stream(self, *keys: str) -> Chance:
        """Return this authority's stream for a topic."""
        return Chance(self.setting.seed, self.setting.la_code, *keys)


def told(setting: Setting) -> AuthorityHistory:
    """Return the history of one authority up to the last quarter."""
    telling = _begun(setting)
    _tell_earlier_entrants(telling)
    burn_in = Quarter(setting.first.year - rates.BURN_IN_YEARS, 1)
    for quarter in burn_in.through(setting.last):
        _tell_quarter(telling, quarter)
    _count_earlier_plans(telling.children)
    _tell_the_rest(telling)
    return _history(telling)


def _begun(setting: Setting) -> _Telling:
    chance = Chance(setting.seed, setting.la_code, "authority")
    return _Telling(
        setting=setting,
        registry=Registry(setting, Chance(setting.seed, setting.la_code, "registry")),
        intercept=rates.ENTRY_BASE + rates.ENTRY_AUTHORITY_SPREAD * chance.normal(),
    )


def _tell_earlier_entrants(telling: _Telling) -> None:
    """Add children who came into care before the burn-in and may still be there."""
    first = telling.setting.first.year - rates.BURN_IN_YEARS
    yearly = round(telling.setting.children / (1 + math.exp(-rates.ENTRY_BASE)))
    for year in range(first - rates.EARLIER_ENTRANTS_YEARS, first):
        chance = telling.stream("earlier", str(year))
        start = Quarter(year, 1).start.toordinal()
        for _ in range(yearly):
            referral = start + chance.between(0, 364)
            child = new_child(telling.registry, chance, referral)
            case = _new_case(chance, child, referral)
            delay = chance.between(0, 120)
            _tell_care(telling, chance, child, case, max(referral + delay, child.born))
            telling.children.append(child)


def _tell_quarter(telling: _Telling, quarter: Quarter) -> None:
    """Tell of all referrals of one quarter: children known before, then new ones."""
    chance = telling.stream("referrals", str(quarter))
    start, days = quarter.start.toordinal(), (quarter.end - quarter.start).days
    known = telling.again.pop(quarter.index, [])
    for child in known:
        _refer(telling, chance, child, telling.again_on.pop(child.child_id))
    for _ in range(max(0, _referrals(telling, quarter) - len(known))):
        referral = start + min(chance.between(0, days - 1), days - 1)
        referral = _office_hours(chance, referral, start + days - 1)
        is_uasc = chance.happens(_UASC_SHARE)
        arrive = new_uasc if is_uasc else new_child
        child = arrive(telling.registry, chance, referral)
        telling.children.append(child)
        _refer(telling, chance, child, referral)


def _referrals(telling: _Telling, quarter: Quarter) -> int:
    """Return how many referrals the quarter has: season, lockdown and noise."""
    noise = telling.stream("volume", str(quarter)).normal() * rates.REFERRALS_NOISE
    mean = telling.setting.children / 4 * rates.REFERRALS_BY_SEASON[quarter.number - 1]
    lockdown = rates.LOCKDOWN[1] if str(quarter) == rates.LOCKDOWN[0] else 1.0
    return max(1, round(mean * lockdown * (1 + noise)))


def _office_hours(chance: Chance, referral: int, last: int) -> int:
    """Return the day moved to the Monday after, for most referrals of a weekend."""
    weekday = (referral - 1) % 7
    if weekday < 5 or chance.happens(0.15):
        return referral
    return min(referral + 7 - weekday, last)


def _refer(telling: _Telling, chance: Chance, child: Child, referral: int) -> None:
    """Tell of one referral: what becomes of it, and whether the child is referred again."""
    case = _new_case(chance, child, referral)
    entry = _entry(telling, chance, child, referral)
    if entry < NEVER:
        _tell_care(telling, chance, child, case, entry)
    elif chance.happens(rates.NO_FURTHER_ACTION):
        child.cases.append(no_further_action(chance, case))
    else:
        child.cases.append(case_without_care(chance, child, case))
        breaks = short_breaks(chance, child, case)
        child.periods.extend([breaks] if breaks else [])
    _refer_again(telling, chance, child)


def _new_case(chance: Chance, child: Child, referral: int) -> ReferralCase:
    source = chance.pick(rates.SOURCES)
    if _has_early_help(referral) and chance.happens(rates.EARLY_HELP_SOURCE[1]):
        source = rates.EARLY_HELP_SOURCE[0]
    need = "N8" if child.is_uasc else chance.pick(rates.NEEDS)
    if child.disabilities and chance.happens(0.5):
        need = "N2"
    return ReferralCase(referral=referral, source=source, need=need, nfa=False)


def _has_early_help(referral: int) -> bool:
    """Return whether source 5D existed: from the 2023 collection on."""
    return referral >= Quarter(2022, 1).start.toordinal()


def _tell_care(
    telling: _Telling, chance: Chance, child: Child, case: ReferralCase, entry: int
) -> None:
    def enter(child: Child, when: int) -> Period:
        period = period_of_care(chance, child, when, tier=telling.tier)
        child.periods.append(period)
        return period

    child.cases.append(case_with_care(chance, child, case, entry=entry_day(entry), enter=enter))


# Becoming looked after


def _entry(telling: _Telling, chance: Chance, child: Child, referral: int) -> int:
    """Return the day the child becomes looked after under this referral; NEVER for most."""
    if child.is_uasc:
        return referral + (0 if chance.happens(0.8) else chance.between(1, 5))
    latest = birthday(child.born, 18) - _ROOM_FOR_ENTRY
    odds = _log_odds(telling, child, referral)
    if chance.happens(1 / (1 + math.exp(-odds))):
        soon = _soon(chance, referral, is_first=not child.cases)
        return min(max(soon, child.born), latest)
    if chance.happens(rates.LATE_ENTRY):
        entry = referral + chance.between(560, 1080)
        return entry if entry < latest else NEVER
    return NEVER


def _soon(chance: Chance, referral: int, *, is_first: bool) -> int:
    """Return a day within 18 months of the referral, most in the first weeks.

    A few first entries come just before the referral is written up, as emergencies do.
    """
    luck = chance.share()
    if luck < 0.02 and is_first:
        return referral - chance.between(1, 3)
    if luck < 0.28:
        return referral + chance.between(0, 6)
    return referral + min(chance.waiting(170.0), chance.between(300, 545))


def _log_odds(telling: _Telling, child: Child, referral: int) -> float:
    """Return the log-odds of becoming looked after within 18 months of a referral."""
    quarter = Quarter.containing(as_date(referral))
    noise = telling.noise(quarter) * rates.ENTRY_QUARTER_SPREAD
    earlier_plan = any(case.plans for case in child.cases)
    return (
        telling.intercept
        + noise
        + rates.ENTRY_TREND_PER_YEAR * (quarter.year - 2020)
        + rates.ENTRY_BY_SEASON[quarter.number - 1]
        + _by_age(age_on(child.born, referral))
        + rates.ENTRY_BOY * (child.sex == "M")
        + rates.ENTRY_DISABLED * bool(child.disabilities)
        + rates.ENTRY_EARLIER_PLAN * earlier_plan
        + planted_effect(telling.setting, child, referral)
    )


def _by_age(age: int) -> float:
    if age < 0:
        return rates.ENTRY_UNBORN
    return next(effect for until, effect in rates.ENTRY_BY_AGE if age <= until)


def planted_effect(setting: Setting, child: Child, referral: int) -> float:
    """Return the log of the planted odds ratio where the referral is exposed, else nothing."""
    model = setting.model
    if model is None or referral < setting.go_live:
        return 0.0
    if not model.takes_age(age_on(child.born, referral)):
        return 0.0
    return math.log(rates.PLANTED_ODDS_RATIOS[model.name])


# Being referred again


def _refer_again(telling: _Telling, chance: Chance, child: Child) -> None:
    """Note down when the child is referred again after its case is closed, if ever."""
    case = child.cases[-1]
    if case.reason in _FINAL or not chance.happens(rates.REFERRED_AGAIN):
        return
    soon = chance.happens(rates.REFERRED_AGAIN_SOON)
    when = case.closure + 1 + chance.waiting(170.0 if soon else 800.0)
    if when > birthday(child.born, 18) - _ROOM_FOR_REFERRAL:
        return
    telling.again[Quarter.containing(as_date(when)).index].append(child)
    telling.again_on[child.child_id] = when


# Alongside the course of cases


def _tell_the_rest(telling: _Telling) -> None:
    """Add what is recorded of children in care, each child from its own stream.

    This comes before anything is dropped: who leaves care as a care leaver depends on all of it.
    """
    for child in telling.children:
        if child.periods:
            tell_of_care(telling.stream("care", child.child_id), child)
            tell_of_leaving(telling.stream("leaving", child.child_id), child)


def _history(telling: _Telling) -> AuthorityHistory:
    setting = telling.setting
    history = AuthorityHistory(setting, _visible(telling.children, setting))
    for child in history.children:
        tell_of_school(telling.stream("school", child.child_id), child)
    for quarter in setting.first.through(setting.last):
        chance = telling.stream("agency", str(quarter))
        people = history.children
        history.workforce[quarter] = workforce(chance, people, setting, quarter)
        if setting.model is not None:
            history.delivery[quarter] = delivery(chance, people, setting, quarter)
    return history


# What the returns can show


def _count_earlier_plans(children: list[Child]) -> None:
    for child in children:
        plans = sorted(
            (plan for case in child.cases for plan in case.plans), key=lambda plan: plan.start
        )
        for count, plan in enumerate(plans):
            plan.previous = count


def _visible(children: list[Child], setting: Setting) -> list[Child]:
    """Return the children that some return shows, without what ended before the first."""
    return [child for child in children if _kept(child, setting)]


def _kept(child: Child, setting: Setting) -> bool:
    """Drop what ended before the first financial year; return whether anything is left."""
    child.cases = [
        c for c in child.cases if c.closure >= setting.seen_from and c.referral <= setting.cut
    ]
    for period in child.periods:
        period.episodes = [e for e in period.episodes if e.dec >= setting.seen_from]
    child.periods = [p for p in child.periods if p.episodes and p.start <= setting.cut]
    child.leaver_years = [
        row for row in child.leaver_years if setting.seen_from <= row.birthday <= setting.cut
    ]
    return bool(child.cases or child.periods or child.leaver_years)
