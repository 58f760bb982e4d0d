"""Across censuses: what an authority said before, and says otherwise now."""

from pandas import Series

from expectations.dates import first_of_month
from expectations.gone import query_gone
from expectations.rows import Rows, as_booleans
from expectations.rule_set import RuleSet, example
from expectations.scale import ENOUGH_ROWS, LARGE_CHANGE, LOST_SHARE
from schemas.returns.cin_census import CIN_CHILDREN, CP_PLANS, REFERRALS
from schemas.rows import CHILD_KEY

_CHILDREN = RuleSet(CIN_CHILDREN)
_REFERRALS = RuleSet(REFERRALS)
_PLANS = RuleSet(CP_PLANS)
SAME_CASE = (CHILD_KEY, "referral_date")
SAME_PLAN = (CHILD_KEY, "cp_plan_start")
MAY, JUNE = "2023-05-01", "2023-06-01"


@_CHILDREN.query(
    "SFP-BIRTH-MOVED",
    "The date of birth falls in another month than in the last census. Check it: it is the same "
    "child, or the identifier was used twice.",
    "birth_date",
    needs=("previous.cin_children.birth_month",),
    fails=example(
        cin_children=[{"birth_date": "2010-05-02"}],
        previous={"cin_children": [{"birth_month": "2010-04-01"}]},
    ),
    passes=(
        example(
            cin_children=[{"birth_date": "2010-05-02"}],
            previous={"cin_children": [{"birth_month": "2010-05-01"}]},
        ),
        example(cin_children=[{"birth_date": "2010-05-02"}], previous={"cin_children": [{}]}),
    ),
)
def _birth_month_changed(rows: Rows) -> Series:
    before = rows.match_previous("cin_children", (CHILD_KEY,))["birth_month"]
    born = rows["cin_children"]["birth_date"]
    return before.notna() & born.notna() & (first_of_month(born) != before)


@_CHILDREN.query(
    "CHANGE_LARGE",
    "The census names less than half the children of the submission it would replace. Check that "
    "nothing is missing, and send a note if it is right.",
    "child_id",
    table_level=True,
    needs=("earlier.cin_children",),
    fails=example(
        cin_children=[{"child_id": "1"}],
        earlier={"cin_children": [{"child_id": str(n)} for n in range(20)]},
    ),
    passes=example(
        cin_children=[{"child_id": str(n)} for n in range(10)],
        earlier={"cin_children": [{"child_id": str(n)} for n in range(20)]},
    ),
)
def _children_halved(rows: Rows) -> bool:
    now, before = len(rows["cin_children"]), len(rows.earlier("cin_children"))
    return before >= ENOUGH_ROWS and now < before * (1 - LARGE_CHANGE)


@_REFERRALS.query(
    "CHANGE_LARGE",
    "The number of open cases is less than half, or more than twice, that of the last census. "
    "Check that nothing is missing, and send a note if it is right.",
    "closure_date",
    table_level=True,
    needs=("previous.referrals.closure_date",),
    fails=example(
        referrals=[{"child_id": "1"}],
        previous={"referrals": [{"child_id": str(n)} for n in range(20)]},
    ),
    passes=tuple(
        example(
            referrals=[{"child_id": str(n)} for n in range(now)],
            previous={"referrals": [{"child_id": str(n)} for n in range(20)]},
        )
        for now in (10, 40)
    ),
)
def _open_cases_halved_or_doubled(rows: Rows) -> bool:
    now = int(rows["referrals"]["closure_date"].isna().sum())
    before = int(rows.previous("referrals")["closure_date"].isna().sum())
    is_large = now < before * LARGE_CHANGE or now > before / LARGE_CHANGE
    return before >= ENOUGH_ROWS and is_large


@_REFERRALS.query(
    "SFP-CASES-LOST",
    "More than 5 % of the cases open in the last census are not in this one. Add them, or say when "
    "they closed.",
    "referral_date",
    table_level=True,
    needs=("previous.referrals.referral_date", "previous.referrals.closure_date"),
    fails=example(
        referrals=[{"child_id": str(n), "referral_date": MAY} for n in range(18)],
        previous={
            "referrals": [{"child_id": str(n), "referral_date": MAY} for n in range(20)],
        },
    ),
    passes=example(
        referrals=[{"child_id": str(n), "referral_date": MAY} for n in range(19)],
        previous={
            "referrals": [{"child_id": str(n), "referral_date": MAY} for n in range(20)],
        },
    ),
)
def _open_cases_lost(rows: Rows) -> bool:
    before = rows.previous("referrals")
    was_open = as_booleans(before["closure_date"].isna())
    kept = rows.is_kept("referrals", SAME_CASE)
    return int(was_open.sum()) >= ENOUGH_ROWS and float((~kept[was_open]).mean()) > LOST_SHARE


@_REFERRALS.query(
    "SFP-HISTORY",
    "The case was closed in the last census; now it is open, or closed on another day. Check "
    "CINclosureDate.",
    "closure_date",
    needs=(
        "referrals.referral_date",
        "previous.referrals.referral_date",
        "previous.referrals.closure_date",
    ),
    fails=example(
        referrals=[{"referral_date": MAY}],
        previous={"referrals": [{"referral_date": MAY, "closure_date": JUNE}]},
    ),
    passes=(
        example(
            referrals=[{"referral_date": MAY, "closure_date": JUNE}],
            previous={"referrals": [{"referral_date": MAY, "closure_date": JUNE}]},
        ),
        example(
            referrals=[{"referral_date": MAY, "closure_date": JUNE}],
            previous={"referrals": [{"referral_date": MAY}]},
        ),
    ),
)
def _closure_changed(rows: Rows) -> Series:
    before = rows.match_previous("referrals", SAME_CASE)["closure_date"]
    return before.notna() & (rows["referrals"]["closure_date"] != before)


@_REFERRALS.query(
    "SFP-NFA-CHANGED",
    "The last census said the opposite on whether the referral needed further action. Check "
    "ReferralNFA.",
    "is_nfa",
    needs=("referrals.referral_date", "previous.referrals.is_nfa"),
    fails=example(
        referrals=[{"referral_date": MAY, "is_nfa": True}],
        previous={"referrals": [{"referral_date": MAY, "is_nfa": False}]},
    ),
    passes=example(
        referrals=[{"referral_date": MAY, "is_nfa": True}],
        previous={"referrals": [{"referral_date": MAY, "is_nfa": True}]},
    ),
)
def _nfa_reversed(rows: Rows) -> Series:
    before = rows.match_previous("referrals", SAME_CASE)["is_nfa"].astype("boolean")
    return rows["referrals"]["is_nfa"] != before


@_PLANS.query(
    "SFP-HISTORY",
    "The child protection plan had ended in the last census; now it is open, or ended on another "
    "day. Check CPPendDate.",
    "cp_plan_end",
    needs=(
        "cp_plans.cp_plan_start",
        "previous.cp_plans.cp_plan_start",
        "previous.cp_plans.cp_plan_end",
    ),
    fails=example(
        cp_plans=[{"cp_plan_start": MAY}],
        previous={"cp_plans": [{"cp_plan_start": MAY, "cp_plan_end": JUNE}]},
    ),
    passes=example(
        cp_plans=[{"cp_plan_start": MAY, "cp_plan_end": JUNE}],
        previous={"cp_plans": [{"cp_plan_start": MAY, "cp_plan_end": JUNE}]},
    ),
)
def _cp_plan_end_changed(rows: Rows) -> Series:
    before = rows.match_previous("cp_plans", SAME_PLAN)["cp_plan_end"]
    return before.notna() & (rows["cp_plans"]["cp_plan_end"] != before)


@_PLANS.query(
    "SFP-CPP-RECOUNT",
    "The last census gave another NumberOfPreviousCPP for the same plan. Check which is right.",
    "previous_cp_plan_count",
    needs=("cp_plans.cp_plan_start", "previous.cp_plans.previous_cp_plan_count"),
    fails=example(
        cp_plans=[{"cp_plan_start": MAY, "previous_cp_plan_count": 0}],
        previous={"cp_plans": [{"cp_plan_start": MAY, "previous_cp_plan_count": 1}]},
    ),
    passes=example(
        cp_plans=[{"cp_plan_start": MAY, "previous_cp_plan_count": 1}],
        previous={"cp_plans": [{"cp_plan_start": MAY, "previous_cp_plan_count": 1}]},
    ),
)
def _previous_cp_plan_count_changed(rows: Rows) -> Series:
    here = rows["cp_plans"]["previous_cp_plan_count"]
    before = rows.match_previous("cp_plans", SAME_PLAN)["previous_cp_plan_count"]
    return here.notna() & before.notna() & (here != before)


query_gone(_REFERRALS)

RULES = (*_CHILDREN.rules, *_REFERRALS.rules, *_PLANS.rules)
