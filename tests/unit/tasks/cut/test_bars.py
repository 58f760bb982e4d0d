"""What no figure may be made of, worked out from the rows of an authority."""

from dataclasses import replace

import pandas as pd
import pytest
from pandas import DataFrame

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows, Bar
from tasks.cut.bars import with_bars_from_rows


def held(*rows):
    """Return the rows of an authority whose episodes are of these quarters and days."""
    frame = DataFrame(rows, columns=["quarter", "episode_start", "episode_end"])
    frame = frame.assign(child_key=1, alike_key=1)
    days = ["episode_start", "episode_end"]
    frame[days] = frame[days].apply(pd.to_datetime)
    return AuthorityRows("E08000030", {"episodes": frame}, covered={}, sent={})


OLD = [("2024-25Q2", f"2017-{m:02d}-01", f"2017-{m:02d}-20") for m in range(4, 10)]
GOOD = [("2023-24Q2", f"2023-{m:02d}-01", f"2023-{m:02d}-20") for m in range(4, 10)]


def test_a_return_in_force_whose_dates_are_of_another_period_is_barred_for_its_own_quarters():
    (bar,) = with_bars_from_rows(held(*OLD, *GOOD)).bars
    assert (bar.reason, bar.return_name) == (FigureReason.PERIOD_MISMATCH, "ssda903")
    assert bar.quarters == {Quarter(2024, 1), Quarter(2024, 2)}
    assert (bar.table, bar.joined_to) == ("", "")


def test_a_barred_return_says_nothing_of_other_years_either():
    rows = held(*OLD, *GOOD)
    quarters = frozenset({Quarter(2023, 1), Quarter(2023, 2), Quarter(2024, 1), Quarter(2024, 2)})
    found = with_bars_from_rows(replace(rows, sent={"episodes": quarters}))
    assert set(found.frames["episodes"]["quarter"]) == {"2023-24Q2"}
    assert list(found.frames["episodes"].index) == list(range(len(GOOD)))
    assert found.sent["episodes"] == {Quarter(2023, 1), Quarter(2023, 2)}


def test_a_return_of_its_own_quarter_is_not_barred():
    assert with_bars_from_rows(held(*GOOD)).bars == ()


def test_a_return_of_open_episodes_alone_is_not_barred():
    still_open = ("2024-25Q1", "2023-11-01", None)
    assert with_bars_from_rows(held(still_open, still_open)).bars == ()


def plans(**counts):
    """Return rows with so many child protection plans in each year-end's census."""
    quarters = {year: Quarter(int(year[1:]), 4) for year in counts}
    rows = [str(quarters[year]) for year, count in counts.items() for _ in range(count)]
    frame = DataFrame({"quarter": rows, "child_key": 1})
    sent = {one for last in quarters.values() for one in Quarter(last.year, 1).through(last)}
    return AuthorityRows("E08000030", {"cp_plans": frame}, {}, {"cp_plans": frozenset(sent)})


@pytest.mark.parametrize(("before", "is_barred"), [(9, False), (10, True)])
def test_a_table_without_a_row_that_had_ten_the_year_before_was_not_sent(before, is_barred):
    found = with_bars_from_rows(plans(y2022=before, y2023=0, y2024=8)).bars
    told = [(one.reason, one.table, {each.year for each in one.quarters}) for one in found]
    expected = (FigureReason.TABLE_NOT_SENT, "cp_plans", {2023})
    assert told == ([expected] if is_barred else [])


def test_a_first_quarter_need_not_have_what_is_told_at_the_years_end():
    rows = plans(y2022=20)
    sent = rows.sent["cp_plans"] | {Quarter(2023, 1)}
    assert with_bars_from_rows(replace(rows, sent={"cp_plans": sent})).bars == ()


def test_a_table_that_was_not_sent_at_all_is_no_table_without_rows():
    assert with_bars_from_rows(plans(y2022=20)).bars == ()


def test_a_table_of_spells_barred_at_intake_corrects_no_year_before():
    quarters = frozenset(Quarter(2023, number) for number in range(1, 5))
    bar = Bar(FigureReason.TOO_MANY_CONTRADICT, "cin_census", quarters, table="cp_plans")
    found = with_bars_from_rows(replace(plans(y2022=3, y2023=4), bars=(bar,)))
    assert set(found.frames["cp_plans"]["quarter"]) == {"2022-23Q4"}
    assert {one.year for one in found.sent["cp_plans"]} == {2022}
    assert found.bars == (bar,)
