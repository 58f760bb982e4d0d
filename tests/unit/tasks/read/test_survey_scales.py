import pytest

from schemas.training import scale_ends
from tasks.read.survey_scales import other_scale

AGREE, RECOMMEND = (1, 5), (0, 10)


@pytest.mark.parametrize(
    ("heading", "ends"),
    [
        ("The content was relevant to my work", AGREE),
        ("The content was relevant (1 = strongly disagree, 5 = strongly agree)", AGREE),
        ("Relevant? 1 strongly disagree - 5 strongly agree", AGREE),
        ("Relevant (strongly agree = 5, strongly disagree = 1)", AGREE),
        ("Relevant (on a scale of 1 to 5)", AGREE),
        ("Relevant (1-5, 5 being excellent)", AGREE),
        ("Would recommend the session (0 to 10)", RECOMMEND),
        ("Would you recommend it, from 0 (not at all) to 10 (very likely)?", RECOMMEND),
        ("How would you rate your skill 6 months on?", AGREE),
    ],
)
def test_a_heading_without_a_scale_or_with_its_own_is_fine(heading, ends):
    assert other_scale(heading, ends) == ""


@pytest.mark.parametrize(
    ("heading", "ends", "found"),
    [
        (
            "The content was relevant (1 = strongly agree, 5 = strongly disagree)",
            AGREE,
            "5 for the least and 1 for the most",
        ),
        ("1 Strongly agree - 5 Strongly disagree", AGREE, "5 for the least and 1 for the most"),
        ("Relevant (1 is excellent)", AGREE, "1 for the most"),
        ("Relevant (poor = 5)", AGREE, "5 for the least"),
        ("Would you recommend it (1 to 5)", RECOMMEND, "1 to 5"),
        ("On a scale from 1 to 10, would you recommend it?", RECOMMEND, "1 to 10"),
        (
            "Recommend (1 = very unlikely, 5 = very likely)",
            RECOMMEND,
            "1 for the least and 5 for the most",
        ),
    ],
)
def test_another_scale_is_named_as_it_was_found(heading, ends, found):
    assert other_scale(heading, ends) == found


def test_scales_with_numbers_have_ends_and_those_in_words_none():
    assert scale_ends("rating_0_10") == RECOMMEND
    assert scale_ends("agreement") == AGREE
    assert scale_ends("yes_partly_no") is None
    assert scale_ends("text") is None
