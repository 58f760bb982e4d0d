"""A file without a child is the file, without the child."""

import codecs

import pytest

from schemas.limits import LIMITS
from tasks.privacy.leave_out import names_any, without_erased
from tests.support.files import MEETINGS, read_one, workbook, zipped
from tests.unit.tasks.privacy.conftest import (
    CHILDREN,
    GONE,
    LAST,
    STAYS,
    attendance,
    census_of,
    meetings,
)


def is_gone(identifier):
    return identifier == GONE


def without(folder, content, return_name, part, *, name="sent"):
    path = folder / name
    path.write_bytes(content)
    return without_erased(path, name, return_name, part, is_gone, limits=LIMITS)


def csv_without(folder, content):
    return without(folder, content, "pre_proceedings", "pre_proceedings")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("cp1252", b""),
    ],
)
def test_of_a_csv_file_the_lines_of_the_child_go_and_every_other_byte_stays(
    tmp_path, encoding, mark
):
    kept = [MEETINGS.replace("\n", "\r\n"), f'{STAYS},05/02/2025,,"no\r\nne é"\r\n', f"{LAST},,,"]
    gone = [f"{GONE},05/02/2025,,none\r\n", f' {GONE} ,06/02/2025,,"a\r\nb"\r\n']
    whole = "".join([kept[0], gone[0], kept[1], gone[1], kept[2]])
    found = csv_without(tmp_path, mark + whole.encode(encoding))
    assert found.count == 2
    assert found.data == mark + "".join(kept).encode(encoding)


def test_headings_below_title_rows_and_semicolons_are_understood(tmp_path):
    text = f"Title;;;\n{MEETINGS}{GONE},05/02/2025,,none\n{STAYS},05/02/2025,,none\n"
    found = csv_without(tmp_path, text.replace(",", ";").encode())
    assert found.count == 1
    assert GONE.encode() not in found.data


def test_a_file_that_does_not_name_the_child_stays_byte_for_byte(tmp_path):
    content = f"{MEETINGS}{STAYS},05/02/2025,,{GONE}\n".encode()
    found = csv_without(tmp_path, content)
    assert (found.data, found.count) == (content, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_of_xml_the_element_of_the_child_goes_and_every_other_byte_stays(tmp_path, encoding):
    whole, rest = census_of(CHILDREN), census_of((STAYS, LAST))
    content = whole.replace("UTF-8", encoding).encode(encoding)
    found = without(tmp_path, content, "cin_census", "whole")
    assert found.count == 1
    assert found.data.decode(encoding) == rest.replace("UTF-8", encoding)


def test_xml_on_one_line_and_with_a_namespace_is_taken_apart_too(tmp_path):
    text = census_of(CHILDREN).replace("\n", "").replace("<Message>", '<Message xmlns="urn:x">')
    found = without(tmp_path, text.encode(), "cin_census", "whole")
    expected = census_of((STAYS, LAST)).replace("\n", "")
    assert found.data.decode() == expected.replace("<Message>", '<Message xmlns="urn:x">')


def test_a_workbook_made_anew_reads_like_one_without_the_child(tmp_path):
    found = without(tmp_path, attendance(CHILDREN), "school_attendance", "school_attendance")
    assert found.count == 1
    again = without(tmp_path, attendance(CHILDREN), "school_attendance", "school_attendance")
    assert again == found
    path = tmp_path / "new"
    path.write_bytes(found.data)
    assert not names_any(path, is_gone)


def test_the_rows_of_a_workbook_with_dates_and_numbers_stay_what_they_were(tmp_path):
    from datetime import date

    cells = tuple(MEETINGS.strip().split(","))
    rows = [[GONE, date(2025, 2, 5), "", "none"], [STAYS, date(2025, 2, 6), "", "none"]]
    content = workbook(("Sheet1", [list(cells), *rows]))
    found = csv_without(tmp_path, content)
    before = read_one(tmp_path, content, name="a.xlsx").frames["pre_proceedings"]
    after = read_one(tmp_path, found.data, name="b.xlsx").frames["pre_proceedings"]
    expected = before[before["child_id"] != GONE].drop(columns="source_row")
    assert after.drop(columns="source_row").equals(expected.reset_index(drop=True))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (f'x "{GONE}" y'.encode(), True),
        (f"<a>{GONE}</a>".encode("utf-16"), True),
        (f"x {GONE}7 y".encode(), False),
        (zipped([("a/b.csv", meetings(CHILDREN))]), True),
        (zipped([("inner.xlsx", attendance(CHILDREN))]), True),
        (zipped([("inner.xlsx", attendance((STAYS,)))]), False),
        (zipped([("a.csv", meetings(CHILDREN))])[:-30], True),
    ],
)
def test_a_file_that_cannot_be_taken_apart_is_searched_for_the_word(tmp_path, content, found):
    path = tmp_path / "x"
    path.write_bytes(content)
    assert names_any(path, is_gone) is found


@pytest.mark.parametrize("row", [f"{GONE},C1", f"L1,{GONE}", f"{GONE},{GONE}"])
@pytest.mark.parametrize("as_sent", [str.encode, lambda text: workbook(("ids", cells_of(text)))])
def test_of_a_list_of_two_ids_a_row_goes_with_either(tmp_path, row, as_sent):
    text = f"ssda903_child_id,census_child_id\nL2,{STAYS}\n{row}\nL3,{LAST}\n"
    found = without(tmp_path, as_sent(text), "child_ids", "child_ids")
    assert found.count == 1


def cells_of(text):
    return [line.split(",") for line in text.splitlines()]
