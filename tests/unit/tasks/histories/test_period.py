import numpy as np
import pytest
from pandas import DataFrame

from schemas.period import CERTAIN_DAYS, DOUBTFUL_DAYS
from schemas.quarter import Quarter
from tasks.histories.period import period_doubt

QUARTER = "2024-25Q1"
FIRST, LAST = np.datetime64("2024-04-01"), np.datetime64("2024-06-30")
"""What a return of looked-after children covers that was sent for that quarter."""
WHOLE_YEAR = "2025-26Q4"
"""A year to date of 365 days: so many days with an event in the year before let expect as many."""


def doubt(*, ended=(), begun=(), quarter=QUARTER):
    """Return the doubt of a return of looked-after children, by days of reviews and of starts."""
    frames = {
        "reviews": DataFrame({"review_date": _days(ended)}),
        "episodes": DataFrame({"episode_start": _days(begun)}),
    }
    return period_doubt("ssda903", frames, Quarter.parse(quarter))


def _days(days):
    return np.array(days, dtype="datetime64[s]")


def certainty(**returned):
    """Return whether a doubt is certain; None without a doubt."""
    found = doubt(**returned)
    return found and found.is_certain


def before(*days, first=FIRST):
    return [first - day for day in days]


def after(*days):
    return [LAST + day for day in days]


def daily(first, count):
    return [np.datetime64(first) + day for day in range(count)]


@pytest.mark.parametrize(("count", "is_certain"), [(2, False), (3, True)])
def test_two_ended_dates_just_before_are_doubtful_and_three_are_certain(count, is_certain):
    assert certainty(ended=before(1) * count, begun=before(1)) is is_certain


@pytest.mark.parametrize(("gap", "is_certain"), [(92, False), (93, True)])
def test_where_all_has_ended_a_gap_of_more_than_a_quarter_is_certain(gap, is_certain):
    assert certainty(ended=before(gap)) is is_certain


@pytest.mark.parametrize(
    ("count", "gap", "is_certain"),
    [(3, 730, None), (3, 731, True), (2, 730, None), (2, 731, False)],
)
def test_what_began_more_than_two_years_before_is_not_open_any_more(count, gap, is_certain):
    assert certainty(begun=before(gap) * count) is is_certain


@pytest.mark.parametrize(("count", "is_certain"), [(7, None), (8, False), (19, False), (20, True)])
def test_eight_days_expected_are_doubtful_and_twenty_are_certain(count, is_certain):
    first = np.datetime64("2025-04-01")
    days = before(*range(1, count + 1), first=first)
    assert certainty(begun=days, quarter=WHOLE_YEAR) is is_certain


def test_an_ended_date_makes_a_doubt_and_one_that_may_be_open_makes_none():
    assert certainty(ended=before(1)) is False
    assert certainty(begun=before(1)) is None


def test_of_a_hundred_dates_one_inside_may_be_a_slip_and_two_are_none():
    assert certainty(ended=[*before(30) * 99, FIRST + 30]) is True
    assert certainty(ended=[*before(30) * 98, FIRST + 30, FIRST + 31]) is None


def test_a_newest_date_on_the_first_covered_day_is_not_past():
    late = after(10)
    assert certainty(ended=[*before(30) * 98, FIRST, *late]) is None
    assert certainty(ended=[*before(30) * 98, FIRST - 1, *late]) is True


def test_of_a_hundred_dates_one_after_may_be_a_slip_and_two_are_none():
    assert certainty(begun=[*before(30) * 98, LAST, *after(10)]) is None
    assert certainty(begun=[*before(30) * 97, LAST, *after(10, 10)]) is False


@pytest.mark.parametrize(("count", "is_certain"), [(2, False), (3, True)])
def test_two_dates_just_after_are_doubtful_and_three_are_certain(count, is_certain):
    assert certainty(begun=after(1) * count) is is_certain


@pytest.mark.parametrize(("beyond", "is_certain"), [(92, False), (93, True)])
def test_all_dates_more_than_a_quarter_after_are_certain(beyond, is_certain):
    assert certainty(begun=after(beyond)) is is_certain
    assert certainty(begun=[*before(1), *after(beyond)]) is False


@pytest.mark.parametrize(
    ("inside", "late", "is_certain"), [(45, 4, None), (45, 5, False), (54, 6, False), (55, 6, None)]
)
def test_five_late_dates_that_are_a_tenth_are_many(inside, late, is_certain):
    assert certainty(begun=[LAST] * inside + after(50) * late) is is_certain


@pytest.mark.parametrize(
    ("beyond", "is_certain"), [(42, None), (43, False), (74, False), (75, True)]
)
def test_a_late_export_reaches_six_weeks_and_the_next_quarter_its_last_weeks(beyond, is_certain):
    assert certainty(begun=[LAST] * 20 + after(beyond) * 5) is is_certain


SECOND = {"quarter": "2024-25Q2"}
"""Its 92 days let expect 92 in 365 of the days with an event in the year before."""


@pytest.mark.parametrize(
    ("count", "is_certain"), [(31, None), (32, False), (79, False), (80, True)]
)
def test_a_silent_last_quarter_is_held_against_the_rate_before_it(count, is_certain):
    assert certainty(begun=daily(FIRST, count), **SECOND) is is_certain


@pytest.mark.parametrize("limit", [DOUBTFUL_DAYS, CERTAIN_DAYS])
def test_no_quarter_lets_expect_exactly_as_many_days_as_a_limit(limit):
    expected = [days / 365 * length for days in range(366) for length in (90, 91, 92)]
    assert min(abs(one - limit) for one in expected) > 1 / 366


def test_a_date_on_the_first_day_of_the_last_quarter_breaks_its_silence():
    assert certainty(begun=daily(FIRST, 91), **SECOND) is True
    assert certainty(begun=daily(FIRST, 92), **SECOND) is None
    slips = [np.datetime64("2024-10-10")] * 2
    spring = [*daily(FIRST, 91), *daily(FIRST, 91)]
    on_the_day = [*spring, *[FIRST] * 15, np.datetime64("2024-07-01"), *slips]
    the_day_before = [*spring, *[FIRST] * 15, np.datetime64("2024-06-30"), *slips]
    assert certainty(begun=on_the_day, **SECOND) is None
    assert certainty(begun=the_day_before, **SECOND) is True


@pytest.mark.parametrize(
    ("told_before", "told_inside", "is_certain"),
    [(40, 9, True), (40, 10, None), (19, 4, None), (20, 4, True)],
)
def test_last_years_return_with_a_few_new_rows_is_held_against_its_rate(
    told_before, told_inside, is_certain
):
    first = np.datetime64("2025-04-01")
    days = before(*range(1, told_before + 1), first=first)
    found = doubt(begun=[*days, *daily("2026-03-01", told_inside)], quarter=WHOLE_YEAR)
    assert (found and found.is_certain) is is_certain
    assert found is None or str(found.looks_like) == "2024-25Q4"


def attendance(**terms):
    """Return the doubt of an attendance return of July to September, by rows of each term."""
    rows = [("2023/24", term) for term, count in terms.items() for _ in range(count)]
    frame = DataFrame(rows, columns=["academic_year", "term"])
    return period_doubt("school_attendance", {"school_attendance": frame}, Quarter(2024, 2))


def test_nineteen_rows_without_the_last_term_say_nothing_and_twenty_are_doubtful():
    assert attendance(spring=19) is None
    assert attendance(spring=20).is_certain is False


def test_one_row_of_the_last_term_is_enough():
    assert attendance(spring=19, summer=1) is None


def test_one_date_is_told_of_in_other_words_than_two():
    assert "of its dates, one in all, lies between" in doubt(ended=before(1)).why
    assert "of its 2 dates lies between" in doubt(ended=before(1, 2)).why


def test_the_quarter_named_is_the_one_its_newest_date_lies_in():
    assert doubt(ended=before(1, 200)).looks_like == Quarter.parse("2023-24Q4")
    assert doubt(begun=after(1, 1)).looks_like == Quarter.parse("2024-25Q2")


def left_over(count, *, reviews=12):
    """Return episodes that began and ended the year before, next to reviews of this one."""
    days = daily("2023-04-01", count)
    episodes = {"episode_start": _days(days), "episode_end": _days([day + 60 for day in days])}
    told = {"reviews": DataFrame({"review_date": _days(daily("2024-05-01", reviews))})}
    return {**told, "episodes": DataFrame(episodes)}


@pytest.mark.parametrize(("count", "is_certain"), [(30, True), (4, True), (3, None)])
def test_episodes_left_over_from_the_last_return_are_no_return_of_the_period(count, is_certain):
    found = period_doubt("ssda903", left_over(count), Quarter.parse("2024-25Q4"))
    assert (found and found.is_certain) is is_certain


def test_the_table_that_is_left_over_is_named_with_its_quarter():
    found = period_doubt("ssda903", left_over(30), Quarter.parse("2024-25Q4"))
    assert str(found.looks_like) == "2023-24Q1"
    assert found.why.startswith("None of its 60 dates in episodes lies between 1 April 2024 and")


def test_episodes_without_an_event_in_a_quiet_quarter_are_no_other_periods():
    told = left_over(12, reviews=40)
    assert period_doubt("ssda903", told, Quarter.parse("2024-25Q1")) is None
