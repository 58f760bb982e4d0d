"""Years of returns barred because their children are not known, on both sides of limits."""

import numpy as np
import pytest
from pandas import DataFrame, concat

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.cut.unmatched import unmatched_bars


def children(keys, year=2022, *, alikes=None, born_otherwise=0):
    """Return rows at rest of one year: pseudonyms, and those of the form programs confuse.

    The last children are born on another day than they are everywhere else.
    """
    quarter = f"{year}-{year - 1999}Q4"
    alike = keys if alikes is None else alikes
    born = np.array(keys) + 10_000
    born[len(born) - born_otherwise :] += 10_000
    return DataFrame(
        {
            "child_key": np.array(keys),
            "alike_key": np.array(alike),
            "birth_mark": born,
            "quarter": quarter,
        }
    )


def bars(**frames):
    rows = AuthorityRows("E08000030", frames, {})
    return {
        (bar.return_name, bar.joined_to, max(bar.quarters).year) for bar in unmatched_bars(rows)
    }


CENSUS = children(range(1, 101))


def looked_after(known, unknown, **how):
    return children([*range(1, known + 1), *range(1001, 1001 + unknown)], **how)


@pytest.mark.parametrize(("known", "unknown", "is_barred"), [(10, 10, False), (10, 11, True)])
def test_a_return_is_barred_under_the_floor(known, unknown, is_barred):
    found = bars(cin_children=CENSUS, episodes=looked_after(known, unknown))
    assert found == ({("ssda903", "cin_census", 2022)} if is_barred else set())


@pytest.mark.parametrize(("unknown", "is_barred"), [(2, False), (3, True)])
def test_one_or_two_unknown_children_are_no_collapse(unknown, is_barred):
    found = bars(cin_children=CENSUS, pre_proceedings=looked_after(0, unknown))
    assert bool(found) is is_barred


@pytest.mark.parametrize(("other", "is_barred"), [(1, False), (2, True)])
def test_more_than_two_in_a_hundred_known_in_another_spelling_only_bar(other, is_barred):
    keys = [*range(1, 51 - other), *range(2001, 2001 + other)]
    alikes = [*range(1, 51 - other), *range(60, 60 + other)]
    found = bars(cin_children=CENSUS, episodes=children(keys, alikes=alikes))
    assert bool(found) is is_barred


@pytest.mark.parametrize(("known", "is_barred"), [(75, False), (74, True)])
def test_a_share_far_below_the_authoritys_other_years_bars(known, is_barred):
    years = (2021, 2022, 2023)
    census = concat([children(range(1, 101), year) for year in years])
    care = concat(
        [
            looked_after(
                known if year == 2023 else 100, 100 - known if year == 2023 else 0, year=year
            )
            for year in years
        ]
    )
    found = bars(cin_children=census, episodes=care)
    assert found == ({("ssda903", "cin_census", 2023)} if is_barred else set())


def test_a_new_numbering_bars_the_year_it_begins_in():
    census = concat(
        [
            children(range(1, 101), 2021),
            children(range(501, 601), 2022),
            children(range(501, 601), 2023),
        ]
    )
    assert bars(cin_children=census) == {("cin_census", "cin_census", 2022)}


def test_one_return_alone_bars_nothing_and_rows_without_the_looser_form_are_compared():
    assert bars(episodes=looked_after(0, 50)) == set()
    old = looked_after(0, 50).drop(columns="alike_key")
    assert bars(cin_children=CENSUS, episodes=old) == {("ssda903", "cin_census", 2022)}


def test_the_reason_is_named_for_every_quarter_of_the_year():
    rows = AuthorityRows("E08000030", {"cin_children": CENSUS, "episodes": looked_after(0, 9)}, {})
    (bar,) = unmatched_bars(rows)
    assert bar.reason is FigureReason.IDS_DO_NOT_MATCH
    assert bar.quarters == {Quarter(2022, number) for number in range(1, 5)}


def test_a_new_numbering_bars_the_years_before_too_whose_spells_it_tells_again():
    census = concat([children(range(1, 101), 2021), children(range(2001, 2101), 2022)])
    rows = AuthorityRows("E08000030", {"cin_children": census}, {})
    (bar,) = unmatched_bars(rows)
    assert (min(bar.quarters), max(bar.quarters)) == (Quarter(2021, 1), Quarter(2022, 4))
    assert len(bar.quarters) == 8


@pytest.mark.parametrize(
    ("count", "born_otherwise", "is_barred"), [(40, 2, False), (40, 3, True), (100, 2, False)]
)
def test_children_known_with_another_date_of_birth_only_bar(count, born_otherwise, is_barred):
    care = children(range(1, count + 1), born_otherwise=born_otherwise)
    found = bars(cin_children=CENSUS, episodes=care)
    assert found == ({("ssda903", "cin_census", 2022)} if is_barred else set())


def test_more_than_two_in_a_hundred_have_to_be_born_otherwise():
    census = children(range(1, 201))
    for born_otherwise, is_barred in ((4, False), (5, True)):
        care = children(range(1, 201), born_otherwise=born_otherwise)
        assert bool(bars(cin_children=census, episodes=care)) is is_barred


def test_dates_of_birth_that_a_year_before_contradicts_bar_the_return_and_all_before():
    care = concat(
        [
            children(range(1, 101), 2021),
            children(range(1, 101), 2022, born_otherwise=30),
            children(range(1, 101), 2023),
        ]
    )
    found = unmatched_bars(AuthorityRows("E08000030", {"episodes": care}, {}))
    told = {(one.joined_to, min(one.quarters).year, max(one.quarters).year) for one in found}
    assert told == {("ssda903", 2021, 2022), ("", 2022, 2022)}


def test_no_date_of_birth_contradicts_none():
    care = children(range(1, 41), born_otherwise=30)
    for one in (care.assign(birth_mark=0), care.drop(columns="birth_mark")):
        assert bars(cin_children=CENSUS, episodes=one) == set()
