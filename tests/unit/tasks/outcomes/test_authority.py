from pandas import concat

from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import RESULT_COLUMNS, OutcomeKind
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from schemas.trial import windows
from tasks.outcomes.authority import authority_outcomes, outcome_csv
from tests.spec.example import ROCHDALE, WALSALL, WARWICKSHIRE, outcomes_of, rows_sent

HARTLEPOOL = "E06000001"
FIRST, LAST = Quarter.parse("2019-20Q1"), Quarter.parse("2023-24Q4")


def nothing_from(la_code):
    return authority_outcomes(AuthorityRows(la_code, {}, {}), first=FIRST, last=LAST).outcomes


def test_an_authority_of_which_nothing_came_in_has_every_row_and_none_is_known():
    table = nothing_from(WALSALL)
    assert set(table["status"]) == {"x"}
    assert table[["numerator", "denominator", "value"]].isna().all(axis=None)
    shown = {name for name, one in OUTCOMES.items() if not one.models}
    assert set(table["outcome"]) == shown


def test_cohort_rows_are_the_quarters_that_overlap_the_referral_window():
    table = nothing_from(WALSALL).set_index("outcome")
    quarters = table.loc["cla_18m", "quarter"].tolist()
    assert (quarters[0], quarters[-1], len(quarters)) == ("2019-20Q4", "2022-23Q3", 12)
    assert windows()["family_safeguarding"].referral_from.isoformat() == "2020-03-01"
    assert set(table.loc["cla_18m", "model"]) == {"family_safeguarding"}


def test_quarter_rows_are_every_quarter_and_annual_rows_the_fourth():
    table = nothing_from(WALSALL).set_index("outcome")
    assert len(table.loc["cla_rate"]) == 20
    assert set(table.loc["cla_rate", "model"]) == {"all"}
    assert [quarter[-2:] for quarter in table.loc["neet", "quarter"]] == ["Q4"] * 5


def test_an_authority_without_a_model_has_no_cohort_outcomes():
    kinds = {OUTCOMES[name].kind for name in nothing_from(HARTLEPOOL)["outcome"]}
    assert kinds == {OutcomeKind.QUARTER, OutcomeKind.ANNUAL}


def test_outcomes_of_one_model_are_given_for_that_model_only():
    assert "kinship_18m" in set(nothing_from(WARWICKSHIRE)["outcome"])
    assert "kinship_18m" not in set(nothing_from(ROCHDALE)["outcome"])


def test_the_table_has_the_declared_columns_with_numbers_as_float64():
    table = nothing_from(WALSALL)
    assert tuple(table.columns) == RESULT_COLUMNS
    assert (table[["numerator", "denominator", "value"]].dtypes == "float64").all()


def test_rows_asked_for_outside_the_window_are_simply_not_there():
    one = Quarter.parse("2018-19Q1")
    table = authority_outcomes(AuthorityRows(WALSALL, {}, {}), first=one, last=one).outcomes
    assert {OUTCOMES[name].kind for name in table["outcome"]} == {OutcomeKind.QUARTER}


def test_the_printed_table_is_sorted_with_whole_numbers_whole_and_gaps_empty():
    found = outcomes_of(
        rows_sent("""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-02
            C | 2020-06-03

            episodes
            child | episode_start
            A | 2020-07-01
        """)
    ).outcomes
    text = outcome_csv(concat([found.iloc[::-1]]))
    lines = text.splitlines()
    assert lines[0] == ",".join(RESULT_COLUMNS)
    assert lines[1:] == sorted(lines[1:], key=lambda line: line.split(",")[:4])
    assert "cla_18m,family_safeguarding,E08000030,2020-21Q1,1,3,0.3333333333,ok," in lines
    assert "cla_18m,family_safeguarding,E08000030,2020-21Q2,0,0,,z,NO_ONE_TO_COUNT" in lines
    assert "sickness_absence,all,E08000030,2020-21Q2,,,,x,NUMBER_NOT_SENT" in lines
    assert text.endswith("\n")
    assert text == outcome_csv(found)
