"""Conflicts met while histories were put together: counted by kind, none dropped in silence."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame, MultiIndex, Series, concat

from schemas.arrays import Flags
from schemas.conflicts import CONFLICTS
from schemas.derived import COLUMNS_READ
from schemas.endings import GONE_ALONE, GONE_WITH_CHILD, SPELLS, UNFOLLOWED
from schemas.returns import RETURNS
from tasks.histories.care import EPISODE
from tasks.histories.history import History
from tasks.histories.spans import latest_before, starts_new
from tasks.histories.versions import WHEN, in_order, starts_new_key

START_FACTS = ["start_reason", "legal_status", "placement_code", "placement_urn"]
END_FACTS = ["episode_end", "end_reason", "place_change_reason"]
_MERGED = ("referrals", "cp_plans", "cin_plans")


def conflicts_by_kind(history: History) -> DataFrame:
    """Return how often each kind of conflict was met, every kind in order of declaration."""
    found = {
        "id_shared_by_two_persons": history.shared_ids,
        "rows_without_a_day": history.undated,
        **repeated_episodes(history.tables["episodes"]),
        "episodes_overlap": overlaps(history.care),
        **contradictions(history),
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


def contradictions(history: History) -> dict[str, int]:
    """Return how often each kind of `ENDINGS` was met, by table and kind."""
    found = {UNFOLLOWED: int(history.care["is_unfollowed"].sum())}
    for table, one in history.spells.items():
        named = is_named(history, SPELLS[table].return_name, one.gone)
        kinds = {**one.counts, GONE_ALONE: named.sum(), GONE_WITH_CHILD: (~named).sum()}
        found |= {f"{table}_{kind}": int(count) for kind, count in kinds.items()}
    return found


def is_named(history: History, return_name: str, gone: DataFrame) -> Flags:
    """Return whether the year's return names the person of each row in any of its tables."""
    tables = [history.tables[name] for name in _tables_of(return_name)]
    rows = [table.loc[table["person_id"].isin(gone["person_id"])] for table in tables]
    told = concat([table[["person_id", WHEN]] for table in rows])
    pairs = MultiIndex.from_arrays([told["person_id"], told[WHEN] // 4])
    return MultiIndex.from_frame(gone).isin(pairs)


def _tables_of(return_name: str) -> list[str]:
    return [table.name for table in RETURNS[return_name].tables if table.name in COLUMNS_READ]


def repeated_rows(history: History) -> dict[str, int]:
    """Return how many rows of the other tables were merged into a row that says the same thing."""
    tables = history.tables
    meetings = len(tables["pre_proceedings"]) + len(tables["cin_pre_proceedings"])
    return {
        **{f"{name}_merged": history.spells[name].repeated for name in _MERGED},
        "meetings_merged": meetings - len(history.meetings),
        "terms_merged": len(tables["school_attendance"]) - len(history.terms),
    }
