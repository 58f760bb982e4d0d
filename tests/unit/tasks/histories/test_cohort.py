from datetime import date

import pandas as pd
import pytest

from schemas.derived import COHORT
from schemas.outcomes import COHORT_OUTCOMES
from tasks.histories.cohort import exposure_at_referral
from tests.spec.example import ROCHDALE, WARWICKSHIRE, outcomes_of, rows_sent

SOLIHULL = "E08000029"
HARTLEPOOL = "E06000001"


def cohort(text, **more):
    return outcomes_of(rows_sent(text, **more)).cohort


def child(text, **more):
    (only,) = cohort(text, **more).to_dict("records")
    return only


def referred(day, **more):
    return child(f"referrals\nchild | referral_date | age_at_referral\nA | {day} | 12", **more)


def test_the_cohort_has_the_declared_columns_for_every_authority():
    columns = [column.name for column in COHORT.columns]
    for la_code in ("E08000030", ROCHDALE, WARWICKSHIRE, SOLIHULL, HARTLEPOOL):
        assert list(cohort("referrals\nchild | referral_date", la_code=la_code).columns) == columns


def test_an_authority_without_a_model_has_no_cohort():
    assert len(cohort("referrals\nchild | referral_date\nA | 2021-01-01", la_code=HARTLEPOOL)) == 0


def test_a_child_referred_on_the_day_of_going_live_is_exposed():
    before, on_the_day = referred("2020-08-31"), referred("2020-09-01")
    assert (before["exposed"], on_the_day["exposed"]) == (False, True)
    assert (before["wedge"], on_the_day["wedge"]) == (0, 1)


def test_wedges_count_the_go_live_days_of_the_whole_model():
    assert [referred(day)["wedge"] for day in ("2021-01-31", "2021-02-01", "2022-11-24")] == [
        1,
        2,
        5,
    ]


def test_exposure_is_counted_in_quarters_since_going_live_and_is_0_before():
    assert referred("2020-06-01")["exposure_quarters"] == 0
    year_later = referred("2021-09-01")["exposure_quarters"]
    assert year_later == pytest.approx((date(2021, 9, 1) - date(2020, 9, 1)).days / 91.3125)


def test_without_a_day_of_going_live_exposure_is_missing():
    unknown = referred("2021-01-01", la_code=SOLIHULL)
    assert pd.isna(unknown["exposed"])
    assert pd.isna(unknown["exposure_quarters"])
    assert unknown["half_follow_up_exposed"] is False


def test_half_of_the_follow_up_is_counted_in_days():
    swindon = {"la_code": "E06000030"}  # live from 24 May 2022
    a_day_short = referred("2021-08-22", **swindon)  # 274 of 549 days
    enough = referred("2021-08-23", **swindon)  # 275 of 549 days
    assert a_day_short["half_follow_up_exposed"] is False
    assert enough["half_follow_up_exposed"] is True
    assert enough["exposed"] is False


def test_half_of_the_follow_up_to_the_day_is_half():
    children = pd.DataFrame({"referral_date": pd.to_datetime(["2021-06-01"]).astype("M8[s]")})
    halves = [
        exposure_at_referral(children, model="family_safeguarding", go_live=date(2022, 3, day))
        for day in (2, 3)  # 274 and 273 of 548 days
    ]
    assert [one["half_follow_up_exposed"].tolist() for one in halves] == [[True], [False]]


def test_the_first_and_the_last_day_of_the_referral_window_belong_to_it():
    days = ("2020-02-29", "2020-03-01", "2022-11-24", "2022-11-25")
    taken = [len(cohort(f"referrals\nchild | referral_date\nA | {day}")) for day in days]
    assert taken == [0, 1, 1, 0]


def test_the_youngest_and_the_oldest_age_of_a_model_belong_to_it():
    rows = "".join(f"C{age} | 2021-01-01 | {age}\n" for age in (11, 12, 17, 18))
    text = f"referrals\nchild | referral_date | age_at_referral\n{rows}"
    assert sorted(cohort(text, la_code=ROCHDALE)["age_at_referral"]) == [12, 17]


def test_a_child_in_its_first_year_is_born():
    rows = "A | 2021-01-01 | 0\nB | 2021-01-01 | -1"
    found = cohort(f"referrals\nchild | referral_date | age_at_referral\n{rows}")
    assert sorted(found["is_unborn"].tolist()) == [False, True]


def test_covariates_are_those_last_stated():
    known = child("""
        referrals
        child | born | referral_date | age_at_referral | is_nfa
        A | 2014-02-03 | 2020-06-01 | 6 | yes

        cin_children
        child | born | gender | ethnicity
        A | 2014-02-03 | 2 | MWBC

        cin_disabilities
        child | born | disability_code
        A | 2014-02-03 | AUT
    """)
    assert known["age_at_referral"] == 6
    assert known["sex"] == "female"
    assert known["ethnicity_group"] == "mixed"
    assert known["is_disabled"] is True
    assert known["is_nfa"] is True
    assert known["is_uasc"] is False
    assert known["is_unborn"] is False


def test_no_disability_is_false_and_nothing_said_is_missing():
    table = cohort("""
        referrals
        child | referral_date
        A | 2020-06-01
        B | 2020-06-01

        cin_disabilities
        child | disability_code
        A | NONE
    """)
    assert sorted(table["is_disabled"].tolist(), key=str) == [pd.NA, False]


def test_the_unborn_have_no_age():
    unborn = child("""
        referrals
        child | referral_date | age_at_referral | is_unborn
        A | 2020-06-01 | | yes
    """)
    assert unborn["is_unborn"] is True
    assert pd.isna(unborn["age_at_referral"])


def test_a_date_of_birth_after_the_referral_says_unborn_as_well():
    known = child("""
        referrals
        child | referral_date | age_at_referral
        A | 2020-06-01 | -1
    """)
    assert known["is_unborn"] is True
    assert pd.isna(known["age_at_referral"])


def test_a_previous_plan_started_before_or_is_counted_by_the_first_plan_since():
    table = cohort("""
        referrals
        child | referral_date
        A | 2020-06-01
        B | 2020-06-01
        C | 2020-06-01
        D | 2020-06-01

        cp_plans
        child | cp_plan_start | cp_plan_end | previous_cp_plan_count
        A | 2020-05-31 | 2020-06-30 | 0
        B | 2020-06-01 | 2020-06-30 | 1
        C | 2020-06-01 | 2020-06-30 | 0
        C | 2021-06-01 |            | 1
    """)
    had = dict(zip(table["person_id"], table["has_previous_plan"], strict=True))
    keys = rows_sent("referrals\nchild | referral_date\nA|\nB|\nC|\nD|").frames["referrals"]
    assert [had[key] for key in keys["child_key"]] == [True, True, False, False]


def test_unaccompanied_children_are_told_by_the_uasc_file_or_by_factor_9a():
    table = cohort("""
        referrals
        child | referral_date
        A | 2020-06-01
        B | 2020-06-01
        C | 2020-06-01
        C | 2020-09-01

        uasc
        child
        A

        assessment_factors
        child | referral_date | factor_code
        B | 2020-06-01 | 9A
        C | 2020-09-01 | 9A
    """)
    assert table["is_uasc"].sum() == 2


def test_days_to_entry_and_at_risk_end_at_the_first_period_of_care_or_after_18_months():
    table = cohort("""
        referrals
        child | referral_date
        A | 2020-06-01
        B | 2020-06-01
        C | 2020-06-01

        episodes
        child | episode_start
        A | 2020-06-11
        B | 2022-06-01
    """)
    ordered = table.sort_values("entry_days")
    assert ordered["entry_days"].tolist()[:2] == [10, 730]
    assert ordered["time_at_risk_days"].tolist() == [10, 548, 548]


def test_outcomes_are_missing_until_mature_and_where_they_do_not_apply():
    young = child(
        "referrals\nchild | referral_date\nA | 2020-06-01",
        covered={"ssda903": ("2017-18Q1", "2020-21Q1")},
    )
    assert pd.isna(young["cla_18m"])
    assert pd.isna(young["time_at_risk_days"])
    assert pd.isna(young["cpp_days_24m"])
    assert pd.isna(young["kinship_18m"])
    assert young["cpp_days_36m"] == 0


def test_the_children_of_a_quarter_add_up_to_its_figure():
    rows = rows_sent("""
        referrals
        child | referral_date
        A | 2020-06-01
        B | 2020-06-20
        C | 2020-09-01

        episodes
        child | episode_start | episode_end | end_reason
        A | 2020-07-01 | 2020-07-11 | E4A
        C | 2020-09-01 | 2020-09-03 | E4A
    """)
    found = outcomes_of(rows)
    by_quarter = found.cohort.groupby("cohort_quarter")
    for outcome in ("cla_18m", "days_in_care_36m", "cpp_days_36m"):
        figures = found.outcomes[found.outcomes["outcome"] == outcome].set_index("quarter")
        for quarter, children in by_quarter:
            assert children[outcome].sum() == figures.loc[quarter, "numerator"]
            assert len(children) == figures.loc[quarter, "denominator"]
    assert set(COHORT_OUTCOMES) <= set(found.cohort.columns)
