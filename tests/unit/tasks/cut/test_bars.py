"""What no figure may be made of, worked out from the rows of an authority."""

from dataclasses import replace

import pandas as pd
from pandas import DataFrame

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
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
