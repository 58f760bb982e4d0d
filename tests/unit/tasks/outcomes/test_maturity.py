import pytest

from schemas.outcomes import OUTCOMES
from schemas.quarter import Quarter
from tasks.outcomes.maturity import covered_indexes, is_known, quarters_in


def quarters(spans):
    return {
        name: frozenset(Quarter.parse(first).through(Quarter.parse(last)))
        for name, (first, last) in spans.items()
    }


def covered(sent=None, **spans):
    return covered_indexes(quarters(spans), quarters(sent or {}))


def known(outcome, quarter, having):
    return is_known(OUTCOMES[outcome], Quarter.parse(quarter).index, covered=having)


def test_part_of_a_quarter_counts_as_one():
    assert [quarters_in(months) for months in (0, 1, 3, 4, 18, 22)] == [0, 1, 1, 2, 6, 8]


@pytest.mark.parametrize(
    ("outcome", "reads", "last"),
    [
        ("cla_18m", "ssda903", "2021-22Q4"),
        ("cla_36m", "ssda903", "2023-24Q2"),
        ("days_in_care_36m_entered", "ssda903", "2023-24Q2"),
        ("cpp_days_24m", "cin_census", "2023-24Q2"),
        ("rereferral_factors_18m", "cin_census", "2021-22Q4"),
        ("plo_to_proceedings_16w", "pre_proceedings", "2022-23Q2"),
        ("unauthorised_absence_3t", "school_attendance", "2021-22Q4"),
    ],
)
def test_a_cohort_figure_needs_its_follow_up_and_one_quarter_more(outcome, reads, last):
    census = {"cin_census": ("2020-21Q1", "2020-21Q1")}
    enough = covered(**{**census, reads: ("2020-21Q1", last)})
    day_before = Quarter.from_index(Quarter.parse(last).index - 1)
    too_little = covered(**{**census, reads: ("2020-21Q1", str(day_before))})
    assert known(outcome, "2020-21Q1", enough)
    assert not known(outcome, "2020-21Q1", too_little)


def test_a_return_missing_in_the_middle_leaves_the_figure_unknown():
    having = covered(cin_census=("2020-21Q1", "2020-21Q1"), ssda903=("2020-21Q1", "2025-26Q4"))
    gap = having["ssda903"] - {Quarter.parse("2020-21Q4").index}
    assert known("cla_18m", "2020-21Q1", having)
    assert not known("cla_18m", "2020-21Q1", {**having, "ssda903": gap})


def test_a_cohort_figure_needs_the_census_for_the_quarter_of_referral_only():
    care = {"ssda903": ("2019-20Q1", "2025-26Q4")}
    assert known("cla_18m", "2020-21Q1", covered(**care, cin_census=("2020-21Q1", "2020-21Q1")))
    assert not known("cla_18m", "2020-21Q1", covered(**care, cin_census=("2020-21Q2", "2025-26Q4")))


def test_coming_back_after_a_plan_needs_both_returns_throughout():
    both = {"ssda903": ("2020-21Q1", "2023-24Q2"), "cin_census": ("2020-21Q1", "2023-24Q2")}
    short = {**both, "cin_census": ("2020-21Q1", "2023-24Q1")}
    assert known("return_after_cpp_36m", "2020-21Q1", covered(**both))
    assert not known("return_after_cpp_36m", "2020-21Q1", covered(**short))


@pytest.mark.parametrize(
    ("outcome", "reads", "first"),
    [
        ("rereferral_12m", "cin_census", "2019-20Q1"),
        ("repeat_cpp_24m", "cin_census", "2018-19Q1"),
        ("placement_moves_3plus", "ssda903", "2019-20Q2"),
        ("cla_rate", "ssda903", "2020-21Q1"),
    ],
)
def test_a_quarter_figure_needs_the_quarter_and_those_it_looks_back_on(outcome, reads, first):
    after = Quarter.parse(first).next()
    assert known(outcome, "2020-21Q1", covered(**{reads: (first, "2020-21Q1")}))
    assert not known(outcome, "2020-21Q2", covered(**{reads: (first, "2020-21Q1")}))
    if str(after) <= "2020-21Q1":
        assert not known(outcome, "2020-21Q1", covered(**{reads: (str(after), "2020-21Q1")}))


def test_reunification_needs_the_delivery_return_as_well_as_the_looked_after_one():
    assert not known("reunification", "2020-21Q1", covered(ssda903=("2020-21Q1", "2020-21Q1")))


@pytest.mark.parametrize(
    ("outcome", "table"), [("sdq_total", "oc2"), ("sdq_high", "oc2"), ("neet", "oc3")]
)
def test_a_return_without_the_table_an_outcome_is_made_of_does_not_count(outcome, table):
    year = ("2020-21Q1", "2020-21Q4")
    assert known(outcome, "2020-21Q4", covered(ssda903=year, sent={table: year}))
    assert not known(outcome, "2020-21Q4", covered(ssda903=year, sent={"uasc": year}))
    assert not known(outcome, "2020-21Q4", covered(sent={table: year}))


def test_a_table_named_as_another_return_does_not_stand_for_it():
    span = ("2020-21Q1", "2020-21Q1")
    assert not known("caseload", "2020-21Q1", covered(sent={"workforce": span}))
