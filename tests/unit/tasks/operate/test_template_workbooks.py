from datetime import date

import openpyxl
import pyarrow as pa
import pytest

from schemas.returns import RETURNS
from schemas.table import Form
from tasks.operate.template_workbooks import columns_asked, write_templates
from tests.support.files import read_one, refused

TEMPLATED = sorted(name for name, r in RETURNS.items() if Form.TABLE in r.forms)
TOLD_APART = {"la_code": "E08000030", "quarter": "2024-25Q4"}
"""Cells that say whose and which quarter's a return is."""


def filled(column):
    """A cell as an authority would fill it in."""
    if column.codes:
        return next(code.value for code in column.codes if code.holds_in(2025))
    if pa.types.is_string(column.type):
        return TOLD_APART.get(column.name, "007")
    if pa.types.is_date(column.type):
        return date(2024, 5, 6)
    return "Yes" if pa.types.is_boolean(column.type) else 12


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    return write_templates(tmp_path_factory.mktemp("templates"), year=2025)


def book_of(templates, name):
    return openpyxl.load_workbook(next(path for path in templates if path.stem == name))


def test_there_is_a_template_for_every_return_that_may_arrive_as_a_workbook(templates):
    assert [path.name for path in templates] == [f"{name}.xlsx" for name in TEMPLATED]


@pytest.mark.parametrize("name", TEMPLATED)
def test_a_template_that_is_filled_in_is_read_without_a_tolerance(templates, tmp_path, name):
    book = book_of(templates, name)
    table = RETURNS[name].tables[0]
    for place, column in enumerate(columns_asked(table, 2025), start=1):
        book.worksheets[0].cell(2, place).value = filled(column)
    book.save(tmp_path / "filled.xlsx")
    got = read_one(tmp_path, (tmp_path / "filled.xlsx").read_bytes(), name="filled.xlsx")
    assert got.return_name == name
    assert len(got.frames[table.name]) == 1
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
