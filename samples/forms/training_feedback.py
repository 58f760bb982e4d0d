"""Training feedback as authorities send it: some from our template, some out of a survey tool.

Training runs in the last three quarters of the samples; the last one brings the 6-month review of
the first cohort, an audit, coaching examples and focus groups. One form of each kind in a file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from samples.chance import Chance
from samples.days import uk
from samples.forms import Occasion
from samples.trainees import HELPED, HINDERED, MODULES, TOOLS, Cohort, Trainee
from schemas.quarter import Quarter
from schemas.training import items_of, wordings

QUARTERS_OF_TRAINING = 3
_SESSIONS = (1, 2)
_WORDS = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}
_RATED = {1: "1 - very low", 2: "2 - low", 3: "3 - moderate", 4: "4 - high", 5: "5 - very high"}
_GRADED = {1: "Inadequate", 2: "Requires improvement", 3: "Good", 4: "Outstanding"}
_Rows = Iterator[Sequence[object]]


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the forms of one quarter; none before training began."""
    back = occasion.setting.last.index - occasion.quarter.index
    if not 0 <= back < QUARTERS_OF_TRAINING:
        return
    cohorts = [Cohort(occasion.setting, module, occasion.quarter) for module in MODULES]
    yield "training/register.csv", _file(_REGISTER, _register(cohorts))
    yield "training/before.csv", _file(_headings("pre", "before"), _rated("pre", cohorts))
    yield "training/after.csv", _file(_asked("post"), _rated("post", cohorts))
    yield "training/sessions.csv", _file(_SESSION, _sessions(cohorts))
    yield "training/facilitators.csv", _file(_FACILITATOR, _facilitators(cohorts))
    if back == 0:
        yield from _half_a_year_on(occasion, cohorts)


def _half_a_year_on(occasion: Occasion, cohorts: Sequence[Cohort]) -> Iterator[tuple[str, bytes]]:
    began = Quarter.from_index(occasion.quarter.index - QUARTERS_OF_TRAINING + 1)
    first = [Cohort(occasion.setting, module, began) for module in MODULES]
    yield "training/review.csv", _file(_REVIEW, _reviews(first, occasion.quarter))
    yield "training/audit.csv", _file(_AUDIT, _audits(first, occasion.quarter))
    yield "training/coaching.csv", _file(_COACHING, _coaching(first, occasion.quarter))
    yield "training/focus_groups.csv", _file(_FOCUS, _focus_groups(cohorts))


def _file(headings: Sequence[str], rows: _Rows) -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\r\n").writerows([headings, *rows])
    return sink.getvalue().encode()


_LEARNING = [item.name for item in items_of("pre", "learning")]
_PERSON = ("response_id", "participant_id", "module", "cohort", "role", "completed_date")
_REGISTER = (
    "participant_id", "module", "cohort", "session", "session_date", "role", "attended",
)  # fmt: skip
_SESSION = (
    "Response ID",
    "Which module did you attend?",
    "Cohort",
    "Session number",
    "What is your role?",
    "Date submitted",
    "The content was relevant to my work",
    "The training met my expectations",
    "The facilitators were knowledgeable and clear",
    "The pace was right",
    "How likely are you to recommend this session to a colleague?",
    "What helped your learning?",
    "What hindered your learning?",
)
_FACILITATOR = (
    "response_id", "module", "cohort", "session", "completed_date",
    "group_engaged", "group_ready", "group_practised", "observed_text",
)  # fmt: skip
_REVIEW = (
    *_PERSON,
    *(f"now_{name}" for name in _LEARNING),
    "applied", "supported", "tools_used", "review_helped_text", "review_hindered_text",
)  # fmt: skip
_AUDIT = (
    "response_id", "module", "cohort", "audit_period", "completed_date",
    "audit_workings_out", "audit_parents_view", "audit_child_voice",
)  # fmt: skip
_COACHING = (*_PERSON, "coaching_applied", "difference_seen", "coaching_tools", "example_text")
_FOCUS = (
    "group_id", "module", "cohort", "completed_date",
    "participants_count", "theme", "mentions_count",
)  # fmt: skip


def _headings(form: str, when: str) -> list[str]:
    return [*_PERSON, *(f"{when}_{item.name}" for item in items_of(form, "learning"))]


def _asked(form: str) -> list[str]:
    """Return the questions as a survey tool puts them above its columns."""
    asked = [wordings(form, item.name)[0] for item in items_of(form, "learning")]
    return [
        "ID",
        "Your participant code",
        "Which module did you attend?",
        "Which cohort are you in?",
        "What is your role?",
        "Date submitted",
        *asked,
        "What will you do differently?",
    ]


def _register(cohorts: Sequence[Cohort]) -> _Rows:
    for cohort in cohorts:
        for session in _SESSIONS:
            day = uk(cohort.first_day + 7 * (session - 1))
            for one in cohort.trainees:
                came = "Yes" if one.attends(session) else "No"
                yield one.code, cohort.module, cohort.name, session, day, one.role, came


def _rated(form: str, cohorts: Sequence[Cohort]) -> _Rows:
    """Yield numbers before, and words after, as the two tools give them."""
    number = 0
    for cohort in cohorts:
        day = cohort.first_day + (0 if form == "pre" else 8)
        for one in cohort.trainees:
            number += 1
            if one.answers(form):
                rated = one.ratings(form, len(_LEARNING))
                answers = rated if form == "pre" else (_RATED[rate] for rate in rated)
                text = () if form == "pre" else (_said(one.chance("plan"), HELPED),)
                yield (number, *_person(one, day), *answers, *text)


def _person(one: Trainee, day: int) -> tuple[str, ...]:
    return one.code, one.cohort.module, one.cohort.name, one.role, uk(day)


def _said(chance: Chance, texts: Sequence[str]) -> str:
    return texts[chance.between(0, len(texts) - 1)]


def _sessions(cohorts: Sequence[Cohort]) -> _Rows:
    number = 0
    for cohort in cohorts:
        for session in _SESSIONS:
            for one in cohort.trainees:
                if one.attends(session):
                    number += 1
                    yield number, *_evaluation(one, session)


def _evaluation(one: Trainee, session: int) -> Sequence[object]:
    own = one.chance("session", str(session))
    agreed = [_WORDS[min(5, own.between(3, 6))] for _ in range(4)]
    recommends = own.between(5, 10) if own.happens(0.95) else "prefer not to say"
    day = uk(one.cohort.first_day + 7 * (session - 1))
    said = _said(own, HELPED), _said(own, HINDERED)
    group = one.cohort.module, one.cohort.name, session
    return (*group, one.role, day, *agreed, recommends, *said)


def _facilitators(cohorts: Sequence[Cohort]) -> _Rows:
    for number, (cohort, session) in enumerate((c, s) for c in cohorts for s in _SESSIONS):
        own = cohort.chance("facilitator", str(session))
        day = uk(cohort.first_day + 7 * (session - 1))
        answers = [own.between(3, 5) for _ in range(3)]
        text = "Quiet at first, lively discussion later"
        yield number + 1, cohort.module, cohort.name, session, day, *answers, text


def _reviews(cohorts: Sequence[Cohort], quarter: Quarter) -> _Rows:
    day = quarter.last_day.toordinal() - 20
    for number, one in _numbered(cohorts):
        if one.answers("review"):
            own = one.chance("applied")
            used = ";".join(tool for tool in TOOLS if own.happens(0.5)) or "None of these"
            applied = [_WORDS[own.between(3, 5)] for _ in range(2)]
            rated = one.ratings("review", len(_LEARNING))
            said = _said(own, ("My manager asks about it in supervision", "")), _said(own, HINDERED)
            yield (number, *_person(one, day), *rated, *applied, used, *said)


def _numbered(cohorts: Sequence[Cohort]) -> Iterator[tuple[int, Trainee]]:
    yield from enumerate((one for cohort in cohorts for one in cohort.trainees), start=1)


def _audits(cohorts: Sequence[Cohort], quarter: Quarter) -> _Rows:
    number = 0
    for cohort in cohorts:
        for period, low in (("before", 1), ("after", 2)):
            for _ in range(12):
                number += 1
                own = cohort.chance("audit", period, str(number))
                grades = [_GRADED[min(4, own.between(low, low + 2))] for _ in range(3)]
                day = uk(quarter.last_day.toordinal() - 10)
                yield number, cohort.module, cohort.name, period, day, *grades


def _coaching(cohorts: Sequence[Cohort], quarter: Quarter) -> _Rows:
    day = quarter.last_day.toordinal() - 15
    for number, one in _numbered(cohorts):
        own = one.chance("coaching")
        if own.happens(0.4):
            used = "; ".join(tool for tool in TOOLS if own.happens(0.4)) or "Other: my own sheet"
            seen = ("Yes", "Partly", "No")[own.between(0, 2)]
            text = "I drew the genogram with the family first time"
            yield number, *_person(one, day), own.between(3, 5), seen, used, text


def _focus_groups(cohorts: Sequence[Cohort]) -> _Rows:
    for number, cohort in enumerate(cohorts, start=1):
        day = uk(cohort.first_day + 40)
        for theme, mentions in (("Reflection", 6), ("workload", 9), ("manager support", 4)):
            yield f"G{number}", cohort.module, cohort.name, day, 7, theme, mentions
