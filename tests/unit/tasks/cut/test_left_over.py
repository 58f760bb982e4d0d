"""A table without dates that is the year before's, on both sides of the limit."""

import pytest
from pandas import DataFrame, concat

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.cut.bars import with_bars_from_rows
from tasks.cut.left_over import left_over_bars

YEAR_ENDS = {year: f"{year}-{year - 1999}Q4" for year in (2021, 2022, 2023)}


def wellbeing(year, *, count=10, scores=None, first=1):
    keys = list(range(first, first + count))
    return DataFrame(
        {
            "child_key": keys,
            "birth_mark": [key * 7 for key in keys],
            "quarter": YEAR_ENDS[year],
            "source_row": [*range(2, 2 + count)],
            "sdq_score": scores or [float(key % 40) for key in keys],
            "convicted_code": "0",
        }
    )


def found(*parts, table="oc2"):
    quarters = {Quarter.parse(text) for part in parts for text in part["quarter"]}
    rows = AuthorityRows("E08000030", {table: concat(parts)}, {}, {table: frozenset(quarters)})
    return [
        (bar.return_name, bar.table, [str(one) for one in bar.quarters])
        for bar in left_over_bars(rows)
    ]


@pytest.mark.parametrize("table", ["oc2", "oc3"])
def test_the_year_before_in_another_order_is_barred(table):
    again = wellbeing(2022).iloc[::-1].assign(source_row=range(50, 60))
    assert found(wellbeing(2021), again, table=table) == [("ssda903", table, ["2022-23Q4"])]


@pytest.mark.parametrize(("count", "is_barred"), [(9, False), (10, True)])
def test_a_handful_may_stay_as_they_were(count, is_barred):
    pair = wellbeing(2021, count=count), wellbeing(2022, count=count)
    assert bool(found(*pair)) is is_barred


@pytest.mark.parametrize(
    "later",
    [
        wellbeing(2022, scores=[9.0, *map(float, range(2, 11))]),
        wellbeing(2022, first=2),
        wellbeing(2022, count=11),
        wellbeing(2023),
        wellbeing(2022).assign(quarter="2022-23Q3"),
    ],
    ids=["another score", "another child", "one more", "not the year after", "in the year"],
)
def test_what_has_changed_is_of_its_own_year(later):
    assert found(wellbeing(2021), later) == []


def test_figures_made_of_it_are_not_given_and_say_so():
    frames = {"oc2": concat([wellbeing(2021), wellbeing(2022)])}
    sent = {"oc2": frozenset(map(Quarter.parse, ("2021-22Q4", "2022-23Q4")))}
    (bar,) = with_bars_from_rows(AuthorityRows("E08000030", frames, {}, sent)).bars
    assert bar.reason is FigureReason.PERIOD_MISMATCH
    assert {quarter.year for quarter in bar.quarters} == {2022}


def test_nothing_sent_is_nothing_left_over():
    assert list(left_over_bars(AuthorityRows("E08000030", {}, {}))) == []
