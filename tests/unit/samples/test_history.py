import math

import pytest

from samples.care import comes_of_age, entry_day
from samples.days import NEVER, iso
from samples.history import planted_effect
from samples.identity import school_start, upn_on
from samples.implied.told import told_child
from samples.lives import Child, CinPlan, Episode, Period, ReferralCase, SamplePlan
from samples.placements import SUPPORTED, Placement, settled
from samples.seen import cases_seen, episodes_seen, year_to_date
from samples.settings import setting
from schemas.quarter import Quarter
from tests.unit.samples.lives import on

FIRST, LAST = Quarter.parse("2019-20Q1"), Quarter.parse("2023-24Q4")


def of(la_code, first=FIRST, last=LAST):
    return setting(la_code, first=first, last=last, children=100, seed=1)


def a_child(born="2012-05-01", **more):
    return Child(
        child_id="0001",
        born=on(born),
        expected=NEVER,
        sex="F",
        ethnicity="WBRI",
        disabilities=(),
        upn="A335200017001",
        home_post="ZZ1 1AA",
        **more,
    )


def a_case(referral, closure="", **more):
    return ReferralCase(
        referral=on(referral),
        source="6",
        need="N1",
        nfa=False,
        closure=on(closure) if closure else NEVER,
        reason="RC7",
        **more,
    )


def an_episode(start, end):
    return Episode(
        on(start), "S", "C2", "N1", "U6", "PR1", on(end), "E4A", "", "ZZ1 1AA", "ZZ2 2AA", "1030001"
    )


# The planted effect


@pytest.mark.parametrize(
    ("la_code", "born", "referral", "ratio"),
    [
        ("E08000030", "2012-05-01", "2020-08-31", 1.0),
        ("E08000030", "2012-05-01", "2020-09-01", 0.75),
        ("E08000030", "2007-05-01", "2020-09-01", 1.0),
        ("E08000030", "2020-12-01", "2020-09-01", 0.75),
        ("E08000026", "2007-05-01", "2021-04-01", 0.85),
        ("E08000005", "2007-05-01", "2020-04-01", 0.80),
        ("E08000005", "2012-05-01", "2020-04-01", 1.0),
        ("E08000029", "2012-05-01", "2023-04-01", 1.0),
        ("E09000001", "2012-05-01", "2023-04-01", 1.0),
    ],
)
def test_the_effect_is_planted_in_exposed_referrals_of_the_models_ages(
    la_code, born, referral, ratio
):
    effect = planted_effect(of(la_code), a_child(born), on(referral))
    assert math.exp(effect) == pytest.approx(ratio)


# Settings


def test_a_history_begins_with_the_financial_year_of_the_first_quarter():
    assert str(of("E08000030", first=Quarter.parse("2021-22Q3")).first) == "2021-22Q1"


def test_a_new_authority_begins_with_its_first_quarter_and_a_recoded_one_does_not():
    assert str(of("E06000063").first) == "2023-24Q1"
    assert str(of("E06000065").first) == "2019-20Q1"


def test_the_withdrawn_authority_has_no_model():
    assert of("E06000016").model is None
    assert of("E06000005").model is not None
    assert of("E06000005").go_live == NEVER


# Days that are read in two ways


def test_care_ends_on_the_birthday_and_on_28_february_for_those_born_on_the_29th():
    assert iso(comes_of_age(on("2004-05-01"))) == "2022-05-01"
    assert iso(comes_of_age(on("2004-02-29"))) == "2022-02-28"


def test_care_never_starts_on_1_april():
    assert iso(entry_day(on("2022-04-01"))) == "2022-04-02"
    assert iso(entry_day(on("2022-03-31"))) == "2022-03-31"


# Codes of the years


@pytest.mark.parametrize(
    ("start", "end", "places"),
    [
        ("2023-01-01", "2024-03-31", {"H5", "P2"}),
        ("2024-04-01", "2024-09-01", {"K3"}),
        ("2023-01-01", "2024-04-01", {"U6"}),
    ],
)
def test_supported_accommodation_has_the_code_of_its_years(start, end, places):
    placement = Placement(SUPPORTED, "PR4", "2000001", "ZZ1 1AA")
    found = settled(placement, on(start), on(end))
    assert found.place in places
    assert bool(found.urn) == (found.place not in ("H5", "P2"))


def test_a_child_gets_a_pupil_number_in_september_after_its_fourth_birthday():
    child = a_child("2016-09-02")
    assert iso(school_start(child.born)) == "2021-09-01"
    assert upn_on(child, on("2021-08-31")) == "UN1"
    assert upn_on(child, on("2021-09-01")) == child.upn
    assert iso(school_start(on("2016-09-01"))) == "2020-09-01"


# What is known when


def test_an_episode_that_ends_after_the_quarter_is_still_open():
    child = a_child(periods=[Period([an_episode("2022-05-01", "2022-07-01")])])
    (open_one,) = episodes_seen(child, year_to_date(Quarter.parse("2022-23Q1")))
    (ended,) = episodes_seen(child, year_to_date(Quarter.parse("2022-23Q2")))
    assert (open_one.dec, open_one.rec) == (NEVER, "")
    assert (iso(ended.dec), ended.rec) == ("2022-07-01", "E4A")


def test_a_return_tells_of_what_ended_on_1_april_and_not_of_what_ended_before():
    span = year_to_date(Quarter.parse("2022-23Q1"))
    first = a_child(cases=[a_case("2021-05-01", "2022-04-01")])
    before = a_child(cases=[a_case("2021-05-01", "2022-03-31")])
    assert cases_seen(first, span)
    assert not cases_seen(before, span)


def test_child_in_need_plans_are_known_from_april_2021_on():
    plans = [
        CinPlan(on("2020-01-01"), on("2021-03-31")),
        CinPlan(on("2021-03-01"), on("2021-04-01")),
    ]
    told = told_child(a_child(cases=[a_case("2019-12-01", cin_plans=plans)]), of("E08000030"))
    assert [iso(start) for start, _ in told.cin_plans] == ["2021-03-01"]


def test_a_plan_that_ended_before_the_first_return_is_not_known():
    plans = [
        SamplePlan(on("2018-01-01"), on("2019-03-31"), "NEG", "NEG", 0),
        SamplePlan(on("2019-05-01"), on("2030-05-01"), "NEG", "NEG", 1),
    ]
    told = told_child(a_child(cases=[a_case("2017-12-01", plans=plans)]), of("E08000030"))
    assert [(iso(plan.start), plan.end, plan.previous) for plan in told.plans] == [
        ("2019-05-01", NEVER, 1)
    ]
