"""Care histories: episodes of cumulative returns into periods of care and placements."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas import DataFrame

from schemas.arrays import Flags
from schemas.derived import (
    CONTINUES_IN_ANOTHER,
    OPENS_PERIOD,
    OPENS_PLACEMENT,
    SHORT_BREAK_STATUSES,
    TEMPORARY_PLACEMENTS,
)
from tasks.histories.dates import FOREVER, Days, ends_of
from tasks.histories.spans import latest_before, merged, spans, starts_new
from tasks.histories.versions import latest_versions

EPISODE = ["person_id", "episode_start"]


def care_episodes(episodes: DataFrame) -> DataFrame:
    """Return every episode in care once, in order, each with the period of care it belongs to.

    The same person and start in two returns is one episode: the later return's word counts.
    Episodes of short-break series (V3, V4) are left out before anything else. A new period opens at
    start reason S, or where the episode starts after the latest end so far; an episode still open
    leaves no gap after it.

    Returns:
        the columns of `episodes`, then ends (`FOREVER` while open) and period (0, 1, ...).
    """
    known = latest_versions(episodes, key=EPISODE)
    care = known.iloc[np.flatnonzero(~is_in(known, "legal_status", SHORT_BREAK_STATUSES))]
    ends, starts = ends_of(care["episode_end"]), care["episode_start"].to_numpy()
    new_person = starts_new(care["person_id"].to_numpy())
    gap = starts > latest_before(ends, new_person=new_person)
    opens = new_person | gap | is_in(care, "start_reason", (OPENS_PERIOD,))
    return care.assign(ends=ends, period=np.cumsum(opens) - 1).reset_index(drop=True)


def periods_of_care(care: DataFrame) -> DataFrame:
    """Return one row per period of care: a child's back-to-back episodes, joined.

    A period takes the end of its last episode. It is open when that episode is, or when that
    episode says another follows (X1) which no one has sent.

    Args:
        care: as `care_episodes` returns it.

    Returns:
        person_id, period_start, period_end (`FOREVER` while open).
    """
    opens = starts_new(care["period"].to_numpy())
    return DataFrame(
        {
            "person_id": care["person_id"].to_numpy()[opens],
            "period_start": care["episode_start"].to_numpy()[opens],
            "period_end": _ends_in_period(care)[_closes(care)],
        }
    )


def placements(care: DataFrame) -> DataFrame:
    """Return one row per placement.

    A placement begins with each start reason but L (a change of legal status alone). Temporary
    placements (T0 to T4) are none, and the return from one to the same kind of placement and
    provider continues the placement before it. No placement outlasts its period of care.

    Args:
        care: as `care_episodes` returns it.

    Returns:
        person_id, period, placement_start, placement_end (`FOREVER` while open).
    """
    temporary = is_in(care, "placement_code", TEMPORARY_PLACEMENTS)
    ends = _ends_in_period(care)[~temporary]
    settled = care[~temporary]
    begins = _begins_placement(settled, was_away=_follows(temporary, care)[~temporary])
    last = np.roll(begins, -1)
    return DataFrame(
        {
            "person_id": settled["person_id"].to_numpy()[begins],
            "period": settled["period"].to_numpy()[begins],
            "placement_start": settled["episode_start"].to_numpy()[begins],
            "placement_end": ends[last],
        }
    )


def _begins_placement(settled: DataFrame, *, was_away: Flags) -> Flags:
    """Return which episodes outside temporary placements begin a placement."""
    place = pd.factorize(settled["placement_code"])[0]
    provider = pd.factorize(settled["placement_urn"])[0]
    same_place = ~(starts_new(place) | starts_new(provider))
    moves = is_in(settled, "start_reason", OPENS_PLACEMENT) & ~(was_away & same_place)
    return starts_new(settled["period"].to_numpy()) | moves


def _follows(temporary: Flags, care: DataFrame) -> Flags:
    """Return which episodes come straight after a temporary placement of the same period."""
    after = np.roll(temporary, 1)
    return after & ~starts_new(care["period"].to_numpy())


def _closes(care: DataFrame) -> Flags:
    """Return which episode is the last of its period."""
    return np.roll(starts_new(care["period"].to_numpy()), -1)


def _ends_in_period(care: DataFrame) -> Days:
    """Return the end of each episode; unknown where the period's last says another follows."""
    awaited = _closes(care) & is_in(care, "end_reason", (CONTINUES_IN_ANOTHER,))
    return np.where(awaited, FOREVER, care["ends"].to_numpy())


def days_looked_after(periods: DataFrame) -> DataFrame:
    """Return the spans in which each person was looked after, overlapping periods joined."""
    person, start, end = (periods[name] for name in ("person_id", "period_start", "period_end"))
    return merged(spans(person, start.to_numpy(), end.to_numpy()))


def is_in(rows: DataFrame, column: str, values: tuple[str, ...]) -> npt.NDArray[Any]:
    """Return which rows hold one of the values."""
    return rows[column].isin(values).to_numpy()
