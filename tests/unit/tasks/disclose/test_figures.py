import pytest
from pandas import concat

from schemas.editions import TOTAL_ITEM
from schemas.errors import DeclarationError
from schemas.outcomes import OUTCOMES, PUBLISHED
from tasks.disclose.figures import NO_CELL, figures_over, printable_figures
from tests.support.outcome_tables import (
    LANCASHIRE,
    ROCHDALE,
    WALSALL,
    YEAR,
    figure,
    one_outcome,
    outcome_table,
)


def values(found, record):
    return found.values[record["numerator"]], found.values[record["denominator"]]


def test_a_total_adds_up_the_authorities_that_returned_and_says_how_many():
    counts = [(10, 100), (None, None)]
    found = printable_figures(
        one_outcome("rereferral_12m", counts, quarters=YEAR[:1], authorities=(WALSALL, LANCASHIRE))
    )
    total = figure(found.rows, "rereferral_12m", TOTAL_ITEM, YEAR[0])
    assert values(found, total) == (10, 100)
    assert (total["authorities"], total["members"], total["returned"]) == (1, 1, 1)
    assert figure(found.rows, "rereferral_12m", LANCASHIRE, YEAR[0])["status"] == "x"


def test_a_total_is_x_where_one_authority_of_its_set_has_no_value():
    counts = [(10, 100), (20, 200), (30, 300), (None, None)]
    found = printable_figures(
        one_outcome("rereferral_12m", counts, quarters=YEAR[:2], authorities=(WALSALL, LANCASHIRE))
    )
    first, second = (figure(found.rows, "rereferral_12m", TOTAL_ITEM, q) for q in YEAR[:2])
    assert values(found, first) == (40, 400)
    assert (second["status"], second["numerator"], second["authorities"]) == ("x", NO_CELL, 0)
    assert (second["returned"], second["members"], second["set"]) == (1, 2, first["set"])


def test_a_total_is_z_where_one_authority_of_its_set_can_have_no_value():
    both = one_outcome(
        "cla_18m", [(10, 100)] * 4, quarters=YEAR[:2], authorities=(WALSALL, ROCHDALE)
    )
    found = printable_figures(both[:-1])
    assert figure(found.rows, "cla_18m", TOTAL_ITEM, YEAR[0])["status"] == "ok"
    last = figure(found.rows, "cla_18m", TOTAL_ITEM, YEAR[1])
    assert (last["status"], last["numerator"], last["authorities"]) == ("z", NO_CELL, 0)
    assert figure(found.rows, "cla_18m", "family_safeguarding", YEAR[1])["status"] == "ok"


def test_a_practice_model_adds_up_its_own_authorities():
    counts = [(10, 100), (20, 200), (30, 300)]
    authorities = (WALSALL, LANCASHIRE, ROCHDALE)
    found = printable_figures(
        one_outcome("rereferral_12m", counts, quarters=YEAR[:1], authorities=authorities)
    )
    model = figure(found.rows, "rereferral_12m", "family_safeguarding", YEAR[0])
    assert values(found, model) == (30, 300)


def test_a_year_counts_once_it_is_over_and_whole():
    whole = [(10, 100)] * 4
    one_missing = [(10, 100), (None, None), (10, 100), (10, 100)]
    authorities = (WALSALL, LANCASHIRE)
    found = printable_figures(
        one_outcome("rereferral_12m", whole + one_missing, authorities=authorities)
    )
    walsall = figure(found.rows, "rereferral_12m", WALSALL, "2021-22")
    assert values(found, walsall) == (40, 400)
    assert figure(found.rows, "rereferral_12m", LANCASHIRE, "2021-22")["status"] == "x"
    assert figure(found.rows, "rereferral_12m", TOTAL_ITEM, "2021-22")["status"] == "x"


def test_a_year_that_is_not_over_has_no_figure():
    found = printable_figures(
        one_outcome("rereferral_12m", [(10, 100)] * 3, quarters=YEAR[:3], authorities=(WALSALL,))
    )
    assert set(found.rows["time"]) == set(YEAR[:3])


def test_a_number_on_a_day_is_not_added_over_quarters():
    found = printable_figures(one_outcome("cla_rate", [(100, 50_000)] * 4, authorities=(WALSALL,)))
    assert set(found.rows["span"]) == {"quarter"}


def test_a_cumulative_figure_runs_from_the_first_whole_year():
    quarters = (*YEAR, "2022-23Q1", "2022-23Q2", "2022-23Q3", "2022-23Q4")
    found = printable_figures(
        one_outcome("rereferral_12m", [(10, 100)] * 8, quarters=quarters, authorities=(WALSALL,))
    )
    rows = found.rows[(found.rows["span"] == "cumulative") & (found.rows["place"] == WALSALL)]
    totals = {record["time"]: values(found, record) for record in rows.to_dict("records")}
    assert totals == {"2021-22": (40, 400), "2022-23": (80, 800)}


THREE_YEARS = tuple(f"20{year}-{year + 1}Q{q}" for year in (20, 21, 22) for q in (1, 2, 3, 4))


def test_cumulative_figures_of_all_places_run_from_the_first_year_in_which_the_set_is_whole():
    late = [(None, None)] * 4 + [(10, 100)] * 8
    table = one_outcome(
        "rereferral_12m",
        [(10, 100)] * 12 + late,
        quarters=THREE_YEARS,
        authorities=(WALSALL, LANCASHIRE),
    )
    rows = printable_figures(table).rows
    rows = rows[rows["span"] == "cumulative"]
    assert set(rows["since"]) == {"2021-22"}
    assert set(rows["status"]) == {"ok"}
    numbers = rows.assign(children=printable_figures(table).values[rows["denominator"]])
    sums = {(r["place"], r["time"]): r["children"] for r in numbers.to_dict("records")}
    assert sums[WALSALL, "2021-22"] == sums[LANCASHIRE, "2021-22"] == 400
    assert sums[TOTAL_ITEM, "2021-22"] == sums[WALSALL, "2022-23"] == 800
    assert sums[TOTAL_ITEM, "2022-23"] == 1600


def test_an_edition_from_before_sets_added_up_whichever_authorities_had_a_value():
    counts = [(10, 100), (20, 200), (30, 300), (None, None)]
    table = one_outcome(
        "rereferral_12m", counts, quarters=YEAR[:2], authorities=(WALSALL, LANCASHIRE)
    )
    then = figures_over(table, None)
    total = figure(then.rows, "rereferral_12m", TOTAL_ITEM, YEAR[1])
    assert values(then, total) == (20, 200)
    assert (total["status"], total["authorities"], total["set"]) == ("ok", 1, "")


def test_figures_over_the_sets_of_an_edition_are_those_of_the_edition():
    table = one_outcome("rereferral_12m", [(n, 10 * n + 3) for n in range(1, 17)])
    now = printable_figures(table)
    again = figures_over(table, now.sets)
    assert again.rows.equals(now.rows)
    assert (again.members != now.members).nnz == 0


def test_outcomes_that_share_a_count_share_its_cell():
    table = outcome_table(
        ("repeat_cpp", WALSALL, YEAR[0], 10, 40),
        ("repeat_cpp_24m", WALSALL, YEAR[0], 6, 40),
        ("cpp_start_rate", WALSALL, YEAR[0], 40, 60_000),
    )
    found = printable_figures(table)
    repeat = figure(found.rows, "repeat_cpp", WALSALL, YEAR[0])
    again = figure(found.rows, "repeat_cpp_24m", WALSALL, YEAR[0])
    starts = figure(found.rows, "cpp_start_rate", WALSALL, YEAR[0])
    assert repeat["denominator"] == again["denominator"] == starts["numerator"]


def test_outcomes_that_disagree_on_a_shared_count_keep_their_own():
    table = outcome_table(
        ("repeat_cpp", WALSALL, YEAR[0], 10, 40),
        ("repeat_cpp_24m", WALSALL, YEAR[0], 6, 39),
    )
    found = printable_figures(table)
    repeat = figure(found.rows, "repeat_cpp", WALSALL, YEAR[0])
    again = figure(found.rows, "repeat_cpp_24m", WALSALL, YEAR[0])
    assert values(found, repeat) == (10, 40)
    assert values(found, again) == (6, 39)


def test_a_total_of_one_authority_is_the_same_cell_as_that_authority():
    found = printable_figures(
        one_outcome("rereferral_12m", [(10, 100)], quarters=YEAR[:1], authorities=(WALSALL,))
    )
    total = figure(found.rows, "rereferral_12m", TOTAL_ITEM, YEAR[0])
    assert total["numerator"] == figure(found.rows, "rereferral_12m", WALSALL, YEAR[0])["numerator"]


def test_the_order_of_rows_is_immaterial():
    table = one_outcome("rereferral_12m", [(n, 10 * n + 3) for n in range(1, 17)])
    upside_down = concat([table.iloc[8:], table.iloc[:8]]).iloc[::-1]
    one, other = printable_figures(table), printable_figures(upside_down)
    assert one.rows.equals(other.rows)
    assert one.cells.equals(other.cells)


def test_every_outcome_that_is_computed_is_declared_for_publication():
    assert set(PUBLISHED) == set(OUTCOMES)


def test_an_outcome_that_is_not_declared_is_refused_by_name():
    table = one_outcome("rereferral_12m", [(10, 100)], quarters=YEAR[:1], authorities=(WALSALL,))
    with pytest.raises(DeclarationError, match="happiness"):
        printable_figures(table.assign(outcome="happiness"))


def test_no_outcome_gives_no_figure():
    assert len(printable_figures(outcome_table()).rows) == 0
