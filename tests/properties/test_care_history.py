from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Timedelta, Timestamp
from pandas.testing import assert_frame_equal

from schemas.derived import OPENS_PLACEMENT
from schemas.endings import SPELLS
from tasks.histories.care import care_episodes, days_looked_after, periods_of_care, placements
from tasks.histories.coded import quarter_numbers
from tasks.histories.endings import spells_settled
from tests.properties.returned_rows import FIRST, LAST, episode, frame

EPISODES = st.lists(episode(st.integers(1, 3)), max_size=12)
SHORT_BREAKS = ("V3", "V4")


often = settings(max_examples=60, deadline=None, derandomize=True)


def once(rows):
    sent = frame("episodes", rows).rename(columns={"child_key": "person_id"})
    whole = sent.assign(when=quarter_numbers(sent["quarter"])).drop(columns="quarter")
    return spells_settled(whole, spell=SPELLS["episodes"], covered=frozenset(FIRST.through(LAST)))


def care(rows):
    return care_episodes(once(rows))


def placed_in(history):
    return placements(history, opened_by=OPENS_PLACEMENT)


def last_words(rows):
    """The definitions row by row: of one child and start the later return counts."""
    words = defaultdict(list)
    for row in rows:
        words[row["child_key"], row["episode_start"]].append(row)
    return {
        key: [row for row in told if row["quarter"] == max(one["quarter"] for one in told)]
        for key, told in words.items()
    }


def periods_one_by_one(episodes):
    """Return periods by walking through each child's episodes, as the decision page reads.

    How they end is settled before (test_endings.py).
    """
    found, child, latest = [], None, None
    for row in episodes.to_dict("records"):
        is_new = row["person_id"] != child
        if is_new or row["start_reason"] == "S" or row["episode_start"] > latest:
            found.append([row["person_id"], row["episode_start"], row["ends"]])
        found[-1][2] = row["ends"]
        child, latest = row["person_id"], row["ends"] if is_new else max(latest, row["ends"])
    return found


@often
@given(EPISODES)
def test_periods_are_those_found_by_walking_through_each_childs_episodes(rows):
    found = periods_of_care(care(rows)).astype({"period_start": "object", "period_end": "object"})
    assert found.to_numpy().tolist() == periods_one_by_one(once(rows).rows)


@often
@given(EPISODES)
def test_no_episode_is_lost_and_none_is_counted_twice(rows):
    kept = care(rows)
    starts = set(zip(kept["person_id"], kept["episode_start"], strict=True))
    told = {
        (child, Timestamp(start))
        for (child, start), words in last_words(rows).items()
        if {row["legal_status"] for row in words} - set(SHORT_BREAKS)
    }
    surely = {
        (child, Timestamp(start))
        for (child, start), words in last_words(rows).items()
        if not {row["legal_status"] for row in words} & set(SHORT_BREAKS)
    }
    left_out = once(rows).counts["corrected"] + once(rows).counts["replaced"]
    assert starts <= told
    assert len(surely - starts) <= left_out
    assert len(starts) == len(kept)


@often
@given(EPISODES, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_immaterial(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert_frame_equal(care(shuffled), care(rows))
    assert_frame_equal(placed_in(care(shuffled)), placed_in(care(rows)))


@often
@given(EPISODES)
def test_the_order_in_which_returns_arrive_is_immaterial(rows):
    latest_first = sorted(rows, key=lambda row: row["quarter"], reverse=True)
    assert_frame_equal(care(latest_first), care(rows))


@often
@given(EPISODES)
def test_sending_everything_twice_changes_nothing(rows):
    assert_frame_equal(care([*rows, *rows]), care(rows))


@often
@given(EPISODES)
def test_days_looked_after_are_the_days_of_some_period_each_counted_once(rows):
    periods = periods_of_care(care(rows))
    spans = days_looked_after(periods)
    for day in (Timestamp("2019-04-01") + Timedelta(days=37 * n) for n in range(50)):
        in_period = (periods["period_start"] <= day) & (day < periods["period_end"])
        in_span = (spans["start"] <= day) & (day < spans["end"])
        held = spans.loc[in_span, "person_id"].tolist()
        assert len(held) == len(set(held))
        assert set(held) == set(periods.loc[in_period, "person_id"])


@often
@given(EPISODES)
def test_spans_of_one_child_stand_apart(rows):
    spans = days_looked_after(periods_of_care(care(rows)))
    same = spans["person_id"].to_numpy()[1:] == spans["person_id"].to_numpy()[:-1]
    apart = spans["start"].to_numpy()[1:] > spans["end"].to_numpy()[:-1]
    assert np.all(apart[same])


@often
@given(EPISODES)
def test_every_placement_lies_in_its_period_and_a_period_has_no_two_at_one_start(rows):
    history = care(rows)
    periods, placed = periods_of_care(history), placed_in(history)
    own = periods.iloc[placed["period"]]
    assert (placed["person_id"].to_numpy() == own["person_id"].to_numpy()).all()
    assert (placed["placement_start"].to_numpy() >= own["period_start"].to_numpy()).all()
    assert not placed.duplicated(["person_id", "placement_start"]).any()
