import numpy as np
from pandas import DataFrame

from tasks.histories.dates import FOREVER
from tasks.histories.spans import days_within, latest_before, merged, on_days, overlapping, spans


def days(*texts):
    return np.array(texts, dtype="datetime64[s]")


def written(rows: DataFrame):
    return [
        (person, str(start)[:10], str(end)[:10])
        for person, start, end in rows.itertuples(index=False)
    ]


def test_overlapping_and_touching_spans_of_a_person_are_joined():
    rows = spans(
        np.array([1, 1, 1, 2]),
        days("2023-01-05", "2023-01-01", "2023-01-10", "2023-01-02"),
        days("2023-01-10", "2023-01-07", "2023-01-12", "2023-01-03"),
    )
    assert written(merged(rows)) == [
        (1, "2023-01-01", "2023-01-12"),
        (2, "2023-01-02", "2023-01-03"),
    ]


def test_a_day_between_two_spans_keeps_them_apart():
    rows = spans(
        np.array([1, 1]), days("2023-01-01", "2023-01-08"), days("2023-01-07", "2023-01-09")
    )
    assert len(merged(rows)) == 2


def test_a_long_span_swallows_the_short_ones_it_holds():
    rows = spans(
        np.array([1, 1, 1]),
        days("2023-01-01", "2023-01-02", "2023-01-05"),
        days("2023-01-31", "2023-01-03", "2023-01-06"),
    )
    assert written(merged(rows)) == [(1, "2023-01-01", "2023-01-31")]


def test_nothing_merges_into_nothing():
    assert len(merged(spans(np.array([], dtype=np.int64), days(), days()))) == 0


def test_the_latest_end_before_a_row_is_that_of_the_same_person():
    ends = np.array(["2023-05-01", "2023-02-01", FOREVER, "2023-01-01"], dtype="datetime64[s]")
    before = latest_before(ends, new_person=np.array([True, False, False, True]))
    assert [str(day)[:10] for day in before] == ["NaT", "2023-05-01", "2023-05-01", "NaT"]


def test_days_are_counted_inside_the_window_only():
    rows = spans(
        np.array([1, 2, 3]),
        days("2023-01-01", "2023-01-25", "2023-03-01"),
        days("2023-01-11", "2023-02-11", "2023-03-11"),
    )
    first, end = days(*["2023-01-06"] * 3), days(*["2023-02-01"] * 3)
    assert days_within(rows, first=first, end=end).tolist() == [5, 7, 0]


def test_a_span_is_in_force_from_its_first_day_until_before_its_end():
    asked = days("2023-01-31", "2023-02-28", "2023-03-31")
    start, end = days("2023-01-31", "2023-02-01"), days("2023-02-28", "2023-03-31")
    row, place = on_days(start, end, days=asked)
    assert list(zip(row.tolist(), place.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_a_span_meets_a_stretch_when_it_has_a_day_in_it():
    since, until = days("2022-03-31"), days("2023-03-31")
    start = days("2020-01-01", "2020-01-01", "2023-03-31", "2023-04-01", "2022-06-01")
    end = days("2022-04-01", "2022-04-02", "2023-05-01", "2023-05-01", "2022-06-01")
    row, _ = overlapping(start, end, since=since, days=until)
    assert row.tolist() == [1, 2]
