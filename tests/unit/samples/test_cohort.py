import pytest

from samples.implied.cohort import (
    implied_days_in_care,
    implied_days_in_care_entered,
    implied_days_on_plans,
    implied_entered,
    kinship,
    member,
    plan_lengths,
    referred_again,
    return_after_plan,
    reunified,
    to_proceedings,
    unauthorised_absence,
)
from samples.implied.told import ToldTerm
from samples.settings import models
from tests.unit.samples.lives import child, episode, on

SAFEGUARDING = models()["family_safeguarding"]
WRONG_DOOR = models()["no_wrong_door"]
VALUED = models()["family_valued"]


def one(told, model=VALUED):
    found = member(told, model)
    assert found is not None
    return found


# Who is in the cohort


def test_the_first_referral_in_the_window_counts_whatever_came_before_it():
    told = child(referred=["2019-01-05", "2020-07-01", "2021-02-01"])
    assert one(told, SAFEGUARDING).referral.day == on("2020-07-01")


def test_both_ends_of_the_window_count():
    assert member(child(referred=["2020-03-01"]), SAFEGUARDING)
    assert member(child(referred=["2022-11-24"]), SAFEGUARDING)
    assert not member(child(referred=["2020-02-29"]), SAFEGUARDING)
    assert not member(child(referred=["2022-11-25"]), SAFEGUARDING)


def test_age_is_judged_at_the_first_referral_and_later_ones_do_not_help():
    told = child("2010-01-01", referred=["2021-12-31", "2022-02-01"])
    assert member(told, WRONG_DOOR) is None


def test_twelve_years_old_is_in_both_age_ranges():
    told = child("2008-06-01", referred=["2021-05-31"])
    assert member(told, SAFEGUARDING)
    assert member(told, WRONG_DOOR)


def test_unborn_children_count_where_the_model_says_so():
    told = child("2021-09-01", referred=["2021-06-01"])
    assert member(told, SAFEGUARDING)
    assert member(told, WRONG_DOOR) is None


def test_care_that_started_before_the_referral_excludes():
    before = child(referred=["2021-06-01"], episodes=[episode("2021-05-31", "2021-06-05")])
    same_day = child(referred=["2021-06-01"], episodes=[episode("2021-06-01", "2021-06-05")])
    assert member(before, VALUED) is None
    assert member(same_day, VALUED)


def test_short_breaks_before_the_referral_do_not_exclude():
    breaks = [episode("2021-05-01", "2021-05-03", ls="V3")]
    assert member(child(referred=["2021-06-01"], episodes=breaks), VALUED)


# Care


@pytest.mark.parametrize(
    ("start", "counts"),
    [("2021-06-01", 1), ("2022-12-01", 1), ("2022-12-02", 0)],
)
def test_entry_counts_from_the_referral_to_the_last_day_of_the_window(start, counts):
    told = child(referred=["2021-06-01"], episodes=[episode(start, "2023-06-01")])
    assert implied_entered(one(told), 18) == (counts, 1)


def test_a_window_from_31_august_ends_on_the_last_of_february():
    last = child(referred=["2020-08-31"], episodes=[episode("2022-02-28")])
    after = child(referred=["2020-08-31"], episodes=[episode("2022-03-01")])
    assert implied_entered(one(last), 18) == (1, 1)
    assert implied_entered(one(after), 18) == (0, 1)


def test_entry_on_the_last_day_is_an_entry_with_no_days():
    told = child(referred=["2021-06-01"], episodes=[episode("2022-12-01")])
    assert implied_days_in_care(one(told), 18) == (0, 1)
    assert implied_days_in_care_entered(one(told), 18) == (0, 1)


def test_days_are_cut_off_at_the_window_and_added_over_periods():
    told = child(
        referred=["2021-06-01"],
        episodes=[episode("2021-06-11", "2021-06-21"), episode("2022-11-21", "2023-05-01")],
    )
    assert implied_days_in_care(one(told), 18) == (20, 1)


def test_overlapping_periods_count_each_day_once():
    told = child(
        referred=["2021-06-01"],
        episodes=[episode("2021-06-11", "2021-06-21"), episode("2021-06-15", "2021-06-25")],
    )
    assert implied_days_in_care(one(told), 18) == (14, 1)


def test_open_care_runs_to_the_end_of_the_window():
    told = child(referred=["2021-06-01"], episodes=[episode("2022-11-01")])
    assert implied_days_in_care(one(told), 18) == (30, 1)


def test_short_breaks_are_neither_entry_nor_days():
    told = child(referred=["2021-06-01"], episodes=[episode("2021-07-01", "2021-09-01", ls="V4")])
    assert implied_entered(one(told), 18) == (0, 1)
    assert implied_days_in_care(one(told), 18) == (0, 1)


def test_kinship_needs_a_relative_within_the_window():
    soon = [
        episode("2021-07-01", "2021-08-01", rec="X1"),
        episode("2021-08-01", rne="P", place="U3"),
    ]
    late = [
        episode("2021-07-01", "2023-08-01", rec="X1"),
        episode("2023-08-01", rne="P", place="U3"),
    ]
    assert kinship(one(child(referred=["2021-06-01"], episodes=soon)), 18) == (1, 1)
    assert kinship(one(child(referred=["2021-06-01"], episodes=late)), 18) == (0, 1)
    assert kinship(one(child(referred=["2021-06-01"])), 18) == (0, 0)


@pytest.mark.parametrize(
    ("rec", "end", "counts"),
    [
        ("E4A", "2022-12-01", 1),
        ("E4A", "2022-12-02", 0),
        ("E45", "2022-01-01", 1),
        ("E12", "2022-01-01", 0),
        ("X1", "2022-01-01", 0),
    ],
)
def test_reunified_are_those_who_went_to_parents_or_relatives_in_time(rec, end, counts):
    told = child(referred=["2021-06-01"], episodes=[episode("2021-07-01", end, rec=rec)])
    assert reunified(one(told), 18) == (counts, 1)


# Plans


def test_returning_counts_what_starts_after_the_day_the_plan_ended():
    plans = [("2021-07-01", "2022-01-10")]
    same_day = child(referred=["2021-06-01"], plans=plans, cin_plans=((on("2022-01-10"), 0),))
    after = child(referred=["2021-06-01"], plans=plans, cin_plans=((on("2022-01-11"), 0),))
    assert return_after_plan(one(same_day), 36) == (0, 1)
    assert return_after_plan(one(after), 36) == (1, 1)


def test_a_child_in_care_when_its_plan_ended_is_not_counted():
    told = child(
        referred=["2021-06-01"],
        plans=[("2021-07-01", "2022-01-10")],
        episodes=[episode("2022-01-05")],
    )
    assert return_after_plan(one(told), 36) == (0, 0)


def test_an_open_plan_has_not_ended():
    told = child(referred=["2021-06-01"], plans=[("2021-07-01", "")])
    assert return_after_plan(one(told), 36) == (0, 0)


def test_plan_lengths_are_cut_off_at_24_months_and_open_plans_run_that_far():
    told = child(
        referred=["2021-06-01"],
        plans=[("2021-06-11", "2021-07-11"), ("2022-06-01", ""), ("2022-06-02", "2022-07-01")],
    )
    assert plan_lengths(one(told), 24) == [30, 731]


def test_days_on_plans_are_those_inside_36_months():
    told = child(referred=["2021-06-01"], plans=[("2021-05-01", "2021-06-11"), ("2024-05-30", "")])
    assert implied_days_on_plans(one(told), 36) == (12, 1)


@pytest.mark.parametrize(
    ("first", "issued", "counts"),
    [
        ("2021-09-01", "2021-12-22", (1, 1)),
        ("2021-09-01", "2021-12-23", (0, 1)),
        ("2021-09-01", "", (0, 1)),
        ("2022-12-01", "2022-12-01", (1, 1)),
        ("2022-12-02", "2022-12-03", (0, 0)),
        ("2021-05-31", "2021-06-30", (0, 0)),
    ],
)
def test_proceedings_must_be_issued_within_112_days(first, issued, counts):
    meeting = (on(first), on(issued) if issued else 10**7)
    told = child(referred=["2021-06-01"], meetings=(meeting,))
    assert to_proceedings(one(told), 18) == counts


def test_only_the_earliest_meeting_counts():
    meetings = ((on("2021-09-01"), 10**7), (on("2021-10-01"), on("2021-10-05")))
    assert to_proceedings(one(child(referred=["2021-06-01"], meetings=meetings)), 18) == (0, 1)


# Referral and school


def test_being_referred_again_counts_for_children_with_the_factors():
    again = ["2021-06-01", "2022-12-01"]
    assert referred_again(one(child(referred=again, factors=["3B"])), 18) == (1, 1)
    assert referred_again(one(child(referred=again, factors=["16A"])), 18) == (0, 0)
    late = ["2021-06-01", "2022-12-02"]
    assert referred_again(one(child(referred=late, factors=["4B", "20"])), 18) == (0, 1)


def test_absence_is_that_of_the_three_terms_that_start_after_the_referral():
    terms = (
        ToldTerm(on("2021-04-16"), 100, 50),
        ToldTerm(on("2021-09-01"), 140, 14),
        ToldTerm(on("2022-01-01"), 110, 0),
        ToldTerm(on("2022-04-16"), 120, 6),
        ToldTerm(on("2022-09-01"), 140, 70),
    )
    told = child("2012-05-01", referred=["2021-06-01"], terms=terms)
    assert unauthorised_absence(one(told), 18) == (20, 370)
    too_young = child("2016-06-02", referred=["2021-06-01"], terms=terms)
    assert unauthorised_absence(one(too_young), 18) == (0, 0)
