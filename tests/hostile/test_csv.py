"""Awkward CSV files, by their ids in the list of hostile cases."""

from dataclasses import replace

import pytest

from schemas.limits import LIMITS
from tests.support.files import (
    EPISODES,
    HEADER,
    MEETINGS,
    ONE_CHILD,
    ONE_EPISODE,
    meetings,
    read_files,
    read_one,
    refused,
    workbook,
)

ROW = "007,2024-05-06,,none\n"


def codes_told(read):
    return [told.code for told in read.tolerances]


def test_h005_a_file_cut_inside_its_last_row_is_refused_with_the_last_whole_row(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW + "008,2024-0")
    assert error.code == "CSV_TRUNCATED"
    assert error.row == 3
    assert "last whole row 2" in error.words


def test_h005_a_file_cut_inside_its_last_cell_is_read_and_its_open_end_told(tmp_path):
    read = read_one(tmp_path, MEETINGS + ROW + "008,2024-05-06,,no")
    assert "LAST_LINE_OPEN" in codes_told(read)


@pytest.mark.parametrize("content", ["", "\n", "  \r\n ", "\ufeff"])
def test_h033_an_empty_file_is_refused(tmp_path, content):
    assert refused(tmp_path, content).code == "FILE_EMPTY"


def test_h034_headings_without_rows_are_refused(tmp_path):
    assert refused(tmp_path, MEETINGS).code == "NO_ROWS"


def test_h034_a_nil_return_that_says_so_is_accepted_and_told(tmp_path):
    read = read_one(tmp_path, MEETINGS + "Nil return,,,\n")
    assert len(read.frames["pre_proceedings"]) == 0
    assert "pre_proceedings" in read.sent
    assert codes_told(read) == ["NIL_RETURN"]


def test_h034_a_file_of_a_set_that_may_be_empty_is_accepted_empty(tmp_path):
    read = read_files(
        tmp_path,
        {
            "a.csv": HEADER + ONE_CHILD,
            "b.csv": EPISODES + ONE_EPISODE,
            "c.csv": "CHILD,DOB,REVIEW,REVIEW_CODE\n",
        },
    )
    assert "reviews" in read.sent
    assert len(read.frames["reviews"]) == 0


def test_h035_a_huge_file_is_refused_by_its_size_before_it_is_opened(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW, limits=replace(LIMITS, file_bytes=50))
    assert error.code == "FILE_TOO_LARGE"
    assert "at most 50 bytes" in error.words


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sent.xlsx", MEETINGS + ROW),
        ("sent.xls", "<html><table><tr><td>child_id</td></tr></table></html>"),
        ("sent.csv", workbook(("Data", [MEETINGS.strip().split(",")]))),
        ("sent.csv", "<?xml version='1.0'?><Message/>"),
        ("sent.xml", MEETINGS + ROW),
    ],
)
def test_h037_a_name_that_says_something_else_than_the_bytes_is_refused(tmp_path, name, content):
    assert refused(tmp_path, content, name=name).code == "TYPE_MISMATCH"


def test_h038_a_byte_order_mark_is_removed_and_the_first_heading_intact(tmp_path):
    read = read_one(tmp_path, "\ufeff" + MEETINGS + ROW)
    assert list(read.frames["pre_proceedings"]["child_id"]) == ["007"]
    assert read.tolerances == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_h039_utf_16_with_its_mark_is_read_and_told(tmp_path, encoding):
    content = ("\ufeff" + MEETINGS + "007,2024-05-06,,Zoë\n").encode(encoding)
    read = read_one(tmp_path, content)
    assert list(read.frames["pre_proceedings"]["pre_proceedings_outcome"]) == ["Zoë"]
    assert codes_told(read) == ["ENCODING_CONVERTED"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_h039_other_wide_encodings_are_refused_with_what_to_do(tmp_path, encoding):
    error = refused(tmp_path, (MEETINGS + ROW).encode(encoding))
    assert error.code == "ENCODING_UNSUPPORTED"
    assert "CSV UTF-8" in error.words


def test_h041_two_encodings_in_one_file_are_refused_naming_the_first_bad_line(tmp_path):
    content = (MEETINGS + "1,2024-05-06,,café\n").encode() + "2,2024-05-06,,café\n".encode("cp1252")
    error = refused(tmp_path, content)
    assert (error.code, error.row) == ("ENCODING_UNSUPPORTED", 3)


def test_h041_one_byte_text_is_read_as_windows_1252_where_that_is_certain(tmp_path):
    read = read_one(tmp_path, (MEETINGS + "1,2024-05-06,,café – £5\n").encode("cp1252"))
    assert list(read.frames["pre_proceedings"]["pre_proceedings_outcome"]) == ["café – £5"]
    assert codes_told(read) == ["ENCODING_CONVERTED"]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_h041_one_byte_text_of_another_kind_is_refused(tmp_path, encoding):
    error = refused(tmp_path, (MEETINGS + "1,2024-05-06,,café\n").encode(encoding))
    assert (error.code, error.row) == ("ENCODING_UNSUPPORTED", 2)


def test_h042_a_nul_byte_is_refused_with_its_line(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW + "0\x0001,2024-05-06,,\n")
    assert (error.code, error.row) == ("CONTROL_CHARACTER", 3)


@pytest.mark.parametrize(
    "child_id",
    ["A\u202e1", "A\u200b1", "\u00a0A1", "A\u00ad1", "\uff21\uff11", "A\x1b1", "A\u20281"],
)
def test_h043_an_identifier_with_a_character_that_cannot_be_seen_is_refused(tmp_path, child_id):
    error = refused(tmp_path, MEETINGS + ROW + f"{child_id},2024-05-06,,\n")
    assert (error.code, error.row) == ("CONTROL_CHARACTER", 3)


def test_h043_spaces_around_an_identifier_do_not_make_a_second_child(tmp_path):
    frame = meetings(tmp_path, " 007 ,2024-05-06,,\n007,2024-05-07,,\n")
    assert list(frame["child_id"]) == ["007", "007"]


@pytest.mark.parametrize("row", ["008,2024-05-06\n", "008,2024-05-06,,none,more\n"])
def test_h045_h046_a_row_of_another_width_is_refused_with_its_number(tmp_path, row):
    error = refused(tmp_path, MEETINGS + ROW + row + ROW)
    assert (error.code, error.row) == ("ROW_WIDTH", 3)


def test_h047_a_trailing_comma_on_every_row_is_refused_and_nothing_shifts(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW.replace("\n", ",\n") * 3)
    assert (error.code, error.row) == ("ROW_WIDTH", 2)


def test_h049_an_unclosed_quotation_mark_is_refused_with_the_line_it_opens_on(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW + '008,2024-05-06,,"none\n' + ROW * 3)
    assert (error.code, error.row) == ("CSV_QUOTE", 3)


def test_h049_a_mark_closed_by_the_next_one_is_found_where_it_opened(tmp_path):
    rows = ROW + '008,2024-05-06,,"none\n' + ROW * 3 + '009,2024-05-06,,"none"\n'
    error = refused(tmp_path, MEETINGS + rows)
    assert (error.code, error.row) == ("CSV_QUOTE", 3)


def test_h050_a_cell_over_the_cap_is_refused_with_its_row(tmp_path):
    error = refused(tmp_path, MEETINGS + ROW + f"008,2024-05-06,,{'x' * 200_000}\n")
    assert (error.code, error.row) == ("CELL_TOO_LONG", 3)


def test_h050_a_cell_over_the_cap_is_told_from_a_mark_not_closed_on_the_strict_way_too(tmp_path):
    titles = "Pre-proceedings return,,,\n"
    error = refused(tmp_path, titles + MEETINGS + f"008,2024-05-06,,{'x' * 200_000}\n")
    assert (error.code, error.row) == ("CELL_TOO_LONG", 3)
    error = refused(tmp_path, titles + MEETINGS + f'008,2024-05-06,,"{"x" * 200_000}\n')
    assert (error.code, error.row) == ("CSV_QUOTE", 3)


def test_h050_more_columns_than_any_return_has_are_refused(tmp_path):
    wide = MEETINGS.strip() + "," * 300 + "\n"
    assert refused(tmp_path, wide + ROW).code == "TOO_MANY_COLUMNS"


def test_h030_more_rows_than_any_return_has_are_refused_on_either_way(tmp_path):
    limits = replace(LIMITS, rows=2)
    for rows in (ROW * 3, ROW * 3 + "\n\n"):
        assert refused(tmp_path, MEETINGS + rows, limits=limits).code == "TOO_MANY_ROWS"


@pytest.mark.parametrize("quoted", ['"', ""])
def test_h050_the_cap_itself_is_allowed(tmp_path, quoted):
    longest = "x" * LIMITS.cell_characters
    frame = meetings(tmp_path, f"008,2024-05-06,,{quoted}{longest}{quoted}\n")
    assert list(frame["pre_proceedings_outcome"]) == [longest]


def test_h051_a_heading_sent_twice_is_refused(tmp_path):
    twice = MEETINGS.replace("outcome", "outcome,Outcome")
    error = refused(tmp_path, twice + ROW.replace("\n", ",none\n"))
    assert error.code == "HEADER_DUPLICATE"


def test_h053_title_rows_above_the_headings_are_left_out_and_told(tmp_path):
    titles = "Pre-proceedings return,,,\nQuarter 4,,,\n"
    read = read_one(tmp_path, titles + MEETINGS + ROW)
    assert list(read.frames["pre_proceedings"]["source_row"]) == [4]
    assert codes_told(read) == ["TITLE_ROWS"]
    assert "row 3" in read.tolerances[0].words


def test_h053_headings_below_titles_are_found_by_their_exact_set_and_never_guessed(tmp_path):
    titles = "Pre-proceedings return,,,\n"
    error = refused(tmp_path, titles + MEETINGS.replace("outcome", "result") + ROW)
    assert error.code == "HEADER_NOT_FOUND"
    assert "outcome missing" in error.words
    assert "needs 4 headings, found 3" in error.words


def test_h053_a_file_with_no_headings_at_all_is_refused(tmp_path):
    assert refused(tmp_path, ROW * 5).code == "HEADER_NOT_FOUND"


def test_h054_blank_rows_are_left_out_and_counted_and_rows_keep_their_numbers(tmp_path):
    read = read_one(tmp_path, MEETINGS + ROW + ",,,\n\n" + ROW + " , ,,\n,,,\n\n")
    assert list(read.frames["pre_proceedings"]["source_row"]) == [2, 5]
    assert sum(told.count for told in read.tolerances if told.code == "BLANK_ROWS") == 5


@pytest.mark.parametrize("label", ["Total", "TOTALS:", "Grand total"])
def test_h054_a_total_row_is_refused(tmp_path, label):
    error = refused(tmp_path, MEETINGS + ROW + f"{label},,,\n")
    assert (error.code, error.row) == ("TOTAL_ROW", 3)


def test_h055_semicolons_are_read_when_the_headings_prove_them_and_told(tmp_path):
    read = read_one(tmp_path, (MEETINGS + ROW).replace(",", ";"))
    assert list(read.frames["pre_proceedings"]["child_id"]) == ["007"]
    assert codes_told(read) == ["DELIMITER_SEMICOLON"]


@pytest.mark.parametrize(("delimiter", "word"), [("\t", "tab"), (";", "semicolon")])
def test_h055_other_delimiters_are_refused_by_name(tmp_path, delimiter, word):
    content = (MEETINGS.replace("outcome", "result") + ROW).replace(",", delimiter)
    error = refused(tmp_path, content)
    assert error.code == "DELIMITER"
    assert f"{word}-separated" in error.words


@pytest.mark.parametrize(
    "child_id", ["NA", "1E5", "007", "12345678901234567", "nan", "1e5", "-", "TRUE", "0x1F"]
)
def test_h057_values_that_look_like_nothing_or_a_number_are_kept_as_text(tmp_path, child_id):
    read = read_one(tmp_path, MEETINGS + f"{child_id},2024-05-06,,none\n")
    # `NULL` is none of these: R042 declares it a word for nothing, so no child has it for an id.
    # Ids rest in capitals: `ab12` and `AB12` are one child.
    assert list(read.frames["pre_proceedings"]["child_id"]) == [child_id.upper()]
    assert read.raw["pre_proceedings"]["child_id"].to_pylist() == [child_id]


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "'x", "<script>x</script>"]
)
def test_h058_h059_text_that_is_live_elsewhere_is_kept_as_it_is(tmp_path, text):
    frame = meetings(tmp_path, f"1,2024-05-06,,{text}\n")
    assert list(frame["pre_proceedings_outcome"]) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2025",
        "2025-02-31",
        "0001-01-01",
        "2025-13-01",
        "1899-12-31",
        "2101-01-01",
        "2025-2-3",
    ],
)
def test_h082_an_impossible_date_is_a_finding_of_its_row_and_its_cell_is_missing(tmp_path, text):
    read = read_one(tmp_path, MEETINGS + ROW + f"8,{text},,none\n")
    (finding,) = read.findings.to_dict("records")
    assert finding["code"] == "DATE_INVALID"
    assert (finding["row"], finding["field"]) == (3, "first_meeting_date")
    assert (finding["severity"], finding["reach"]) == ("error", "record")
    assert finding["found"] == text
    assert text not in finding["words"]
    assert read.frames["pre_proceedings"]["first_meeting_date"].isna().tolist() == [False, True]


@pytest.mark.parametrize("heading", ["Name", "NHS number", "nhs_number", "Postcode", "Surname"])
def test_h090_a_column_that_identifies_people_is_refused(tmp_path, heading):
    content = MEETINGS.replace("outcome", f"outcome,{heading}") + ROW.replace("\n", ",x\n")
    assert refused(tmp_path, content).code == "IDENTIFIER_NOT_ALLOWED"
