"""Child protection plans, their reviews, and child in need plans."""

from pandas import Series

from expectations.dates import days_between
from expectations.gone import query_gone
from expectations.returns.cin_census.referrals import JULY_1, JUNE_1, MAY_1, MAY_2
from expectations.rows import Booleans, Rows
from expectations.rule_set import RuleSet, example
from schemas.returns.cin_census import CIN_PLANS, CP_PLAN_REVIEWS, CP_PLANS
from schemas.submission import Reach

_PROTECTION = RuleSet(CP_PLANS)
_REVIEWS = RuleSet(CP_PLAN_REVIEWS)
_IN_NEED = RuleSet(CIN_PLANS)
_CP_SPAN = ("cp_plans.cp_plan_start", "cp_plans.cp_plan_end")
_CIN_SPAN = ("cin_plans.cin_plan_start", "cin_plans.cin_plan_end")
FIRST_REVIEW_DAYS = 92
"""A child protection plan is first reviewed within three months."""

FORGIVEN_DAYS = 31


# Child protection plans


@_PROTECTION.error(
    "1105",
    "The child protection plan starts before the referral. Correct CPPstartDate.",
    "cp_plan_start",
    "referral_date",
    fails={"referral_date": MAY_2, "cp_plan_start": MAY_1},
    passes={"referral_date": MAY_1, "cp_plan_start": MAY_1},
)
def _cp_plan_starts_before_referral(rows: Rows) -> Series:
    plans = rows["cp_plans"]
    return plans["cp_plan_start"] < plans["referral_date"]


@_PROTECTION.error(
    "SFP-CPP-LATE",
    "The child protection plan starts after the last day of the quarter. Correct CPPstartDate.",
    "cp_plan_start",
    reach=Reach.RECORD,
    fails={"cp_plan_start": "2024-04-01"},
    passes={"cp_plan_start": "2024-03-31"},
)
def _cp_plan_starts_after_quarter(rows: Rows) -> Series:
    return rows["cp_plans"]["cp_plan_start"] > rows.last_day


@_PROTECTION.error(
    "8925",
    "The child protection plan ends before it starts. Correct CPPstartDate or CPPendDate.",
    "cp_plan_start",
    "cp_plan_end",
    reach=Reach.RECORD,
    fails={"cp_plan_start": MAY_2, "cp_plan_end": MAY_1},
    passes={"cp_plan_start": MAY_1, "cp_plan_end": MAY_1},
)
def _cp_plan_ends_before_start(rows: Rows) -> Series:
    plans = rows["cp_plans"]
    return plans["cp_plan_end"] < plans["cp_plan_start"]


@_PROTECTION.error(
    "8840",
    "The child protection plan starts and ends on one day. Correct one of the dates, or take the "
    "plan out.",
    "cp_plan_start",
    "cp_plan_end",
    fails={"cp_plan_start": MAY_1, "cp_plan_end": MAY_1},
    passes={"cp_plan_start": MAY_1, "cp_plan_end": MAY_2},
)
def _cp_plan_lasts_no_day(rows: Rows) -> Series:
    plans = rows["cp_plans"]
    return plans["cp_plan_end"] == plans["cp_plan_start"]


@_PROTECTION.error(
    "8930",
    "The child protection plan ends outside the financial year to the end of the quarter. Correct "
    "CPPendDate, or take the plan out.",
    "cp_plan_end",
    fails=({"cp_plan_end": "2023-03-31"}, {"cp_plan_end": "2024-04-01"}),
    passes=({"cp_plan_end": "2023-04-01"}, {"cp_plan_end": "2024-03-31"}),
)
def _cp_plan_ends_outside_year(rows: Rows) -> Series:
    end = rows["cp_plans"]["cp_plan_end"]
    return (end < rows.year_start) | (end > rows.last_day)


@_PROTECTION.error(
    "8935",
    "The child has two child protection plans open at once. Give CPPendDate of the ended one.",
    "cp_plan_end",
    needs=("cp_plans.cp_plan_start",),
    fails=[{"cp_plan_start": MAY_1}, {"cp_plan_start": MAY_2}],
    passes=[{"cp_plan_start": MAY_1, "cp_plan_end": MAY_2}, {"cp_plan_start": MAY_2}],
)
def _two_cp_plans_open(rows: Rows) -> Series:
    after = rows.after("cp_plans", ("cp_plan_start", "cp_plan_end"))
    before = rows.before("cp_plans", ("cp_plan_start", "cp_plan_end"))
    is_open = rows["cp_plans"]["cp_plan_end"].isna()
    follows_open = before.found & before["cp_plan_end"].isna()
    return is_open & ((after.found & after["cp_plan_end"].isna()) | follows_open)


@_PROTECTION.error(
    "8940",
    "The child protection plan starts before the child's earlier one ended. Correct CPPstartDate, "
    "or CPPendDate of the earlier plan.",
    "cp_plan_start",
    needs=("cp_plans.cp_plan_end",),
    fails=[{"cp_plan_start": MAY_1, "cp_plan_end": JULY_1}, {"cp_plan_start": JUNE_1}],
    passes=[{"cp_plan_start": MAY_1, "cp_plan_end": JUNE_1}, {"cp_plan_start": JUNE_1}],
)
def _cp_plan_overlaps_earlier(rows: Rows) -> Series:
    before = rows.before("cp_plans", ("cp_plan_start", "cp_plan_end"))
    return rows["cp_plans"]["cp_plan_start"] < before["cp_plan_end"]


@_PROTECTION.error(
    "8915",
    "The child protection plan starts after the child's death. Correct one of the dates.",
    "cp_plan_start",
    needs=("cin_children.death_date",),
    fails=(
        example(cp_plans=[{"cp_plan_start": MAY_2}], cin_children=[{"death_date": MAY_1}]),
        example(cp_plans=[{"cp_plan_start": MAY_2}], cin_children=[{"death_date": MAY_1}] * 2),
    ),
    passes=example(cp_plans=[{"cp_plan_start": MAY_1}], cin_children=[{"death_date": MAY_1}]),
)
def _cp_plan_starts_after_death(rows: Rows) -> Series:
    death = rows.child("cp_plans", "cin_children")["death_date"]
    return rows["cp_plans"]["cp_plan_start"] > death


@_PROTECTION.error(
    "8920",
    "The child protection plan ends after the child's death. Correct one of the dates.",
    "cp_plan_end",
    needs=("cin_children.death_date",),
    fails=example(cp_plans=[{"cp_plan_end": MAY_2}], cin_children=[{"death_date": MAY_1}]),
    passes=example(cp_plans=[{"cp_plan_end": MAY_1}], cin_children=[{"death_date": MAY_1}]),
)
def _cp_plan_ends_after_death(rows: Rows) -> Series:
    death = rows.child("cp_plans", "cin_children")["death_date"]
    return rows["cp_plans"]["cp_plan_end"] > death


@_PROTECTION.query(
    "SFP-CPP-COUNT",
    "An earlier child protection plan of the child is in this return, but NumberOfPreviousCPP is "
    "0. Count the plans the child had before this one.",
    "previous_cp_plan_count",
    needs=_CP_SPAN,
    fails=[
        {"cp_plan_start": MAY_1, "cp_plan_end": MAY_2, "previous_cp_plan_count": 0},
        {"cp_plan_start": JUNE_1, "previous_cp_plan_count": 0},
    ],
    passes=(
        [
            {"cp_plan_start": MAY_1, "cp_plan_end": MAY_2, "previous_cp_plan_count": 0},
            {"cp_plan_start": JUNE_1, "previous_cp_plan_count": 1},
        ],
        [
            {"cp_plan_start": MAY_1, "cp_plan_end": MAY_2, "previous_cp_plan_count": 0},
            {"cp_plan_start": MAY_1, "previous_cp_plan_count": 0},
        ],
    ),
)
def _earlier_cp_plan_not_counted(rows: Rows) -> Series:
    before = rows.before("cp_plans", ("cp_plan_start", "cp_plan_end"))
    had_one = before.found & (before["cp_plan_start"] < rows["cp_plans"]["cp_plan_start"])
    return rows["cp_plans"]["previous_cp_plan_count"].eq(0) & had_one


@_PROTECTION.query(
    "8842Q",
    "The child protection plan has run for more than three months without a review. Give "
    "CPPreviewDate.",
    "cp_plan_start",
    needs=("cp_plans.cp_plan_end", "cp_plan_reviews.cp_plan_start"),
    fails=example(cp_plans=[{"cp_plan_start": "2023-11-28"}], cp_plan_reviews=[]),
    passes=(
        example(cp_plans=[{"cp_plan_start": MAY_1}], cp_plan_reviews=[{"cp_plan_start": MAY_1}]),
        example(cp_plans=[{"cp_plan_start": "2023-11-29"}], cp_plan_reviews=[]),
    ),
)
def _cp_plan_not_reviewed(rows: Rows) -> Series:
    plans = rows["cp_plans"]
    has_review = rows.match("cp_plans", "cp_plan_reviews", ("child_key", "cp_plan_start")).found
    run = days_between(plans["cp_plan_start"], rows.context.last_day)
    late = run > FIRST_REVIEW_DAYS + FORGIVEN_DAYS
    return plans["cp_plan_end"].isna() & late & ~has_review


# Reviews


@_REVIEWS.error(
    "8841",
    "The review is held on or before the day the child protection plan starts. Correct "
    "CPPreviewDate.",
    "cp_plan_review_date",
    "cp_plan_start",
    fails={"cp_plan_start": MAY_1, "cp_plan_review_date": MAY_1},
    passes={"cp_plan_start": MAY_1, "cp_plan_review_date": MAY_2},
)
def _review_not_after_plan_start(rows: Rows) -> Series:
    reviews = rows["cp_plan_reviews"]
    return reviews["cp_plan_review_date"] <= reviews["cp_plan_start"]


@_REVIEWS.error(
    "SFP-CPP-REVIEW-LATE",
    "The review is held after the last day of the quarter. Correct CPPreviewDate.",
    "cp_plan_review_date",
    fails={"cp_plan_review_date": "2024-04-01"},
    passes={"cp_plan_review_date": "2024-03-31"},
)
def _review_after_quarter(rows: Rows) -> Series:
    return rows["cp_plan_reviews"]["cp_plan_review_date"] > rows.last_day


@_REVIEWS.error(
    "SFP-CPP-REVIEW-ORPHAN",
    "The review stands under no child protection plan of the child. Correct LAchildID or "
    "CPPstartDate, or add the plan.",
    "child_id",
    "cp_plan_start",
    reach=Reach.RECORD,
    needs=("cp_plans.child_id", "cp_plans.cp_plan_start"),
    fails=example(cp_plan_reviews=[{"cp_plan_start": MAY_1}], cp_plans=[{"cp_plan_start": MAY_2}]),
    passes=example(cp_plan_reviews=[{"cp_plan_start": MAY_1}], cp_plans=[{"cp_plan_start": MAY_1}]),
)
def _review_without_plan(rows: Rows) -> Series:
    reviews = rows["cp_plan_reviews"]
    is_keyed = reviews["child_key"].ne(0) & reviews["cp_plan_start"].notna()
    return (
        is_keyed & ~rows.match("cp_plan_reviews", "cp_plans", ("child_key", "cp_plan_start")).found
    )


# Child in need plans


@_IN_NEED.error(
    "4015",
    "The child in need plan starts before the referral. Correct CINPlanStartDate.",
    "cin_plan_start",
    "referral_date",
    since=2022,
    fails={"referral_date": MAY_2, "cin_plan_start": MAY_1},
    passes={"referral_date": MAY_1, "cin_plan_start": MAY_1},
)
def _cin_plan_starts_before_referral(rows: Rows) -> Series:
    plans = rows["cin_plans"]
    return plans["cin_plan_start"] < plans["referral_date"]


@_IN_NEED.error(
    "SFP-CINPLAN-LATE",
    "The child in need plan starts after the last day of the quarter. Correct CINPlanStartDate.",
    "cin_plan_start",
    since=2022,
    reach=Reach.RECORD,
    fails={"cin_plan_start": "2024-04-01"},
    passes={"cin_plan_start": "2024-03-31"},
)
def _cin_plan_starts_after_quarter(rows: Rows) -> Series:
    return rows["cin_plans"]["cin_plan_start"] > rows.last_day


@_IN_NEED.error(
    "4011",
    "The child in need plan ends before it starts. Correct CINPlanStartDate or CINPlanEndDate.",
    "cin_plan_start",
    "cin_plan_end",
    since=2022,
    reach=Reach.RECORD,
    fails={"cin_plan_start": MAY_2, "cin_plan_end": MAY_1},
    passes={"cin_plan_start": MAY_1, "cin_plan_end": MAY_1},
)
def _cin_plan_ends_before_start(rows: Rows) -> Series:
    plans = rows["cin_plans"]
    return plans["cin_plan_end"] < plans["cin_plan_start"]


@_IN_NEED.query(
    "4012Q",
    "The child in need plan starts and ends on one day. Check both dates.",
    "cin_plan_start",
    "cin_plan_end",
    since=2022,
    fails={"cin_plan_start": MAY_1, "cin_plan_end": MAY_1},
    passes={"cin_plan_start": MAY_1, "cin_plan_end": MAY_2},
)
def _cin_plan_lasts_no_day(rows: Rows) -> Series:
    plans = rows["cin_plans"]
    return plans["cin_plan_end"] == plans["cin_plan_start"]


@_IN_NEED.error(
    "4013",
    "The child in need plan ends outside the financial year to the end of the quarter. Correct "
    "CINPlanEndDate, or take the plan out.",
    "cin_plan_end",
    since=2022,
    fails=({"cin_plan_end": "2023-03-31"}, {"cin_plan_end": "2024-04-01"}),
    passes=({"cin_plan_end": "2023-04-01"}, {"cin_plan_end": "2024-03-31"}),
)
def _cin_plan_ends_outside_year(rows: Rows) -> Series:
    end = rows["cin_plans"]["cin_plan_end"]
    return (end < rows.year_start) | (end > rows.last_day)


@_IN_NEED.error(
    "4004",
    "The child has two child in need plans open at once. Give CINPlanEndDate of the ended one.",
    "cin_plan_end",
    since=2022,
    needs=("cin_plans.cin_plan_start",),
    fails=[{"cin_plan_start": MAY_1}, {"cin_plan_start": MAY_2}],
    passes=[{"cin_plan_start": MAY_1, "cin_plan_end": MAY_2}, {"cin_plan_start": MAY_2}],
)
def _two_cin_plans_open(rows: Rows) -> Series:
    order = ("cin_plan_start", "cin_plan_end")
    after, before = rows.after("cin_plans", order), rows.before("cin_plans", order)
    is_open = rows["cin_plans"]["cin_plan_end"].isna()
    follows_open = before.found & before["cin_plan_end"].isna()
    return is_open & ((after.found & after["cin_plan_end"].isna()) | follows_open)


@_IN_NEED.error(
    "4014",
    "The child in need plan starts before the child's earlier one ended. Correct "
    "CINPlanStartDate, or CINPlanEndDate of the earlier plan.",
    "cin_plan_start",
    since=2022,
    needs=("cin_plans.cin_plan_end",),
    fails=[{"cin_plan_start": MAY_1, "cin_plan_end": JULY_1}, {"cin_plan_start": JUNE_1}],
    passes=[{"cin_plan_start": MAY_1, "cin_plan_end": JUNE_1}, {"cin_plan_start": JUNE_1}],
)
def _cin_plan_overlaps_earlier(rows: Rows) -> Series:
    before = rows.before("cin_plans", ("cin_plan_start", "cin_plan_end"))
    return rows["cin_plans"]["cin_plan_start"] < before["cin_plan_end"]


@_IN_NEED.error(
    "4016",
    "The child in need plan starts while a child protection plan runs. A child has one or the "
    "other: correct the dates.",
    "cin_plan_start",
    since=2022,
    needs=_CP_SPAN,
    fails=example(
        cin_plans=[{"cin_plan_start": JUNE_1}],
        cp_plans=[{"cp_plan_start": MAY_1, "cp_plan_end": JULY_1}],
    ),
    passes=example(
        cin_plans=[{"cin_plan_start": JULY_1}],
        cp_plans=[{"cp_plan_start": MAY_1, "cp_plan_end": JULY_1}],
    ),
)
def _cin_plan_starts_during_cp_plan(rows: Rows) -> Booleans:
    start = rows["cin_plans"]["cin_plan_start"]
    return rows.is_within("cin_plans", start, "cp_plans", "cp_plan_start", "cp_plan_end")


@_PROTECTION.error(
    "4017",
    "The child protection plan starts while a child in need plan runs. A child has one or the "
    "other: correct the dates.",
    "cp_plan_start",
    since=2022,
    needs=_CIN_SPAN,
    fails=example(
        cp_plans=[{"cp_plan_start": JUNE_1}],
        cin_plans=[{"cin_plan_start": MAY_1, "cin_plan_end": JULY_1}],
    ),
    passes=example(
        cp_plans=[{"cp_plan_start": JULY_1}],
        cin_plans=[{"cin_plan_start": MAY_1, "cin_plan_end": JULY_1}],
    ),
)
def _cp_plan_starts_during_cin_plan(rows: Rows) -> Booleans:
    start = rows["cp_plans"]["cp_plan_start"]
    return rows.is_within("cp_plans", start, "cin_plans", "cin_plan_start", "cin_plan_end")


@_REVIEWS.error(
    "4003",
    "A child protection review is held while a child in need plan runs. Correct the dates.",
    "cp_plan_review_date",
    since=2022,
    needs=_CIN_SPAN,
    fails=example(
        cp_plan_reviews=[{"cp_plan_review_date": JUNE_1}],
        cin_plans=[{"cin_plan_start": MAY_1, "cin_plan_end": JULY_1}],
    ),
    passes=example(
        cp_plan_reviews=[{"cp_plan_review_date": JULY_1}],
        cin_plans=[{"cin_plan_start": MAY_1, "cin_plan_end": JULY_1}],
    ),
)
def _review_during_cin_plan(rows: Rows) -> Booleans:
    held = rows["cp_plan_reviews"]["cp_plan_review_date"]
    inside = rows.is_within("cp_plan_reviews", held, "cin_plans", "cin_plan_start", "cin_plan_end")
    starts = rows.is_in(
        "cp_plan_reviews", "cin_plans", rows["cin_plans"]["cin_plan_start"].notna(), ("child_key",)
    )
    return inside & starts


@_IN_NEED.error(
    "4008",
    "The child in need plan starts after the child's death. Correct one of the dates.",
    "cin_plan_start",
    since=2022,
    needs=("cin_children.death_date",),
    fails=example(cin_plans=[{"cin_plan_start": MAY_2}], cin_children=[{"death_date": MAY_1}]),
    passes=example(cin_plans=[{"cin_plan_start": MAY_1}], cin_children=[{"death_date": MAY_1}]),
)
def _cin_plan_starts_after_death(rows: Rows) -> Series:
    death = rows.child("cin_plans", "cin_children")["death_date"]
    return rows["cin_plans"]["cin_plan_start"] > death


@_IN_NEED.query(
    "4009Q",
    "The child in need plan ends after the child's death. Check both dates.",
    "cin_plan_end",
    since=2022,
    needs=("cin_children.death_date",),
    fails=example(cin_plans=[{"cin_plan_end": MAY_2}], cin_children=[{"death_date": MAY_1}]),
    passes=example(cin_plans=[{"cin_plan_end": MAY_1}], cin_children=[{"death_date": MAY_1}]),
)
def _cin_plan_ends_after_death(rows: Rows) -> Series:
    death = rows.child("cin_plans", "cin_children")["death_date"]
    return rows["cin_plans"]["cin_plan_end"] > death


query_gone(_PROTECTION)
query_gone(_IN_NEED)

RULES = (*_PROTECTION.rules, *_REVIEWS.rules, *_IN_NEED.rules)
