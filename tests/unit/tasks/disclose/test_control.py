import numpy as np

from schemas.editions import TOTAL_ITEM
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen
from tests.support.outcome_tables import (
    AUTHORITIES,
    LANCASHIRE,
    NORFOLK,
    ROCHDALE,
    WALSALL,
    YEAR,
    figure,
    one_outcome,
    outcome_table,
)

LARGE = [(40, 200), (45, 210), (38, 190), (50, 220)]


def seen(name, table, found):
    states = found.rows[[*STATES, "numerator_state", "denominator_state"]]
    return Seen(name, table, states)


def editions(*tables):
    """Return what each edition in turn may show, each compared with all before it."""
    earlier, made = [], []
    for place, table in enumerate(tables):
        found = controlled(table, seen=earlier)
        assert found.is_safe
        earlier.append(seen(str(place), table, found))
        made.append(found.rows)
    return made


def test_large_counts_are_shown_as_they_are():
    (rows,) = editions(one_outcome("rereferral_12m", LARGE * 4))
    assert set(rows["numerator_symbol"]) == {""}
    walsall = figure(rows, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator"], walsall["denominator"], walsall["value"]) == (40, 200, 20.0)


def test_a_hidden_count_hides_its_rate_and_something_beside_it():
    counts = LARGE * 4
    counts[0] = (3, 200)
    (rows,) = editions(one_outcome("rereferral_12m", counts))
    walsall = figure(rows, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator_symbol"], walsall["value_symbol"]) == ("c", "c")
    assert np.isnan(walsall["value"])
    assert (rows["numerator_symbol"] == "c").sum() > 1


def test_returned_home_and_still_there_do_not_publish_their_difference():
    table = outcome_table(
        ("reunification", WALSALL, YEAR[0], 32, 300),
        ("reunification_still_home", WALSALL, YEAR[0], 29, 300),
    )
    (rows,) = editions(table)
    one = figure(rows, "reunification", WALSALL, YEAR[0])["numerator_symbol"]
    other = figure(rows, "reunification_still_home", WALSALL, YEAR[0])["numerator_symbol"]
    assert "c" in (one, other)


def test_what_was_not_returned_is_x_and_never_nought():
    counts = LARGE * 4
    counts[0] = (None, None)
    (rows,) = editions(one_outcome("rereferral_12m", counts))
    walsall = figure(rows, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator_symbol"], walsall["value_symbol"]) == ("x", "x")


def test_an_empty_group_shows_its_noughts_and_has_no_rate():
    counts = LARGE * 4
    counts[0] = (0, 0)
    (rows,) = editions(one_outcome("rereferral_12m", counts))
    walsall = figure(rows, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator"], walsall["denominator"]) == (0, 0)
    assert walsall["value_symbol"] == "z"


def test_the_same_table_twice_shows_the_same_twice():
    counts = LARGE * 4
    counts[0] = (3, 200)
    table = one_outcome("rereferral_12m", counts)
    first, second = editions(table, table)
    assert first.equals(second)


def test_a_change_of_one_child_keeps_the_earlier_number():
    before, after = LARGE * 4, LARGE * 4
    before[0], after[0] = (12, 200), (13, 200)
    first, second = editions(
        one_outcome("rereferral_12m", before), one_outcome("rereferral_12m", after)
    )
    walsall = figure(second, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator"], walsall["numerator_state"]) == (12, "held")
    total = figure(second, "rereferral_12m", TOTAL_ITEM, YEAR[0])
    earlier = figure(first, "rereferral_12m", TOTAL_ITEM, YEAR[0])
    assert total["numerator"] == earlier["numerator"]


def test_small_changes_are_let_out_once_they_add_up():
    tables = []
    for count in (12, 13, 20):
        counts = LARGE * 4
        counts[0] = (count, 200)
        tables.append(one_outcome("rereferral_12m", counts))
    _, _, third = editions(*tables)
    walsall = figure(third, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator"], walsall["numerator_state"]) == (20, "shown")


def test_once_hidden_a_figure_stays_hidden():
    before, after = LARGE * 4, LARGE * 4
    before[0], after[0] = (3, 200), (60, 200)
    _, second = editions(
        one_outcome("rereferral_12m", before), one_outcome("rereferral_12m", after)
    )
    walsall = figure(second, "rereferral_12m", WALSALL, YEAR[0])
    assert (walsall["numerator_symbol"], walsall["numerator_state"]) == ("c", "c")


def test_a_late_return_of_few_children_does_not_enter_totals_already_published():
    late = one_outcome(
        "cla_start_rate",
        [(20, 50_000), (30, 60_000), (25, 40_000), (3, 30_000)],
        quarters=YEAR[:1],
        authorities=(WALSALL, LANCASHIRE, ROCHDALE, NORFOLK),
    )
    missing = late.copy()
    at = missing["la_code"] == NORFOLK
    missing.loc[at, ["numerator", "denominator", "value"]] = None
    missing.loc[at, "status"] = "x"
    first, second = editions(missing, late)
    before = figure(first, "cla_start_rate", TOTAL_ITEM, YEAR[0])
    after = figure(second, "cla_start_rate", TOTAL_ITEM, YEAR[0])
    assert before["numerator"] == after["numerator"] == 75
    assert after["numerator_state"] == "held"
    assert after["authorities"] == before["authorities"] == 3


def test_a_late_return_of_many_children_enters_them():
    late = one_outcome("rereferral_12m", LARGE, quarters=YEAR[:1])
    missing = late.copy()
    at = missing["la_code"] == NORFOLK
    missing.loc[at, ["numerator", "denominator", "value"]] = None
    missing.loc[at, "status"] = "x"
    _, second = editions(missing, late)
    assert figure(second, "rereferral_12m", TOTAL_ITEM, YEAR[0])["numerator"] == 173


def test_a_return_withdrawn_later_does_not_give_away_what_it_hid():
    full = one_outcome(
        "cla_start_rate",
        [(20, 50_000), (30, 60_000), (25, 40_000), (3, 30_000)],
        quarters=YEAR[:1],
        authorities=AUTHORITIES,
    )
    withdrawn = full.copy()
    at = withdrawn["la_code"] == NORFOLK
    withdrawn.loc[at, ["numerator", "denominator", "value"]] = None
    withdrawn.loc[at, "status"] = "x"
    first, second = editions(full, withdrawn)
    shown = [
        figure(rows, "cla_start_rate", TOTAL_ITEM, YEAR[0])["numerator_state"]
        for rows in (first, second)
    ]
    assert shown != ["shown", "shown"]
