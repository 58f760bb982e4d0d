"""Names of cohorts and sessions in surveys: shortened only where nothing is lost by it."""

import pytest

from tasks.read import code_shapes, survey, survey_headings
from tasks.read.survey import cohort_named, session_named

COHORTS = {
    "Cohort 2": "2", "cohort no. 02": "2", "Second cohort": "2", "2nd cohort": "2",
    "Group 3": "3", "Cohort 1 2024": "2024-1", "2024 cohort 1": "2024-1",
    "Cohort 1 (2024)": "2024-1",
    "Cohort 2 - Autumn term 2023": "2023-2", "Cohort 2 - July 2023": "2023-2",
}  # fmt: skip


@pytest.mark.parametrize("text", COHORTS)
def test_r066_a_cohort_is_its_number_after_its_year(text):
    assert cohort_named(text) == COHORTS[text]


@pytest.mark.parametrize(
    "text",
    [
        "Autumn 2024 cohort 1",
        "Spring 2024 cohort 1",
        "Cohort 1 North",
        "North cohort 1",
        "Group 1 and 2",
        "Group 1 & 2",
        "Cohort 1 and cohort 2",
        "Cohort 1 2023 2024",
        "Cohort 123",
        "Cohort A",
    ],
)
def test_r066_a_cohort_that_says_more_stays_as_it_is(text):
    assert cohort_named(text) == text


@pytest.mark.parametrize(
    ("text", "session"),
    [
        ("Day 1", "1"),
        ("Session one", "1"),
        ("1st day", "1"),
        ("Part 02", "2"),
        ("Day 1 of 2", "1"),
        ("Day 1 - 12 March 2025", "1"),
        ("Day 2 (12/03/2025)", "2"),
        ("Session 3 - 3rd May", "3"),
    ],
)
def test_r066_a_session_is_its_number(text, session):
    assert session_named(text) == session


@pytest.mark.parametrize(
    "text", ["Day 1 and 2", "Day 1 pm", "Day 1 - Leeds", "Day 1 and 2 March", "One day session"]
)
def test_r066_a_session_that_says_more_stays_as_it_is(text):
    assert session_named(text) == text


def test_no_cache_keeps_the_words_of_rows_for_good():
    assert not hasattr(code_shapes.answer_meant, "cache_info")
    assert not hasattr(survey.cohort_named, "cache_info")
    assert not hasattr(survey.session_named, "cache_info")
    for asked in (
        survey_headings.questions,
        survey_headings.options,
        survey_headings.self_assessment,
    ):
        assert asked.cache_info().maxsize
