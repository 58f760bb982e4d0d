"""The worker's parts, run in this process; that it runs apart is tested with whole files."""

import io
import zipfile
from datetime import date, datetime, time

import pytest

from schemas.limits import LIMITS
from tasks.read import worker
from tasks.read.text import FORBIDDEN
from tests.support.files import MEETING_CELLS, workbook

CAPS = {
    "elements": 100,
    "depth": 5,
    "attributes": 3,
    "characters": 50,
    "rows": LIMITS.rows,
    "columns": LIMITS.columns,
    "cells": LIMITS.cells,
    "sheets": 2,
}
PLAN = {
    "root": "all",
    "tree": {
        "row": "top",
        "kids": {
            "year": {"cell": ["top", 0, False, False], "kids": {}},
            "box": {
                "kids": {"item": {"row": "item", "cell": ["item", 0, False, False], "kids": {}}}
            },
            "begun": {"cell": ["loose", 0, True, True], "kids": {}},
            "ended": {"cell": ["loose", 1, True, False], "kids": {}},
        },
    },
    "tables": {"top": 1, "item": 1, "loose": 2},
    "forbidden": FORBIDDEN.pattern,
}


def walked(text):
    return worker.TreeReader(PLAN, CAPS).read(text.encode())


def refused(text):
    with pytest.raises(worker.RefusedError) as caught:
        walked(text)
    return caught.value.code, caught.value.row


def test_rows_come_with_their_line_and_the_place_of_the_row_they_lie_in():
    found = walked("<all>\n<year>2025</year>\n<box><item>a</item>\n<item>b</item></box></all>")
    assert found["rows"]["top"] == [["2025", 1, -1]]
    assert found["rows"]["item"] == [["a", 3, 0], ["b", 4, 0]]
    assert found["unknown"] == {}


def test_loose_cells_make_a_row_and_the_one_that_begins_it_another():
    found = walked("<all><begun>1</begun><ended>2</ended><begun>3</begun></all>")
    assert [row[:2] for row in found["rows"]["loose"]] == [["1", "2"], ["3", None]]


def test_unknown_elements_are_counted_by_name_as_far_as_there_are_not_too_many():
    found = walked("<all><x><y/></x><x/></all>")
    assert found["unknown"] == {"x": 2, "y": 1}
    many = "".join(f"<a{n}/>" for n in range(99))
    worker_limits = CAPS | {"elements": 1000}
    reader = worker.TreeReader(PLAN, worker_limits)
    names = reader.read(f"<all>{many}<b/><c/><d/></all>".encode())["unknown"]
    assert (len(names), names["other"]) == (101, 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<other/>", "XML_ROOT"),
        ("<all>", "XML_DAMAGED"),
        ("<!DOCTYPE all><all/>", "XML_DTD"),
        ("<all><a><a><a><a><a/></a></a></a></a></all>", "XML_LIMIT"),
        (f"<all>{'<a/>' * 100}</all>", "XML_LIMIT"),
        ("<all a='1' b='2' c='3' d='4'/>", "XML_LIMIT"),
        (f"<all><year>{'1' * 51}</year></all>", "CELL_TOO_LONG"),
        (f"<all><x>{'1' * 51}</x></all>", "XML_LIMIT"),
        ("<all><year>1</year><year>2</year></all>", "XML_REPEATED"),
        ("<all><year>1<x/></year></all>", "XML_STRUCTURE"),
        ("<all>text</all>", "XML_STRUCTURE"),
        ("<all><year>\u202e</year></all>", "CONTROL_CHARACTER"),
    ],
)
def test_what_a_tree_is_refused_for(text, code):
    assert refused(text) == (code, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (" as it is ", " as it is "),
        (7.0, "7"),
        (-3.0, "-3"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e20, "1e+20"),
        (True, "true"),
        (False, "false"),
        (date(2025, 4, 5), "2025-04-05"),
        # Cells of a workbook have no time zone.
        (datetime(2025, 4, 5), "2025-04-05"),  # noqa: DTZ001
        (datetime(2025, 4, 5, 12, 30), "2025-04-05T12:30:00"),  # noqa: DTZ001
        (time(12, 30), "12:30:00"),
    ],
)
def test_a_cell_of_a_workbook_becomes_text_without_a_guess(value, text):
    assert worker.text_of(value) == text


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16384)])
def test_columns_are_counted_from_their_letters(letters, number):
    assert worker.column_number(letters) == number


def test_each_sheet_is_found_in_its_part_and_looked_over(tmp_path):
    path = tmp_path / "book"
    path.write_bytes(workbook(("One", [MEETING_CELLS]), ("Two", [["x"]])))
    with zipfile.ZipFile(path) as archive:
        assert worker.sheet_parts(archive) == {
            "One": "xl/worksheets/sheet1.xml",
            "Two": "xl/worksheets/sheet2.xml",
        }
    caps = CAPS | {"depth": LIMITS.xml_depth, "attributes": LIMITS.xml_attributes}
    request = {"path": str(path), "limits": caps, "most_rows": None, "forbidden": FORBIDDEN.pattern}
    answer = worker.read_workbook(request)
    assert [sheet["name"] for sheet in answer["sheets"]] == ["One", "Two"]
    assert answer["sheets"][0]["rows"] == [list(MEETING_CELLS)]
    assert answer["counts_from_1904"] is False


def test_too_many_sheets_are_refused(tmp_path):
    path = tmp_path / "book"
    path.write_bytes(workbook(*((f"S{n}", [["x"]]) for n in range(3))))
    with pytest.raises(worker.RefusedError, match="SHEET_TOO_LARGE"):
        worker.scanned(str(path), CAPS)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    (tmp_path / "book").write_bytes(buffer.getvalue())
    request = {"path": str(tmp_path / "book"), "limits": CAPS, "most_rows": 1, "forbidden": "x"}
    with pytest.raises(worker.RefusedError, match="WORKBOOK_DAMAGED"):
        worker.read_workbook(request)
