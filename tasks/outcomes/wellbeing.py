"""How children looked after are doing: strengths and difficulties scores."""

from __future__ import annotations

from pandas import DataFrame

from schemas.arrays import Floats
from schemas.outcomes.outcome import Outcome
from schemas.outcomes.wellbeing import SDQ_HIGH
from tasks.histories.dates import Counts
from tasks.histories.history import History
from tasks.histories.versions import latest_versions
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import by_quarter, counts_at, sums_at


@measure_of("sdq_total")
def sdq_total(history: History, outcome: Outcome) -> DataFrame:
    """Return per year the sum of scores and the children scored."""
    place, score = scores(history)
    return by_quarter(sums_at(history, place, score), counts_at(history, place))


@measure_of("sdq_high")
def sdq_high(history: History, outcome: Outcome) -> DataFrame:
    """Return per year the children with a score of 17 or more and the children scored."""
    place, score = scores(history)
    return by_quarter(counts_at(history, place[score >= SDQ_HIGH]), counts_at(history, place))


def scores(history: History) -> tuple[Counts, Floats]:
    """Return each child's score in each return: place of the return's quarter, and the score."""
    sent = latest_versions(history.tables["oc2"], key=["person_id", "when"])
    scored = sent[sent["sdq_score"].notna().to_numpy()]
    place: Counts = scored["when"].to_numpy() - history.quarters[0]
    return place, scored["sdq_score"].to_numpy(dtype="float64")
