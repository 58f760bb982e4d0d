"""The seven outcomes of each authority, before and after its model went live.

The public view (`PUBLIC_SEVEN`), drawn from figures that have passed disclosure control: the last
whole year (or, for what stands on one day, quarter) before going live, and the newest after it.
What moved in between had many causes; the effects say what the models did.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from pandas import DataFrame, Series

from schemas.editions import Symbol
from schemas.outcomes import PUBLISHED, outcomes_shown
from schemas.outcomes.publication import TimeSpan
from schemas.outcomes.themes import PUBLIC_SEVEN
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES, Cluster, clusters
from tasks.disclose.figures import LA
from tasks.outcomes.seven import AFTER, BEFORE, before_or_after
from tasks.publish.ees import value_texts

PUBLIC_SEVEN_COLUMNS: Final = (
    "practice_model",
    "la_code",
    "la_name",
    "theme",
    "outcome",
    "measure",
    "before_time",
    "before",
    "after_time",
    "after",
)


def public_seven(shown: DataFrame) -> DataFrame:
    """Return the seven outcomes before and after, one row per authority and outcome.

    Authorities without a published go-live day have no before or after, and are left out.

    Args:
        shown: figures after disclosure control.

    Returns:
        `PUBLIC_SEVEN_COLUMNS`, values as printed.
    """
    mine = shown[shown["level"] == LA]
    values = mine.assign(text=value_texts(mine))
    groups = values.groupby(["place", "outcome", "span"])
    tables = {(str(a), str(b), str(c)): rows for (a, b, c), rows in groups}
    rows = [
        row
        for cluster in sorted(clusters(), key=lambda c: (c.model, c.la_name))
        if cluster.go_live is not None
        for row in _of_authority(cluster, cluster.go_live, tables)
    ]
    return DataFrame(rows, columns=list(PUBLIC_SEVEN_COLUMNS))


def _of_authority(
    cluster: Cluster, go_live: date, tables: dict[tuple[str, str, str], DataFrame]
) -> Iterator[tuple[str, ...]]:
    for theme, names in outcomes_shown(PUBLIC_SEVEN).items():
        for name in names:
            outcome = PUBLISHED[name]
            span = TimeSpan.YEAR if TimeSpan.YEAR in outcome.spans else TimeSpan.QUARTER
            rows = tables.get((cluster.la_code, name, str(span)))
            if rows is None:
                continue
            place = (MODEL_NAMES[cluster.model], cluster.la_code, cluster.la_name)
            what = (PUBLIC_SEVEN.names[theme], outcome.label, outcome.measure.value)
            yield (*place, *what, *_before_and_after(rows, go_live))


def _before_and_after(rows: DataFrame, go_live: date) -> tuple[str, str, str, str]:
    """Return time and value of the last one before the day, and of the newest after it."""
    ordered = rows.sort_values("time")
    times = [str(time) for time in ordered["time"]]
    period = Series(
        [before_or_after(_first_day(one), _last_day(one), go_live=go_live) for one in times],
        index=ordered.index,
        dtype="str",
    )
    return (*_last(ordered[period == BEFORE]), *_last(ordered[period == AFTER]))


def _last(rows: DataFrame) -> tuple[str, str]:
    """Return time and value of the newest row that is available; else that none is."""
    known = rows[rows["text"] != Symbol.NOT_AVAILABLE.value]
    if known.empty:
        return "", Symbol.NOT_AVAILABLE.value
    return str(known["time"].iloc[-1]), str(known["text"].iloc[-1])


def _first_day(time: str) -> date:
    return Quarter.parse(time).start if "Q" in time else Quarter.parse(f"{time}Q1").start


def _last_day(time: str) -> date:
    return Quarter.parse(time if "Q" in time else f"{time}Q4").last_day


def model_seven(seven: DataFrame) -> dict[str, DataFrame]:
    """Return the table of each practice model, by name."""
    return {str(name): rows for name, rows in seven.groupby("practice_model", sort=True)}
