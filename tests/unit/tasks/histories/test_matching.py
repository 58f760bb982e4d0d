import numpy as np
import pytest

from schemas.identifiers import Join
from tasks.histories.matching import Match, Named, match_of, share_needed, together

HALF = 0.5


@pytest.mark.parametrize(
    ("children", "known", "is_collapse"), [(8, 4, False), (9, 4, True), (8, 3, True)]
)
def test_the_share_needed_is_enough_and_one_child_fewer_is_not(children, known, is_collapse):
    assert Match(children, known, alike=0).is_collapse(HALF) is is_collapse


@pytest.mark.parametrize(("unknown", "is_collapse"), [(2, False), (3, True)])
def test_two_unknown_children_are_no_collapse_and_three_are(unknown, is_collapse):
    assert Match(unknown, known=0, alike=0).is_collapse(HALF) is is_collapse


@pytest.mark.parametrize(
    ("children", "alike", "is_collapse"),
    [(50, 1, False), (49, 1, True), (50, 2, True), (100, 2, False)],
)
def test_two_in_a_hundred_may_be_known_in_another_spelling_only(children, alike, is_collapse):
    assert Match(children, children - alike, alike).is_collapse(HALF) is is_collapse


@pytest.mark.parametrize(
    ("children", "born_otherwise", "is_collapse"),
    [(10, 2, False), (10, 3, True), (149, 3, True), (150, 3, False), (150, 4, True)],
)
def test_three_and_over_two_in_a_hundred_born_otherwise_are_other_children(
    children, born_otherwise, is_collapse
):
    match = Match(children, children, 0, born_otherwise)
    assert match.is_of_others is is_collapse
    assert match.is_collapse(HALF) is is_collapse


def test_a_return_without_children_matches():
    assert Match(0, 0, 0).share == 1
    assert not Match(0, 0, 0).is_collapse(HALF)


def named(keys, alikes):
    return Named(np.array(keys, dtype=np.int64), np.array(alikes, dtype=np.int64))


def test_a_child_counts_as_alike_only_where_it_is_not_known_and_its_looser_form_was_kept():
    known = together([named([1, 2], [11, 12]), named([9], [0])])
    assert match_of(named([1, 3, 4, 5], [11, 12, 13, 0]), known) == Match(4, known=1, alike=1)


def test_a_quarter_under_the_middle_of_other_years_is_needed_but_never_less_than_the_floor():
    join = Join("ssda903", "cin_census", HALF)
    assert share_needed(join, [0.9, 1.0, 0.2]) == pytest.approx(0.65)
    assert share_needed(join, [0.7]) == HALF
    assert share_needed(join, []) == HALF
    assert share_needed(Join("ssda903", "ssda903", 0.15), [1.0]) == pytest.approx(0.15)
