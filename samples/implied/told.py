"""One child as all returns together show it at the end: the latest version of each thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from samples.days import NEVER, collection_year, day_number, term_days
from samples.lives import Child, Episode, ReferralCase
from samples.seen import episode_at, known
from samples.settings import Setting

_CIN_PLANS_FROM = day_number(2021, 4, 1)


@dataclass(frozen=True)
class ToldReferral:
    """One referral with the factors found in its assessments."""

    day: int
    factors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ToldPlan:
    """One child protection plan; `previous` is NumberOfPreviousCPP."""

    start: int
    end: int = NEVER
    previous: int = 0


@dataclass(frozen=True)
class ToldTerm:
    """Sessions of one school term, by the term's first day."""

    start: int
    possible: int
    unauthorised: int


@dataclass(frozen=True)
class ToldChild:
    """What is known of one child at the cut.

    Attributes:
        born: date of birth, or the expected one while unborn.
        referrals, plans, cin_plans, episodes, meetings, terms: in order of time; ends that have
            not come are NEVER. `cin_plans` holds (start, end), `meetings` holds (first meeting of
            pre-proceedings, proceedings issued).
        scores: SDQ score by collection year. `activities`: ACTIV by collection year.
    """

    born: int
    referrals: tuple[ToldReferral, ...] = ()
    plans: tuple[ToldPlan, ...] = ()
    cin_plans: tuple[tuple[int, int], ...] = ()
    episodes: tuple[Episode, ...] = ()
    meetings: tuple[tuple[int, int], ...] = ()
    terms: tuple[ToldTerm, ...] = ()
    scores: dict[int, int] = field(default_factory=dict)
    activities: dict[int, str] = field(default_factory=dict)


def told_child(child: Child, setting: Setting) -> ToldChild:
    """Return a child of a history (which holds nothing that no return shows) as told at the cut."""
    cut = setting.cut
    cases = [case for case in child.cases if case.referral <= cut]
    plans = sorted(_plans(cases, setting), key=lambda plan: plan.start)
    return ToldChild(
        born=child.born if child.born <= cut else child.expected,
        referrals=tuple(_referral(case, cut) for case in cases),
        plans=tuple(plans),
        cin_plans=tuple(sorted(_cin_plans(cases, setting))),
        episodes=tuple(_episodes(child, cut)),
        meetings=tuple(sorted(_meetings(cases, setting))),
        terms=tuple(_terms(child, setting)),
        scores={w.year: int(w.sdq) for w in child.wellbeing if w.sdq and _is_over(w.year, cut)},
        activities={
            collection_year(row.birthday): row.activity
            for row in child.leaver_years
            if setting.seen_from <= row.birthday <= cut
        },
    )


def _is_over(year: int, cut: int) -> bool:
    return day_number(year, 3, 31) <= cut


def _referral(case: ReferralCase, cut: int) -> ToldReferral:
    factors = {code for a in case.assessments if a.authorised <= cut for code in a.factors}
    return ToldReferral(case.referral, frozenset(factors))


def _plans(cases: list[ReferralCase], setting: Setting) -> Iterator[ToldPlan]:
    """Yield the plans that some census tells of: those open in one of its years."""
    for case in cases:
        for plan in case.plans:
            if plan.start <= setting.cut and plan.end >= setting.seen_from:
                yield ToldPlan(plan.start, known(plan.end, setting.cut), plan.previous)


def _cin_plans(cases: list[ReferralCase], setting: Setting) -> Iterator[tuple[int, int]]:
    """Yield child in need plans: collected from those open on or after 1 April 2021."""
    since = max(setting.seen_from, _CIN_PLANS_FROM)
    for case in cases:
        for plan in case.cin_plans:
            if plan.start <= setting.cut >= _CIN_PLANS_FROM and plan.end >= since:
                yield plan.start, known(plan.end, setting.cut)


def _episodes(child: Child, cut: int) -> Iterator[Episode]:
    episodes = [episode for period in child.periods for episode in period.episodes]
    for episode in sorted(episodes, key=lambda e: e.decom):
        if episode.decom <= cut:
            yield episode_at(episode, cut)


def _meetings(cases: list[ReferralCase], setting: Setting) -> Iterator[tuple[int, int]]:
    for case in cases:
        for process in case.pre_proceedings:
            if process.first_meeting <= setting.cut and process.ended >= setting.seen_from:
                yield process.first_meeting, known(process.issued, setting.cut)


def _terms(child: Child, setting: Setting) -> Iterator[ToldTerm]:
    for row in child.attendance:
        start, end = term_days(row.year, row.term)
        if setting.seen_from <= end <= setting.cut:
            yield ToldTerm(start, row.possible, row.unauthorised)
