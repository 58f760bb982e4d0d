"""What the samples hold of a child: plain records that know nothing of how they were invented.

All days are numbers (`samples.days`). Ends are not included. A record says what happened in the
end; what a return could know of it at a quarter's end is the business of `samples.seen`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.days import NEVER


@dataclass(slots=True)
class Assessment:
    """One assessment with the factors found at its end."""

    start: int
    authorised: int
    factors: tuple[str, ...]


@dataclass(slots=True)
class Section47:
    """One section 47 enquiry; ends in a conference or in the decision that none is needed."""

    start: int
    target: int
    conference: int = NEVER
    not_required: int = NEVER


@dataclass(slots=True)
class SamplePlan:
    """One child protection plan."""

    start: int
    end: int
    initial_category: str
    latest_category: str
    previous: int
    reviews: tuple[int, ...] = ()


@dataclass(slots=True)
class CinPlan:
    """One child in need plan."""

    start: int
    end: int


@dataclass(slots=True)
class PreProceedings:
    """One pre-proceedings process (Public Law Outline)."""

    letter: int
    started: int
    first_meeting: int
    issued: int
    ended: int
    outcome: str
    reviews: int
    conference_offered: bool
    conference_held: bool


@dataclass(slots=True)
class ReferralCase:
    """One referral and everything recorded under it until it is closed."""

    referral: int
    source: str
    need: str
    nfa: bool
    closure: int = NEVER
    reason: str = ""
    assessments: list[Assessment] = field(default_factory=list)
    enquiries: list[Section47] = field(default_factory=list)
    plans: list[SamplePlan] = field(default_factory=list)
    cin_plans: list[CinPlan] = field(default_factory=list)
    pre_proceedings: list[PreProceedings] = field(default_factory=list)


@dataclass(slots=True)
class Episode:
    """One SSDA903 episode: a child under one legal status in one placement."""

    decom: int
    rne: str
    ls: str
    cin: str
    place: str
    provider: str
    dec: int
    rec: str
    reason: str
    home_post: str
    pl_post: str
    urn: str

    @property
    def is_respite(self) -> bool:
        """Whether the episode belongs to a series of short breaks."""
        return self.ls in ("V3", "V4")


@dataclass(slots=True)
class Period:
    """One period of care, or one series of short breaks, as it was lived."""

    episodes: list[Episode]
    previous_permanence: str = "Z1"
    permanence_date: int = NEVER
    reviews: list[tuple[int, str]] = field(default_factory=list)
    missing: list[tuple[int, int, str]] = field(default_factory=list)
    workers: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def start(self) -> int:
        """First day."""
        return self.episodes[0].decom

    @property
    def end(self) -> int:
        """Day it ceased."""
        return self.episodes[-1].dec

    @property
    def is_respite(self) -> bool:
        """Whether it is a series of short breaks."""
        return self.episodes[0].is_respite


@dataclass(slots=True)
class AdoptionDecision:
    """The decision that a child should be placed for adoption, and what came of it."""

    decided: int
    reversed_on: int = NEVER
    reversed_why: str = ""
    matched: int = NEVER
    placed: int = NEVER
    adopted: int = NEVER
    by_foster_carer: bool = False
    adopters: int = 0
    adopters_sex: str = ""
    adopters_status: str = ""


@dataclass(slots=True)
class Wellbeing:
    """One OC2 row: a child looked after for the whole year to 31 March."""

    year: int
    sdq: str
    sdq_reason: str
    convicted: str
    health_check: str
    immunised: str
    teeth: str
    health_assessment: str
    substance: str
    received: str
    offered: str


@dataclass(slots=True)
class LeaverYear:
    """One OC3 row: a care leaver around a birthday."""

    birthday: int
    in_touch: str
    activity: str
    accommodation: str


@dataclass(slots=True)
class TermAttendance:
    """A child's sessions in one school term; `year` is that in which the school year begins."""

    year: int
    term: str
    possible: int
    authorised: int
    unauthorised: int


@dataclass(slots=True)
class Child:
    """One child and all that is recorded of it."""

    child_id: str
    born: int
    expected: int
    sex: str
    ethnicity: str
    disabilities: tuple[str, ...]
    upn: str
    home_post: str
    is_uasc: bool = False
    first_baby: int = NEVER
    died: int = NEVER
    cases: list[ReferralCase] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    adoption: AdoptionDecision | None = None
    wellbeing: list[Wellbeing] = field(default_factory=list)
    leaver_years: list[LeaverYear] = field(default_factory=list)
    attendance: list[TermAttendance] = field(default_factory=list)


@dataclass(slots=True)
class WorkforceQuarter:
    """What the workforce return says of one quarter."""

    fte_days: float
    sickness_days: float
    fte_start: float
    leavers_fte: float
    agency_fte: float
    vacancies_fte: float
    cases: int
    direct_work_hours: float
    total_hours: float


@dataclass(slots=True)
class DeliveryQuarter:
    """What the programme delivery return says of one quarter."""

    spend_set_up_gbp: int
    spend_staff_gbp: int
    spend_training_gbp: int
    spend_other_running_gbp: int
    conferences_held: int
    conferences_returned_home: int
    conferences_prevented_care: int
    conferences_plan_avoided: int
    conferences_step_avoided: int
    reunifications: int
    reunifications_still_home: int
    staff_trained: int
