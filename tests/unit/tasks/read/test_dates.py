from datetime import date

import pytest

from tasks.read.dates import (
    CIN_FORMS,
    CSV_FORMS,
    SSDA903_FORMS,
    WORKBOOK_FORMS,
    DateForm,
    dates_read,
)


@pytest.mark.parametrize("forms", [CIN_FORMS, CSV_FORMS, SSDA903_FORMS, WORKBOOK_FORMS])
@pytest.mark.parametrize("text", ["05/04/2010", "2010-04-05", "2010-04-05T00:00:00", "40273"])
def test_a_column_in_any_one_form_is_read_in_it(forms, text):
    read = dates_read([text], forms)
    assert read.dates == (date(2010, 4, 5),)
    assert not read.ambiguous


def test_a_column_in_two_forms_is_in_the_declared_one_that_most_of_its_dates_have():
    texts = ["2010-04-05", "06/04/2010", "07/04/2010"]
    read = dates_read(texts, CSV_FORMS)
    assert read.form is DateForm.DAY_FIRST
    assert read.dates == (None, date(2010, 4, 6), date(2010, 4, 7))
    assert set(read.ambiguous) == {0}


def test_of_forms_met_equally_often_the_preferred_one_counts():
    texts = ["2010-04-05", "06/04/2010"]
    assert dates_read(texts, CSV_FORMS).form is DateForm.DAY_FIRST
    assert dates_read(texts, WORKBOOK_FORMS).form is DateForm.ISO


def test_serial_numbers_never_outvote_a_declared_form():
    texts = ["06/04/2010", "40273", "40274", "40275"]
    read = dates_read(texts, SSDA903_FORMS)
    assert read.form is DateForm.DAY_FIRST
    assert set(read.ambiguous) == {1, 2, 3}


def test_two_forms_neither_of_them_declared_are_both_ambiguous():
    read = dates_read(["2010-04-05", "40273"], SSDA903_FORMS)
    assert read.dates == (None, None)
    assert set(read.ambiguous) == {0, 1}


def test_a_date_that_does_not_exist_has_no_say_in_the_form_of_its_column():
    read = dates_read(["2010-04-05", "31/02/2010", "30/02/2010"], CSV_FORMS)
    assert read.form is DateForm.ISO
    assert read.dates == (date(2010, 4, 5), None, None)
    assert not read.ambiguous


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2021", "03/09/22", "29/02/2100", "00/01/2020", "2020-00-01", "1899-12-31",
        "2101-01-01", "2020-01-01T25:00:00", "19999", "73416", "1/2/20", "01 02 2020", "Mar-21",
        "2020", "27032021", "13/13/2020", "32-Jan-2020", "5 Foo 2020", "٠١/٠٢/٢٠٢٠",
    ],
)  # fmt: skip
def test_what_is_no_day_is_none(text):
    assert dates_read([text], CSV_FORMS).dates == (None,)


@pytest.mark.parametrize(
    ("text", "day"), [("73415", date(2100, 12, 31)), ("20000", date(1954, 10, 3))]
)
def test_serial_numbers_hold_at_both_ends(text, day):
    assert dates_read([text], CSV_FORMS).dates == (day,)


def test_a_count_from_1904_is_1462_days_later():
    read = dates_read(["40273"], CSV_FORMS, counts_from_1904=True)
    assert read.dates == (date(2014, 4, 6),)


def test_an_empty_column_is_in_the_preferred_form():
    assert dates_read([], WORKBOOK_FORMS).form is DateForm.ISO
