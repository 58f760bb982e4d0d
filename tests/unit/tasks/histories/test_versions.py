import numpy as np
from pandas import DataFrame, Series

from tasks.histories.versions import _narrowed, in_order, latest_versions

KEY = ["person_id", "day"]


def rows(*cells):
    table = DataFrame(cells, columns=["person_id", "day", "when", "note"])
    return table.astype({"day": "datetime64[s]", "note": "str"})


def notes(table):
    return table["note"].fillna("").tolist()


def test_the_later_return_has_the_last_word():
    told = rows((1, "2023-01-01", 8, "old"), (1, "2023-01-01", 12, "new"))
    assert notes(latest_versions(told, key=KEY)) == ["new"]
    assert notes(latest_versions(told.iloc[::-1], key=KEY)) == ["new"]


def test_different_days_and_persons_stay_apart():
    told = rows((2, "2023-01-01", 8, "c"), (1, "2023-01-02", 8, "b"), (1, "2023-01-01", 8, "a"))
    assert notes(latest_versions(told, key=KEY)) == ["a", "b", "c"]


def test_two_rows_of_one_return_are_settled_by_what_they_say_not_by_their_order():
    told = rows((1, "2023-01-01", 8, "b"), (1, "2023-01-01", 8, "a"), (1, "2023-01-01", 8, None))
    assert notes(in_order(told, key=KEY)) == ["", "a", "b"]
    assert notes(latest_versions(told.iloc[::-1], key=KEY)) == ["b"]


def test_no_rows_give_no_rows_with_the_same_columns():
    none = rows()[:0].astype({"person_id": np.int64, "when": np.int64})
    assert list(latest_versions(none, key=KEY).columns) == list(none.columns)


def test_the_table_given_is_left_as_it_was():
    told = rows((2, "2023-01-01", 8, "b"), (1, "2023-01-01", 8, "a"))
    before = told.copy()
    latest_versions(told, key=KEY)
    assert told.equals(before)
    assert isinstance(told["note"], Series)


def test_numbers_are_narrowed_to_their_span_and_to_ranks_where_that_is_wide():
    near, far = np.array([5, 5 + 2**32 - 1]), np.array([5, 5 + 2**32])
    assert _narrowed(near)[1] == 2**32
    assert _narrowed(far)[1] == 2
    assert _narrowed(far)[0].tolist() == [0, 1]
