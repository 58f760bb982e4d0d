"""What an acceptable school attendance return looks like."""

from typing import Any

import numpy as np
import pandas as pd
from pandas import Series

from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet, example
from schemas.returns.school_attendance import RETURN, SCHOOL_ATTENDANCE, TERM_LAST_DAYS
from schemas.rows import CHILD_KEY
from schemas.submission import Reach

_ATTENDANCE = RuleSet(SCHOOL_ATTENDANCE)
POSSIBLE = "sessions_possible_count"
AUTHORISED = "sessions_authorised_absence_count"
UNAUTHORISED = "sessions_unauthorised_absence_count"
MOST_SESSIONS = 160
"""The longest term has about 80 school days, two sessions each."""

USUAL_ABSENCE = (0.005, 0.40)
_ENOUGH = 50
_LARGE_CHANGE = 0.5
_SPRING = {"academic_year": "2022/23", "term": "spring"}


@_ATTENDANCE.error(
    "SFP-YEAR-FORM",
    "academic_year is not written as 2023/24, two years that follow each other. Correct it.",
    "academic_year",
    reach=Reach.RECORD,
    fails=({"academic_year": "2023"}, {"academic_year": "2023/25"}),
    passes=({"academic_year": "2023/24"}, {"academic_year": "1999/00"}),
)
def _is_no_academic_year(rows: Rows) -> Series:
    year = rows["school_attendance"]["academic_year"]
    return year.notna() & _first_year(year).isna()


def _first_year(year: Series) -> Series:
    """Return the calendar year in which an academic year begins; missing where it is none."""
    parts = year.str.extract(r"^(\d{4})/(\d{2})$")
    first = pd.to_numeric(parts[0], errors="coerce")
    second = pd.to_numeric(parts[1], errors="coerce")
    return first.where((first + 1) % 100 == second)


def _ended(attendance: Any) -> Series:
    """Return the last day of each row's term."""
    first = _first_year(attendance["academic_year"])
    days = np.full(len(attendance), np.datetime64("NaT"), dtype="datetime64[s]")
    for term, (years, month, day) in TERM_LAST_DAYS.items():
        places = np.flatnonzero(attendance["term"].eq(term) & first.notna())
        texts = [f"{int(year) + years}-{month:02d}-{day}" for year in first.iloc[places]]
        days[places] = np.array(texts, dtype="datetime64[s]")
    return Series(days)


@_ATTENDANCE.error(
    "SFP-TERM-LATE",
    "The term ends after the last day of the quarter. Correct academic_year or term, or send the "
    "row with the quarter the term ends in.",
    "academic_year",
    "term",
    fails={"academic_year": "2023/24", "term": "summer"},
    passes=example(
        school_attendance=[{"academic_year": "2023/24", "term": "autumn"}], quarter="2023-24Q3"
    ),
)
def _term_ends_after_quarter(rows: Rows) -> Series:
    return _ended(rows["school_attendance"]) > rows.last_day


@_ATTENDANCE.query(
    "SFP-TERM-EARLY",
    "The term ended before the financial year began and belongs to an earlier return. Check "
    "academic_year and term.",
    "academic_year",
    "term",
    fails={"academic_year": "2021/22", "term": "summer"},
    passes=_SPRING,
)
def _term_ended_before_year(rows: Rows) -> Series:
    return _ended(rows["school_attendance"]) < rows.year_start


@_ATTENDANCE.error(
    "SFP-ABSENCE",
    "The child missed more sessions than were possible. Correct the three numbers.",
    POSSIBLE,
    AUTHORISED,
    UNAUTHORISED,
    reach=Reach.RECORD,
    fails={POSSIBLE: 100, AUTHORISED: 60, UNAUTHORISED: 41},
    passes={POSSIBLE: 100, AUTHORISED: 60, UNAUTHORISED: 40},
)
def _absence_exceeds_possible(rows: Rows) -> Series:
    attendance = rows["school_attendance"]
    return attendance[AUTHORISED] + attendance[UNAUTHORISED] > attendance[POSSIBLE]


@_ATTENDANCE.query(
    "SFP-SESSIONS-MANY",
    "More sessions were possible than a term has. Check whether the number is of the whole year.",
    POSSIBLE,
    fails={POSSIBLE: 161},
    passes={POSSIBLE: 160},
)
def _has_too_many_sessions(rows: Rows) -> Series:
    return rows["school_attendance"][POSSIBLE] > MOST_SESSIONS


@_ATTENDANCE.query(
    "SFP-SESSIONS-NONE",
    "No session was possible in the term. Check it: a child on no roll is left out.",
    POSSIBLE,
    fails={POSSIBLE: 0},
    passes={POSSIBLE: 1},
)
def _has_no_sessions(rows: Rows) -> Series:
    return rows["school_attendance"][POSSIBLE].eq(0)


@_ATTENDANCE.error(
    "SFP-SESSIONS-PARTS",
    "Sessions are counted in whole numbers. Correct it: it may be a percentage.",
    POSSIBLE,
    AUTHORISED,
    UNAUTHORISED,
    each_field=True,
    fails=({POSSIBLE: 99.5}, {AUTHORISED: 0.5}, {UNAUTHORISED: 0.5}),
    passes=({POSSIBLE: 99}, {AUTHORISED: 0}, {UNAUTHORISED: 5}),
)
def _sessions_not_whole(rows: Rows) -> dict[str, Series]:
    attendance = rows["school_attendance"]
    return {
        name: attendance[name].notna() & (attendance[name] % 1 != 0)
        for name in (POSSIBLE, AUTHORISED, UNAUTHORISED)
    }


@_ATTENDANCE.query(
    "SCALE_SUSPECT",
    "Over all children, unauthorised absence is less than 0.5 % or more than 40 % of sessions. "
    "Check whether numbers were given as percentages, or the two absences changed places.",
    UNAUTHORISED,
    POSSIBLE,
    table_level=True,
    fails=[{"child_id": str(n), POSSIBLE: 100, UNAUTHORISED: 50} for n in range(50)],
    passes=(
        [{"child_id": str(n), POSSIBLE: 200, UNAUTHORISED: 1} for n in range(50)],
        [{"child_id": str(n), POSSIBLE: 100, UNAUTHORISED: 40} for n in range(50)],
        [{"child_id": str(n), POSSIBLE: 100, UNAUTHORISED: 50} for n in range(49)],
    ),
)
def _absence_share_out_of_range(rows: Rows) -> bool:
    attendance = rows["school_attendance"][[POSSIBLE, UNAUTHORISED]].dropna()
    low, high = USUAL_ABSENCE
    share = attendance[UNAUTHORISED].sum() / max(attendance[POSSIBLE].sum(), 1)
    return len(attendance) >= _ENOUGH and not low <= float(share) <= high


@_ATTENDANCE.query(
    "SFP-HISTORY",
    "The last return gave other numbers for the same child and term. Check which are right.",
    POSSIBLE,
    AUTHORISED,
    UNAUTHORISED,
    each_field=True,
    needs=(
        "school_attendance.academic_year",
        "school_attendance.term",
        f"previous.school_attendance.{POSSIBLE}",
    ),
    fails=example(
        school_attendance=[{**_SPRING, POSSIBLE: 100, AUTHORISED: 1, UNAUTHORISED: 1}],
        previous={
            "school_attendance": [{**_SPRING, POSSIBLE: 100, AUTHORISED: 1, UNAUTHORISED: 2}]
        },
    ),
    passes=example(
        school_attendance=[{**_SPRING, POSSIBLE: 100, AUTHORISED: 1, UNAUTHORISED: 1}],
        previous={
            "school_attendance": [{**_SPRING, POSSIBLE: 100, AUTHORISED: 1, UNAUTHORISED: 1}]
        },
    ),
)
def _sessions_changed(rows: Rows) -> dict[str, Series]:
    attendance = rows["school_attendance"]
    before = rows.match_previous("school_attendance", (CHILD_KEY, "academic_year", "term"))
    return {
        name: before[name].notna() & attendance[name].notna() & (attendance[name] != before[name])
        for name in (POSSIBLE, AUTHORISED, UNAUTHORISED)
    }


@_ATTENDANCE.query(
    "CHANGE_LARGE",
    "The return has less than half the rows of the submission it would replace. Check that nothing "
    "is missing, and send a note if it is right.",
    "child_id",
    table_level=True,
    needs=("earlier.school_attendance",),
    fails=example(
        school_attendance=[{}],
        earlier={"school_attendance": [{"child_id": str(n)} for n in range(50)]},
    ),
    passes=example(
        school_attendance=[{"child_id": str(n)} for n in range(25)],
        earlier={"school_attendance": [{"child_id": str(n)} for n in range(50)]},
    ),
)
def _rows_halved(rows: Rows) -> bool:
    before = len(rows.earlier("school_attendance"))
    return before >= _ENOUGH and len(rows["school_attendance"]) < before * _LARGE_CHANGE


_WEIGHED = frozenset(("school_attendance", name) for name in (POSSIBLE, AUTHORISED, UNAUTHORISED))

RULES = (
    *declared_rules(RETURN, official={}, essential=_WEIGHED, conditional=frozenset()),
    *_ATTENDANCE.rules,
)
