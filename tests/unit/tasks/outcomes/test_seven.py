import math
from datetime import date

import pytest
from pandas import DataFrame

from schemas.outcomes import OUTCOMES, outcomes_shown
from schemas.outcomes.outcome import RESULT_COLUMNS
from schemas.outcomes.themes import RESTRICTED_SEVEN
from schemas.trial import clusters
from tasks.outcomes.seven import (
    AFTER,
    BEFORE,
    RESTRICTED_SEVEN_COLUMNS,
    before_or_after,
    restricted_seven,
)

WALSALL, LANCASHIRE = "E08000030", "E10000017"  # live from 1 September 2020, 1 February 2021
TELFORD, SWINDON = "E06000020", "E06000030"  # 28 June 2021, 24 May 2022
SOLIHULL = "E08000029"  # no day known


def figures(*rows):
    cells = [(outcome, "all", *rest) for outcome, *rest in rows]
    columns = [name for name in RESULT_COLUMNS if name not in ("value", "reason")]
    return DataFrame(cells, columns=columns).assign(value=float("nan"), reason="")


def row(table, outcome, la_code, period):
    found = table[
        (table["outcome"] == outcome)
        & (table["la_code"] == la_code)
        & (table["period"] == period)
        & (table["model"] == "family_safeguarding")
    ]
    (only,) = found.to_dict("records")
    return only


def test_quarters_before_and_after_are_added_up_and_the_one_between_left_out():
    table = restricted_seven(
        figures(
            ("turnover", WALSALL, "2019-20Q4", 2.0, 100.0, "ok"),
            ("turnover", WALSALL, "2020-21Q1", 4.0, 100.0, "ok"),
            ("turnover", WALSALL, "2020-21Q2", 50.0, 100.0, "ok"),
            ("turnover", WALSALL, "2020-21Q3", 1.0, 50.0, "ok"),
            ("turnover", WALSALL, "2020-21Q4", None, None, "x"),
        )
    )
    before, after = (row(table, "turnover", WALSALL, one) for one in ("before", "after"))
    assert (before["quarters"], before["numerator"], before["value"]) == (2, 6, 0.03)
    assert (after["quarters"], after["numerator"], after["value"]) == (1, 1, 0.02)


# Walsall before and after, and after is 2020-21Q3, which is before for the other two.
THREE_OF_FIVE = (
    ("sickness_absence", WALSALL, "2020-21Q1", 20.0, 100.0, "ok"),
    ("sickness_absence", WALSALL, "2020-21Q3", 5.0, 100.0, "ok"),
    ("sickness_absence", LANCASHIRE, "2020-21Q3", 30.0, 300.0, "ok"),
    ("sickness_absence", LANCASHIRE, "2021-22Q1", 45.0, 300.0, "ok"),
    ("sickness_absence", TELFORD, "2020-21Q3", 10.0, 100.0, "ok"),
    ("sickness_absence", TELFORD, "2021-22Q3", 20.0, 100.0, "ok"),
)


def test_a_model_is_the_sum_of_its_authorities_each_by_its_own_day():
    table = restricted_seven(figures(*THREE_OF_FIVE))
    before, after = (row(table, "sickness_absence", "all", one) for one in ("before", "after"))
    assert (before["value"], before["authorities"]) == (60 / 500, 3)
    assert (after["value"], after["authorities"]) == (70 / 500, 3)


def test_a_model_adds_up_the_same_authorities_before_and_after():
    only_after = ("sickness_absence", SWINDON, "2022-23Q4", 90.0, 100.0, "ok")
    table = restricted_seven(figures(*THREE_OF_FIVE, only_after))
    after = row(table, "sickness_absence", "all", "after")
    assert (after["value"], after["authorities"]) == (70 / 500, 3)
    assert row(table, "sickness_absence", SWINDON, "after")["value"] == 0.9


def test_fewer_than_half_of_the_authorities_are_no_model():
    table = restricted_seven(figures(*THREE_OF_FIVE[:4]))
    after = row(table, "sickness_absence", "all", "after")
    assert (after["status"], after["authorities"]) == ("x", 0)


def test_an_annual_figure_is_after_only_when_its_whole_year_is():
    table = restricted_seven(
        figures(
            ("sdq_total", WALSALL, "2019-20Q4", 140.0, 10.0, "ok"),
            ("sdq_total", WALSALL, "2020-21Q4", 999.0, 10.0, "ok"),
            ("sdq_total", WALSALL, "2021-22Q4", 120.0, 10.0, "ok"),
        )
    )
    assert row(table, "sdq_total", WALSALL, "before")["value"] == 14
    assert row(table, "sdq_total", WALSALL, "after")["value"] == 12


def test_rates_are_per_10_000_of_the_children_of_all_quarters():
    table = restricted_seven(
        figures(
            ("cla_rate", WALSALL, "2019-20Q4", 600.0, 70000.0, "ok"),
            ("cla_rate", WALSALL, "2020-21Q1", 660.0, 70000.0, "ok"),
        )
    )
    assert row(table, "cla_rate", WALSALL, "before")["value"] == pytest.approx(90)


def test_nothing_known_is_x_and_nothing_to_divide_by_is_z():
    table = restricted_seven(
        figures(
            ("unplanned_moves", WALSALL, "2019-20Q4", 0.0, 0.0, "z"),
            ("unplanned_moves", WALSALL, "2021-22Q4", None, None, "x"),
        )
    )
    assert row(table, "unplanned_moves", WALSALL, "before")["status"] == "z"
    after = row(table, "unplanned_moves", WALSALL, "after")
    assert after["status"] == "x"
    assert math.isnan(after["value"])


def test_an_authority_without_a_day_of_going_live_is_named_and_not_known():
    table = restricted_seven(figures(("turnover", SOLIHULL, "2023-24Q4", 5.0, 100.0, "ok")))
    own = table[table["la_code"] == SOLIHULL]
    assert set(own["status"]) == {"x"}


def test_every_authority_and_model_has_every_outcome_before_and_after():
    table = restricted_seven(figures())
    shown = sum(len(names) for names in outcomes_shown(RESTRICTED_SEVEN).values())
    assert list(table.columns) == RESTRICTED_SEVEN_COLUMNS
    assert len(table) == (len(clusters()) + 3) * shown * 2
    assert set(table["status"]) == {"x"}


def test_what_shows_the_seven_is_declared_but_for_value_for_money():
    shown = {name for names in outcomes_shown(RESTRICTED_SEVEN).values() for name in names}
    assert shown - set(OUTCOMES) == {"value_for_money"}


def test_authorities_outside_the_trial_are_left_out():
    table = restricted_seven(figures(("turnover", "E06000001", "2023-24Q4", 5.0, 100.0, "ok")))
    assert set(table["status"]) == {"x"}


@pytest.mark.parametrize(
    ("go_live", "period"),
    [
        (date(2023, 4, 1), AFTER),
        (date(2023, 4, 2), None),
        (date(2023, 6, 30), None),
        (date(2023, 7, 1), BEFORE),
    ],
)
def test_a_quarter_is_after_from_its_first_day_and_before_up_to_its_last(go_live, period):
    first, last = date(2023, 4, 1), date(2023, 6, 30)
    assert before_or_after(first, last, go_live=go_live) == period
