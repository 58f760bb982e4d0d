"""Awkward workbooks, by their ids in the list of hostile cases."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from pandas import Timestamp

from schemas.limits import LIMITS
from tests.support.files import (
    MEETING_CELLS,
    read_one,
    refused,
    refused_zip,
    remade,
    workbook,
    zipped,
)

DAY = date(2024, 5, 6)
ROW = ("007", DAY, None, "none")
PLAIN = workbook(("Data", [MEETING_CELLS, ROW]))
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(folder, data, **how):
    return read_one(folder, data, name="sent.xlsx", **how)


def rejected(folder, data, **how):
    return refused(folder, data, name="sent.xlsx", **how)


def with_sheet(change, data=PLAIN):
    """Return a workbook whose first sheet's XML went through `change`."""
    return remade(
        data, lambda name, content: change(content.decode()).encode() if name == SHEET else content
    )


def with_cell(xml):
    """Return a workbook with one more row, which holds this XML."""
    return with_sheet(
        lambda text: text.replace("</sheetData>", f"<row r='3'>{xml}</row></sheetData>")
    )


def with_member(name, content):
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        members = [(n, archive.read(n)) for n in archive.namelist()]
    return zipped([*members, (name, content)])


def test_a_plain_workbook_is_read(tmp_path):
    frame = read(tmp_path, PLAIN).frames["pre_proceedings"]
    (row,) = frame.to_dict("records")
    assert row["child_id"] == "007"
    assert row["first_meeting_date"] == Timestamp(2024, 5, 6)
    assert row["source_row"] == 2


def test_h061_h062_a_bomb_is_refused_before_it_is_parsed(tmp_path):
    data = with_member("xl/media/image1.bin", b"\0" * 5_000_000)
    assert rejected(tmp_path, data).code == "UNPACKED_TOO_LARGE"


@pytest.mark.parametrize("cell", ["XFD1048576", "XFD3", "A1048576"])
def test_h063_a_sheet_with_a_cell_far_outside_is_refused(tmp_path, cell):
    row = cell.lstrip("XFDA")
    data = with_sheet(
        lambda text: text.replace(
            "</sheetData>",
            f"<row r='{row}'><c r='{cell}' t='inlineStr'><is><t>x</t></is></c></row></sheetData>",
        )
    )
    assert rejected(tmp_path, data).code == "SHEET_TOO_LARGE"


def test_h063_formatting_far_outside_does_no_harm(tmp_path):
    data = with_sheet(
        lambda text: text.replace(
            "</sheetData>", "<row r='1048576'><c r='XFD1048576' s='1'/></row></sheetData>"
        )
    )
    assert len(read(tmp_path, data).frames["pre_proceedings"]) == 1


@pytest.fixture(scope="module")
def large():
    rows = [[f"A{n}", DAY, None, f"x{n}"] for n in range(60_000)]
    return workbook(("Data", [MEETING_CELLS, *rows]))


def test_h063_a_worker_that_runs_out_of_memory_dies_alone(tmp_path, large):
    limits = replace(LIMITS, child_memory_bytes=40_000_000)
    # NOT_READ where the interpreter and its libraries alone take more.
    assert rejected(tmp_path, large, limits=limits).code in ("SHEET_TOO_LARGE", "NOT_READ")


def test_h063_a_worker_that_takes_too_much_processor_time_is_stopped(tmp_path, large):
    limits = replace(LIMITS, child_cpu_seconds=0)
    assert rejected(tmp_path, large, limits=limits).code == "SHEET_TOO_LARGE"


def test_h063_a_worker_that_does_not_end_is_stopped(tmp_path):
    limits = replace(LIMITS, child_wall_seconds=0)
    assert rejected(tmp_path, PLAIN, limits=limits).code == "SHEET_TOO_LARGE"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_h065_two_parts_of_one_name_are_refused(tmp_path):
    assert rejected_zip_code(tmp_path, with_member(SHEET, "<worksheet/>")) == "ZIP_DUPLICATE_MEMBER"


def test_h066_a_part_that_points_outside_is_refused(tmp_path):
    assert rejected_zip_code(tmp_path, with_member("../../x", "x")) == "ZIP_UNSAFE_NAME"


def rejected_zip_code(folder, data):
    return refused_zip(folder, data, name="sent.xlsx").code


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/app.xml"]
)
def test_h067_a_document_type_in_any_part_is_refused(tmp_path, part):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def change(name, content):
        if name != part:
            return content
        head, _, rest = content.decode().partition("?>")
        return f"{head}?>{bomb}{rest}".encode()

    assert rejected(tmp_path, remade(PLAIN, change)).code == "XML_DTD"


def test_h070_a_workbook_with_macros_is_refused(tmp_path):
    error = rejected(tmp_path, with_member("xl/vbaProject.bin", b"x"))
    assert error.code == "MACRO"
    assert "without macros" in error.words


def test_h070_a_workbook_named_as_one_with_macros_is_refused(tmp_path):
    assert refused(tmp_path, PLAIN, name="sent.xlsm").code == "MACRO"


@pytest.mark.parametrize("name", ["sent.xlsx", "sent.xls"])
def test_h071_a_workbook_behind_a_password_is_refused_with_what_to_do(tmp_path, name):
    data = OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    error = refused(tmp_path, data, name=name)
    assert error.code == "ENCRYPTED"
    assert "Remove the password" in error.words


def test_an_old_workbook_is_refused_with_what_to_do(tmp_path):
    error = refused(tmp_path, OLE + b"\0" * 600, name="sent.xls")
    assert error.code == "TYPE_UNSUPPORTED"


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
def test_h073_half_a_workbook_is_refused(tmp_path, part):
    assert rejected_zip_code(tmp_path, PLAIN[: int(len(PLAIN) * part)]) == "ZIP_TRUNCATED"


@pytest.mark.parametrize("value", ["", "<v></v>", "<v/>"])
def test_h074_a_formula_never_calculated_is_refused_with_its_row(tmp_path, value):
    error = rejected(tmp_path, with_cell(f"<c r='A3'><f>1+1</f>{value}</c>"))
    assert (error.code, error.row) == ("FORMULA_CELL", 3)


def test_h074_the_last_result_of_a_formula_is_read_and_told(tmp_path):
    data = with_cell("<c r='A3' t='str'><f>A2</f><v>008</v></c><c r='B3' s='1'><v>45418</v></c>")
    got = read(tmp_path, data)
    assert list(got.frames["pre_proceedings"]["child_id"]) == ["007", "008"]
    assert [told.code for told in got.tolerances] == ["FORMULA_RESULT"]


@pytest.mark.parametrize("error_value", ["#REF!", "#N/A", "#DIV/0!"])
def test_h075_an_error_cell_is_refused_with_its_row(tmp_path, error_value):
    error = rejected(tmp_path, with_cell(f"<c r='A3' t='e'><v>{error_value}</v></c>"))
    assert (error.code, error.row) == ("ERROR_CELL", 3)


def test_h075_text_that_would_start_a_program_is_refused(tmp_path):
    data = workbook(("Data", [MEETING_CELLS, ("007", DAY, None, "=cmd|' /C calc'!A0")]))
    assert rejected(tmp_path, data).code == "ERROR_CELL"


def test_h075_empty_rows_and_columns_before_the_table_do_not_shift_it(tmp_path):
    rows = [[None], [None], [None, *MEETING_CELLS], [None, *ROW]]
    frame = read(tmp_path, workbook(("Data", rows))).frames["pre_proceedings"]
    assert frame[["child_id", "source_row"]].values.tolist() == [["007", 4]]


def test_h077_a_workbook_that_counts_from_1904_is_read_by_its_own_count(tmp_path):
    as_number = [MEETING_CELLS, ("007", 43591, None, "none")]
    as_date = [MEETING_CELLS, ROW]
    for rows in (as_date, as_number):
        data = workbook(("Data", rows), date_1904=True)
        frame = read(tmp_path, data).frames["pre_proceedings"]
        expected = Timestamp(2024, 5, 6) if rows is as_date else Timestamp(2023, 5, 7)
        assert list(frame["first_meeting_date"]) == [expected]


def test_h077_a_column_wholly_of_serial_numbers_is_read_so_and_told(tmp_path):
    got = read(tmp_path, workbook(("Data", [MEETING_CELLS, ("007", 42035, None, "none")])))
    assert list(got.frames["pre_proceedings"]["first_meeting_date"]) == [Timestamp(2015, 1, 31)]
    assert [told.code for told in got.tolerances] == ["DATE_FORM"]


@pytest.mark.parametrize("odd", ["31/01/2015", "03/04/2015", 42035])
def test_h077_a_date_written_unlike_the_rest_of_its_column_is_ambiguous(tmp_path, odd):
    data = workbook(("Data", [MEETING_CELLS, ROW, ("008", odd, None, "none")]))
    got = read(tmp_path, data)
    (finding,) = got.findings.to_dict("records")
    assert (finding["code"], finding["row"], finding["place"]) == ("DATE_AMBIGUOUS", 3, "Data")
    assert got.frames["pre_proceedings"]["first_meeting_date"].isna().tolist() == [False, True]


def test_h078_a_workbook_without_the_table_is_refused_listing_its_sheets(tmp_path):
    error = rejected(tmp_path, workbook(("DR1", [["a", "b"]]), ("DR 2 (2)", [["c"]])))
    assert error.code == "SHEET_NOT_FOUND"
    assert "DR1, DR 2 (2)" in error.words


def test_h078_a_table_found_on_two_sheets_is_refused_listing_them(tmp_path):
    rows = [MEETING_CELLS, ROW]
    error = rejected(tmp_path, workbook(("DR2", rows), ("DR 2 (2)", rows)))
    assert error.code == "SHEET_NOT_FOUND"
    assert "DR2, DR 2 (2)" in error.words


def test_h078_a_table_is_known_by_its_headings_and_not_by_the_name_of_its_sheet(tmp_path):
    data = workbook(("Notes", [["read me"]]), ("whatever", [MEETING_CELLS, ROW]))
    got = read(tmp_path, data)
    assert len(got.frames["pre_proceedings"]) == 1
    assert [told.code for told in got.tolerances] == ["SHEET_UNKNOWN"]


def test_h057_numbers_in_an_identifier_column_become_text_without_a_point(tmp_path):
    data = workbook(("Data", [MEETING_CELLS, (1234567, DAY, None, "none")]))
    assert list(read(tmp_path, data).frames["pre_proceedings"]["child_id"]) == ["1234567"]


def test_h057_an_identifier_whose_digits_the_workbook_lost_is_refused(tmp_path):
    data = workbook(("Data", [MEETING_CELLS, (12345678901234567, DAY, None, "none")]))
    error = rejected(tmp_path, data)
    assert (error.code, error.row) == ("ID_INEXACT", 2)


def test_h043_a_character_that_cannot_be_seen_is_refused_in_a_workbook_too(tmp_path):
    data = workbook(("Data", [MEETING_CELLS, ("0\u200b07", DAY, None, "none")]))
    assert rejected(tmp_path, data).code == "CONTROL_CHARACTER"


@pytest.mark.parametrize(
    "xml",
    [
        "<c r='B3'><v>1</v></c><c r='A3'><v>2</v></c>",
        "<c r='A3'><v>1</v></c><c r='A3'><v>2</v></c>",
        "<c r='A2'><v>1</v></c>",
    ],
)
def test_h065_cells_out_of_order_or_twice_in_one_place_are_refused(tmp_path, xml):
    assert rejected(tmp_path, with_cell(xml)).code == "WORKBOOK_DAMAGED"


def test_a_hidden_sheet_is_not_read_and_told(tmp_path):
    data = workbook(("Data", [MEETING_CELLS, ROW]), ("Old", [MEETING_CELLS, ROW]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        hidden = archive.read("xl/workbook.xml").replace(b'"Old"', b'"Old" state="hidden"')
    got = read(tmp_path, remade(data, lambda n, c: hidden if n == "xl/workbook.xml" else c))
    assert [told.code for told in got.tolerances] == ["SHEET_HIDDEN"]
