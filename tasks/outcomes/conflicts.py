"""Conflicts met while histories were put together: counted by kind, none dropped in silence."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame, Series

from schemas.derived import CONFLICTS
from schemas.quarter import Quarter
from tasks.histories.care import EPISODE
from tasks.histories.history import History
from tasks.histories.spans import latest_before, starts_new
from tasks.histories.versions import WHEN, in_order, latest_versions, starts_new_key
from tasks.outcomes.maturity import Covered

START_FACTS = ["start_reason", "legal_status", "placement_code", "placement_urn"]
END_FACTS = ["episode_end", "end_reason", "place_change_reason"]
CARE_RETURN = "ssda903"


def conflicts_by_kind(history: History, *, covered: Covered) -> DataFrame:
    """Return how often each kind of conflict was met, every kind in order of declaration."""
    found = {
        "id_shared_by_two_persons": history.shared_ids,
        "rows_without_a_day": history.undated,
        **repeated_episodes(history.tables["episodes"]),
        "episodes_overlap": overlaps(history.care),
        "episodes_vanished": vanished(history.tables["episodes"], covered=covered),
        **repeated_rows(history),
    }
    return DataFrame({"kind": list(CONFLICTS), "count": [int(found[kind]) for kind in CONFLICTS]})


def repeated_episodes(episodes: DataFrame) -> dict[str, int]:
    """Return how the rows that repeat a person and start differ from the row before them.

    Every repetition is of one kind, the first that fits: twice in one return; another start; ended
    since; another end; and, when nothing differs, merged.
    """
    ordered = in_order(episodes, key=EPISODE)
    again = ~starts_new_key(ordered, key=EPISODE)
    now = ordered[again].reset_index(drop=True)
    before = ordered[np.roll(again, -1)].reset_index(drop=True)
    other_start, other_end = differs(before, now, START_FACTS), differs(before, now, END_FACTS)
    same_return = (before[WHEN] == now[WHEN]) & (other_start | other_end)
    ended = before["episode_end"].isna() & now["episode_end"].notna()
    kinds = {
        "episodes_twice_in_one_return": same_return,
        "episodes_start_changed": other_start,
        "episodes_closed_later": ended,
        "episodes_end_changed": other_end,
        "episodes_merged": Series(True, index=now.index),
    }
    which = np.select(list(kinds.values()), list(range(len(kinds))))
    counts = np.bincount(which, minlength=len(kinds)).tolist()
    return dict(zip(kinds, counts, strict=True))


def differs(before: DataFrame, now: DataFrame, columns: list[str]) -> Series[bool]:
    """Return which rows differ in one of the columns; missing twice is no difference."""
    different = Series(data=False, index=now.index)
    for name in columns:
        both_missing = before[name].isna() & now[name].isna()
        different |= (before[name] != now[name]) & ~both_missing
    return different


def overlaps(care: DataFrame) -> int:
    """Return how many episodes start before an earlier one of the person has ended."""
    new_person = starts_new(care["person_id"].to_numpy())
    latest = latest_before(care["ends"].to_numpy(), new_person=new_person)
    return int((care["episode_start"].to_numpy() < latest).sum())


def vanished(episodes: DataFrame, *, covered: Covered) -> int:
    """Return how many episodes are open at the end of one year's return and missing from the next.

    Only where the next year's return has come in.
    """
    last = latest_versions(episodes, key=EPISODE)
    years = {Quarter.from_index(index).year for index in covered.get(CARE_RETURN, frozenset())}
    still_open = last.loc[last["episode_end"].isna().to_numpy(), WHEN]
    return sum(Quarter.from_index(index).year + 1 in years for index in still_open.tolist())


def repeated_rows(history: History) -> dict[str, int]:
    """Return how many rows of the other tables were merged into a row that says the same thing."""
    tables = history.tables
    meetings = len(tables["pre_proceedings"]) + len(tables["cin_pre_proceedings"])
    return {
        "referrals_merged": len(tables["referrals"]) - len(history.referrals),
        "cp_plans_merged": len(tables["cp_plans"]) - len(history.cp_plans),
        "cin_plans_merged": len(tables["cin_plans"]) - len(history.cin_plans),
        "meetings_merged": meetings - len(history.meetings),
        "terms_merged": len(tables["school_attendance"]) - len(history.terms),
    }
