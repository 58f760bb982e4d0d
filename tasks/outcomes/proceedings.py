"""From pre-proceedings to care proceedings."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.outcome import Outcome
from schemas.outcomes.proceedings import PROCEEDINGS_WITHIN_DAYS
from tasks.histories.cohort import of_children
from tasks.histories.dates import ONE_DAY
from tasks.histories.history import History
from tasks.histories.spans import starts_new
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import by_child, window_ends


@measure_of("plo_to_proceedings_16w")
def plo_to_proceedings_16w(history: History, outcome: Outcome) -> DataFrame:
    """Return of each child whose pre-proceedings began whether proceedings followed in 112 days.

    The earliest first meeting on or after the referral counts, when it falls in the window.
    """
    ours = of_children(history.meetings, children=history.children)
    since = ours[(ours["first_meeting_date"] >= ours["referred"]).to_numpy()]
    first = since[starts_new(since["child"].to_numpy())]
    child, met = first["child"].to_numpy(), first["first_meeting_date"].to_numpy()
    began = met <= window_ends(history, outcome)[child]
    days = (first["proceedings_issued_date"].to_numpy() - met) / ONE_DAY
    issued = (days >= 0) & (days <= PROCEEDINGS_WITHIN_DAYS)
    return by_child(child[began], issued[began], 1)
