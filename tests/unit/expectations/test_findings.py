"""Where a finding says the fault is."""

from dataclasses import replace

import pandas as pd

from expectations.run import check_rows
from schemas.rows import SOURCE_FILE, SOURCE_ROW
from tests.support.returned import CHILD, EPISODE, looked_after, read_return, sent_for

CASE = {"child_id": "A1", "referral_date": "2023-05-02", "closure_date": "2023-05-01"}


def finding(read, code):
    found = check_rows(read, sent_for()).findings
    return found[found["code"] == code].to_dict("records")[0]


def test_the_file_and_row_are_those_the_authority_sent():
    read = looked_after(children=({**CHILD, "sex": "X"},))
    moved = read.frames["children"].assign(
        **{SOURCE_FILE: pd.Series([1], dtype="int16"), SOURCE_ROW: pd.Series([7], dtype="int32")}
    )
    read = replace(
        read, frames={**read.frames, "children": moved}, files=("episodes.csv", "header.csv")
    )
    told = finding(read, "101")
    assert (told["file"], told["row"], told["place"]) == ("header.csv", 7, "")


def test_in_one_xml_file_the_element_is_named():
    read = read_return("cin_census", cin_children=[{"child_id": "A1"}], referrals=[CASE])
    assert finding(read, "8630")["place"] == "CINdetails"


def test_a_finding_of_a_whole_file_has_no_row():
    told = finding(looked_after(episodes=(), sent={"children"}), "TABLE_MISSING")
    assert pd.isna(told["row"])
    assert pd.isna(told["position"])
    assert told["field"] == ""


def test_what_was_found_is_the_text_as_sent_and_nothing_where_nothing_was():
    read = looked_after(children=({**CHILD, "sex": None},))
    assert finding(read, "101")["found"] == ""
    late = {**EPISODE, "episode_start": "2024-04-01"}
    assert finding(looked_after(episodes=(late,)), "354")["found"] == "2024-04-01"


def test_without_the_text_as_sent_a_finding_is_told_all_the_same():
    read = replace(looked_after(children=({**CHILD, "sex": "X"},)), raw={})
    assert finding(read, "101")["found"] == ""
