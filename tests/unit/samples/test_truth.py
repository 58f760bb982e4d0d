import pytest

from samples.settings import setting
from samples.truth import (
    all_rows,
    population,
    reach,
    true_counts,
    true_outcomes,
)
from schemas.quarter import Quarter
from tests.unit.samples.lives import child, episode

FIRST, LAST = Quarter.parse("2020-21Q1"), Quarter.parse("2023-24Q4")
WALSALL = setting("E08000030", first=FIRST, last=LAST, children=100, seed=1)
QUARTERS = list(FIRST.through(LAST))


def rows_of(children=(), *, own=WALSALL, sent=QUARTERS):
    """Return {(outcome, quarter): (numerator, denominator, value, status)}."""
    rows = true_outcomes(
        own,
        true_counts(children, own),
        reach(sent, own=sent, first=FIRST, last=LAST),
        quarters=QUARTERS,
        workforce={},
        delivery={},
    )
    return {
        (row.outcome, row.quarter): (row.numerator, row.denominator, row.value, row.status)
        for row in rows
    }


def entered_care():
    return child(
        "2015-01-01",
        referred=["2020-10-05"],
        plans=[("2020-11-02", "2021-11-02")],
        episodes=[episode("2021-10-05", "2022-01-05")],
    )


def test_a_cohort_outcome_is_a_share_of_the_quarters_children():
    quiet = child("2015-01-01", referred=["2020-11-05"])
    found = rows_of([entered_care(), quiet, quiet])
    assert found["cla_18m", "2020-21Q3"] == ("1", "3", "0.3333333333", "ok")
    assert found["days_in_care_18m", "2020-21Q3"] == ("92", "3", "30.66666667", "ok")
    assert found["days_in_care_18m_entered", "2020-21Q3"] == ("92", "1", "92", "ok")


def test_a_quarter_without_children_is_a_true_zero():
    assert rows_of()["cla_18m", "2020-21Q3"] == ("0", "0", "", "z")


def test_a_cohort_is_mature_one_quarter_after_its_window():
    found = rows_of([entered_care()], sent=[Quarter.parse("2020-21Q4"), Quarter.parse("2021-22Q4")])
    assert found["cla_18m", "2020-21Q1"][3] == "z"
    assert found["cla_18m", "2020-21Q2"][3] == "x"
    assert found["cla_36m", "2020-21Q1"][3] == "x"


def test_a_window_of_36_months_needs_thirteen_quarters_more():
    found = rows_of([entered_care()])
    assert found["cla_36m", "2020-21Q3"][3] == "ok"
    assert found["cla_36m", "2020-21Q4"][3] == "x"


def test_only_quarters_that_meet_the_referral_window_have_cohort_rows():
    found = rows_of()
    assert ("cla_18m", "2022-23Q3") in found
    assert ("cla_18m", "2022-23Q4") not in found


def test_kinship_is_asked_of_family_valued_alone():
    assert ("kinship_18m", "2020-21Q3") not in rows_of()
    coventry = setting("E08000026", first=FIRST, last=LAST, children=100, seed=1)
    assert ("kinship_18m", "2020-21Q3") in rows_of(own=coventry)


def test_the_median_length_of_plans_has_no_numerator():
    found = rows_of([entered_care()])
    assert found["cpp_days_24m", "2020-21Q3"] == ("365", "1", "365", "ok")
    assert found["cpp_days_24m_median", "2020-21Q3"] == ("", "1", "365", "ok")


def test_a_rate_is_per_10000_children():
    numerator, denominator, value, status = rows_of([entered_care()])["cla_rate", "2021-22Q3"]
    assert (numerator, status) == ("1", "ok")
    assert int(denominator) == population("E08000030", 2022)
    assert float(value) == pytest.approx(10_000 / int(denominator))


def test_a_look_back_needs_the_quarters_before():
    found = rows_of([entered_care()])
    assert found["rereferral_12m", "2020-21Q3"][3] == "x"
    assert found["rereferral_12m", "2021-22Q1"][3] == "z"
    assert found["repeat_cpp_24m", "2021-22Q4"][3] == "x"
    assert found["repeat_cpp_24m", "2022-23Q1"][3] == "z"


def test_yearly_outcomes_stand_in_fourth_quarters_only():
    found = rows_of([child(scores={2022: 12})])
    assert found["sdq_total", "2021-22Q4"] == ("12", "1", "12", "ok")
    assert ("sdq_total", "2021-22Q3") not in found


def test_a_return_to_date_covers_the_quarters_since_april():
    sent = [Quarter.parse("2021-22Q3")]
    covered = reach(sent, own=sent, first=FIRST, last=LAST)
    assert {str(q) for q in covered.to_date} == {"2021-22Q1", "2021-22Q2", "2021-22Q3"}
    assert {str(q) for q in covered.own} == {"2021-22Q3"}
    assert covered.why_not(Quarter.parse("2021-22Q3"), before=2) == ""
    assert covered.why_not(Quarter.parse("2021-22Q4")) == "NOT_RETURNED"
    assert covered.why_not(FIRST) == "NOT_RETURNED"
    assert covered.why_not(FIRST, before=1) == "NOT_RETURNED"
    early = reach(QUARTERS, own=QUARTERS, first=FIRST, last=LAST)
    assert early.why_not(FIRST, before=1) == "NOT_MATURE"


def test_adopters_that_sent_nothing_have_rows_all_the_same():
    rows = all_rows([], ["E08000030"], first=FIRST, last=LAST)
    codes = {row.la_code for row in rows}
    assert len(codes) == 16
    assert {row.status for row in rows} == {"x"}
    assert rows == sorted(rows, key=lambda row: row.key)


def test_the_newest_vintage_gives_the_population_and_years_are_carried():
    assert population("E08000030", 2026) == population("E08000030", 2024)
    assert population("E06000065", 2019) is not None
    assert population("E06000065", 2015) == population("E06000065", 2019)
