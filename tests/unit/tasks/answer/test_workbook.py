from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from tasks.answer import pack_files, workbook
from tests.support.answers import (
    PLANTED_FORMULA,
    PLANTED_SCRIPT,
    finding,
    held,
    with_queries,
)


def book_of(answer):
    return load_workbook(BytesIO(pack_files(answer)["findings.xlsx"]))


def found_in(sheet):
    return [row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_texts_stay_texts_and_nothing_is_live():
    digits = ["007", "1e5", "12345678901234567"]
    texts = [*digits, "=1+1", "-1", "https://example.org", PLANTED_FORMULA]
    answer = with_queries(*(finding("141", n, "DECOM", text) for n, text in enumerate(texts, 2)))
    sheet = book_of(answer)["Findings"]
    cells = [row[-1] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    assert sheet._hyperlinks == []


def test_h058_the_workbook_holds_no_formula_element():
    with ZipFile(BytesIO(pack_files(with_queries())["findings.xlsx"])) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
    assert sheets
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_h059_a_script_in_a_cell_is_only_text():
    assert PLANTED_SCRIPT in found_in(book_of(with_queries())["Findings"])


def test_row_numbers_are_numbers():
    sheet = book_of(with_queries())["Findings"]
    assert [sheet["C2"].value, sheet["C2"].data_type] == [77, "n"]


def test_the_heading_stays_in_view_and_columns_filter_and_fit():
    sheet = book_of(with_queries())["Findings"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I34"
    assert sheet.column_dimensions["H"].width > 60


def test_every_rule_is_there_and_one_that_could_not_run_stands_first():
    rows = list(book_of(held())["Rules"].iter_rows(min_row=2, values_only=True))
    assert rows[0][0] == "SFP410"
    assert rows[0][3] == "could not run"
    assert [row[3] for row in rows[1:]] == ["passed"] * 40


def test_what_does_not_fit_is_counted_in_a_sentence(monkeypatch):
    monkeypatch.setattr(workbook, "LONGEST_SHEET", 10)
    sheet = book_of(with_queries())["Findings"]
    sentence = (
        "This workbook shows the first 10 of 33 findings; 23 are not shown. "
        "findings.csv holds all of them."
    )
    assert sheet.max_row == 12
    assert sheet["H12"].value == sentence
    assert pack_files(with_queries())["findings.csv"].count(b"\r\n") == 34


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ufffe", "x" * 40_000])
def test_a_workbook_opens_whatever_was_in_a_cell(text):
    assert len(found_in(book_of(with_queries(finding("141", 2, "DECOM", text)))["Findings"])) == 1
