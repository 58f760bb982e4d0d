import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.disclose.attack import attack
from tasks.disclose.exact import exact_hiding
from tasks.disclose.repair import repaired
from tasks.disclose.system import system, unlinked_parts

WIDTH = 5.0


def one_sum(values, *, hidden, **more):
    """Return the system of some numbers and their total, and which of these are hidden."""
    count = len(values)
    cells = np.vstack([np.eye(count), np.ones(count)])
    flags = np.array([*hidden, False])
    made = system(
        np.array(values, dtype=float),
        csr_matrix(cells),
        forced=flags,
        widths=np.full(count + 1, WIDTH),
        **more,
    )
    return made, flags


def test_the_only_hidden_part_of_a_shown_total_is_found_out():
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False])
    ranges = attack(made, hidden)
    assert ranges.found.tolist() == [0.0]
    assert ranges.unsafe.all()


def test_two_hidden_parts_protect_each_other_as_far_as_they_add_up():
    made, hidden = one_sum([3, 4, 30], hidden=[True, True, False])
    assert attack(made, hidden).found.tolist() == pytest.approx([7.0, 7.0])
    made, hidden = one_sum([1, 2, 30], hidden=[True, True, False])
    assert attack(made, hidden).unsafe.all()


def test_a_hidden_total_protects_its_part():
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False])
    hidden[-1] = True
    assert not attack(made, hidden).unsafe.any()


def test_what_is_known_from_elsewhere_counts_as_shown():
    known = csr_matrix([[1.0, 0.0, 0.0]])
    made, hidden = one_sum([3, 4, 30], hidden=[True, True, False], known=known)
    assert attack(made, hidden).unsafe.all()


def test_a_number_within_another_cannot_be_larger():
    orders = csr_matrix([[-1.0, 0.0, 1.0], [0.0, -1.0, 1.0]])
    made, hidden = one_sum([3, 4, 4], hidden=[True, True, False], orders=orders)
    assert attack(made, hidden).found.tolist() == pytest.approx([1.0, 1.0])


def test_a_difference_can_be_what_must_stay_hidden():
    extras = csr_matrix([[-1.0, 1.0, 0.0]])
    made, hidden = one_sum(
        [29, 32, 60],
        hidden=[False, False, False],
        extras=extras,
        extra_widths=np.array([WIDTH]),
    )
    assert attack(made, hidden).unsafe.tolist() == [True]
    found = exact_hiding(made)
    assert found is not None
    assert int(found.sum()) == 2
    assert not attack(made, found).unsafe.any()


def test_hiding_the_cheapest_cell_is_enough_for_one_total():
    weights = np.array([1.0, 1.5, 1.2, 1.9])
    made, _ = one_sum([3, 20, 30], hidden=[True, False, False], weights=weights)
    found = exact_hiding(made)
    assert found is not None
    assert found.tolist() == [True, False, True, False]


def test_step_by_step_also_protects():
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False])
    hiding = repaired(made, hidden)
    assert not hiding.hopeless.any()
    assert not attack(made, hiding.hidden).unsafe.any()


def test_what_is_public_already_is_given_up_and_said_so():
    known = csr_matrix(np.array([[1.0, 0.0, 0.0]]))
    made, hidden = one_sum([3, 20, 30], hidden=[True, False, False], known=known)
    hiding = repaired(made, hidden)
    assert hiding.hopeless.tolist() == [True, False, False, False]


def test_numbers_that_no_sum_links_are_parts_of_their_own():
    cells = csr_matrix(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 1, 0]]))
    made = system(
        np.array([3.0, 9, 2, 8]),
        cells,
        forced=np.array([False, False, True, True]),
        widths=np.full(4, WIDTH),
    )
    found = unlinked_parts(made)
    assert [part.cells.tolist() for part in found] == [[0, 2], [1, 3]]
