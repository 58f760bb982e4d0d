"""Which authorities a total adds up, at each boundary of the rule."""

import pytest
from pandas import DataFrame

from schemas.editions import TOTAL_ITEM
from schemas.trial import clusters, model_of
from tasks.disclose.sets import SetReason, members_of, set_name, total_sets

FIVE = ("E08000030", "E10000017", "E06000020", "E09000032", "E06000030")
"""Authorities of Family Safeguarding."""
A, B, C, D, E = FIVE
ROCHDALE, LEICESTER, OUTSIDE, BEYOND = "E08000005", "E06000016", "E08000035", "E08000025"
ALL_KNOWN = "1" * 20


def sets_of(known, outcome="rereferral_12m"):
    """Return the sets where each authority has figures as written: 1 for one, 0 for none."""
    rows = [
        (outcome, model_of(la) or "", la, index, mark == "1")
        for la, marks in known.items()
        for index, mark in enumerate(marks)
    ]
    columns = ["outcome", "model", "la_code", "index", "is_known"]
    return total_sets(DataFrame(rows, columns=columns))


def members(known, place="family_safeguarding"):
    return set(members_of(sets_of(known))["rereferral_12m", place])


def why(known, la_code, place="family_safeguarding"):
    sets = sets_of(known)
    (found,) = sets.loc[(sets["place"] == place) & (sets["la_code"] == la_code), "why"]
    return found


def test_authorities_that_have_every_figure_are_in():
    assert members(dict.fromkeys(FIVE, ALL_KNOWN)) == set(FIVE)


def test_an_authority_that_never_returned_is_out_and_the_others_have_a_total():
    known = {**dict.fromkeys(FIVE, ALL_KNOWN), A: "0" * 20}
    assert members(known) == {B, C, D, E}
    assert members(known, TOTAL_ITEM) == {B, C, D, E}
    assert why(known, A) == SetReason.NO_FIGURE


@pytest.mark.parametrize(("late", "is_in"), [(1, True), (4, True), (5, False)])
def test_an_authority_that_is_late_by_up_to_a_year_stays_in(late, is_in):
    known = {**dict.fromkeys(FIVE[:4], "1" * 8), E: "1" * (8 - late) + "0" * late}
    # 4 settled quarters: when late by 5, five authorities share 3 of them, and four share 4.
    assert (E in members(known)) == is_in
    if not is_in:
        assert why(known, E) == SetReason.GAPS


def test_quarters_for_which_fewer_than_half_returned_decide_nothing():
    known = {la: "1" * 10 + "0" * 10 for la in FIVE}
    known[A] = known[B] = ALL_KNOWN
    assert members(known) == set(FIVE)


@pytest.mark.parametrize(("gaps", "is_in"), [(3, True), (4, False)])
def test_an_authority_is_in_while_more_figures_are_added_up_with_it(gaps, is_in):
    # Of 16 settled quarters: 5 authorities in 13 are 65 figures, in 12 they are 60; 4 in 16 are 64.
    marks = "0" * gaps + "1" * (20 - gaps)
    assert (E in members({**dict.fromkeys(FIVE[:4], ALL_KNOWN), E: marks})) == is_in


def test_of_equals_the_larger_set_is_taken():
    # Of 10 settled quarters: 5 authorities in 8 are 40 figures, and so are 4 in 10.
    known = {**dict.fromkeys(FIVE[:4], "1" * 14), E: "00" + "1" * 12}
    assert E in members(known)


@pytest.mark.parametrize(("with_figures", "size"), [(2, 0), (3, 3)])
def test_fewer_than_half_of_those_that_take_part_are_no_total(with_figures, size):
    known = {la: ("1" if place < with_figures else "0") * 20 for place, la in enumerate(FIVE)}
    assert len(members(known)) == size
    if size == 0:
        assert why(known, A) == SetReason.NO_SET


def test_half_of_them_are_one():
    known = {A: ALL_KNOWN, B: ALL_KNOWN, C: "0" * 20, D: "0" * 20}
    assert members(known) == {A, B}


def test_an_authority_that_withdrew_is_in_no_total():
    known = {ROCHDALE: ALL_KNOWN, LEICESTER: ALL_KNOWN}
    assert members(known, "no_wrong_door") == {ROCHDALE}
    assert why(known, LEICESTER, "no_wrong_door") == SetReason.WITHDRAWN
    (leicester,) = (one for one in clusters() if one.la_code == LEICESTER)
    assert leicester.role == "withdrawn"


def test_total_is_the_sets_of_all_groups_together():
    known = {**dict.fromkeys((*FIVE, ROCHDALE, OUTSIDE), ALL_KNOWN), BEYOND: "0" * 20}
    assert members(known, TOTAL_ITEM) == {*FIVE, ROCHDALE, OUTSIDE}
    assert "" not in set(sets_of(known)["place"])


def test_total_has_no_set_where_a_practice_model_has_none():
    known = {**dict.fromkeys(FIVE, ALL_KNOWN), ROCHDALE: "0" * 20}
    assert members(known) == set(FIVE)
    assert members(known, TOTAL_ITEM) == set()
    assert why(known, A, TOTAL_ITEM) == SetReason.NO_MODEL_SET


def test_each_outcome_has_its_own_set():
    first = sets_of(dict.fromkeys(FIVE, ALL_KNOWN))
    other = sets_of({**dict.fromkeys(FIVE, ALL_KNOWN), A: "0" * 20}, outcome="cla_rate")
    found = {**members_of(first), **members_of(other)}
    assert found["rereferral_12m", TOTAL_ITEM] - found["cla_rate", TOTAL_ITEM] == {A}


def test_a_name_is_that_of_the_same_authorities_alone():
    assert set_name([A, B]) == set_name([B, A])
    assert set_name([A, B]) != set_name([A, C])
    assert set_name([A, B]).startswith("S2-")
    assert set_name([]) == ""
