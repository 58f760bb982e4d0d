"""What is always true of fault-free invented returns: a strict reader finds nothing to say.

The histories are judged as lived and as seen at each quarter's end. They run over the changes of
codes of 2020, 2022, 2024 and 2025.
"""

from itertools import pairwise

import pytest

from samples.days import NEVER, age_on, birthday, day_number, year_end
from samples.history import told
from samples.placements import FOSTER_STAYS, TEMPORARY_STAYS, WITHOUT_URN
from samples.seen import episodes_seen, year_to_date
from samples.settings import setting
from schemas.quarter import Quarter

FIRST, LAST = Quarter.parse("2018-19Q1"), Quarter.parse("2025-26Q4")
CODES = ("E08000030", "E08000021", "E06000065")


@pytest.fixture(scope="module", params=CODES)
def history(request):
    return told(setting(request.param, first=FIRST, last=LAST, children=350, seed=11))


@pytest.fixture(scope="module")
def children(history):
    return history.children


@pytest.fixture(scope="module")
def periods(children):
    return [(c, p) for c in children for p in c.periods if not p.is_respite]


@pytest.fixture(scope="module")
def whole(periods):
    """Return the periods that no return cuts the beginning off."""
    return [(c, p) for c, p in periods if p.episodes[0].rne == "S"]


@pytest.fixture(scope="module")
def steps(periods):
    return [(c, *pair) for c, p in periods for pair in pairwise(p.episodes)]


@pytest.fixture(scope="module")
def cases(children):
    return [(child, case) for child in children for case in child.cases]


def where(episode):
    return episode.place, episode.pl_post, episode.urn, episode.provider


# Episodes


def test_there_is_something_of_everything(children, periods, whole, steps):
    assert len(periods) > 200
    assert len(whole) > 100
    assert len(steps) > 200
    assert any(period.is_respite for child in children for period in child.periods)
    assert any(child.adoption for child in children)
    assert any(child.is_uasc for child in children)
    assert any(child.leaver_years for child in children)
    assert any(child.wellbeing for child in children)
    assert any(child.expected < NEVER for child in children)


def test_there_is_some_of_every_placement_and_ending(periods):
    episodes = [episode for _, period in periods for episode in period.episodes]
    assert any(episode.place in TEMPORARY_STAYS for episode in episodes)
    assert any(episode.place == "P1" for episode in episodes)
    assert any(episode.place in ("A5", "A6") for episode in episodes)
    assert {"L1", "L2"} & {episode.ls for episode in episodes}
    endings = {period.episodes[-1].rec for _, period in periods}
    assert endings & {"E11", "E12"}
    assert endings & {"E45", "E46", "E17"}
    assert any(period.missing for _, period in periods)
    assert any(period.reviews for _, period in periods)


def test_there_is_some_of_every_kind_of_case(children, cases):
    assert len(cases) > 200
    assert any(case.nfa for _, case in cases)
    assert any(len(child.cases) > 1 for child in children)
    assert any(case.reason in ("RC8", "RC9") for _, case in cases)
    assert any(child.born > case.referral for child, case in cases)
    plans = [plan for _, case in cases for plan in case.plans]
    assert any(plan.reviews for plan in plans)
    assert any(plan.previous for plan in plans)
    assert any(case.cin_plans for _, case in cases)
    assert any(case.pre_proceedings for _, case in cases)
    assert any(child.upn != "UN2" for child in children)


def test_every_episode_lasts_at_least_a_day(children):
    for child in children:
        for period in child.periods:
            assert all(e.decom < e.dec for e in period.episodes)


def test_the_episodes_of_a_period_follow_each_other_without_gap(steps):
    for _, before, after in steps:
        assert before.dec == after.decom
        assert before.rec == "X1"
        assert after.rne in "LPTBU"


def test_a_period_begins_with_s_or_before_the_first_return(periods, history):
    for _, period in periods:
        first = period.episodes[0]
        assert first.rne == "S" or first.decom < history.setting.seen_from
        assert period.episodes[-1].rec != "X1"


def test_a_child_comes_back_into_care_a_day_later_at_the_soonest(children):
    for child in children:
        stays = sorted(child.periods, key=lambda period: period.start)
        assert all(before.end < after.start for before, after in pairwise(stays))


def test_the_reason_for_a_new_episode_says_what_changed(steps):
    for _, before, after in steps:
        status_changed, place_changed = before.ls != after.ls, where(before) != where(after)
        assert status_changed == (after.rne in "LBU")
        assert place_changed == (after.rne in "PTBU")


def test_a_move_has_a_reason_unless_one_side_of_it_is_temporary(steps):
    for _, before, after in steps:
        temporary = before.place in TEMPORARY_STAYS or after.place in TEMPORARY_STAYS
        assert bool(before.reason) == (after.rne in "PTBU" and not temporary)


def test_a_child_returns_from_a_temporary_move_to_where_it_was(periods):
    for _, period in periods:
        for before, away, after in zip(
            period.episodes, period.episodes[1:], period.episodes[2:], strict=False
        ):
            if away.place in TEMPORARY_STAYS:
                assert where(before) == where(after)
                assert (away.rne, after.rne) == ("P", "P")


def test_nobody_is_in_care_at_eighteen(periods):
    assert all(period.end <= birthday(child.born, 18) for child, period in periods)


def test_care_never_starts_before_birth(periods):
    assert all(child.born <= period.start for child, period in periods)


def test_urn_and_provider_are_recorded_where_the_placement_asks_for_them(periods):
    for _, period in periods:
        for episode in period.episodes:
            assert bool(episode.urn) == (episode.place not in WITHOUT_URN)
            assert bool(episode.provider) == (episode.place not in TEMPORARY_STAYS)
            assert (episode.provider == "PR0") == (episode.place == "P1")


def test_adoption_goes_by_decision_order_match_placement_in_that_order(whole):
    for child, period in whole:
        adoption, last = child.adoption, period.episodes[-1]
        if last.rec in ("E11", "E12"):
            order = next(e.decom for e in period.episodes if e.ls == "E1")
            assert adoption.decided <= order < adoption.matched <= adoption.placed < last.dec
            assert last.place in ("A5", "A6")


def test_placement_for_adoption_needs_a_placement_order(periods):
    for _, period in periods:
        for episode in period.episodes:
            assert episode.place not in ("A5", "A6") or episode.ls == "E1"


def test_parents_are_no_placement_under_section_20_or_a_placement_order(periods):
    for _, period in periods:
        for episode in period.episodes:
            assert episode.place != "P1" or episode.ls in ("C1", "C2")


def test_guardianship_and_staying_put_follow_foster_care(periods):
    for _, period in periods:
        last = period.episodes[-1]
        assert last.rec not in ("E45", "E46", "E17") or last.place in FOSTER_STAYS


def test_police_protection_and_emergency_orders_are_short(periods):
    longest = {"L1": 3, "L2": 21}
    for _, period in periods:
        for episode in period.episodes:
            assert episode.dec - episode.decom <= longest.get(episode.ls, NEVER)


def test_short_breaks_are_short_and_tell_no_address(children):
    for child in children:
        breaks = [e for p in child.periods if p.is_respite for e in p.episodes]
        assert len({episode.ls for episode in breaks}) <= 1
        for episode in breaks:
            assert episode.ls == "V4" or episode.dec - episode.decom <= 17
            assert (episode.home_post, episode.pl_post, episode.urn) == ("", "", "")


def test_an_open_episode_is_found_again_in_the_next_year(children):
    """A year's first return holds every episode the last return of the year before left open."""
    for year in range(FIRST.year, LAST.year):
        old, new = year_to_date(Quarter(year, 4)), year_to_date(Quarter(year + 1, 1))
        for child in children:
            left = {e.decom for e in episodes_seen(child, old) if e.dec == NEVER}
            assert left <= {e.decom for e in episodes_seen(child, new)}


# Beside the episodes


def test_reviews_and_times_away_lie_within_care(whole):
    for child, period in whole:
        for when, code in period.reviews:
            assert period.start < when < period.end
            assert (code == "PN0") == (age_on(child.born, when) < 4)
        for start, end, _ in period.missing:
            assert period.start < start <= end < period.end
        assert all(a[1] < b[0] for a, b in pairwise(period.missing))


def test_social_workers_follow_each_other_through_care(whole):
    for _, period in whole:
        assert period.workers[0][0] == period.start
        assert period.workers[-1][1] == period.end
        assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(period.workers))


def test_wellbeing_is_told_of_whole_years_in_care(children):
    for child in children:
        for year in range(FIRST.year + 1, LAST.year + 2):
            start, end = day_number(year - 1, 4, 1), day_number(year, 3, 31)
            stays = [p for p in child.periods if not p.is_respite and p.start <= start]
            told_of = year in {row.year for row in child.wellbeing}
            assert told_of == any(end < p.end for p in stays)


def test_a_score_or_a_reason_is_given_at_the_ages_that_ask_for_it(children):
    for child in children:
        for row in child.wellbeing:
            start, end = day_number(row.year - 1, 4, 1), day_number(row.year, 3, 31)
            asked = birthday(child.born, 4) <= start and birthday(child.born, 17) >= end
            assert asked == bool(row.sdq or row.sdq_reason)
            assert not (row.sdq and row.sdq_reason)


def test_no_care_leaver_is_in_care(children):
    for child in children:
        for row in child.leaver_years:
            assert all(p.end <= row.birthday for p in child.periods if not p.is_respite)
            assert row.birthday in {birthday(child.born, age) for age in range(17, 22)}


# Cases


def test_a_child_has_one_case_at_a_time(children):
    for child in children:
        assert all(a.closure < b.referral for a, b in pairwise(child.cases))


def test_everything_lies_between_referral_and_closure(cases):
    for _, case in cases:
        days = [d for a in case.assessments for d in (a.start, a.authorised)]
        days += [e.start for e in case.enquiries]
        days += [min(e.conference, e.not_required) for e in case.enquiries]
        days += [d for p in case.plans for d in (p.start, p.end)]
        days += [d for p in case.cin_plans for d in (p.start, p.end)]
        days += [d for p in case.pre_proceedings for d in (p.started, p.ended)]
        assert all(case.referral <= number <= case.closure for number in days)
        assert all(a.start < a.authorised for a in case.assessments)


def test_care_ends_before_its_case_does(children):
    for child in children:
        for period in child.periods:
            assert any(case.closure >= period.end for case in child.cases)


def test_no_further_action_means_none(cases):
    for _, case in cases:
        if case.nfa:
            assert case.assessments == case.enquiries == case.plans == case.cin_plans == []
            assert case.closure <= year_end(case.referral)


def test_a_protection_plan_starts_on_the_day_of_its_conference(cases):
    for _, case in cases:
        held = {e.conference for e in case.enquiries if e.conference < NEVER}
        assert {plan.start for plan in case.plans} <= held
        assert all((number - 1) % 7 < 5 for number in held)


def test_plans_of_one_case_never_overlap(cases):
    for _, case in cases:
        spans = sorted((p.start, p.end) for p in (*case.plans, *case.cin_plans))
        assert all(start < end for start, end in spans)
        assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_a_protection_plan_is_reviewed_within_three_months(cases):
    for _, case in cases:
        for plan in case.plans:
            stops = [plan.start, *plan.reviews, plan.end]
            assert all(before < after for before, after in pairwise(stops))
            assert stops[1] - stops[0] <= 91


def test_each_plan_counts_one_more_before_it(children):
    for child in children:
        plans = sorted((p for c in child.cases for p in c.plans), key=lambda plan: plan.start)
        assert all(b.previous == a.previous + 1 for a, b in pairwise(plans))


def test_closed_after_assessment_means_nothing_else_was_done(cases):
    for _, case in cases:
        if case.reason in ("RC8", "RC9"):
            assert case.assessments
            assert case.enquiries == case.plans == case.cin_plans == []


def test_an_unborn_child_is_expected_within_40_weeks_of_the_referral(cases):
    for child, case in cases:
        if child.born > case.referral:
            assert case.referral < child.expected <= case.referral + 280


# Identity


def test_ids_and_pupil_numbers_belong_to_one_child_each(children):
    ids = [child.child_id for child in children]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 10
    upns = [child.upn for child in children if child.upn != "UN2"]
    assert len(set(upns)) == len(upns)


def test_a_pupil_number_has_the_right_check_letter(children):
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    for child in children:
        if child.upn != "UN2":
            total = sum(int(d) * weight for weight, d in enumerate(child.upn[1:], start=2))
            assert child.upn[0] == letters[total % 23]


def test_nothing_that_ended_before_the_first_return_is_left(children, history):
    for child in children:
        assert all(case.closure >= history.setting.seen_from for case in child.cases)
        for period in child.periods:
            assert all(e.dec >= history.setting.seen_from for e in period.episodes)
