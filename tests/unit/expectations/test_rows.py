"""The joins a condition may ask for."""

import pandas as pd
import pytest

from expectations.rows import Rows, as_booleans
from schemas.errors import DeclarationError
from tests.support.returned import CHILD, EPISODE, looked_after, sent_for

MAY, JUNE, JULY = "2023-05-01", "2023-06-01", "2023-07-01"


def rows_with(*episodes, children=(CHILD,)):
    held = tuple({**EPISODE, "start_reason": None, **each} for each in episodes)
    return Rows(looked_after(children=children, episodes=held), sent_for())


def dates(series):
    return [None if pd.isna(day) else day.date().isoformat() for day in series]


def test_the_row_before_is_the_childs_own_in_order_of_date_however_they_were_sent():
    rows = rows_with(
        {"episode_start": JULY},
        {"episode_start": MAY},
        {"episode_start": JUNE, "child_id": "B"},
        {"episode_start": JUNE},
    )
    before = rows.before("episodes", ("episode_start", "episode_end"))["episode_start"]
    after = rows.after("episodes", ("episode_start", "episode_end"))["episode_start"]
    assert dates(before) == [JUNE, None, None, MAY]
    assert dates(after) == [None, JUNE, None, JULY]


def test_a_row_without_a_start_or_a_child_has_no_neighbours():
    rows = rows_with(
        {"episode_start": MAY},
        {"episode_start": None},
        {"episode_start": JUNE, "child_id": None},
        {"episode_start": JULY, "child_id": None},
    )
    assert not rows.before("episodes", ("episode_start", "episode_end")).found.any()


def test_of_two_rows_with_one_start_the_open_one_comes_last():
    rows = rows_with({"episode_start": MAY}, {"episode_start": MAY, "episode_end": JUNE})
    before = rows.before("episodes", ("episode_start", "episode_end"))
    assert list(before.found) == [True, False]


def test_of_two_records_of_a_child_that_disagree_neither_is_chosen():
    twin = {**CHILD, "birth_date": "2013-01-01"}
    rows = rows_with({}, {"child_id": "B"}, children=(CHILD, twin, {**CHILD, "child_id": "B"}))
    child = rows.child("episodes", "children")
    assert list(child.found) == [True, True]
    assert dates(child["birth_date"]) == [None, "2012-05-14"]
    assert list(child["ethnicity"]) == ["WBRI", "WBRI"]


def test_a_child_without_an_id_is_nobody_elses_child():
    rows = rows_with({"child_id": None}, {}, children=({**CHILD, "child_id": None}, CHILD))
    assert list(rows.has("episodes", "children")) == [False, True]


def test_only_chosen_rows_of_the_other_table_count():
    rows = rows_with({"end_reason": "E11"}, {"end_reason": "E4A"}, {"child_id": "B"})
    adopted = rows["episodes"]["end_reason"].eq("E11")
    assert list(rows.has("children", "episodes", adopted)) == [True]
    assert list(rows.has("children", "episodes", ~adopted & adopted)) == [False]


def test_a_day_is_inside_a_span_from_its_first_day_to_the_day_before_its_last():
    spans = ({"episode_start": MAY, "episode_end": JUNE}, {"episode_start": JULY})
    asked = [{"child_id": "A1", "review_date": day} for day in ("2023-04-30", MAY, "2023-05-31")]
    asked += [{"child_id": "A1", "review_date": day} for day in (JUNE, JULY, "2024-01-01", None)]
    asked += [{"child_id": "B", "review_date": MAY}, {"child_id": None, "review_date": MAY}]
    held = tuple({**EPISODE, **each} for each in spans)
    rows = Rows(looked_after(episodes=held, reviews=tuple(asked)), sent_for())
    day = rows["reviews"]["review_date"]
    inside = rows.is_within("reviews", day, "episodes", "episode_start", "episode_end")
    assert list(inside) == [False, True, True, False, True, True, False, False, False]


def test_the_first_and_last_day_of_a_child_are_found():
    rows = rows_with({"episode_start": JULY}, {"episode_start": MAY}, {"child_id": None})
    assert dates(rows.earliest("children", "episodes", "episode_start")) == [MAY]
    assert dates(rows.latest("children", "episodes", "episode_start")) == [JULY]
    empty = Rows(looked_after(), sent_for())
    assert dates(empty.latest("children", "reviews", "review_date")) == [None]


def test_joins_hold_on_tables_without_rows():
    rows = Rows(looked_after(), sent_for())
    assert list(rows.has("episodes", "reviews")) == [False]
    assert list(rows.has("reviews", "episodes")) == []
    assert list(rows.repeats("reviews", ("child_id", "review_date"))) == []
    assert list(rows.before("reviews", ("review_date",)).found) == []


def test_rows_alike_in_every_column_have_one_number_and_rows_with_a_gap_none():
    rows = rows_with({"episode_start": MAY}, {"episode_start": MAY}, {"episode_start": None})
    same = rows.same("episodes", ("child_id", "episode_start"))
    assert same[0] == same[1] != -1
    assert same[2] == -1
    assert list(rows.repeats("episodes", ("child_id", "episode_start"))) == [0, 1]


def test_a_table_the_return_does_not_have_is_refused():
    with pytest.raises(DeclarationError, match="cats"):
        Rows(looked_after(), sent_for())["cats"]


def test_what_is_unknown_is_not_broken():
    answer = pd.Series([True, None, False], dtype="boolean")
    assert list(as_booleans(answer)) == [True, False, False]
    assert list(as_booleans(True, 2)) == [True, True]


def test_a_frame_numbered_otherwise_is_numbered_anew():
    read = looked_after(children=(CHILD, {**CHILD, "child_id": "B"}))
    read.frames["children"].index = pd.Index([7, 3])
    assert list(Rows(read, sent_for())["children"].index) == [0, 1]
