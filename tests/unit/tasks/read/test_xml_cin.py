import pandas as pd
import pytest

from schemas.quarter import Quarter
from tests.support.files import census, child, read_one

PLAN = (
    "<ChildProtectionPlans><CPPstartDate>2024-06-01</CPPstartDate>"
    "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
    "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>"
    "<NumberOfPreviousCPP>1</NumberOfPreviousCPP>{reviews}</ChildProtectionPlans>\n"
)
ASSESSMENT = (
    "<Assessments><AssessmentActualStartDate>2024-05-07</AssessmentActualStartDate>"
    "<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>\n"
)


def read(folder, text, **how):
    return read_one(folder, text, name="sent.xml", **how)


@pytest.mark.parametrize("namespace", ["", "http://www.w3.org/2001/XMLSchema-instance"])
def test_a_census_is_read_with_and_without_a_namespace(tmp_path, namespace):
    got = read(tmp_path, census(child(), namespace=namespace))
    assert got.return_name == "cin_census"
    assert (got.old_la_code, got.claimed_year, got.la_code) == ("301", 2025, None)
    (row,) = got.frames["cin_children"].to_dict("records")
    assert row["child_id"] == "A1"
    assert row["birth_date"] == pd.Timestamp(2015, 4, 5)
    assert row["ethnicity"] == "WBRI"
    assert got.tolerances == ()


def test_prefixed_elements_are_read_too(tmp_path):
    text = census(child(), namespace="urn:x").replace("</", "</c:").replace("xmlns=", "xmlns:c=")
    prefixed = text.replace("<", "<c:").replace("<c:/c:", "</c:").replace("<c:?", "<?")
    assert len(read(tmp_path, prefixed).frames["referrals"]) == 1


def test_what_a_case_says_once_is_repeated_in_the_rows_below_it(tmp_path):
    reviews = "<Reviews><CPPreviewDate>2024-08-01</CPPreviewDate></Reviews>"
    got = read(tmp_path, census(child(PLAN.format(reviews=reviews))))
    (row,) = got.frames["cp_plan_reviews"].to_dict("records")
    assert row["child_id"] == "A1"
    assert row["referral_date"] == pd.Timestamp(2024, 5, 6)
    assert row["cp_plan_start"] == pd.Timestamp(2024, 6, 1)
    assert row["cp_plan_review_date"] == pd.Timestamp(2024, 8, 1)


def test_reviews_are_read_as_one_element_of_many_dates_and_as_many_elements_of_one(tmp_path):
    dates = [f"<CPPreviewDate>2024-0{month}-01</CPPreviewDate>" for month in (7, 8, 9)]
    one = f"<Reviews>{''.join(dates)}</Reviews>"
    many = "".join(f"<Reviews>{day}</Reviews>" for day in dates)
    frames = [
        read(tmp_path, census(child(PLAN.format(reviews=way)))).frames["cp_plan_reviews"]
        for way in (one, many)
    ]
    pd.testing.assert_frame_equal(*frames)
    assert len(frames[0]) == 3


@pytest.mark.parametrize(
    ("text", "meant"),
    [("0", False), ("1", True), ("false", False), ("true", True), ("Yes", True), ("N", False)],
)
def test_yes_and_no_are_read_in_every_spelling(tmp_path, text, meant):
    got = read(tmp_path, census(child().replace(">0<", f">{text}<")))
    assert got.frames["referrals"]["is_nfa"].tolist() == [meant]
    assert got.frames["referrals"]["is_nfa"].dtype == "boolean"


@pytest.mark.parametrize("text", ["2", "maybe"])
def test_what_is_neither_yes_nor_no_is_a_finding(tmp_path, text):
    got = read(tmp_path, census(child().replace(">0<", f">{text}<")))
    assert list(got.findings["code"]) == ["VALUE_INVALID"]
    assert got.frames["referrals"]["is_nfa"].isna().all()


def test_the_line_of_a_row_is_that_of_its_element_also_far_down(tmp_path):
    children = "\n".join(child(child_id=f"A{n}") for n in range(30_000))
    got = read(tmp_path, census(children))
    lines = got.frames["cin_children"]["source_row"]
    assert lines.iloc[0] == 5
    assert lines.iloc[-1] == 5 + 29_999 * 4


def test_packed_factors_are_split_and_told_and_the_cell_kept_as_sent(tmp_path):
    factors = (
        "<AssessmentFactors>1A, 2B</AssessmentFactors><AssessmentFactors>3C</AssessmentFactors>"
    )
    got = read(tmp_path, census(child(ASSESSMENT.format(factors=factors))))
    assert list(got.frames["assessment_factors"]["factor_code"]) == ["1A", "2B", "3C"]
    raw = got.raw["assessment_factors"]["factor_code"].to_pylist()
    assert raw == ["1A, 2B", "1A, 2B", "3C"]
    assert [(told.code, told.count) for told in got.tolerances] == [("CODES_PACKED", 1)]


def test_a_cell_that_holds_anything_but_codes_is_left_for_the_rules(tmp_path):
    factors = "<AssessmentFactors>1A and others</AssessmentFactors>"
    got = read(tmp_path, census(child(ASSESSMENT.format(factors=factors))))
    assert list(got.frames["assessment_factors"]["factor_code"]) == ["1A and others"]


PRE_PROCEEDINGS = (
    "<PPStartDate>2025-05-0{n}</PPStartDate><LBPSentDate>2025-05-1{n}</LBPSentDate>"
    "<FGDMMeetingOffer>1</FGDMMeetingOffer>"
)


@pytest.mark.parametrize("wrapped", [True, False])
def test_pre_proceedings_are_read_in_a_block_and_directly_under_the_case(tmp_path, wrapped):
    blocks = [PRE_PROCEEDINGS.format(n=n) for n in (1, 2)]
    if wrapped:
        blocks = [f"<PreProceedings>{block}</PreProceedings>" for block in blocks]
    got = read(tmp_path, census(child("".join(blocks)), year=2026), quarter=Quarter(2025, 4))
    frame = got.frames["cin_pre_proceedings"]
    assert [day.day for day in frame["pre_proceedings_start"]] == [1, 2]
    assert [day.day for day in frame["letter_before_date"]] == [11, 12]
    assert frame["is_family_meeting_offered"].tolist() == [True, True]
    assert list(frame["child_id"]) == ["A1", "A1"]


def test_two_cases_with_loose_pre_proceedings_keep_them_apart(tmp_path):
    letters = [f"<LBPSentDate>2025-05-{day}</LBPSentDate>" for day in (11, 12)]
    case = "</CINdetails><CINdetails>".join(letters)
    got = read(tmp_path, census(child(case), year=2026))
    assert [day.day for day in got.frames["cin_pre_proceedings"]["letter_before_date"]] == [11, 12]


def test_an_element_we_do_not_know_is_left_out_and_told(tmp_path):
    got = read(tmp_path, census(child("<Allocated>x</Allocated>")))
    assert [told.words for told in got.tolerances] == [
        "Elements we do not know were not read: Allocated."
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_encoding_an_xml_file_declares_is_the_one_it_is_read_in(tmp_path, encoding):
    text = census(child(child_id="é1")).replace("UTF-8", encoding)
    got = read(tmp_path, text.encode(encoding))
    assert list(got.frames["cin_children"]["child_id"]) == ["é1"]


def test_white_space_around_a_value_is_layout(tmp_path):
    got = read(tmp_path, census(child(child_id="\n   A1\n  ")))
    assert list(got.frames["cin_children"]["child_id"]) == ["A1"]


def test_raw_text_and_rows_stand_in_the_same_order(tmp_path):
    children = "".join(child(child_id=f"A{n}") for n in (3, 1, 2))
    got = read(tmp_path, census(children))
    for name, frame in got.frames.items():
        ids = [text and text.strip() for text in got.raw[name]["child_id"].to_pylist()]
        assert ids == list(frame["child_id"])
