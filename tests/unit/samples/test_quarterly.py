from collections import Counter

from samples.implied.quarterly import added_by
from samples.implied.told import ToldPlan
from schemas.quarter import Quarter
from tests.unit.samples.lives import child, episode, on

FIRST, LAST = Quarter.parse("2019-20Q1"), Quarter.parse("2023-24Q4")


def added(told):
    """Return {(outcome, quarter): (numerator, denominator)} of one child."""
    tops, bottoms = Counter(), Counter()
    for outcome, quarter, top, bottom in added_by(told, FIRST, LAST):
        tops[outcome, str(quarter)] += top
        bottoms[outcome, str(quarter)] += bottom
    return {key: (tops[key], bottoms[key]) for key in tops}


def test_looked_after_is_judged_on_the_quarters_last_day():
    told = child(episodes=[episode("2021-05-01", "2021-09-30")])
    found = added(told)
    assert ("cla_rate", "2021-22Q1") in found
    assert ("cla_rate", "2021-22Q2") not in found
    assert found["cla_start_rate", "2021-22Q1"] == (1, 0)


def test_someone_who_leaves_the_day_after_is_still_counted():
    told = child(episodes=[episode("2021-05-01", "2021-10-01")])
    assert ("cla_rate", "2021-22Q2") in added(told)


def test_a_referral_within_12_months_of_another_is_a_rereferral():
    told = child(referred=["2020-06-01", "2021-06-01", "2022-06-02"])
    found = added(told)
    assert found["rereferral_12m", "2020-21Q1"] == (0, 1)
    assert found["rereferral_12m", "2021-22Q1"] == (1, 1)
    assert found["rereferral_12m", "2022-23Q1"] == (0, 1)


def test_two_referrals_on_one_day_are_one():
    told = child(referred=["2020-06-01", "2020-06-01"])
    assert added(told)["rereferral_12m", "2020-21Q1"] == (0, 1)


def test_a_plan_repeats_by_its_number_and_within_24_months_by_its_dates():
    told = child(plans=[("2020-01-01", "2020-06-01"), ("2022-06-01", "2022-09-01")])
    found = added(told)
    assert found["repeat_cpp_24m", "2019-20Q4"] == (0, 1)
    assert found["repeat_cpp_24m", "2022-23Q1"] == (1, 1)
    assert found["repeat_cpp", "2022-23Q1"] == (0, 1)


def test_the_number_of_previous_plans_is_taken_as_sent():
    told = child()
    sent = ToldPlan(on("2022-05-01"), previous=1)
    told = type(told)(born=told.born, plans=(sent,))
    assert added(told)["repeat_cpp", "2022-23Q1"] == (1, 1)
    assert added(told)["repeat_cpp_24m", "2022-23Q1"] == (0, 1)


def several_placements():
    return [
        episode("2021-01-01", "2021-04-01", rec="X1", reason="CREQB", urn="1"),
        episode("2021-04-01", "2021-07-01", rne="P", rec="X1", reason="CARPL", urn="2"),
        episode("2021-07-01", rne="P", urn="3"),
    ]


def test_three_placements_in_the_twelve_months_to_the_date_are_many():
    found = added(child(episodes=several_placements()))
    assert found["placement_moves_3plus", "2020-21Q4"] == (0, 1)
    assert found["placement_moves_3plus", "2021-22Q2"] == (1, 1)


def test_a_placement_left_on_the_first_day_of_the_twelve_months_does_not_count():
    """The months to 31 March 2022 begin with 1 April 2021, on which the first had been left."""
    found = added(child(episodes=several_placements()))
    assert found["placement_moves_3plus", "2021-22Q3"] == (1, 1)
    assert found["placement_moves_3plus", "2021-22Q4"] == (0, 1)


def test_unplanned_is_judged_by_the_reason_on_the_episode_left():
    found = added(child(episodes=several_placements()))
    assert found["unplanned_moves", "2021-22Q1"] == (1, 1)
    assert found["unplanned_moves", "2021-22Q2"] == (0, 1)


def test_long_term_needs_two_and_a_half_years_in_care_and_two_in_one_place():
    settled = [
        episode("2019-06-01", "2019-09-01", rec="X1", urn="1"),
        episode("2019-09-01", rne="P", urn="2"),
    ]
    found = added(child("2012-01-01", episodes=settled))
    assert ("placement_long_term", "2021-22Q2") not in found
    assert found["placement_long_term", "2021-22Q3"] == (1, 1)


def test_long_term_leaves_out_those_aged_sixteen():
    stay = [episode("2019-06-01")]
    found = added(child("2005-12-31", episodes=stay))
    assert ("placement_long_term", "2021-22Q3") not in found
    found = added(child("2006-01-01", episodes=stay))
    assert ("placement_long_term", "2021-22Q3") in found


def test_a_neet_young_person_is_16_to_20_on_31_march_with_activity_known():
    def at_21(born, activity):
        return added(child(born, activities={2022: activity})).get(("neet", "2021-22Q4"))

    assert at_21("2003-01-01", "G5") == (1, 1)
    assert at_21("2003-01-01", "F2") == (0, 1)
    assert at_21("2003-01-01", "0") is None
    assert at_21("2003-01-01", "") is None
    assert at_21("2001-03-31", "G5") is None
    assert at_21("2001-04-01", "G5") == (1, 1)


def test_sdq_gives_a_total_and_a_share_of_high_scores():
    found = added(child(scores={2022: 17, 2023: 16}))
    assert found["sdq_total", "2021-22Q4"] == (17, 1)
    assert found["sdq_high", "2021-22Q4"] == (1, 1)
    assert found["sdq_high", "2022-23Q4"] == (0, 1)
