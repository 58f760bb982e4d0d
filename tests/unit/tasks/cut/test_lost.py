"""Returns that have lost children who were still there, on both sides of limits."""

import pandas as pd
import pytest
from pandas import DataFrame, concat

from schemas.falls import UNDATED
from schemas.outcomes.reason import FigureReason
from schemas.rows import AuthorityRows
from tasks.cut.bars import with_bars_from_rows
from tasks.cut.lost import lost_bars

DAY = pd.Timestamp("2021-06-01")


def episodes(keys, year, *, quarter=4, status="C2", ended=()):
    """Return one episode of each child in a year's return, open but for those that ended."""
    return DataFrame(
        {
            "child_key": list(keys),
            "quarter": f"{year}-{year - 1999}Q{quarter}",
            "legal_status": status,
            "episode_start": DAY,
            "episode_end": [DAY if key in ended else pd.NaT for key in keys],
        }
    )


def referrals(keys, year, *, nfa=()):
    return DataFrame(
        {
            "child_key": list(keys),
            "quarter": f"{year}-{year - 1999}Q4",
            "referral_date": DAY,
            "closure_date": pd.Series([pd.NaT] * len(keys), dtype="datetime64[s]"),
            "is_nfa": [key in nfa for key in keys],
        }
    )


def begun(frame, day):
    column = "episode_start" if "episode_start" in frame else "referral_date"
    return frame.assign(**{column: pd.Timestamp(day)})


def found(**frames):
    rows = AuthorityRows("E08000030", frames, {})
    return [
        (bar.return_name, bar.joined_to, min(bar.quarters).year, max(bar.quarters).year)
        for bar in lost_bars(rows)
        if bar.table not in UNDATED
    ]


OPEN = range(1, 51)
BARRED = [("ssda903", "ssda903", 2021, 2022), ("ssda903", "cin_census", 2022, 2022)]


@pytest.mark.parametrize(("kept", "expected"), [(45, []), (44, BARRED)])
def test_more_than_one_in_ten_lost_bars_the_year_and_those_before(kept, expected):
    new = begun(episodes(range(101, 151 - kept), 2022), "2022-06-01")
    told = concat([episodes(OPEN, 2021), episodes(OPEN[:kept], 2022), new])
    assert found(episodes=told) == expected


@pytest.mark.parametrize(("gone", "is_barred"), [(4, False), (5, True)])
def test_a_child_or_two_of_a_small_authority_have_left(gone, is_barred):
    later = episodes(range(gone + 1, 11), 2022)
    assert bool(found(episodes=concat([episodes(range(1, 11), 2021), later]))) is is_barred


@pytest.mark.parametrize(
    "before",
    [
        episodes(OPEN, 2021, ended=OPEN),
        episodes(OPEN, 2021, status="V4"),
        episodes(OPEN, 2021, quarter=3),
        episodes(OPEN, 2020),
        episodes([0] * 50, 2021),
    ],
    ids=["ended", "short breaks", "stops before the year's end", "two years before", "unknown"],
)
def test_children_who_may_have_left_are_not_lost(before):
    assert found(episodes=concat([before, episodes([101, 102], 2022)])) == []


def test_open_cases_of_a_census_are_followed_and_what_was_over_at_once_is_not():
    later = referrals(range(1, 41), 2022)
    assert found(referrals=concat([referrals(OPEN, 2021), later])) == [
        ("cin_census", "cin_census", 2021, 2022)
    ]
    over = concat([referrals(OPEN, 2021, nfa=OPEN), later])
    assert found(referrals=over) == []


@pytest.mark.parametrize(
    ("again", "day", "is_barred"),
    [
        (5, "2022-04-01", False),
        (6, "2022-04-01", True),
        (6, "2021-07-02", False),
        (6, "2021-07-03", True),
    ],
)
def test_spells_that_begin_again_on_another_day_contradict_the_year_before(again, day, is_barred):
    same, other = OPEN[again:], OPEN[:again]
    later = [episodes(same, 2022), begun(episodes(other, 2022), day)]
    rows = AuthorityRows("E08000030", {"episodes": concat([episodes(OPEN, 2021), *later])}, {})
    bars = [(bar.reason, bar.table) for bar in lost_bars(rows)]
    assert bars == [(FigureReason.TOO_MANY_CONTRADICT, "episodes")] * is_barred
    assert all({str(one) for one in bar.quarters} >= {"2021-22Q4"} for bar in lost_bars(rows))


def test_a_child_of_whom_one_open_episode_goes_on_does_not_begin_again():
    later = [begun(episodes(OPEN, 2022), "2022-09-01"), episodes(OPEN, 2022)]
    assert found(episodes=concat([episodes(OPEN, 2021), *later])) == []


@pytest.mark.parametrize(("left_out", "expected"), [(5, []), (6, [2021])])
def test_a_year_that_left_out_whom_the_next_says_to_have_been_there_is_barred(left_out, expected):
    told = concat([referrals(OPEN[left_out:], 2021), referrals(OPEN, 2022)])
    assert [first for _, _, first, _ in found(referrals=told)] == expected
    since = begun(referrals(OPEN[:left_out], 2022), "2022-04-01")
    told = concat([referrals(OPEN[left_out:], 2021), referrals(OPEN[left_out:], 2022), since])
    assert found(referrals=told) == []


def test_the_bars_are_among_those_of_a_cut():
    frames = {"episodes": concat([episodes(OPEN, 2021), episodes(range(1, 26), 2022)])}
    bars = with_bars_from_rows(AuthorityRows("E08000030", frames, {})).bars
    assert {bar.reason for bar in bars} == {FigureReason.IDS_DO_NOT_MATCH}


def lists_barred(**frames):
    bars = lost_bars(AuthorityRows("E08000030", frames, {}))
    return {
        (bar.table, min(bar.quarters).year, max(bar.quarters).year) for bar in bars if bar.table
    }


LISTS_OF_2022 = {("oc2", 2022, 2022), ("oc3", 2022, 2022)}


@pytest.mark.parametrize(("renamed", "expected"), [(2, LISTS_OF_2022), (3, set())])
def test_lists_of_a_year_that_left_children_out_are_barred_and_not_where_others_stand_instead(
    renamed, expected
):
    others = episodes(range(101, 101 + renamed), 2022)
    told = concat([episodes(OPEN, 2021), episodes(OPEN[:44], 2022), others])
    assert lists_barred(episodes=told) == expected


def test_new_children_of_the_year_stand_in_no_ones_place():
    new = begun(episodes(range(101, 107), 2022), "2022-06-01")
    told = concat([episodes(OPEN, 2021), episodes(OPEN[:44], 2022), new])
    assert lists_barred(episodes=told) == LISTS_OF_2022


def test_a_census_has_no_such_lists():
    told = concat([referrals(OPEN, 2021), referrals(OPEN[:40], 2022)])
    assert lists_barred(referrals=told) == set()
