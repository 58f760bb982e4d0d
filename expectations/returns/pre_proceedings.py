"""What an acceptable pre-proceedings return looks like."""

from pandas import DateOffset, Series

from expectations.dates import days_between
from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet, example
from schemas.returns.pre_proceedings import PRE_PROCEEDINGS, RETURN
from schemas.rows import CHILD_KEY
from schemas.submission import Reach

_MEETINGS = RuleSet(PRE_PROCEEDINGS)
LONG_YEARS = 3
_ENOUGH = 20
_LOST_SHARE = 0.5
MAY, JUNE, JULY = "2023-05-01", "2023-06-01", "2023-07-01"
_ORDER = ("first_meeting_date", "proceedings_issued_date")


@_MEETINGS.error(
    "SFP-PP-LATE",
    "The first meeting is after the last day of the quarter. Correct first_meeting_date, or send "
    "the row with the next quarter.",
    "first_meeting_date",
    reach=Reach.RECORD,
    fails={"first_meeting_date": "2024-04-01"},
    passes={"first_meeting_date": "2024-03-31"},
)
def _first_meeting_after_quarter(rows: Rows) -> Series:
    return rows["pre_proceedings"]["first_meeting_date"] > rows.last_day


@_MEETINGS.error(
    "SFP-PP-ISSUED-LATE",
    "Proceedings are issued after the last day of the quarter. Correct proceedings_issued_date, or "
    "leave it empty until the next quarter.",
    "proceedings_issued_date",
    fails={"proceedings_issued_date": "2024-04-01"},
    passes={"proceedings_issued_date": "2024-03-31"},
)
def _proceedings_issued_after_quarter(rows: Rows) -> Series:
    return rows["pre_proceedings"]["proceedings_issued_date"] > rows.last_day


@_MEETINGS.error(
    "SFP-PP-ORDER",
    "Proceedings are issued before the first meeting. Correct one of the two dates.",
    "first_meeting_date",
    "proceedings_issued_date",
    reach=Reach.RECORD,
    fails={"first_meeting_date": JUNE, "proceedings_issued_date": MAY},
    passes={"first_meeting_date": MAY, "proceedings_issued_date": MAY},
)
def _proceedings_issued_before_first_meeting(rows: Rows) -> Series:
    meetings = rows["pre_proceedings"]
    return meetings["proceedings_issued_date"] < meetings["first_meeting_date"]


@_MEETINGS.query(
    "SFP-PP-LONG",
    "The process has run for more than three years without proceedings or outcome. Say how it "
    "ended, or correct first_meeting_date.",
    "first_meeting_date",
    "proceedings_issued_date",
    needs=("pre_proceedings.pre_proceedings_outcome",),
    fails={"first_meeting_date": "2021-03-30"},
    passes=(
        {"first_meeting_date": "2021-03-31"},
        {"first_meeting_date": "2020-03-30", "pre_proceedings_outcome": "stepped down"},
    ),
)
def _process_open_too_long(rows: Rows) -> Series:
    meetings = rows["pre_proceedings"]
    began = meetings["first_meeting_date"] < rows.last_day - DateOffset(years=LONG_YEARS)
    undecided = meetings["pre_proceedings_outcome"].isna()
    return began & undecided & meetings["proceedings_issued_date"].isna()


@_MEETINGS.query(
    "SFP-PP-TWO",
    "The child has a later process although this one led to proceedings after that began. Check "
    "the dates of both.",
    "first_meeting_date",
    "proceedings_issued_date",
    fails=[
        {"first_meeting_date": MAY, "proceedings_issued_date": JULY},
        {"first_meeting_date": JUNE},
    ],
    passes=[
        {"first_meeting_date": MAY, "proceedings_issued_date": JUNE},
        {"first_meeting_date": JUNE},
    ],
)
def _process_overlaps_later_one(rows: Rows) -> Series:
    later = rows.after("pre_proceedings", _ORDER)["first_meeting_date"]
    return later < rows["pre_proceedings"]["proceedings_issued_date"]


@_MEETINGS.query(
    "SFP-PP-SAME-DAY",
    "Proceedings are issued on the day of the first meeting. Check that both dates are right.",
    "first_meeting_date",
    "proceedings_issued_date",
    table_level=True,
    fails=[
        {"child_id": str(n), "first_meeting_date": MAY, "proceedings_issued_date": MAY}
        for n in range(20)
    ],
    passes=[
        {"child_id": str(n), "first_meeting_date": MAY, "proceedings_issued_date": issued}
        for n, issued in enumerate([MAY] * 10 + [JUNE] * 10)
    ],
)
def _most_issued_on_day_of_meeting(rows: Rows) -> bool:
    meetings = rows["pre_proceedings"]
    gap = days_between(meetings["first_meeting_date"], meetings["proceedings_issued_date"])
    issued = int(meetings["proceedings_issued_date"].notna().sum())
    return issued >= _ENOUGH and int((gap == 0).sum()) > issued * _LOST_SHARE


@_MEETINGS.query(
    "SFP-HISTORY",
    "Proceedings had been issued in the last return; now they are not, or on another day. Check "
    "proceedings_issued_date.",
    "proceedings_issued_date",
    needs=(
        "pre_proceedings.first_meeting_date",
        "previous.pre_proceedings.proceedings_issued_date",
    ),
    fails=example(
        pre_proceedings=[{"first_meeting_date": MAY}],
        previous={
            "pre_proceedings": [{"first_meeting_date": MAY, "proceedings_issued_date": JUNE}]
        },
    ),
    passes=example(
        pre_proceedings=[{"first_meeting_date": MAY, "proceedings_issued_date": JUNE}],
        previous={"pre_proceedings": [{"first_meeting_date": MAY}]},
    ),
)
def _issue_date_changed(rows: Rows) -> Series:
    same = (CHILD_KEY, "first_meeting_date")
    before = rows.match_previous("pre_proceedings", same)["proceedings_issued_date"]
    return before.notna() & (rows["pre_proceedings"]["proceedings_issued_date"] != before)


@_MEETINGS.query(
    "CHANGE_LARGE",
    "The return has less than half the rows of the submission it would replace. Check that nothing "
    "is missing, and send a note if it is right.",
    "first_meeting_date",
    table_level=True,
    needs=("earlier.pre_proceedings",),
    fails=example(
        pre_proceedings=[{}],
        earlier={"pre_proceedings": [{"child_id": str(n)} for n in range(20)]},
    ),
    passes=example(
        pre_proceedings=[{"child_id": str(n)} for n in range(10)],
        earlier={"pre_proceedings": [{"child_id": str(n)} for n in range(20)]},
    ),
)
def _rows_halved(rows: Rows) -> bool:
    before = len(rows.earlier("pre_proceedings"))
    return before >= _ENOUGH and len(rows["pre_proceedings"]) < before * _LOST_SHARE


RULES = (
    *declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset()),
    *_MEETINGS.rules,
)
