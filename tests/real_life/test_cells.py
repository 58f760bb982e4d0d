"""Cells as exports write them, R033 and R040 to R045, through the drop folder and the pack."""

import json
from datetime import date, datetime

import pandas as pd
import pytest

from schemas.tolerances import CELL_TOLERANCES
from tests.hostile.conftest import Dropped
from tests.hostile.test_content import a_census, a_child, found, rows_in_force
from tests.support.files import EPISODES, HEADER, MEETING_CELLS, MEETINGS, workbook, zipped


@pytest.fixture
def dropped(root):
    return Dropped(root)


def tolerances(dropped, taken):
    """Return what was understood in one submission: code and count, in order."""
    receipt = json.loads((dropped.pack(taken) / "receipt.json").read_text())
    return [(used["code"], used["count"]) for used in receipt["tolerances"]]


def sent(dropped, **files):
    """Put the files of one return, sweep, and return what was judged of it."""
    for name, content in files.items():
        dropped.put(name.replace("__", "."), content)
    (taken,) = dropped.sweep()
    return taken


def looked_after(dropped, headers, episodes):
    return sent(dropped, header__csv=HEADER + headers, episodes__csv=EPISODES + episodes)


ONE = "A{n},M,{born},WBRI,UN1,{mother},{mc_dob}\n"
STAY = "A{n},{start},S,C2,N1,U1,PR1,{end},{reason},,,,{urn}\n"


def children(count, *, born="05/04/2010", mother="0", mc_dob=""):
    return "".join(ONE.format(n=n, born=born, mother=mother, mc_dob=mc_dob) for n in range(count))


def stays(count, *, start="05/04/2024", end="", reason="", urn=""):
    cells = {"start": start, "end": end, "reason": reason, "urn": urn}
    return "".join(STAY.format(n=n, **cells) for n in range(count))


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (("27/3/2024", "7/11/2024"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("3/4/2024", "3/4/2024"), (date(2024, 4, 3), date(2024, 4, 3))),
        (("27.3.2024", "07.11.2024"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("27-Mar-2024", "7 November 2024"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("27-Mar-24", "7-Nov-24"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("2024/03/27", "2024/11/07"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("20240327", "20241107"), (date(2024, 3, 27), date(2024, 11, 7))),
        (("45378.0", "45603.0"), (date(2024, 3, 27), date(2024, 11, 7))),
    ],
)
def test_r040_dates_in_a_certain_form_are_read_and_reported_once_per_column(
    root, dropped, texts, days
):
    rows = "".join(f"00{n},{text},,none\n" for n, text in enumerate(texts))
    taken = sent(dropped, m__csv=MEETINGS + rows)
    assert taken.state.is_accepted
    held = rows_in_force(root, taken, "pre_proceedings")
    assert list(pd.to_datetime(held["first_meeting_date"]).dt.date) == list(days)
    assert tolerances(dropped, taken) == [("DATE_FORM", 2)]


@pytest.mark.parametrize("text", ["27/03/24", "3/27/2024", "March 2024", "2024"])
def test_r040_a_form_that_is_not_certain_is_one_finding(dropped, text):
    rows = "".join(f"00{n},{text},,none\n" for n in range(12))
    good = "".join(f"01{n},05/04/2024,,none\n" for n in range(3))
    taken = sent(dropped, m__csv=MEETINGS + good + rows)
    told = found(dropped, taken)
    (mine,) = told[told["code"] == "DATE_INVALID"].to_dict("records")
    assert "in 12 cells (rows 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 and 2 more)" in mine["words"]
    assert mine["found"] == text


def test_r040_no_cell_is_read_in_either_order_where_the_column_has_the_month_first(dropped):
    rows = "001,3/27/2024,,none\n002,7/11/2024,,none\n003,11/7/2024,,none\n"
    told = found(dropped, sent(dropped, m__csv=MEETINGS + rows))
    assert list(told["code"][told["field"] == "first_meeting_date"]) == [
        "DATE_AMBIGUOUS",
        "DATE_INVALID",
    ]


TIMED = {
    "2024-05-01 09:30:00": date(2024, 5, 1),
    "29/07/2024 10:15": date(2024, 7, 29),
    "2024-05-01T00:00:00Z": date(2024, 5, 1),
    "2024-04-30T23:00:00Z": date(2024, 5, 1),
    "2024-05-01T00:00:00+01:00": date(2024, 5, 1),
    "2024-12-01T23:30:00Z": date(2024, 12, 1),
}


@pytest.mark.parametrize("text", TIMED)
def test_r041_the_time_is_dropped_in_a_csv_file(root, dropped, text):
    taken = sent(dropped, m__csv=MEETINGS + f"001,{text},,none\n002,{text},,none\n")
    held = rows_in_force(root, taken, "pre_proceedings")
    assert list(pd.to_datetime(held["first_meeting_date"]).dt.date) == [TIMED[text]] * 2
    assert tolerances(dropped, taken) == [("TIME_DROPPED", 2)]
    assert list(found(dropped, taken)["code"]) == []


def test_r041_the_time_is_dropped_in_a_census(root, dropped):
    many = [a_child(f"C{n}", day="2024-05-06T09:30:00") for n in range(64)]
    taken = sent(dropped, c__xml=a_census(*many))
    assert set(found(dropped, taken)["code"]) <= {"NFA_SHARE"}
    assert ("TIME_DROPPED", 64) in tolerances(dropped, taken)
    days = pd.to_datetime(rows_in_force(root, taken, "referrals")["referral_date"])
    assert set(days.dt.date) == {date(2024, 5, 6)}


def test_r041_the_time_is_dropped_in_a_workbook(root, dropped):
    rows = [MEETING_CELLS, ("007", datetime(2024, 5, 6, 9, 30), None, "none")]  # noqa: DTZ001
    taken = sent(dropped, m__xlsx=workbook(("Data", rows)))
    held = rows_in_force(root, taken, "pre_proceedings")
    assert list(pd.to_datetime(held["first_meeting_date"]).dt.date) == [date(2024, 5, 6)]


def test_r041_the_time_is_dropped_in_an_ssda903_set(dropped):
    taken = looked_after(dropped, children(3, born="05/04/2010 00:00"), stays(3))
    assert taken.state.is_accepted
    assert ("TIME_DROPPED", 3) in tolerances(dropped, taken)


@pytest.mark.parametrize("word", ["NULL", "N/A", "#N/A", "null", "(blank)", "None", "NaN", "-"])
def test_r042_words_for_nothing_are_read_as_empty_and_reported_once(root, dropped, word):
    taken = looked_after(
        dropped, children(4, mc_dob=word), stays(4, end=word, reason=word, urn=word)
    )
    assert taken.state.is_accepted
    assert len(rows_in_force(root, taken, "children")) == 4
    held = rows_in_force(root, taken, "episodes")
    assert held[["episode_end", "end_reason", "placement_urn"]].isna().all(axis=None)
    told = [each for each in tolerances(dropped, taken) if each[0] == "NOTHING_WORD"]
    assert told == [("NOTHING_WORD", 4)] * 4


def test_r042_a_code_wins_over_a_word_for_nothing(root, dropped):
    taken = sent(dropped, c__xml=a_census(a_child("C1"), a_child("C2")).replace(">NONE<", ">None<"))
    assert (str(taken.state), tolerances(dropped, taken)) == ("accepted", [("SPELLING", 2)])
    held = rows_in_force(root, taken, "cin_disabilities")
    assert list(held["disability_code"]) == ["NONE", "NONE"]


def test_r042_nothing_where_something_is_due_is_still_missing(dropped):
    taken = sent(dropped, m__csv=MEETINGS + "001,NULL,,none\n002,05/04/2024,,none\n")
    assert "first_meeting_date" in set(found(dropped, taken)["field"])


def test_r042_rows_whose_child_is_a_word_for_nothing_are_set_aside(root, dropped):
    good = "".join(f"00{n},05/04/2024,,none\n" for n in range(8))
    bad = "NULL,05/04/2024,,none\n#N/A,05/04/2024,,none\n"
    taken = sent(dropped, m__csv=MEETINGS + good + bad)
    told = found(dropped, taken)
    assert list(told[told["field"] == "child_id"]["code"]) == ["SFP-child_id-MISSING"] * 2
    assert len(rows_in_force(root, taken, "pre_proceedings")) == 8
    assert ("NOTHING_WORD", 2) in tolerances(dropped, taken)


def test_a_sign_is_not_taken_off_a_code(root, dropped):
    rows = children(20) + "".join(f"B{n},-9,05/04/2010,WBRI,UN1,0,\n" for n in range(2))
    told = found(dropped, looked_after(dropped, rows, stays(20)))
    assert set(told[told["field"] == "SEX"]["code"]) == {"101"}


LIST_1 = (
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)",
    "Date of Contact", "Contact Source", "Worker",
)  # fmt: skip


def with_errors(*, column, error="#N/A", rows=3):
    """Return an Annex A workbook with an error value in every row of one column."""
    born, contact = date(2015, 4, 5), date(2025, 3, 3)
    body = [
        [f"C{n}", "a) Male", "a) White", born, 9, contact, "a) Individual", "x"]
        for n in range(rows)
    ]
    data = workbook(("List 1", [list(LIST_1), *body]))
    letter = "ABCDEFGH"[column]
    return with_error_cells(data, [f"{letter}{n + 2}" for n in range(rows)], error)


def with_error_cells(data, places, error):
    import io
    import re
    import zipfile

    members = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            content = archive.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                for place in places:
                    cell = f'<c r="{place}" t="e"><v>{error}</v></c>'
                    content, count = re.subn(rf'<c r="{place}"[^>]*>.*?</c>', cell, content)
                    assert count == 1
            members.append((name, content))
    return zipped(members)


def test_r042_an_error_cell_of_a_column_that_is_not_read_is_left_out(root, dropped):
    taken = sent(dropped, a__xlsx=with_errors(column=7))
    assert taken.state.is_accepted
    assert len(rows_in_force(root, taken, "annex_a_contacts")) == 3


@pytest.mark.parametrize(("column", "field"), [(5, "Date of Contact"), (6, "Contact Source")])
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!"])
def test_r042_an_error_cell_of_a_kept_column_is_a_finding_for_the_cells(
    root, dropped, column, field, error
):
    taken = sent(dropped, a__xlsx=with_errors(column=column, error=error))
    assert taken.state.is_accepted
    assert len(rows_in_force(root, taken, "annex_a_contacts")) == 3
    told = found(dropped, taken)
    assert told[told["field"] == field][["code", "row", "found"]].to_numpy().tolist() == [
        ["ERROR_CELL", "2", error]
    ]


def test_r042_an_error_value_of_a_column_that_is_dropped_at_rest_is_reported(root, dropped):
    taken = looked_after(dropped, children(3, mc_dob="#REF!"), stays(3))
    assert len(rows_in_force(root, taken, "children")) == 3
    assert ("ERROR_VALUE", 3) in tolerances(dropped, taken)


def test_r043_codes_and_numbers_are_read_without_their_decimal_tail(root, dropped):
    taken = looked_after(dropped, children(30, mother="1.0"), stays(30, urn="1038030.0"))
    assert tolerances(dropped, taken) == [("SPELLING", 30), ("DECIMAL_TAIL", 30)]
    assert set(rows_in_force(root, taken, "children")["mother_code"]) == {"1"}
    assert set(rows_in_force(root, taken, "episodes")["placement_urn"]) == {"1038030"}


def test_r044_a_form_that_is_not_known_is_one_finding_with_count_rows_and_form(dropped):
    good = "".join(f"A{n},05/04/2024,,none\n" for n in range(500))
    odd = "".join(f"B{n},27/03/24,,none\n" for n in range(19))
    taken = sent(dropped, m__csv=MEETINGS + good + odd)
    told = found(dropped, taken)
    (mine,) = told.to_dict("records")
    assert (mine["code"], mine["row"], mine["field"]) == (
        "DATE_INVALID", "502", "first_meeting_date",
    )  # fmt: skip
    assert "in 19 cells (rows 502, 503" in mine["words"]
    assert "It looks like years of two digits." in mine["words"]
    receipt = json.loads((dropped.pack(taken) / "receipt.json").read_text())
    assert receipt["rows_set_aside"] == {"pre_proceedings": 19}
    report = (dropped.pack(taken) / "report.html").read_text()
    assert "in 19 cells" in report
    assert "pre proceedings: 19" in report.replace("_", " ")


def test_r045_copies_are_set_aside_before_rules_compare_rows(root, dropped):
    every = "".join(
        STAY.format(n=n, start="05/04/2024", end="", reason="", urn="") for n in range(40)
    )
    taken = looked_after(dropped, children(40), every + stays(30))
    told = found(dropped, taken)
    assert list(told[told["reach"] == "record"]["code"]) == ["SFP-COPY"] * 30
    assert list(told[told["severity"] == "error"]["code"]) == []
    assert len(rows_in_force(root, taken, "episodes")) == 40


def test_r045_a_repeated_heading_is_reported_as_that_and_left_out(root, dropped):
    taken = looked_after(dropped, children(3), stays(2) + EPISODES + STAY.format(
        n=2, start="05/04/2024", end="", reason="", urn="",
    ))  # fmt: skip
    assert not set(found(dropped, taken)["reach"]) & {"record", "submission"}
    assert tolerances(dropped, taken) == [("HEADER_REPEATED", 1)]
    assert len(rows_in_force(root, taken, "episodes")) == 3


def test_r033_an_unreadable_cell_of_a_column_that_decides_nothing_leaves_the_row(root, dropped):
    rows = children(2) + ONE.format(n=2, born="05/04/2010", mother="0", mc_dob="see file")
    taken = looked_after(dropped, rows, stays(3))
    assert len(rows_in_force(root, taken, "children")) == 3
    told = found(dropped, taken)
    assert told[told["field"] == "MC_DOB"][["code", "reach", "found"]].to_numpy().tolist() == [
        ["DATE_INVALID", "notice", "see file"]
    ]


@pytest.mark.parametrize("code", CELL_TOLERANCES)
def test_every_tolerance_of_cells_is_on_the_page_of_the_route(code):
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "route.md").read_text()
    assert f"`{code}`" in page.split("## Understood, and reported")[1]
