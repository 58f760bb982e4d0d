"""Thresholds of disclosure control, each on its boundary."""

import numpy as np
import pytest
from pandas import DataFrame
from scipy.sparse import csr_matrix

from tasks.disclose import attack as attacks
from tasks.disclose import protect, repair
from tasks.disclose.attack import TOLERANCE, Neighbours, Ranges, attack, moves, unmoved
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen, with_earlier
from tasks.disclose.figures import Figures, printable_figures
from tasks.disclose.linked import _pairs, linked
from tasks.disclose.primary import sensitive_cells, thresholds
from tasks.disclose.protect import EXACT, STEPWISE, _stage, protected
from tasks.disclose.repair import _State, cheapest_move
from tests.support.outcome_tables import (
    AUTHORITIES,
    LANCASHIRE,
    NORFOLK,
    WALSALL,
    YEAR,
    figure,
    one_outcome,
    outcome_table,
)
from tests.unit.tasks.disclose.test_attack import WIDTH, one_sum

TWO_OF_THREE = [True, True, False]


def seen(table):
    """Return an edition of the table, as later editions see it."""
    found = controlled(table, seen=[])
    states = found.rows[[*STATES, "numerator_state", "denominator_state"]]
    return Seen("first", table, states, found.figures.sets)


def rows_of(*atoms, count):
    """Return sums over the atoms named."""
    return csr_matrix(np.array([np.isin(np.arange(count), found) for found in atoms], dtype=float))


# The attack


def test_a_range_as_wide_as_its_width_but_for_rounding_is_safe():
    at_the_edge = Ranges(np.zeros(1), np.array([WIDTH - TOLERANCE]), np.array([WIDTH]))
    assert not at_the_edge.unsafe.any()
    assert Ranges(np.zeros(1), np.array([WIDTH - 2 * TOLERANCE]), np.array([WIDTH])).unsafe.all()


def test_what_differs_from_zero_by_rounding_does_not_move():
    assert moves(np.array([TOLERANCE, -TOLERANCE, 2 * TOLERANCE, -2 * TOLERANCE])).tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_neighbourhoods_are_looked_at_only_where_they_are_smaller_than_the_whole(monkeypatch):
    def close_by(space, targets, ranges):
        looked.append(len(space.moving))
        return ranges

    looked = []
    made, hidden = one_sum([3, 4, 30], hidden=TWO_OF_THREE)
    monkeypatch.setattr(attacks, "_close_by", close_by)
    for near in (1, 2, 3):
        monkeypatch.setattr(attacks, "NEAR", near)
        attack(made, hidden)
    assert looked == [2]


def test_a_neighbourhood_ends_once_it_has_as_many_atoms_as_it_may():
    chain = Neighbours(rows_of([0, 1], [1, 2], [2, 3], count=4))
    assert chain.near([0], limit=2).tolist() == [0, 1]


def test_a_sum_of_up_to_eight_atoms_is_taken_as_it_stands():
    rows = rows_of([0, 1, 2, 3, 4, 5, 6, 7], [1, 8], [7, 9], count=10)
    links = Neighbours(rows, preferred=np.arange(10) == 7)
    assert links.near([0], limit=9).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]


def test_of_a_sum_of_more_atoms_those_preferred_come_first():
    rows = rows_of([0, 1, 2, 3, 4, 5, 6, 7, 8], count=9)
    assert 8 in Neighbours(rows, preferred=np.arange(9) == 8).near([0])
    assert 8 not in Neighbours(rows).near([0])


# Step by step


def test_a_target_short_of_its_width_by_no_more_than_rounding_is_not_the_worst(monkeypatch):
    monkeypatch.setattr(repair, "TOLERANCE", 0.5)
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False])
    state = _State(made, hidden)
    for found, worst in ((WIDTH / 2, None), (WIDTH / 2 - 1, 0)):
        state.ranges = Ranges(np.zeros(4), np.full(4, found), np.full(4, WIDTH))
        assert state.worst() == worst


def test_a_sum_with_enough_hidden_in_it_or_nothing_does_not_need_a_cell_hidden():
    for hidden_value, needed in ((WIDTH - TOLERANCE, False), (WIDTH - 1, True)):
        made, hidden = one_sum([hidden_value, 20, 30], hidden=[True, False, False])
        assert _State(made, hidden)._plainly_needed(3) is needed
    made, hidden = one_sum([20, 20, 30], hidden=[False, False, False])
    assert _State(made, hidden)._plainly_needed(3) is False


def test_a_proof_moves_the_first_atom_as_well():
    made, hidden = one_sum([3, 4, 30], hidden=TWO_OF_THREE)
    state = _State(made, hidden)
    state.ranges = unmoved(state.ranges.widths)
    assert state.prove()


@pytest.mark.parametrize(("most", "is_shown"), [(1, False), (2, True)])
def test_a_cell_is_shown_again_if_no_more_than_so_many_have_to_be_proved(
    monkeypatch, most, is_shown
):
    monkeypatch.setattr(repair, "MOST_TO_PROVE", most)
    made, hidden = one_sum([3, 4, 30], hidden=TWO_OF_THREE)
    state = _State(made, hidden)
    state.hidden[3] = True
    state._moved = []
    state.show_if_safe(3)
    assert state.hidden[3] == (not is_shown)


@pytest.mark.parametrize(("few", "solved"), [(1, 1), (0, 1 + repair.SHARPENED)])
def test_a_move_that_changes_few_sums_is_not_looked_for_again(monkeypatch, few, solved):
    def counted(program, costs):
        runs.append(1)
        return solve(program, costs)

    runs, solve = [], repair._Program.solved
    monkeypatch.setattr(repair, "FEW", few)
    monkeypatch.setattr(repair._Program, "solved", counted)
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False])
    move = cheapest_move(made, hidden, made.cells[0], needed=WIDTH, at=np.arange(3))
    assert moves(made.cells[[1, 2, 3]] @ move).sum() == 1
    assert len(runs) == solved


@pytest.mark.parametrize(("most", "method"), [(3, EXACT), (2, STEPWISE)])
def test_a_part_of_so_many_undecided_cells_is_solved_exactly(monkeypatch, most, method):
    monkeypatch.setattr(protect, "EXACT_CELLS", most)
    made, _ = one_sum([3, 20, 30], hidden=[True, False, False])
    assert protected(made).methods[method] == 1


def test_a_stage_decides_one_depth_and_takes_deeper_cells_as_known():
    made, hidden = one_sum([3, 4, 20], hidden=TWO_OF_THREE, ranks=np.array([0, 1, 1, 2]))
    stage = _stage(made, hidden, rank=1)
    assert stage.forced.tolist() == [True, True, False, False]
    assert stage.fixed.tolist() == [False, False, False, True]
    assert _stage(made, hidden, rank=0).fixed.tolist() == [False, True, True, True]


# Figures that hang together


def test_a_figure_of_one_authority_costs_least_to_hide():
    found = printable_figures(one_outcome("rereferral_12m", [(40, 200)] * 4, quarters=YEAR[:1]))
    weights = linked(found, threshold=thresholds()).weights
    walsall = figure(found.rows, "rereferral_12m", WALSALL, YEAR[0])
    assert weights[walsall["numerator"]] == 1.0
    assert weights.max() > 1.5


def test_a_pair_of_which_one_place_has_the_same_count_twice_is_a_pair():
    found = printable_figures(
        outcome_table(
            ("reunification", WALSALL, YEAR[0], 32, 300),
            ("reunification_still_home", WALSALL, YEAR[0], 32, 300),
            ("reunification", LANCASHIRE, YEAR[0], 40, 300),
            ("reunification_still_home", LANCASHIRE, YEAR[0], 36, 300),
        )
    )
    extras = linked(found, threshold=thresholds()).extras
    values = extras @ found.atoms["value"].to_numpy(dtype=float)
    assert set(values) == {4.0}


def test_two_quantities_are_a_pair_where_there_are_no_others():
    cells = DataFrame({"quantity": ["still_home", "returned_home"], "value": [29.0, 32.0]})
    rows = DataFrame({"outcome": [], "numerator": [], "denominator": []}, dtype="int64")
    found = Figures(rows, cells, DataFrame(), csr_matrix((2, 0)), DataFrame())
    assert list(_pairs(found)) == [("still_home", "returned_home", False)]


# What is sensitive by itself


@pytest.mark.parametrize(
    ("children", "days", "is_sensitive"),
    [(5, 812, True), (6, 812, False), (3, 0, False), (3, 1, True)],
)
def test_days_are_sensitive_that_are_those_of_five_children_or_fewer(children, days, is_sensitive):
    found = printable_figures(
        outcome_table(
            ("cla_18m", WALSALL, YEAR[0], children, 60),
            ("days_in_care_18m", WALSALL, YEAR[0], days, 60),
        )
    )
    record = figure(found.rows, "days_in_care_18m", WALSALL, YEAR[0])
    assert sensitive_cells(found, threshold=thresholds())[record["numerator"]] == is_sensitive


# Earlier editions


def test_an_amount_that_did_not_change_may_be_shown_though_others_stand_behind_it():
    before, after = (
        outcome_table(
            ("cla_18m", WALSALL, YEAR[0], children, 600),
            ("days_in_care_18m", WALSALL, YEAR[0], 81_200, 600),
        )
        for children in (120, 121)
    )
    now = printable_figures(after)
    forced = with_earlier(now, [seen(before)], threshold=thresholds()).system.forced
    entered, days = (
        figure(now.rows, outcome, WALSALL, YEAR[0])["numerator"]
        for outcome in ("cla_18m", "days_in_care_18m")
    )
    assert (forced[entered], forced[days]) == (True, False)


def test_what_an_earlier_edition_hid_of_a_return_withdrawn_since_stays_a_secret():
    counts = [(20, 50_000), (30, 60_000), (25, 40_000), (3, 30_000)]
    full = one_outcome("cla_start_rate", counts, quarters=YEAR[:1], authorities=AUTHORITIES)
    withdrawn = full.copy()
    at = withdrawn["la_code"] == NORFOLK
    withdrawn.loc[at, ["numerator", "denominator", "value"]] = None
    withdrawn.loc[at, "status"] = "x"
    now = printable_figures(withdrawn)
    extras = with_earlier(now, [seen(full)], threshold=thresholds()).system.extras
    first_gone = len(now.atoms)
    assert extras[:, first_gone].nnz
