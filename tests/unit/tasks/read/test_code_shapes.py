"""A text in a coded column: which code it stands for, and when that is not certain."""

import pytest

from schemas.authorities import reference_rows
from schemas.returns import RETURNS
from tasks.read.code_shapes import Meant, answer_meant, code_meant

COLUMNS = {
    column.sent_as: column
    for table in RETURNS["annex_a"].tables
    for column in table.columns
    if column.codes
}


def meant(heading, text):
    return code_meant(COLUMNS[heading], text, 2025)


def standard_of(column, text, year):
    return code_meant(column, text, year).code


POLICE = (
    "6", "06", "6.0", "6: Police", "6 - Police", "6:Police", "6 Police", "(6) Police",
    "Police (6)", "Police [6]", "Police - 6", "q) 6: Police", "Q. 6 - Police", "q) Police",
    "POLICE.", "6 \u2013 Police", "6: Met", "G) POLICE", "g) 6",
)  # fmt: skip
WHITE = (
    "WBRI", "wbri", "a) WBRI", "WBRI - White British", "WBRI: White British", "White British",
    "White British (WBRI)", "White - British", "white british ", "b) WIRI", "b) White Irish",
    "WBRI White British", "White - Any other background", "A1 - White British",
)  # fmt: skip


@pytest.mark.parametrize("text", POLICE)
def test_r050_a_code_is_read_out_of_every_shape(text):
    assert meant("Contact Source", text) == Meant("g) Police")


@pytest.mark.parametrize("text", WHITE)
def test_r050_the_letter_of_a_local_list_is_no_code(text):
    assert meant("Ethnicity", text) == Meant("a) White")


@pytest.mark.parametrize(
    ("text", "code"),
    [("a) Yes", "Yes"), ("b) No", "No"), ("N", "No"), ("no.", "No"), ("N - No", "No"),
     ("Yes - visual impairment", "Yes"), ("c) Unknown", "Unknown"), ("NONE", "No")],
)  # fmt: skip
def test_r050_yes_and_no_in_every_shape(text, code):
    assert meant("Does the Child have a Disability", text) == Meant(code)


@pytest.mark.parametrize(
    ("heading", "text", "code"),
    [
        ("Referral Source", "3A: Health services \u2013 GP", "d) Health Services"),
        ("Referral Source", "Health: Health Visitor", "d) Health Services"),
        ("Ethnicity", "f) MWBC", "b) Mixed"),
        ("Ethnicity", "Mixed - White & Asian", "b) Mixed"),
        ("Ethnicity", "Asian or Asian British - Any other background", "c) Asian or Asian British"),
        ("Primary Need Code", "a) N1: Abuse", "a) Abuse or neglect"),
        ("Activity Status", "F1", "F1: Full time in higher education"),
        ("Child's Legal Status", "J1", "J1: Remanded to LA or youth detention"),
        ("Placement Type", "h) K2: Children's Homes", "h) Children\u2019s Homes"),
    ],
)
def test_r050_labels_below_their_parent_and_codes_of_the_statutory_returns(heading, text, code):
    assert meant(heading, text) == Meant(code)


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Contact Source", "6: Education"),
        ("Contact Source", "c) Police"),
        ("Contact Source", "1 - Police"),
        ("Contact Source", "2B: School"),
        ("Ethnicity", "WBRI - Black"),
        ("Gender", "b) Male"),
        ("Primary Need Code", "N1: Low income"),
        ("Does the Child have a Disability", "0 - Yes"),
    ],
)
def test_r050_a_code_and_a_label_that_mean_two_things_are_not_certain(heading, text):
    assert meant(heading, text) == Meant(None, contradicts=True)


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Contact Source", "6/7"),
        ("Contact Source", "g"),
        ("Contact Source", "Educations"),
        ("Contact Source", "Metropolitan"),
        ("Ethnicity", "Any other background"),
        ("Gender", ""),
    ],
)
def test_r050_what_several_codes_or_none_would_fit_is_left_as_it_is(heading, text):
    assert meant(heading, text) == Meant()


def test_every_category_of_the_guidance_is_read_as_itself_by_its_label_alone():
    for row in reference_rows("annex_a_codes.csv"):
        label = row["code"].partition(") ")[2] or row["code"].partition(": ")[2]
        if label and row["code_set"] in COLUMNS:
            assert meant(row["code_set"], label).code == row["code"], row


@pytest.mark.parametrize(
    ("text", "answer"),
    [("b) No", "0"), ("a) Yes", "1"), ("N - No", "0"), ("Yes: EPO", "1"), ("0 - Yes", ""),
     ("Not known", ""), ("-", ""), ("Yes - No", "")],
)  # fmt: skip
def test_r050_a_column_of_yes_and_no(text, answer):
    assert answer_meant(text) == answer


def test_a_code_of_another_year_is_left_to_the_rules():
    sex = RETURNS["ssda903"]["children"]["sex"]
    assert standard_of(sex, "1", 2025) is None
    assert standard_of(sex, "Male", 2025) == "M"
    assert standard_of(sex, "Male", 2024) == "1"


def test_a_spelling_whose_meaning_the_year_has_no_code_for_is_left_to_the_rules():
    sex = RETURNS["ssda903"]["children"]["sex"]
    assert standard_of(sex, "unknown", 2024) is None


@pytest.mark.parametrize(
    "spelling", ["Unknown", "unk", "Not known", "N/K", "?", "X", "9", "0", "unborn"]
)
def test_nine_spellings_of_unknown_sex_are_one(spelling):
    assert standard_of(RETURNS["ssda903"]["children"]["sex"], spelling, 2026) == "U"


SIGNED = (
    "-1", "- 1", "\u22121", "\u20131", "\uff0d1", "+1", "<1", ">1", "~1", "\u22641", "1-", "1+",
    "1%", "1-0", "1 \u2013 0", "1,0", "1 0", "a) -1", "-1: Male", "-9", "0-9",
)  # fmt: skip


@pytest.mark.parametrize("text", SIGNED)
def test_a_number_with_a_sign_is_no_code(text):
    recommend = RETURNS["training_feedback"]["training_session"]["recommend"]
    for column in (RETURNS["ssda903"]["children"]["sex"], COLUMNS["Contact Source"], recommend):
        assert code_meant(column, text, 2025) == Meant()


@pytest.mark.parametrize("text", ["1", "10", "9.0", "10 - Extremely likely", "9/10"])
def test_a_number_without_a_sign_still_is_a_code(text):
    recommend = RETURNS["training_feedback"]["training_session"]["recommend"]
    code = code_meant(recommend, text, 2025).code or text
    assert code == {"9.0": "9", "9/10": "9", "10 - Extremely likely": "10"}.get(text, text)


def test_minus_one_is_the_yes_of_access_and_of_no_other_column():
    mother = RETURNS["ssda903"]["children"]["mother_code"]
    assert standard_of(mother, "-1", 2025) == "1"
    assert meant("Does the Child have a Disability", "-1") == Meant("Yes")
    assert answer_meant("-1") == "1"


@pytest.mark.parametrize("text", ["<1", "+1", "1-0", "1%", "\u22121", "-0"])
def test_another_sign_is_no_answer(text):
    assert standard_of(RETURNS["ssda903"]["children"]["mother_code"], text, 2025) is None
    assert answer_meant(text) == ""
