"""Rows of SSDA903 under the keys of the census, at the edges of what a list of pairs says."""

import numpy as np
from pandas import DataFrame

from tasks.histories.child_ids import paired_ids, with_census_keys
from tasks.histories.persons import persons
from tests.unit.tasks.cut.test_unmatched import bars, children

LOOKED_AFTER, IN_CENSUS, OTHER, UNPAIRED = 11, 22, 33, 44


def rows(*keys, marks):
    return DataFrame({"child_key": keys, "birth_mark": marks}, dtype="int64").assign(
        alike_key=np.array(keys), quarter="2023-24Q4"
    )


def pairs(*pairs):
    return DataFrame(pairs, columns=["child_key", "census_child_id"], dtype="int64")


def test_a_child_with_two_ids_is_one_person_under_the_id_of_the_census():
    frames = with_census_keys(
        {
            "episodes": rows(LOOKED_AFTER, UNPAIRED, marks=[901, 904]),
            "cin_children": rows(IN_CENSUS, UNPAIRED, marks=[902, 904]),
            "child_ids": pairs((LOOKED_AFTER, IN_CENSUS)),
        }
    )
    tables, shared = persons(frames)
    assert shared == 0, "each id has a mark of its own, and no child stands with two"
    assert list(tables["episodes"]["person_id"]) == [IN_CENSUS, UNPAIRED]
    assert list(tables["cin_children"]["person_id"]) == [IN_CENSUS, UNPAIRED]
    assert list(frames["episodes"]["alike_key"]) == [0, UNPAIRED]


def test_an_id_that_is_another_childs_in_the_census_joins_nothing():
    found = paired_ids({"child_ids": pairs((LOOKED_AFTER, IN_CENSUS))})
    joined, apart = found.census_keys(np.array([LOOKED_AFTER, IN_CENSUS]))
    assert joined == IN_CENSUS
    assert apart not in (LOOKED_AFTER, IN_CENSUS)
    assert apart > 0


def test_pairs_of_one_id_change_nothing_and_ids_may_change_places():
    found = paired_ids({"child_ids": pairs((OTHER, OTHER), (11, 22), (22, 11), (0, 5), (6, 0))})
    sent = np.array([OTHER, 11, 22, 0, UNPAIRED])
    assert list(found.census_keys(sent)) == [OTHER, 22, 11, 0, UNPAIRED]


def test_without_a_list_the_tables_are_those_given():
    frames = {"episodes": rows(1, marks=[2]), "children": DataFrame()}
    assert with_census_keys(frames) is frames
    listed = {**frames, "child_ids": pairs((1, 3))}
    assert len(with_census_keys(listed)["children"]) == 0


def test_years_of_a_paired_authority_are_not_barred():
    census = children(range(1, 101))
    care = children(range(1001, 1051))
    listed = pairs(*((1000 + each, each) for each in range(1, 51)))
    assert bars(cin_children=census, episodes=care)
    assert not bars(
        **with_census_keys({"cin_children": census, "episodes": care, "child_ids": listed})
    )
