from datetime import date

import openpyxl
import pytest

from schemas.returns import RETURNS
from schemas.table import Form
from tasks.operate.template_workbooks import write_templates
from tests.support.files import read_one, refused

TEMPLATED = sorted(name for name, r in RETURNS.items() if Form.TABLE in r.forms)
FILLED = {
    "pre_proceedings": ["007", date(2024, 5, 6), None, "none"],
    "school_attendance": ["007", "2024/25", "spring", 120, 3, 0],
    "workforce": ["E08000030", "2024-25Q4", *[1] * 9],
    "programme_delivery": ["E08000030", "2024-25Q4", *[1] * 12],
    "annex_a": ["007", "a) Male", "a) White", date(2012, 3, 4), 12, date(2024, 5, 6), "g) Police"],
}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    return write_templates(tmp_path_factory.mktemp("templates"), year=2025)


def book_of(templates, name):
    return openpyxl.load_workbook(next(path for path in templates if path.stem == name))


def test_there_is_a_template_for_every_return_that_may_arrive_as_a_workbook(templates):
    assert [path.name for path in templates] == [f"{name}.xlsx" for name in TEMPLATED]


@pytest.mark.parametrize("name", sorted(FILLED))
def test_a_template_that_is_filled_in_is_read_without_a_tolerance(templates, tmp_path, name):
    book = book_of(templates, name)
    for place, value in enumerate(FILLED[name], start=1):
        book.worksheets[0].cell(2, place).value = value
    book.save(tmp_path / "filled.xlsx")
    got = read_one(tmp_path, (tmp_path / "filled.xlsx").read_bytes(), name="filled.xlsx")
    table = RETURNS[name].tables[0].name
    assert got.return_name == name
    assert len(got.frames[table]) == 1
    assert got.tolerances == ()
    assert len(got.findings) == 0


def test_a_template_sent_as_it_is_has_no_rows(templates, tmp_path):
    path = next(path for path in templates if path.stem == "pre_proceedings")
    assert refused(tmp_path, path.read_bytes(), name=path.name).code == "NO_ROWS"


def test_identifier_columns_are_formatted_as_text_and_dates_as_dates(templates):
    sheet = book_of(templates, "pre_proceedings").worksheets[0]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["B"].number_format == "dd/mm/yyyy"


def test_a_column_of_codes_has_a_drop_down_of_the_codes_of_the_year(templates):
    book = book_of(templates, "school_attendance")
    (choice,) = book.worksheets[0].data_validations.dataValidation
    assert str(choice.sqref) == "C2:C10001"
    sheet, cells = choice.formula1.split("!")
    found = [cell.value for (cell,) in book[sheet.strip("'")][cells.replace("$", "")]]
    assert found == ["autumn", "spring", "summer"]


def test_the_dictionary_says_what_every_heading_means(templates):
    for name in TEMPLATED:
        rows = list(book_of(templates, name)["Data dictionary"].values)[1:]
        declared = [
            (c.sent_as, c.meaning)
            for t in RETURNS[name].tables_in(2025)
            for c in t.columns_in(2025)
            if c.sent_as
        ]
        assert [(row[1], row[2]) for row in rows] == declared


def test_the_same_declarations_give_the_same_bytes(templates, tmp_path):
    again = write_templates(tmp_path, year=2025)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in templates]
