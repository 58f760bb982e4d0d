"""What happens under a case before it closes, and what a census says of its children together."""

from functools import partial

from pandas import Series

from expectations.dates import weekday
from expectations.returns.cin_census.children import PERSON, is_sent_unborn
from expectations.returns.cin_census.referrals import (
    CASE,
    JUNE_1,
    MAY_1,
    MAY_2,
    SATURDAY,
    referral_of,
)
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule import Condition
from expectations.rule_set import RuleSet, example
from schemas.returns.cin_census import (
    CIN_CHILDREN,
    CIN_DISABILITIES,
    CIN_PRE_PROCEEDINGS,
    REFERRALS,
    RETURN,
)
from schemas.submission import Reach

_CHILDREN = RuleSet(CIN_CHILDREN)
_DISABILITIES = RuleSet(CIN_DISABILITIES)
_REFERRALS = RuleSet(REFERRALS)
_COURT = RuleSet(CIN_PRE_PROCEEDINGS)
_UPN_FORM = r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]"

# Activity after the case has closed (8565), dated fields below the case

_DATED = (
    ("assessments", "assessment_start_date", None),
    ("section_47", "s47_start_date", None),
    ("cp_plans", "cp_plan_end", None),
    ("cin_plans", "cin_plan_end", 2022),
)


def _rules_on_closed_cases(table: str, day: str, since: int | None) -> RuleSet:
    declared = RETURN[table]
    rules = RuleSet(declared)
    case = {"referral_date": MAY_1}
    rules.error(
        "8565",
        f"{declared[day].sent_as} is after the case closed. Correct it, or CINclosureDate.",
        day,
        since=since,
        needs=(f"{table}.referral_date", "referrals.referral_date", "referrals.closure_date"),
        fails=example(
            {table: [{**case, day: JUNE_1}]}, referrals=[{**case, "closure_date": MAY_2}]
        ),
        passes=example(
            {table: [{**case, day: MAY_2}]}, referrals=[{**case, "closure_date": MAY_2}]
        ),
    )(partial(_day_after_closure, table=table, day=day))
    return rules


def _day_after_closure(rows: Rows, *, table: str, day: str) -> Series:
    return rows[table][day] > referral_of(rows, table)["closure_date"]


# Cases closed with something still open

_OPEN = (
    ("8867", "assessments", "assessment_authorised_date", "an assessment is not authorised"),
    ("SFP-CPP-OPEN", "cp_plans", "cp_plan_end", "a child protection plan is open"),
    ("SFP-CINPLAN-OPEN", "cin_plans", "cin_plan_end", "a child in need plan is open"),
)


def _open_rule(code: str, table: str, end: str, what: str) -> None:
    case = {"referral_date": MAY_1}
    closed = [{**case, "closure_date": JUNE_1}]
    _REFERRALS.error(
        code,
        f"The case is closed although {what}. Give {RETURN[table][end].sent_as}, or take "
        "CINclosureDate out.",
        "closure_date",
        since=RETURN[table].since,
        needs=("referrals.referral_date", f"{table}.referral_date", f"{table}.{end}"),
        fails=example({table: [case]}, referrals=closed),
        passes=(
            example({table: [{**case, end: MAY_2}]}, referrals=closed),
            example({table: [case]}, referrals=[case]),
        ),
    )(_closes_with_open(table, end))


def _closes_with_open(table: str, end: str) -> Condition:
    def broken(rows: Rows) -> Series:
        has_open = rows.is_in("referrals", table, rows[table][end].isna(), CASE)
        return rows["referrals"]["closure_date"].notna() & has_open

    return broken


for _each in _OPEN:
    _open_rule(*_each)


@_REFERRALS.error(
    "1104",
    "The initial conference of the case is held before the referral. Correct DateOfInitialCPC.",
    "icpc_date",
    "referral_date",
    fails={"referral_date": MAY_2, "icpc_date": MAY_1},
    passes={"referral_date": MAY_1, "icpc_date": MAY_1},
)
def _icpc_before_referral(rows: Rows) -> Series:
    referrals = rows["referrals"]
    return referrals["icpc_date"] < referrals["referral_date"]


@_REFERRALS.error(
    "8839",
    "The initial conference of the case is held on a weekend or after the last day of the quarter. "
    "Correct DateOfInitialCPC.",
    "icpc_date",
    fails=({"icpc_date": "2023-05-06"}, {"icpc_date": "2024-04-02"}),
    passes=(
        {"icpc_date": "2023-05-05"},
        example(referrals=[{"icpc_date": "2023-03-31"}], quarter="2022-23Q4"),
    ),
)
def _icpc_at_weekend_or_after_quarter(rows: Rows) -> Series:
    held = rows["referrals"]["icpc_date"]
    return (held > rows.last_day) | as_booleans(weekday(held) >= SATURDAY)


# Children


@_CHILDREN.error(
    "1540",
    "UPN is not a unique pupil number: a letter and twelve characters. Correct it.",
    "upn",
    fails={"upn": "12345"},
    passes=({"upn": "A123456789012"}, {}),
)
def _upn_malformed(rows: Rows) -> Series:
    upn = rows["cin_children"]["upn"]
    return upn.notna() & ~upn.str.fullmatch(_UPN_FORM).astype("boolean")


@_CHILDREN.query(
    "1560Q",
    "FormerUPN is not a unique pupil number: a letter and twelve characters. Check it.",
    "former_upn",
    fails={"former_upn": "12345"},
    passes=({"former_upn": "A123456789012"}, {}),
)
def _former_upn_malformed(rows: Rows) -> Series:
    former = rows["cin_children"]["former_upn"]
    return former.notna() & ~former.str.fullmatch(_UPN_FORM).astype("boolean")


@_CHILDREN.error(
    "1520",
    "Two children have the same UPN. Correct the one that is wrong, or join the two records.",
    "upn",
    fails=[{"child_id": "A", "upn": "A123456789012"}, {"child_id": "B", "upn": "A123456789012"}],
    passes=[{"child_id": "A", "upn": "A123456789012"}, {"child_id": "B", "upn": "A123456789022"}],
)
def _upn_shared_by_two_children(rows: Rows) -> Series:
    upn = rows["cin_children"]["upn"]
    return upn.notna() & upn.duplicated(keep=False)


@_CHILDREN.query(
    "8770Q",
    "There is neither a UPN nor a reason for having none. Give UPN or UPNunknown.",
    "upn",
    "upn_unknown_code",
    needs=PERSON,
    fails={},
    passes=(
        {"upn": "A123456789012"},
        {"upn_unknown_code": "UN1"},
        {"expected_birth_date": "2024-06-01"},
    ),
)
def _upn_and_reason_both_missing(rows: Rows) -> Series:
    children = rows["cin_children"]
    return children["upn"].isna() & children["upn_unknown_code"].isna() & ~is_sent_unborn(rows)


@_CHILDREN.error(
    "8772",
    "UPNunknown says every referral of the child needed no further action (UN7), but one did. "
    "Correct UPNunknown or ReferralNFA.",
    "upn_unknown_code",
    needs=("referrals.child_id", "referrals.is_nfa"),
    fails=example(cin_children=[{"upn_unknown_code": "UN7"}], referrals=[{"is_nfa": False}]),
    passes=(
        example(cin_children=[{"upn_unknown_code": "UN7"}], referrals=[{"is_nfa": True}]),
        example(cin_children=[{"upn_unknown_code": "UN1"}], referrals=[{"is_nfa": False}]),
    ),
)
def _upn_says_no_action_but_action_taken(rows: Rows) -> Series:
    acted = rows.has("cin_children", "referrals", ~rows["referrals"]["is_nfa"].fillna(value=True))
    return rows["cin_children"]["upn_unknown_code"].eq("UN7") & acted


# Disabilities


@_DISABILITIES.error(
    "8790",
    "The child has a disability and NONE as well. Take one of them out.",
    "disability_code",
    needs=("cin_disabilities.child_id",),
    fails=[{"disability_code": "NONE"}, {"disability_code": "AUT"}],
    passes=[{"disability_code": "NONE"}, {"disability_code": "AUT", "child_id": "B"}],
)
def _disability_and_none_both_given(rows: Rows) -> Booleans:
    code = rows["cin_disabilities"]["disability_code"]
    some = code.notna() & code.ne("NONE")
    is_none = as_booleans(code.eq("NONE"))
    return is_none & rows.has("cin_disabilities", "cin_disabilities", some)


@_CHILDREN.error(
    "8540",
    "The child is born and the referral led to action, so Disability must be given. Give it, or "
    "NONE.",
    "child_id",
    needs=("cin_children.birth_date", "cin_disabilities.child_id", "referrals.is_nfa"),
    fails=example(
        cin_children=[{"birth_date": "2012-01-01"}],
        cin_disabilities=[{"child_id": "B"}],
        referrals=[{"is_nfa": False}],
    ),
    passes=(
        example(
            cin_children=[{"birth_date": "2012-01-01"}],
            cin_disabilities=[{}],
            referrals=[{"is_nfa": False}],
        ),
        example(cin_children=[{}], cin_disabilities=[], referrals=[{"is_nfa": False}]),
        example(
            cin_children=[{"birth_date": "2012-01-01"}],
            cin_disabilities=[],
            referrals=[{"is_nfa": True}],
        ),
    ),
)
def _disability_not_given(rows: Rows) -> Series:
    acted = rows.has("cin_children", "referrals", ~rows["referrals"]["is_nfa"].fillna(value=True))
    said = rows.has("cin_children", "cin_disabilities")
    return rows["cin_children"]["birth_date"].notna() & acted & ~said


# Pre-proceedings


@_COURT.error(
    "SFP-PP-ORDER",
    "The court application is before the first meeting. Correct one of the two dates.",
    "first_meeting_date",
    "proceedings_issued_date",
    since=2026,
    fails={"first_meeting_date": "2025-06-01", "proceedings_issued_date": "2025-05-01"},
    passes={"first_meeting_date": "2025-06-01", "proceedings_issued_date": "2025-06-01"},
)
def _application_before_first_meeting(rows: Rows) -> Series:
    court = rows["cin_pre_proceedings"]
    return court["proceedings_issued_date"] < court["first_meeting_date"]


@_COURT.error(
    "SFP-PP-LATE",
    "The first meeting is after the last day of the quarter. Correct InitialPPMeetingDate.",
    "first_meeting_date",
    since=2026,
    reach=Reach.RECORD,
    fails={"first_meeting_date": "2026-04-01"},
    passes={"first_meeting_date": "2026-03-31"},
)
def _first_meeting_after_quarter(rows: Rows) -> Series:
    return rows["cin_pre_proceedings"]["first_meeting_date"] > rows.last_day


@_COURT.query(
    "SFP-PP-START",
    "The first meeting is before the process began. Check PPStartDate and InitialPPMeetingDate.",
    "first_meeting_date",
    "pre_proceedings_start",
    since=2026,
    fails={"first_meeting_date": "2025-05-01", "pre_proceedings_start": "2025-06-01"},
    passes={"first_meeting_date": "2025-06-01", "pre_proceedings_start": "2025-06-01"},
)
def _first_meeting_before_process_starts(rows: Rows) -> Series:
    court = rows["cin_pre_proceedings"]
    return court["first_meeting_date"] < court["pre_proceedings_start"]


@_COURT.error(
    "SFP-PP-HELD",
    "A family meeting was held that was never offered. Correct FGDMMeetingOffer or FGDMMeetingFac.",
    "is_family_meeting_offered",
    "is_family_meeting_held",
    since=2026,
    fails={"is_family_meeting_offered": False, "is_family_meeting_held": True},
    passes={"is_family_meeting_offered": True, "is_family_meeting_held": True},
)
def _family_meeting_held_but_not_offered(rows: Rows) -> Series:
    court = rows["cin_pre_proceedings"]
    not_offered = ~court["is_family_meeting_offered"].fillna(value=True)
    return court["is_family_meeting_held"].fillna(value=False) & not_offered


RULES = (
    *_CHILDREN.rules,
    *_DISABILITIES.rules,
    *_REFERRALS.rules,
    *(rule for each in _DATED for rule in _rules_on_closed_cases(*each).rules),
    *_COURT.rules,
)
