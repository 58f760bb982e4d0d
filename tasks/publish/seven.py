"""The seven outcomes of each authority, before and after its model went live.

The public view (`PUBLIC_SEVEN`), drawn from figures that have passed disclosure control: the last
whole year (or, for what stands on one day, quarter) before going live, and the newest after it.
What moved in between had many causes; the effects say what the models did.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import pandas as pd
from pandas import DataFrame, Series

from schemas.editions import Symbol
from schemas.outcomes import PUBLISHED, outcomes_shown
from schemas.outcomes.publication import TimeSpan
from schemas.outcomes.themes import PUBLIC_SEVEN, SevenTheme
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES, MODELS, Cluster, clusters
from tasks.costs.words import measure_words
from tasks.disclose.figures import LA
from tasks.outcomes.seven import AFTER, BEFORE, before_or_after
from tasks.publish.ees import MODEL_FILTER, DataFile, value_texts
from tasks.publish.numbers import printed_numbers
from tasks.publish.tables import safe_note

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
    "change_percent",
    "value",
    "interval_low",
    "interval_high",
    "note",
)
VALUE_ROW: Final = "All its authorities"
_PERSPECTIVE: Final = "fiscal"
_RATIO: Final = "bcr"
_NO_VALUE: Final = ("z", "z", "z", "")
_SYMBOLS: Final = (
    Symbol.HIDDEN,
    Symbol.UNRELIABLE,
    Symbol.NOT_AVAILABLE,
    Symbol.NOT_APPLICABLE,
    Symbol.LOW,
)
"""Of two values of which one is no number, what stands for the change: the first of these."""


def public_seven(shown: DataFrame) -> DataFrame:
    """Return the seven outcomes before and after, one row per authority and outcome.

    Authorities without a published go-live day have no before or after, and are left out.

    Args:
        shown: figures after disclosure control.

    Returns:
        `PUBLIC_SEVEN_COLUMNS`, values as printed; `change_percent` is worked out from them. `value`
        and its interval are of value for money alone.
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
            if name not in PUBLISHED:
                continue
            outcome = PUBLISHED[name]
            span = TimeSpan.YEAR if TimeSpan.YEAR in outcome.spans else TimeSpan.QUARTER
            rows = tables.get((cluster.la_code, name, str(span)))
            if rows is None:
                continue
            place = (MODEL_NAMES[cluster.model], cluster.la_code, cluster.la_name)
            what = (PUBLIC_SEVEN.names[theme], outcome.label, outcome.measure.value)
            times = _before_and_after(rows, go_live)
            change = percent_change(times[1], times[3])
            yield (*place, *what, *times, change, *_NO_VALUE)


def _before_and_after(rows: DataFrame, go_live: date) -> tuple[str, str, str, str]:
    """Return time and value of the last one before the day, and of the newest after it."""
    # A few rows each, for every authority and outcome: a frame would cost more than they do.
    found = {BEFORE: _NONE, AFTER: _NONE}
    for time, text in sorted(zip(rows["time"], rows["text"], strict=True)):
        period = before_or_after(_first_day(time), _last_day(time), go_live=go_live)
        if period and text != Symbol.NOT_AVAILABLE.value:
            found[period] = time, text
    return (*found[BEFORE], *found[AFTER])


_NONE: Final = ("", Symbol.NOT_AVAILABLE.value)


def percent_change(before: str, after: str) -> str:
    """Return the change in whole per cent between two values as printed, or why there is none.

    Of zero there is none (`z`); one that rounds to zero but is none is `low`.
    """
    symbols = [symbol.value for symbol in _SYMBOLS if symbol.value in (before, after)]
    if symbols:
        return symbols[0]
    if float(before) == 0:
        return Symbol.NOT_APPLICABLE.value
    change = Series([100 * (float(after) - float(before)) / float(before)])
    return str(printed_numbers(change, places=0, symbols=Series([""])).iloc[0])


def with_value_for_money(
    seven: DataFrame, table: DataFile | None, costs: DataFrame | None
) -> DataFrame:
    """Return the seven outcomes with a row for each model: what each pound of its cost brought.

    Args:
        seven: as `public_seven`.
        table: the published costs and benefits; None where there are none.
        costs: the same as they were worked out, for the reasons.
    """
    rows = [_value_row(model, table, costs) for model in MODELS]
    return pd.concat([seven, DataFrame(rows, columns=seven.columns)], ignore_index=True)


def _value_row(model: str, table: DataFile | None, costs: DataFrame | None) -> tuple[str, ...]:
    name, words = MODEL_NAMES[model], measure_words(_RATIO)
    place = (name, "", VALUE_ROW, PUBLIC_SEVEN.names[SevenTheme.VALUE], words, "ratio")
    number = _published_value(name, words, table)
    note = "" if number[0] != Symbol.NOT_AVAILABLE.value else _why_no_value(model, costs)
    return (*place, "", "z", "", "z", "z", *number, note)


def _published_value(name: str, words: str, table: DataFile | None) -> tuple[str, str, str]:
    """Return value and interval as the costs table prints them; `x` where it has none."""
    missing = Symbol.NOT_AVAILABLE.value
    columns = ("central_value", "interval_low", "interval_high")
    if table is None or not {MODEL_FILTER, "perspective", "measure"} <= set(table.frame.columns):
        return missing, missing, missing
    rows = table.frame
    is_mine = rows[MODEL_FILTER].eq(name) & rows["perspective"].eq(_PERSPECTIVE)
    mine = rows[is_mine & rows["measure"].str.startswith(f"{words}, ")]
    if mine.empty or mine["central_value"].iloc[0] == Symbol.NOT_APPLICABLE.value:
        return missing, missing, missing
    central, low, high = (str(mine[column].iloc[0]) for column in columns)
    return central, low, high


def _why_no_value(model: str, costs: DataFrame | None) -> str:
    """Return why a model has no value for money, in words."""
    if costs is None or costs.empty:
        return "Costs and benefits could not be worked out."
    is_mine = costs["model"].eq(model) & costs["perspective"].eq(_PERSPECTIVE)
    notes = [str(note) for note in costs.loc[is_mine & costs["measure"].eq(_RATIO), "note"]]
    why = safe_note(notes[0]).partition("; ")[0].removeprefix("not computed: ") if notes else ""
    if not why:
        return "Costs and benefits could not be worked out."
    words = why.replace("_", " ").replace("clusters", "authorities")
    return f"Not worked out: {words}."


def _first_day(time: str) -> date:
    return Quarter.parse(time).start if "Q" in time else Quarter.parse(f"{time}Q1").start


def _last_day(time: str) -> date:
    return Quarter.parse(time if "Q" in time else f"{time}Q4").last_day


def model_seven(seven: DataFrame) -> dict[str, DataFrame]:
    """Return the table of each practice model, by name."""
    return {str(name): rows for name, rows in seven.groupby("practice_model", sort=True)}
