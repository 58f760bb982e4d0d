"""Care histories: episodes of cumulative returns into periods of care and placements."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Flags
from schemas.derived import CONTINUES_IN_ANOTHER, OPENS_PERIOD, TEMPORARY_PLACEMENTS
from tasks.histories.dates import FOREVER
from tasks.histories.endings import Settled
from tasks.histories.spans import latest_before, merged, spans, starts_new

EPISODE = ["person_id", "episode_start"]


def care_episodes(episodes: Settled) -> DataFrame:
    """Return every episode in care once, in order, each with the period of care it belongs to.

    A new period opens at start reason S, or
    where the episode starts after the latest end so far; an episode still open leaves no gap after
    it. An episode that a later return has another take over gives no reason for its end. One that
    ends because another begins the same day, which no return has, stays open only while that day
    lies beyond what has come in.

    Args:
        episodes: of all series but the short breaks, as `settled` returns them.

    Returns:
        the columns of the rows, then period (0, 1, ...) and is_unfollowed (whether the episode's
        reason says that another begins the same day, and none does).
    """
    care = episodes.rows
    reason = (
        care["end_reason"].mask(care["goes_on"]) if care["goes_on"].any() else care["end_reason"]
    )
    new_person = starts_new(care["person_id"].to_numpy())
    unfollowed = _is_unfollowed(care, reason, new_person=new_person)
    awaited = unfollowed & (care["ends"].to_numpy() >= episodes.known_until)
    ends = np.where(awaited, FOREVER, care["ends"].to_numpy())
    starts = care["episode_start"].to_numpy()
    gap = starts > latest_before(ends, new_person=new_person)
    opens = new_person | gap | is_in(care, "start_reason", (OPENS_PERIOD,))
    return care.assign(
        end_reason=reason, ends=ends, period=np.cumsum(opens) - 1, is_unfollowed=unfollowed
    )


def _is_unfollowed(care: DataFrame, reason: Series[Any], *, new_person: Flags) -> Flags:
    """Return which episodes end because another begins the same day, which no return has."""
    is_last = np.roll(new_person, -1)
    next_start = np.roll(care["episode_start"].to_numpy(), -1)
    followed = ~is_last & (next_start <= care["ends"].to_numpy())
    unfollowed: Flags = reason.isin((CONTINUES_IN_ANOTHER,)).to_numpy() & ~followed
    return unfollowed


def periods_of_care(care: DataFrame) -> DataFrame:
    """Return one row per period of care: a child's back-to-back episodes, joined.

    A period takes the end of its last episode, and is open when that episode is.

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
            "period_end": care["ends"].to_numpy()[np.roll(opens, -1)],
        }
    )


def placements(care: DataFrame, *, opened_by: tuple[str, ...]) -> DataFrame:
    """Return one row per placement, or per stay with one carer.

    It begins with each of the start reasons given (`OPENS_PLACEMENT`: each but L, a change of legal
    status alone; `CHANGES_CARER`: nor T and U, which leave the carer the same). Temporary
    placements (T0 to T4) are none, and the return from one to the same kind of placement and
    provider continues the placement before it. No placement outlasts its period of care.

    Args:
        care: as `care_episodes` returns it.
        opened_by: start reasons.

    Returns:
        person_id, period, placement_start, placement_end (`FOREVER` while open).
    """
    temporary = is_in(care, "placement_code", TEMPORARY_PLACEMENTS)
    ends = care["ends"].to_numpy()[~temporary]
    lasting = care[~temporary]
    moves = is_in(lasting, "start_reason", opened_by)
    begins = _begins_placement(lasting, moves, was_away=_follows(temporary, care)[~temporary])
    last = np.roll(begins, -1)
    return DataFrame(
        {
            "person_id": lasting["person_id"].to_numpy()[begins],
            "period": lasting["period"].to_numpy()[begins],
            "placement_start": lasting["episode_start"].to_numpy()[begins],
            "placement_end": ends[last],
        }
    )


def _begins_placement(lasting: DataFrame, moves: Flags, *, was_away: Flags) -> Flags:
    """Return which episodes outside temporary placements begin a placement."""
    place = pd.factorize(lasting["placement_code"])[0]
    provider = pd.factorize(lasting["placement_urn"])[0]
    same_place = ~(starts_new(place) | starts_new(provider))
    return starts_new(lasting["period"].to_numpy()) | (moves & ~(was_away & same_place))


def _follows(temporary: Flags, care: DataFrame) -> Flags:
    """Return which episodes come straight after a temporary placement of the same period."""
    after = np.roll(temporary, 1)
    return after & ~starts_new(care["period"].to_numpy())


def days_looked_after(periods: DataFrame) -> DataFrame:
    """Return the spans in which each person was looked after, overlapping periods joined."""
    person, start, end = (periods[name] for name in ("person_id", "period_start", "period_end"))
    return merged(spans(person, start.to_numpy(), end.to_numpy()))


def is_in(rows: DataFrame, column: str, values: tuple[str, ...]) -> npt.NDArray[Any]:
    """Return which rows hold one of the values."""
    return rows[column].isin(values).to_numpy()
