import csv
import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.findings import no_findings
from tasks.answer.findings import (
    LONGEST_FOUND,
    findings_csv,
    neutral,
    printable,
    reported_findings,
)
from tests.support.answers import HEADER, finding, findings


def rows_of(*given_findings):
    data = findings_csv(reported_findings(findings(*given_findings)))
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r\n=1", "＝1", "\0=1"])
def test_h058_a_text_like_a_formula_is_neutralised(text):
    assert neutral(text) == "'" + text
    (row,) = rows_of(finding("141", 2, "DECOM", text))
    assert not row["found"].lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


@pytest.mark.parametrize("text", ["007", "1e5", "12345678901234567", "tenancy", "Fernanda", ""])
def test_a_harmless_text_is_not_altered(text):
    (row,) = rows_of(finding("141", 2, "DECOM", text))
    assert row["found"] == text


def test_the_csv_opens_rightly_in_excel():
    data = findings_csv(reported_findings(findings(finding("141", 2, "DECOM", "Zoë"))))
    assert data.startswith(b"\xef\xbb\xbffile,place,row,field,code,severity,reach,words,found\r\n")
    assert "Zoë" in data.decode("utf-8-sig")


def test_a_file_without_findings_has_its_headings():
    assert findings_csv(reported_findings(no_findings())).count(b"\r\n") == 1


def test_a_row_number_is_a_whole_number_and_missing_for_the_whole_file():
    found = rows_of(
        finding("141", 1044, "DECOM", "x"),
        finding("X", None, "DECOM", "x", severity="notice", reach="notice"),
    )
    assert [row["row"] for row in found] == ["1044", ""]


def test_what_rejects_comes_first_then_errors_queries_and_notices():
    found = rows_of(
        finding("N", 1, "A", "", severity="notice", reach="notice"),
        finding("Q", 1, "A", "", severity="query", reach="notice"),
        finding("E", 9, "A", ""),
        finding("E", 2, "A", ""),
        finding("E", 5, "A", "", file=HEADER),
        finding("S", 1, "A", "", severity="query", reach="submission"),
    )
    assert [(row["code"], row["row"]) for row in found] == [
        ("S", "1"),
        ("E", "2"),
        ("E", "9"),
        ("E", "5"),
        ("Q", "1"),
        ("N", "1"),
    ]


def test_what_hides_is_made_visible():
    assert printable("a\tb\0c") == "a␉b␀c"
    assert printable("ab\u202ecd\u200b") == "ab⟨U+202E⟩cd⟨U+200B⟩"
    assert printable("soft\xadhyphen \x7f \x85") == "soft⟨U+00AD⟩hyphen ⟨U+007F⟩ ⟨U+0085⟩"


def test_a_very_long_text_is_cut_and_says_so():
    shown = printable("x" * 1_000_000)
    assert shown == "x" * LONGEST_FOUND + "… (1,000,000 characters)"


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_was_in_a_cell_the_csv_keeps_one_row_per_finding(text):
    (row,) = rows_of(finding("141", 2, "DECOM", text))
    assert row["code"] == "141"
    assert {"Cc", "Cf"}.isdisjoint(map(unicodedata.category, row["found"]))
    assert not row["found"].lstrip().startswith(tuple("=+-@＝＋－＠"))
