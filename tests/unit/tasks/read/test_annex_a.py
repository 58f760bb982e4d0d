from datetime import date

import pandas as pd
import pytest

from schemas.returns import RETURNS
from tests.support.files import read_one, refused, workbook

CONTACTS = [c.sent_as for c in RETURNS["annex_a"]["annex_a_contacts"].columns]
CONTACT = ("A1", "a) Male", "a) White", date(2012, 3, 4), 12, date(2024, 5, 6), "g) Police")


def lists(*tables):
    """Return a workbook with a sheet for each of these lists, each without rows but the first."""
    return [
        (table.sent_as, [[c.sent_as for c in table.columns]])
        for table in RETURNS["annex_a"].tables
        if table.name in tables
    ]


def read(folder, *sheets):
    return read_one(folder, workbook(*sheets), name="sent.xlsx")


def contacts(folder, *rows, headings=CONTACTS):
    return read(folder, ("List 1", [headings, *rows]))


def test_lists_are_known_by_their_headings_in_whatever_order_the_sheets_stand(tmp_path):
    every = lists(*(table.name for table in RETURNS["annex_a"].tables))
    renamed = [(f"Sheet {n}", rows) for n, (_, rows) in enumerate(reversed(every))]
    got = read(tmp_path, *renamed)
    assert got.return_name == "annex_a"
    assert got.sent == {table.name for table in RETURNS["annex_a"].tables}


def test_a_list_that_was_not_sent_has_an_empty_frame(tmp_path):
    got = contacts(tmp_path, CONTACT)
    assert got.sent == {"annex_a_contacts"}
    assert len(got.frames["annex_a_adopters"]) == 0


def test_date_cells_are_read_as_dates_and_rows_keep_their_numbers(tmp_path):
    (row,) = contacts(tmp_path, CONTACT).frames["annex_a_contacts"].to_dict("records")
    assert row["birth_date"] == pd.Timestamp(2012, 3, 4)
    assert row["contact_date"] == pd.Timestamp(2024, 5, 6)
    assert (row["age_years"], row["source_row"]) == (12, 2)


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [("06/05/2024", date(2024, 5, 6)), ("2024-05-06", date(2024, 5, 6)), (45418, date(2024, 5, 6))],
)
def test_a_column_of_text_or_numbers_for_dates_is_read_by_its_form(tmp_path, sent, read_as):
    got = contacts(tmp_path, (*CONTACT[:5], sent, CONTACT[6]))
    assert list(got.frames["annex_a_contacts"]["contact_date"]) == [pd.Timestamp(read_as)]


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ("a) Male", "a) Male"),
        ("A) MALE", "a) Male"),
        ("Male", "a) Male"),
        ("m", "a) Male"),
        ("1", "a) Male"),
        ("Not recorded", "c) Not stated/recorded"),
        ("something else", "something else"),
    ],
)
def test_local_spellings_of_a_category_become_the_standard_one(tmp_path, sent, read_as):
    got = contacts(tmp_path, (CONTACT[0], sent, *CONTACT[2:]))
    assert list(got.frames["annex_a_contacts"]["gender"]) == [read_as]


@pytest.mark.parametrize("sent", ["White British", "WBRI", "white", "a) WHITE"])
def test_detailed_ethnicity_becomes_the_group_the_list_asks_for(tmp_path, sent):
    got = contacts(tmp_path, (*CONTACT[:2], sent, *CONTACT[3:]))
    assert list(got.frames["annex_a_contacts"]["ethnicity"]) == ["a) White"]


def test_headings_are_read_in_the_spellings_the_table_knows(tmp_path):
    spelled = ["Child ID", "Sex", "Ethnic Origin", "DOB", "Age", "Contact date", "Contact source"]
    got = contacts(tmp_path, CONTACT, headings=spelled)
    assert len(got.frames["annex_a_contacts"]) == 1
    assert [told.code for told in got.tolerances] == ["HEADER_SPELLING"]


def test_two_spellings_of_one_heading_are_refused(tmp_path):
    data = workbook(("List 1", [[*CONTACTS, "Child ID"], [*CONTACT, "A2"]]))
    assert refused(tmp_path, data, name="sent.xlsx").code == "HEADER_DUPLICATE"


def test_a_list_that_lacks_a_heading_is_refused_by_name(tmp_path):
    data = workbook(("List 1", [CONTACTS[:-1], CONTACT[:-1]]))
    error = refused(tmp_path, data, name="sent.xlsx")
    assert error.code == "HEADER_NOT_FOUND"
    assert "Contact Source missing from List 1 (needs 7 headings, found 6" in error.words


def test_sheets_of_two_returns_in_one_workbook_are_refused(tmp_path):
    meetings = [c.sent_as for c in RETURNS["pre_proceedings"].tables[0].columns]
    data = workbook(("List 1", [CONTACTS, CONTACT]), ("Other", [meetings]))
    assert refused(tmp_path, data, name="sent.xlsx").code == "SHEET_NOT_FOUND"


def test_one_list_may_come_as_csv(tmp_path):
    got = read_one(
        tmp_path, ",".join(CONTACTS) + "\nA1,a) Male,a) White,04/03/2012,12,06/05/2024,x\n"
    )
    assert got.sent == {"annex_a_contacts"}
