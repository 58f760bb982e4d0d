import numpy as np
import pytest
from pandas import concat

from schemas.errors import UsageError
from tasks.effects.cells import cells_from_frame
from tests.unit.tasks.effects.invented import wedge, with_covariates


def test_each_row_becomes_a_cell():
    frame = wedge()
    cells = cells_from_frame(frame)
    assert cells.size == len(frame)
    assert cells.cluster_names == ("L1", "L2", "L3", "L4", "L5")
    assert cells.child_count == frame["children"].sum()
    assert cells.event_count == frame["events"].sum()


def test_rows_without_children_are_left_out():
    frame = wedge()
    frame.loc[0, ["children", "events"]] = 0
    assert cells_from_frame(frame).size == len(frame) - 1


def test_periods_stand_in_order_of_time_also_when_they_are_numbers_above_nine():
    cells = cells_from_frame(wedge(periods=12))
    assert cells.period_names == tuple(map(str, range(12)))


def test_text_covariates_become_columns_but_the_first_level():
    cells = cells_from_frame(with_covariates(wedge()))
    assert cells.covariate_names == ("sex_male", "age_5+")
    assert set(np.unique(cells.covariates)) == {0.0, 1.0}


def test_summing_over_covariates_loses_no_child_and_no_event():
    cells = cells_from_frame(with_covariates(wedge()))
    summed = cells.summed
    assert summed.size == 30
    assert summed.child_count == cells.child_count
    assert summed.event_count == cells.event_count
    assert summed.exposure_time is not None


def test_a_model_column_gives_each_model_its_own_periods():
    one = wedge(3).assign(model="a")
    two = wedge(3).assign(model="b", cluster=lambda t: "M" + t["cluster"])
    cells = cells_from_frame(concat([one, two], ignore_index=True))
    assert len(cells.period_names) == 12
    assert cells.models == ("a",) * 3 + ("b",) * 3


@pytest.mark.parametrize("column", ["cluster", "period", "exposed", "children", "events"])
def test_a_missing_column_is_named(column):
    with pytest.raises(UsageError, match=f"cells: {column} missing"):
        cells_from_frame(wedge().drop(columns=column))


BROKEN = {
    "more events than children in line 2": {"events": 10_000},
    "a negative number in children in line 2": {"children": -1, "events": -1},
    "a negative number in events in line 2": {"events": -1},
    "a broken number in events": {"events": 1.5},
    "exposed other than 0 or 1 in line 2": {"exposed": 2},
    "no number in children in line 2": {"children": np.nan},
    "an empty cluster or period in line 2": {"period": None},
    "no whole exposure_time of 1 or more": {"exposed": 1, "exposure_time": 0},
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_cannot_be_a_count_is_refused_with_its_line(words):
    frame = wedge().astype({"children": float, "events": float, "period": object})
    for column, value in BROKEN[words].items():
        frame.loc[0, column] = value
    with pytest.raises(UsageError, match=words):
        cells_from_frame(frame)


def test_text_where_a_number_should_be_is_refused_without_repeating_it():
    frame = wedge().astype({"events": object})
    frame.loc[3, "events"] = "secret"
    with pytest.raises(UsageError, match="not a number in line 5") as raised:
        cells_from_frame(frame)
    assert "secret" not in str(raised.value)


def test_many_bad_lines_are_counted_rather_than_listed():
    with pytest.raises(UsageError, match="2, 3, 4, 5, 6 and 25 more"):
        cells_from_frame(wedge().assign(events=10_000))


def test_an_unknown_covariate_is_refused():
    frame = wedge().assign(sex="male")
    frame.loc[4, "sex"] = None
    with pytest.raises(UsageError, match="no value of the covariate sex in line 6"):
        cells_from_frame(frame)


def test_a_cluster_has_one_stratum():
    frame = wedge().assign(stratum=[str(k % 2) for k in range(30)])
    with pytest.raises(UsageError, match="stratum differs within cluster L1, L2"):
        cells_from_frame(frame)
