"""Young people in and after care: education, employment and training."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.leavers import ACTIVITY_NOT_KNOWN, NEET_ACTIVITIES, NEET_AGES
from schemas.outcomes.outcome import Outcome
from tasks.histories.care import is_in
from tasks.histories.dates import ages_at_month_end, last_days
from tasks.histories.history import History
from tasks.histories.versions import latest_versions
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import by_quarter, counts_at


@measure_of("neet")
def neet(history: History, outcome: Outcome) -> DataFrame:
    """Return per year the young people aged 16 to 20 of known activity, and those with none.

    Age is in completed years on 31 March, the last day of the fourth quarter. Activity is known
    when it is neither missing nor 0.
    """
    latest = latest_versions(history.tables["oc3"], key=["person_id", "when"])
    born = history.people["birth_month"].reindex(latest["person_id"])
    age = ages_at_month_end(born.to_numpy(), last_days(latest["when"].to_numpy()))
    known = latest["activity_code"].notna() & ~latest["activity_code"].eq(ACTIVITY_NOT_KNOWN)
    counts = known.to_numpy() & (age >= NEET_AGES[0]) & (age <= NEET_AGES[1])
    place = latest["when"].to_numpy() - history.quarters[0]
    is_neet = counts & is_in(latest, "activity_code", NEET_ACTIVITIES)
    return by_quarter(counts_at(history, place[is_neet]), counts_at(history, place[counts]))
