"""Referrals, and the assessments and section 47 enquiries under them."""

from pandas import DateOffset, Series

from expectations.dates import OLDEST_AGE, completed_years, days_between, weekday
from expectations.returns.cin_census.children import (
    FORGIVEN_WEEKS,
    PERSON,
    WEEKS_OF_PREGNANCY,
    birth_dates_or_expected,
)
from expectations.rows import Aligned, Booleans, Rows, as_booleans
from expectations.rule import Condition
from expectations.rule_set import RuleSet, example
from schemas.returns.cin_census import (
    ASSESSMENT_FACTORS,
    ASSESSMENTS,
    REFERRALS,
    RETURN,
    SECTION_47,
)
from schemas.submission import Reach

CASE = ("child_key", "referral_date")
"""What ties an assessment, enquiry or plan to its referral."""

_CASE_NEEDS = ("referrals.child_id", "referrals.referral_date")
SATURDAY = 5
NFA_SHARE = (0.10, 0.70)
"""ReferralNFA is met with inverted meaning in some local systems (specs/notes.md)."""

NFA_ENOUGH = 50
"""Referrals below which a share says little."""

WORKING_DAYS_45 = 9 * 7 + 14
"""45 working days as calendar days, two weeks of holidays forgiven."""

WORKING_DAYS_15 = 3 * 7 + 14
"""15 working days likewise."""

_REFERRALS = RuleSet(REFERRALS)
_ASSESSMENTS = RuleSet(ASSESSMENTS)
_FACTORS = RuleSet(ASSESSMENT_FACTORS)
_ENQUIRIES = RuleSet(SECTION_47)
MAY_1, MAY_2, JUNE_1, JULY_1 = "2023-05-01", "2023-05-02", "2023-06-01", "2023-07-01"


def referral_of(rows: Rows, table: str) -> Aligned:
    """Return, for each row of a table below the referral, the referral it belongs to."""
    return rows.match(table, "referrals", CASE)


# Referrals


@_REFERRALS.error(
    "SFP-REFERRAL-LATE",
    "The referral is dated after the last day of the quarter. Correct CINreferralDate, or send it "
    "with the next quarter.",
    "referral_date",
    reach=Reach.RECORD,
    fails={"referral_date": "2024-04-01"},
    passes={"referral_date": "2024-03-31"},
)
def _referral_after_quarter(rows: Rows) -> Series:
    return rows["referrals"]["referral_date"] > rows.last_day


@_REFERRALS.error(
    "SFP-REFERRAL-ORPHAN",
    "The referral is of a child the census does not hold. Add the child, or correct LAchildID.",
    "child_id",
    reach=Reach.RECORD,
    needs=("cin_children.child_id",),
    fails=example(referrals=[{}], cin_children=[{"child_id": "B"}]),
    passes=example(referrals=[{}], cin_children=[{}]),
)
def _has_no_child(rows: Rows) -> Booleans:
    is_keyed = (rows["referrals"]["child_key"] != 0).to_numpy()
    return is_keyed & ~rows.has("referrals", "cin_children")


@_REFERRALS.error(
    "8606",
    "The referral is more than 40 weeks before the child is born or expected. Correct "
    "CINreferralDate or the date of birth.",
    "referral_date",
    reach=Reach.RECORD,
    needs=PERSON,
    fails=example(
        referrals=[{"referral_date": MAY_1}], cin_children=[{"expected_birth_date": "2024-02-27"}]
    ),
    passes=(
        example(
            referrals=[{"referral_date": MAY_1}],
            cin_children=[{"expected_birth_date": "2024-02-26"}],
        ),
        example(referrals=[{"referral_date": MAY_1}], cin_children=[{"birth_date": "2020-02-05"}]),
    ),
)
def _referral_before_pregnancy(rows: Rows) -> Series:
    earliest = birth_dates_or_expected(rows, "referrals") - DateOffset(
        weeks=WEEKS_OF_PREGNANCY + FORGIVEN_WEEKS
    )
    return rows["referrals"]["referral_date"] < earliest


@_REFERRALS.query(
    "8775Q",
    "The young person is 25 or older and the case is open. Close it, or correct the date of birth.",
    "closure_date",
    needs=("cin_children.birth_date", "cin_children.expected_birth_date"),
    fails=example(referrals=[{}], cin_children=[{"birth_date": "1999-03-31"}]),
    passes=example(referrals=[{}], cin_children=[{"birth_date": "1999-04-01"}]),
)
def _open_at_25(rows: Rows) -> Series:
    age = completed_years(birth_dates_or_expected(rows, "referrals"), rows.context.last_day)
    return rows["referrals"]["closure_date"].isna() & (age >= OLDEST_AGE - 1)


@_REFERRALS.query(
    "8555Q",
    "The child is referred after the date of death. Correct one of the two.",
    "referral_date",
    needs=("cin_children.death_date",),
    fails=example(referrals=[{"referral_date": MAY_2}], cin_children=[{"death_date": MAY_1}]),
    passes=example(referrals=[{"referral_date": MAY_1}], cin_children=[{"death_date": MAY_1}]),
)
def _referral_after_death(rows: Rows) -> Series:
    death = rows.child("referrals", "cin_children")["death_date"]
    return rows["referrals"]["referral_date"] > death


@_REFERRALS.query(
    "8585Q",
    "The case closed because the child died, but there is no PersonDeathDate. Give it, or correct "
    "the reason.",
    "closure_reason",
    needs=("cin_children.death_date",),
    fails=example(referrals=[{"closure_reason": "RC2"}], cin_children=[{}]),
    passes=example(referrals=[{"closure_reason": "RC2"}], cin_children=[{"death_date": MAY_1}]),
)
def _died_without_a_date(rows: Rows) -> Series:
    death = rows.child("referrals", "cin_children")["death_date"]
    return rows["referrals"]["closure_reason"].eq("RC2") & death.isna()


@_REFERRALS.error(
    "8630",
    "The case closes before the referral. Correct CINclosureDate or CINreferralDate.",
    "closure_date",
    "referral_date",
    reach=Reach.RECORD,
    fails={"referral_date": MAY_2, "closure_date": MAY_1},
    passes={"referral_date": MAY_1, "closure_date": MAY_1},
)
def _closure_before_referral(rows: Rows) -> Series:
    referrals = rows["referrals"]
    return referrals["closure_date"] < referrals["referral_date"]


@_REFERRALS.error(
    "8620",
    "The case closes outside the financial year to the end of the quarter. Correct CINclosureDate, "
    "or take the case out.",
    "closure_date",
    fails=({"closure_date": "2023-03-31"}, {"closure_date": "2024-04-01"}),
    passes=({"closure_date": "2023-04-01"}, {"closure_date": "2024-03-31"}),
)
def _closure_outside_year(rows: Rows) -> Series:
    closure = rows["referrals"]["closure_date"]
    return (closure < rows.year_start) | (closure > rows.last_day)


@_REFERRALS.error(
    "8805",
    "The case is closed without a reason. Give ReasonForClosure.",
    "closure_reason",
    "closure_date",
    fails={"closure_date": MAY_1},
    passes={"closure_date": MAY_1, "closure_reason": "RC7"},
)
def _closure_without_reason(rows: Rows) -> Series:
    referrals = rows["referrals"]
    return referrals["closure_date"].notna() & referrals["closure_reason"].isna()


@_REFERRALS.error(
    "8810",
    "There is a reason for closing the case but no date. Give CINclosureDate.",
    "closure_date",
    "closure_reason",
    fails={"closure_reason": "RC7"},
    passes={},
)
def _closure_reason_without_date(rows: Rows) -> Series:
    referrals = rows["referrals"]
    return referrals["closure_date"].isna() & referrals["closure_reason"].notna()


@_REFERRALS.error(
    "8610",
    "The referral led to further action, so it needs PrimaryNeedCode. Give it.",
    "primary_need_code",
    needs=("referrals.is_nfa",),
    fails={"is_nfa": False},
    passes=({"is_nfa": True}, {"is_nfa": False, "primary_need_code": "N1"}),
)
def _primary_need_missing(rows: Rows) -> Series:
    referrals = rows["referrals"]
    return referrals["primary_need_code"].isna() & ~referrals["is_nfa"].fillna(value=True)


def _real_neighbour(rows: Rows, other: Aligned) -> Booleans:
    """Say where a referral and its neighbour both led to action."""
    here = rows["referrals"]["is_nfa"].fillna(value=False)
    there = other["is_nfa"].fillna(value=False)
    return as_booleans(other.found & ~here & ~there)


@_REFERRALS.error(
    "8816",
    "The case is open although the child has a later one. Give CINclosureDate.",
    "closure_date",
    needs=("referrals.referral_date", "referrals.is_nfa"),
    fails=[{"referral_date": MAY_1}, {"referral_date": JUNE_1}],
    passes=(
        [{"referral_date": MAY_1, "closure_date": JUNE_1}, {"referral_date": JUNE_1}],
        [{"referral_date": MAY_1}, {"referral_date": JUNE_1, "is_nfa": True}],
    ),
)
def _open_although_later_case(rows: Rows) -> Series:
    after = rows.after("referrals", ("referral_date", "closure_date"))
    return rows["referrals"]["closure_date"].isna() & _real_neighbour(rows, after)


@_REFERRALS.error(
    "8820",
    "The case opens before the child's earlier one closed. Correct CINreferralDate, or "
    "CINclosureDate of the earlier case.",
    "referral_date",
    needs=("referrals.closure_date", "referrals.is_nfa"),
    fails=[{"referral_date": MAY_1, "closure_date": JULY_1}, {"referral_date": JUNE_1}],
    passes=[{"referral_date": MAY_1, "closure_date": JUNE_1}, {"referral_date": JUNE_1}],
)
def _overlaps(rows: Rows) -> Series:
    before = rows.before("referrals", ("referral_date", "closure_date"))
    overlaps = rows["referrals"]["referral_date"] < before["closure_date"]
    return overlaps & _real_neighbour(rows, before)


@_REFERRALS.error(
    "8831",
    "The referral is marked as needing no further action, and yet there is an assessment, a "
    "section 47 enquiry or a conference. Correct ReferralNFA, or take the activity out.",
    "is_nfa",
    needs=(
        *_CASE_NEEDS,
        "referrals.icpc_date",
        "assessments.referral_date",
        "section_47.referral_date",
    ),
    fails=(
        example(
            referrals=[{"referral_date": MAY_1, "is_nfa": True}],
            assessments=[{"referral_date": MAY_1}],
            section_47=[],
        ),
        example(
            referrals=[{"referral_date": MAY_1, "is_nfa": True, "icpc_date": MAY_2}],
            assessments=[],
            section_47=[],
        ),
    ),
    passes=(
        example(
            referrals=[{"referral_date": MAY_1, "is_nfa": False}],
            assessments=[{"referral_date": MAY_1}],
            section_47=[],
        ),
        example(
            referrals=[{"referral_date": MAY_1, "is_nfa": True}],
            assessments=[{"referral_date": JUNE_1}],
            section_47=[],
        ),
    ),
)
def _activity_although_nfa(rows: Rows) -> Series:
    referrals = rows["referrals"]
    acts = _has_case(rows, "assessments") | _has_case(rows, "section_47")
    return referrals["is_nfa"] & (acts | referrals["icpc_date"].notna())


def _has_case(rows: Rows, table: str) -> Booleans:
    return rows.match("referrals", table, CASE).found


@_REFERRALS.error(
    "8832",
    "The referral is marked as needing no further action, and yet there is a child protection "
    "plan. Correct ReferralNFA, or take the plan out.",
    "is_nfa",
    needs=(*_CASE_NEEDS, "cp_plans.referral_date"),
    fails=example(
        referrals=[{"referral_date": MAY_1, "is_nfa": True}], cp_plans=[{"referral_date": MAY_1}]
    ),
    passes=example(
        referrals=[{"referral_date": MAY_1, "is_nfa": False}], cp_plans=[{"referral_date": MAY_1}]
    ),
)
def _cp_plan_although_nfa(rows: Rows) -> Series:
    return rows["referrals"]["is_nfa"] & _has_case(rows, "cp_plans")


@_REFERRALS.error(
    "4000",
    "The referral is marked as needing no further action, and yet there is a child in need plan. "
    "Correct ReferralNFA, or take the plan out.",
    "is_nfa",
    since=2022,
    needs=(*_CASE_NEEDS, "cin_plans.referral_date"),
    fails=example(
        referrals=[{"referral_date": MAY_1, "is_nfa": True}], cin_plans=[{"referral_date": MAY_1}]
    ),
    passes=example(
        referrals=[{"referral_date": MAY_1, "is_nfa": False}], cin_plans=[{"referral_date": MAY_1}]
    ),
)
def _cin_plan_although_nfa(rows: Rows) -> Series:
    return rows["referrals"]["is_nfa"] & _has_case(rows, "cin_plans")


@_REFERRALS.query(
    "NFA_SHARE",
    "Fewer than 10 % or more than 70 % of the year's referrals are marked as needing no further "
    "action. Check that your system does not send ReferralNFA with its meaning turned round.",
    "is_nfa",
    needs=("referrals.referral_date",),
    table_level=True,
    fails=(
        [{"referral_date": "2023-04-01", "is_nfa": True}] * 50,
        [{"referral_date": MAY_1, "is_nfa": False}] * 50,
    ),
    passes=(
        [{"referral_date": MAY_1, "is_nfa": True}] * 5
        + [{"referral_date": MAY_1, "is_nfa": False}] * 45,
        [{"referral_date": MAY_1, "is_nfa": True}] * 35
        + [{"referral_date": MAY_1, "is_nfa": False}] * 15,
        [{"referral_date": MAY_1, "is_nfa": True}] * 49,
        [{"referral_date": "2022-05-01", "is_nfa": True}] * 50,
    ),
)
def _nfa_share_out_of_range(rows: Rows) -> bool:
    referrals = rows["referrals"]
    # Cases open since an earlier year all led to action.
    known = referrals["is_nfa"][referrals["referral_date"] >= rows.year_start].dropna()
    low, high = NFA_SHARE
    return len(known) >= NFA_ENOUGH and not low <= float(known.mean()) <= high


@_REFERRALS.error(
    "2990",
    "The case closed after assessment with no further action, and yet there is a section 47 "
    "enquiry or a plan. Correct ReasonForClosure, or take the activity out.",
    "closure_reason",
    needs=(*_CASE_NEEDS, "section_47.referral_date", "cp_plans.referral_date"),
    fails=example(
        referrals=[{"referral_date": MAY_1, "closure_reason": "RC8"}],
        section_47=[{"referral_date": MAY_1}],
        cp_plans=[],
    ),
    passes=example(
        referrals=[{"referral_date": MAY_1, "closure_reason": "RC7"}],
        section_47=[{"referral_date": MAY_1}],
        cp_plans=[],
    ),
)
def _activity_after_assessment_only_closure(rows: Rows) -> Series:
    acts = _has_case(rows, "section_47") | _has_case(rows, "cp_plans")
    return rows["referrals"]["closure_reason"].eq("RC8") & acts


_BELOW = {
    "assessments": "SFP-ASSESSMENT-ORPHAN",
    "assessment_factors": "SFP-FACTOR-ORPHAN",
    "section_47": "SFP-S47-ORPHAN",
    "cp_plans": "SFP-CPP-ORPHAN",
    "cin_plans": "SFP-CINPLAN-ORPHAN",
}


def _rules_on_orphans(table: str, code: str) -> RuleSet:
    declared = RETURN[table]
    sheet = RuleSet(declared)
    sheet.error(
        code,
        f"{declared.sent_as} stands under no referral of the child. Correct LAchildID or "
        "CINreferralDate, or add the referral.",
        "child_id",
        "referral_date",
        reach=Reach.RECORD,
        needs=_CASE_NEEDS,
        since=declared.since,
        fails=example({table: [{"referral_date": MAY_1}]}, referrals=[{"referral_date": MAY_2}]),
        passes=example({table: [{"referral_date": MAY_1}]}, referrals=[{"referral_date": MAY_1}]),
    )(_has_no_case(table))
    return sheet


def _has_no_case(table: str) -> Condition:
    def broken(rows: Rows) -> Series:
        frame = rows[table]
        is_keyed = frame["child_key"].ne(0) & frame["referral_date"].notna()
        return is_keyed & ~referral_of(rows, table).found

    return broken


# Assessments


@_ASSESSMENTS.error(
    "1103",
    "The assessment starts before the referral. Correct AssessmentActualStartDate.",
    "assessment_start_date",
    "referral_date",
    fails={"referral_date": MAY_2, "assessment_start_date": MAY_1},
    passes={"referral_date": MAY_1, "assessment_start_date": MAY_1},
)
def _assessment_before_referral(rows: Rows) -> Series:
    assessments = rows["assessments"]
    return assessments["assessment_start_date"] < assessments["referral_date"]


@_ASSESSMENTS.error(
    "8608",
    "The assessment is authorised before it starts. Correct one of the two dates.",
    "assessment_start_date",
    "assessment_authorised_date",
    reach=Reach.RECORD,
    fails={"assessment_start_date": MAY_2, "assessment_authorised_date": MAY_1},
    passes={"assessment_start_date": MAY_1, "assessment_authorised_date": MAY_1},
)
def _assessment_authorised_before_start(rows: Rows) -> Series:
    assessments = rows["assessments"]
    return assessments["assessment_authorised_date"] < assessments["assessment_start_date"]


@_ASSESSMENTS.error(
    "8696",
    "The assessment is authorised outside the financial year to the end of the quarter. Correct "
    "AssessmentAuthorisationDate, or take the assessment out.",
    "assessment_authorised_date",
    fails={"assessment_authorised_date": "2024-04-01"},
    passes={"assessment_authorised_date": "2024-03-31"},
)
def _assessment_authorised_after_quarter(rows: Rows) -> Series:
    return rows["assessments"]["assessment_authorised_date"] > rows.last_day


@_ASSESSMENTS.error(
    "SFP-ASSESSMENT-LATE",
    "The assessment starts after the last day of the quarter. Correct AssessmentActualStartDate.",
    "assessment_start_date",
    reach=Reach.RECORD,
    fails={"assessment_start_date": "2024-04-01"},
    passes={"assessment_start_date": "2024-03-31"},
)
def _assessment_starts_after_quarter(rows: Rows) -> Series:
    return rows["assessments"]["assessment_start_date"] > rows.last_day


@_ASSESSMENTS.error(
    "8896",
    "The case has two assessments open at once. Give AssessmentAuthorisationDate of the finished "
    "one.",
    "assessment_authorised_date",
    needs=("assessments.referral_date", "assessments.assessment_start_date"),
    fails=[
        {"referral_date": MAY_1, "assessment_start_date": MAY_1},
        {"referral_date": MAY_1, "assessment_start_date": MAY_2},
    ],
    passes=[
        {
            "referral_date": MAY_1,
            "assessment_start_date": MAY_1,
            "assessment_authorised_date": MAY_2,
        },
        {"referral_date": MAY_1, "assessment_start_date": MAY_2},
    ],
)
def _two_assessments_open(rows: Rows) -> Series:
    return _two_open(rows, "assessments", "assessment_start_date", "assessment_authorised_date")


def _two_open(rows: Rows, table: str, start: str, end: str) -> Series:
    """Return which rows are open with another open row of the same case."""
    frame = rows[table]
    is_open = frame[end].isna() & frame[start].notna()
    cases = Series(rows.same(table, CASE))
    count = is_open.astype("int64").groupby(cases).transform("sum")
    return is_open & (count > 1) & (cases >= 0)


@_ASSESSMENTS.query(
    "8863Q",
    "The assessment starts while an earlier one of the same case is not finished. Check the dates.",
    "assessment_start_date",
    needs=("assessments.referral_date", "assessments.assessment_authorised_date"),
    fails=[
        {
            "referral_date": MAY_1,
            "assessment_start_date": MAY_1,
            "assessment_authorised_date": JULY_1,
        },
        {"referral_date": MAY_1, "assessment_start_date": JUNE_1},
    ],
    passes=[
        {
            "referral_date": MAY_1,
            "assessment_start_date": MAY_1,
            "assessment_authorised_date": JUNE_1,
        },
        {"referral_date": MAY_1, "assessment_start_date": JUNE_1},
    ],
)
def _assessment_starts_during_earlier(rows: Rows) -> Series:
    order = ("assessment_start_date", "assessment_authorised_date")
    before = rows.before("assessments", order, CASE)
    return rows["assessments"]["assessment_start_date"] < before["assessment_authorised_date"]


@_ASSESSMENTS.query(
    "8670Q",
    "The assessment has been open for more than 45 working days. Give AssessmentAuthorisationDate "
    "if it is finished.",
    "assessment_authorised_date",
    "assessment_start_date",
    fails={"assessment_start_date": "2024-01-13"},
    passes={"assessment_start_date": "2024-01-14"},
)
def _assessment_open_too_long(rows: Rows) -> Series:
    assessments = rows["assessments"]
    age = days_between(assessments["assessment_start_date"], rows.context.last_day)
    return assessments["assessment_authorised_date"].isna() & (age > WORKING_DAYS_45)


ASSESSMENT = ("child_key", "referral_date", "assessment_start_date")
_ASSESSMENT_NEEDS = (
    "assessments.referral_date",
    "assessments.assessment_start_date",
    "assessment_factors.referral_date",
    "assessment_factors.assessment_start_date",
)
_ONE = {"referral_date": MAY_1, "assessment_start_date": MAY_2}


@_ASSESSMENTS.query(
    "8897Q",
    "The assessment is finished but no factor is given. Give the factors identified, or 21 for "
    "none.",
    "assessment_authorised_date",
    needs=_ASSESSMENT_NEEDS,
    fails=example(
        assessments=[{**_ONE, "assessment_authorised_date": JUNE_1}], assessment_factors=[]
    ),
    passes=(
        example(
            assessments=[{**_ONE, "assessment_authorised_date": JUNE_1}], assessment_factors=[_ONE]
        ),
        example(assessments=[_ONE], assessment_factors=[]),
    ),
)
def _finished_assessment_without_factors(rows: Rows) -> Series:
    has_factors = rows.match("assessments", "assessment_factors", ASSESSMENT).found
    return rows["assessments"]["assessment_authorised_date"].notna() & ~has_factors


@_FACTORS.error(
    "8614",
    "Factors are given for an assessment that is not finished. Give AssessmentAuthorisationDate, "
    "or leave the factors out until it is.",
    "factor_code",
    needs=(*_ASSESSMENT_NEEDS, "assessments.assessment_authorised_date"),
    fails=example(assessments=[_ONE], assessment_factors=[{**_ONE, "factor_code": "1A"}]),
    passes=example(
        assessments=[{**_ONE, "assessment_authorised_date": JUNE_1}],
        assessment_factors=[{**_ONE, "factor_code": "1A"}],
    ),
)
def _factors_on_unfinished_assessment(rows: Rows) -> Booleans:
    assessment = rows.match("assessment_factors", "assessments", ASSESSMENT)
    return as_booleans(assessment.found & assessment["assessment_authorised_date"].isna())


@_FACTORS.error(
    "8869",
    "Factor 21 says no factor was found, and yet others are given. Take 21 out, or the others.",
    "factor_code",
    needs=("assessment_factors.referral_date", "assessment_factors.assessment_start_date"),
    fails=[{**_ONE, "factor_code": "21"}, {**_ONE, "factor_code": "1A"}],
    passes=[{**_ONE, "factor_code": "21"}, {"assessment_start_date": JUNE_1, "factor_code": "1A"}],
)
def _no_factor_code_among_others(rows: Rows) -> Series:
    factors = rows["assessment_factors"]
    others = factors["factor_code"].notna() & factors["factor_code"].ne("21")
    has_others = rows.is_in("assessment_factors", "assessment_factors", others, ASSESSMENT)
    return factors["factor_code"].eq("21") & has_others


# Section 47 enquiries


@_ENQUIRIES.error(
    "2889",
    "The section 47 enquiry starts before the referral. Correct S47ActualStartDate.",
    "s47_start_date",
    "referral_date",
    fails={"referral_date": MAY_2, "s47_start_date": MAY_1},
    passes={"referral_date": MAY_1, "s47_start_date": MAY_1},
)
def _section47_before_referral(rows: Rows) -> Series:
    enquiries = rows["section_47"]
    return enquiries["s47_start_date"] < enquiries["referral_date"]


@_ENQUIRIES.error(
    "1104",
    "The initial conference is held before the referral. Correct DateOfInitialCPC.",
    "icpc_date",
    "referral_date",
    fails={"referral_date": MAY_2, "icpc_date": MAY_1},
    passes={"referral_date": MAY_1, "icpc_date": MAY_1},
)
def _icpc_before_referral(rows: Rows) -> Series:
    enquiries = rows["section_47"]
    return enquiries["icpc_date"] < enquiries["referral_date"]


@_ENQUIRIES.error(
    "8615",
    "The initial conference is held before the section 47 enquiry starts. Correct one of the two "
    "dates.",
    "s47_start_date",
    "icpc_date",
    fails={"s47_start_date": MAY_2, "icpc_date": MAY_1},
    passes={"s47_start_date": MAY_1, "icpc_date": MAY_1},
)
def _icpc_before_section47(rows: Rows) -> Series:
    enquiries = rows["section_47"]
    return enquiries["icpc_date"] < enquiries["s47_start_date"]


@_ENQUIRIES.error(
    "SFP-S47-LATE",
    "The section 47 enquiry starts after the last day of the quarter. Correct S47ActualStartDate.",
    "s47_start_date",
    reach=Reach.RECORD,
    fails={"s47_start_date": "2024-04-01"},
    passes={"s47_start_date": "2024-03-31"},
)
def _section47_after_quarter(rows: Rows) -> Series:
    return rows["section_47"]["s47_start_date"] > rows.last_day


@_ENQUIRIES.error(
    "8715",
    "The initial conference is outside the financial year to the end of the quarter. Correct "
    "DateOfInitialCPC, or take it out.",
    "icpc_date",
    fails={"icpc_date": "2024-04-01"},
    passes={"icpc_date": "2024-03-31"},
)
def _icpc_after_quarter(rows: Rows) -> Series:
    return rows["section_47"]["icpc_date"] > rows.last_day


@_ENQUIRIES.error(
    "8875",
    "The initial conference falls on a weekend. Correct DateOfInitialCPC.",
    "icpc_date",
    fails={"icpc_date": "2023-05-06"},
    passes={"icpc_date": "2023-05-05"},
)
def _icpc_at_weekend(rows: Rows) -> Booleans:
    return as_booleans(weekday(rows["section_47"]["icpc_date"]) >= SATURDAY)


@_ENQUIRIES.query(
    "8870Q",
    "The target date of the initial conference falls on a weekend. Check InitialCPCtarget.",
    "icpc_target_date",
    fails={"icpc_target_date": "2023-05-06"},
    passes={"icpc_target_date": "2023-05-05"},
)
def _icpc_target_at_weekend(rows: Rows) -> Booleans:
    return as_booleans(weekday(rows["section_47"]["icpc_target_date"]) >= SATURDAY)


@_ENQUIRIES.error(
    "2884",
    "An initial conference is given both under the section 47 enquiry and under the case. Keep "
    "one.",
    "icpc_date",
    needs=(*_CASE_NEEDS, "section_47.referral_date", "referrals.icpc_date"),
    fails=example(
        section_47=[{"referral_date": MAY_1, "icpc_date": JUNE_1}],
        referrals=[{"referral_date": MAY_1, "icpc_date": JUNE_1}],
    ),
    passes=example(
        section_47=[{"referral_date": MAY_1, "icpc_date": JUNE_1}],
        referrals=[{"referral_date": MAY_1}],
    ),
)
def _icpc_given_twice(rows: Rows) -> Series:
    return rows["section_47"]["icpc_date"].eq(referral_of(rows, "section_47")["icpc_date"])


@_ENQUIRIES.error(
    "8890",
    "The section 47 enquiry starts on or before the conference of an earlier one that is not "
    "concluded. Check the dates of both.",
    "s47_start_date",
    needs=("section_47.referral_date", "section_47.icpc_date", "section_47.is_icpc_not_required"),
    fails=[
        {"referral_date": MAY_1, "s47_start_date": MAY_1, "icpc_date": JULY_1},
        {"referral_date": MAY_1, "s47_start_date": JUNE_1},
    ],
    passes=[
        {"referral_date": MAY_1, "s47_start_date": MAY_1, "icpc_date": MAY_2},
        {"referral_date": MAY_1, "s47_start_date": JUNE_1},
    ],
)
def _section47_starts_during_another(rows: Rows) -> Series:
    before = rows.before("section_47", ("s47_start_date", "icpc_date"), CASE)
    waits = ~before["is_icpc_not_required"].fillna(value=False).astype(bool)
    return (rows["section_47"]["s47_start_date"] < before["icpc_date"]) & waits


@_ENQUIRIES.query(
    "8675Q",
    "The section 47 enquiry started more than 15 working days ago and there is no conference. Give "
    "DateOfInitialCPC, or say that none is required.",
    "s47_start_date",
    "icpc_date",
    needs=("section_47.is_icpc_not_required",),
    fails={"s47_start_date": "2024-02-24", "is_icpc_not_required": False},
    passes=(
        {"s47_start_date": "2024-02-24", "is_icpc_not_required": True},
        {"s47_start_date": "2024-02-25", "is_icpc_not_required": False},
    ),
)
def _icpc_overdue(rows: Rows) -> Series:
    enquiries = rows["section_47"]
    age = days_between(enquiries["s47_start_date"], rows.context.last_day)
    required = ~enquiries["is_icpc_not_required"].fillna(value=True)
    return enquiries["icpc_date"].isna() & required & (age > WORKING_DAYS_15)


RULES = (
    *_REFERRALS.rules,
    *(rule for table, code in _BELOW.items() for rule in _rules_on_orphans(table, code).rules),
    *_ASSESSMENTS.rules,
    *_FACTORS.rules,
    *_ENQUIRIES.rules,
)
