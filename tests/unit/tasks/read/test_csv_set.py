from datetime import date

import pandas as pd
import pytest

from schemas.quarter import Quarter
from schemas.returns import RETURNS
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
)


def whole_set(folder, **files):
    sent = {"header.csv": HEADER + ONE_CHILD, "episodes.csv": EPISODES + ONE_EPISODE} | files
    return read_files(folder, sent)


def test_a_file_is_known_by_its_headings_and_not_by_its_name(tmp_path):
    read = read_files(tmp_path, {"x1": EPISODES + ONE_EPISODE, "header": HEADER + ONE_CHILD})
    assert read.return_name == "ssda903"
    assert read.sent == {"children", "episodes"}
    assert read.files == ("x1", "header")
    assert list(read.frames["episodes"]["source_file"]) == [0]
    assert list(read.frames["children"]["source_file"]) == [1]


@pytest.mark.parametrize("table", RETURNS["ssda903"].tables, ids=lambda table: table.name)
def test_every_file_of_the_set_is_told_apart_by_its_headings(tmp_path, table):
    headings = ",".join(c.sent_as for c in table.columns)
    rows = {"children": ONE_CHILD, "episodes": ONE_EPISODE}.get(table.name, "")
    read = read_one(tmp_path, f"{headings}\n{rows}")
    assert read.sent == {table.name}


def test_columns_are_taken_by_name_in_any_order(tmp_path):
    frame = read_one(
        tmp_path, "outcome,proceedings_issued_date,child_id,first_meeting_date\nx,,1,2024-05-06\n"
    ).frames["pre_proceedings"]
    assert frame.loc[0, "child_id"] == "1"
    assert frame.loc[0, "pre_proceedings_outcome"] == "x"


def test_a_missing_heading_is_named_with_how_many_were_needed_and_found(tmp_path):
    error = refused(tmp_path, EPISODES.replace("DEC,", "") + ONE_EPISODE)
    assert error.code == "HEADER_NOT_FOUND"
    assert "DEC missing from episodes (needs 13 headings, found 12" in error.words


def test_case_and_spacing_of_headings_do_not_matter_and_are_told(tmp_path):
    read = read_one(
        tmp_path, "Child ID, First Meeting Date,proceedings_issued_date,OUTCOME\n1,2024-05-06,,\n"
    )
    assert list(read.frames["pre_proceedings"]["child_id"]) == ["1"]
    (told,) = read.tolerances
    assert (told.code, told.count) == ("HEADER_SPELLING", 3)


def test_a_column_we_do_not_know_is_left_out_and_told(tmp_path):
    read = read_one(tmp_path, MEETINGS.replace("outcome", "outcome,Team") + "1,2024-05-06,,,x\n")
    assert "Team" not in read.frames["pre_proceedings"]
    assert [(told.code, told.words) for told in read.tolerances] == [
        ("COLUMN_UNKNOWN", "Columns we do not know were not read: Team.")
    ]


def test_an_empty_column_without_a_heading_is_left_out_but_values_without_one_are_refused(tmp_path):
    headings = MEETINGS.replace("outcome", "outcome,")
    read = read_one(tmp_path, headings + "1,2024-05-06,,,\n")
    assert [told.code for told in read.tolerances] == ["BLANK_COLUMNS"]
    assert refused(tmp_path, headings + "1,2024-05-06,,,x\n").code == "HEADER_BLANK"


def test_every_declared_table_has_a_frame_with_its_types_also_when_it_was_not_sent(tmp_path):
    read = whole_set(tmp_path)
    for table in RETURNS["ssda903"].tables:
        frame = read.frames[table.name]
        names = [column.name for column in table.columns]
        assert list(frame.columns) == [*names, "source_file", "source_row"]
        assert read.raw[table.name].column_names == names
        assert read.raw[table.name].num_rows == len(frame)
        assert frame["child_id"].dtype == "str"
        assert frame["source_file"].dtype == "int16"
        assert frame["source_row"].dtype == "int32"
    for name in ("episodes", "dolo", "oc2"):
        dates = read.frames[name].filter(regex="_(date|start|end)$")
        assert {str(kind) for kind in dates.dtypes} <= {"datetime64[s]"}
    assert read.frames["oc2"]["sdq_score"].dtype == "float64"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/04/2010", date(2010, 4, 5)),
        ("29/02/2012", date(2012, 2, 29)),
        ("01/01/1900", date(1900, 1, 1)),
        ("31/12/2100", date(2100, 12, 31)),
        (" 05/04/2010 ", date(2010, 4, 5)),
    ],
)
def test_dates_are_read_day_first_and_exactly(tmp_path, text, day):
    frame = read_one(tmp_path, HEADER + ONE_CHILD.replace("05/04/2010", text)).frames["children"]
    assert list(frame["birth_date"]) == [pd.Timestamp(day)]


@pytest.mark.parametrize(
    "text", ["31/02/2010", "05/04/10", "04/25/2010", "05 04 2010", "05/04/20100", "04/2010", "x"]
)
def test_any_other_text_is_no_date(tmp_path, text):
    read = read_one(tmp_path, HEADER + ONE_CHILD.replace("05/04/2010", text))
    assert list(read.findings["code"]) == ["DATE_INVALID"]
    assert read.findings.loc[0, "found"] == text
    assert read.frames["children"]["birth_date"].isna().all()


def test_a_column_wholly_in_another_form_is_read_so_and_told(tmp_path):
    read = read_one(tmp_path, HEADER + ONE_CHILD.replace("05/04/2010", "2010-04-05"))
    assert list(read.frames["children"]["birth_date"]) == [pd.Timestamp(2010, 4, 5)]
    (told,) = read.tolerances
    assert told.code == "DATE_FORM"
    assert "yyyy-mm-dd" in told.words


def test_one_date_in_another_form_than_its_column_is_ambiguous_whichever_row_it_is_in(tmp_path):
    lines = [f"A{n},M,05/04/2010,WBRI,UN1,0,\n" for n in range(5)]
    odd = "B,M,2010-04-05,WBRI,UN1,0,\n"
    for place in (0, 5):
        rows = [*lines[:place], odd, *lines[place:]]
        read = read_one(tmp_path, HEADER + "".join(rows))
        assert list(read.findings["code"]) == ["DATE_AMBIGUOUS"]
        assert list(read.findings["row"]) == [place + 2]
        assert list(read.findings["position"]) == [place]


def test_an_impossible_date_does_not_change_how_its_column_is_read(tmp_path):
    rows = "1,2024-05-06,,\n2,31/02/2024,,\n"
    read = read_one(tmp_path, MEETINGS + rows)
    assert list(read.findings["code"]) == ["DATE_INVALID"]
    assert list(read.findings["row"]) == [3]


@pytest.mark.parametrize(
    "text", ["twelve", "1,2,3", "12%", "1e5", "12.5", "inf", "£5", "--3", "9" * 16]
)
def test_a_text_that_is_no_whole_number_is_a_finding(tmp_path, text):
    quoted = f'"{text}"'
    row = f"A1,05/04/2010,{quoted},,,,,,,,,\n"
    headings = ",".join(c.sent_as for c in RETURNS["ssda903"]["oc2"].columns)
    read = read_one(tmp_path, f"{headings}\n{row}")
    assert list(read.findings["code"]) == ["NUMBER_INVALID"]
    assert read.frames["oc2"]["sdq_score"].isna().all()


def test_numbers_are_read_with_a_point_and_bounds_are_left_to_the_rules(tmp_path):
    columns = [c.sent_as for c in RETURNS["workforce"]["workforce"].columns]
    row = ["E08000030", "2024-25Q4", "1234.5", "-1", "+2", "3.0", *["0"] * 5]
    read = read_one(tmp_path, f"{','.join(columns)}\n{','.join(row)}\n")
    frame = read.frames["workforce"]
    assert frame.loc[0, columns[2:6]].tolist() == [1234.5, -1, 2, 3]
    assert read.la_code == "E08000030"


def test_quoted_cells_may_hold_commas_quotation_marks_and_line_ends(tmp_path):
    frame = meetings(tmp_path, '1,2024-05-06,,"a, ""b""\nc"\n2,2024-05-07,,d\n')
    assert list(frame["pre_proceedings_outcome"]) == ['a, "b"\nc', "d"]
    assert list(frame["source_row"]) == [2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path, end):
    read = read_one(tmp_path, (MEETINGS + "1,2024-05-06,,x\n2,2024-05-06,,y\n").replace("\n", end))
    frame = read.frames["pre_proceedings"]
    assert list(frame["pre_proceedings_outcome"]) == ["x", "y"]
    assert list(frame["source_row"]) == [2, 3]


@pytest.mark.parametrize("text", ["tenancy", "Fernanda", "NA", "null", "TRUE", "3", "é–”"])
def test_no_text_is_altered(tmp_path, text):
    assert list(meetings(tmp_path, f"1,2024-05-06,,{text}\n")["pre_proceedings_outcome"]) == [text]


@pytest.mark.parametrize(
    ("year", "sent", "read_as"),
    [
        (2024, "Male", "1"),
        (2024, " female ", "2"),
        (2025, "Male", "M"),
        (2025, "Not Known", "U"),
        (2025, "unborn", "U"),
        (2025, "M", "M"),
        (2025, "1", "1"),
        (2024, "M", "M"),
        (2025, "Q", "Q"),
    ],
)
def test_spellings_of_sex_become_the_code_of_the_year_but_wrong_codes_stay(
    tmp_path, year, sent, read_as
):
    quarter = Quarter(year - 1, 4)
    read = read_one(tmp_path, HEADER + ONE_CHILD.replace("M", sent), quarter=quarter)
    assert list(read.frames["children"]["sex"]) == [read_as]
    assert read.raw["children"]["sex"].to_pylist() == [sent]
    told = [t for t in read.tolerances if t.code == "SPELLING"]
    assert len(told) == (sent.strip() != read_as)


def test_two_files_of_the_same_table_are_refused(tmp_path):
    with pytest.raises(Exception, match="PART_DUPLICATE"):
        whole_set(tmp_path, **{"again.csv": EPISODES + ONE_EPISODE})


def test_a_small_return_that_speaks_for_two_authorities_is_refused(tmp_path):
    columns = [c.sent_as for c in RETURNS["workforce"]["workforce"].columns]
    rows = [",".join([code, "2024-25Q4", *["0"] * 9]) for code in ("E06000061", "E06000062")]
    error = refused(tmp_path, "\n".join([",".join(columns), *rows]) + "\n")
    assert error.code == "JOINT_RETURN_UNKNOWN"
