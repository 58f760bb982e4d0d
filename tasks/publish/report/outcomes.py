"""The chapters of the report that show outcomes: who returned, how the models fare."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import TOTAL_ITEM, Symbol
from schemas.outcomes import PRIMARY_OUTCOME, PUBLISHED
from schemas.outcomes.publication import MEASURE_LABELS, TimeSpan
from schemas.outcomes.themes import PUBLIC_SEVEN
from schemas.trial import MODEL_NAMES, MODELS
from tasks.disclose.figures import ALL, MODEL
from tasks.publish.charts import ChartLine, line_chart
from tasks.publish.ees import value_texts
from tasks.publish.numbers import printed_numbers
from tasks.publish.report.section import Chart, Listing, RowTexts, Section, rows_of
from tasks.publish.seven import model_seven
from tasks.publish.tables import return_title
from tasks.publish.totals import current_set, incomplete_words, place_name, set_size_words

MONITORED: Final = ("cla_rate", "cpp_start_rate", "rereferral_12m")
_SAME_SET: Final = (
    "Each line adds up the same authorities throughout; where one of them has no figure it is "
    "broken, and the quarter is shaded."
)


def of_one_period(rows: DataFrame) -> DataFrame:
    """Return the rows of one outcome's newest cumulative period: that of the most places.

    Places are shown side by side for the same years alone: a place without a figure for them has
    none here, though it may have an older one.
    """
    period = rows["since"] + " " + rows["time"]
    places = (rows["value_symbol"] == "").groupby(period).sum()
    best = places.index[places == places.max()]
    return rows[period == best[-1]] if len(best) else rows


def period_words(rows: DataFrame) -> str:
    """Return the years that cumulative rows of one period are of."""
    since, last = rows["since"].iloc[0], rows["time"].iloc[0]
    return str(last) if since == last else f"{since} to {last}"


def returned_quarters(table: DataFrame) -> Section:
    """Return who returned what: quarters counted out of quarters due, by authority and return."""
    received = table["received"].astype(bool)
    groups = table.assign(received=received).groupby(["la_code", "return_name"])["received"]
    counts = {key: f"{int(group.sum())} of {len(group)}" for key, group in groups}
    names = sorted(table["return_name"].unique())
    rows = tuple(
        (la_name(la), *(counts.get((la, name), "z") for name in names))
        for la in sorted(table["la_code"].unique(), key=la_name)
    )
    states = table["state"].value_counts().sort_index()
    return Section(
        "completeness",
        "Completeness",
        words=(
            f"{int(received.sum()):,} of {len(table):,} returns due are counted. An authority that "
            "did not return is shown as x, and so is every total it belongs to; it is never "
            "counted as zero.",
        ),
        tables=(
            Listing(
                "Quarters counted, by authority and return",
                ("Authority", *(return_title(name) for name in names)),
                rows,
            ),
        ),
        more=(
            Listing(
                "What became of the returns due",
                ("State", "Returns"),
                tuple((str(state), f"{count:,}") for state, count in states.items()),
            ),
        ),
    )


def la_name(la_code: str) -> str:
    """Return the authority's name."""
    return authorities()[la_code].la_name


def _of(shown: DataFrame, outcome: str, level: str, span: TimeSpan) -> DataFrame:
    return shown[
        (shown["outcome"] == outcome) & (shown["level"] == level) & (shown["span"] == span)
    ]


def primary(shown: DataFrame, totals: DataFrame) -> Section:
    """Return the primary outcome: one chart per practice model, over quarters of referral."""
    rows = _of(shown, PRIMARY_OUTCOME, MODEL, TimeSpan.QUARTER)
    charts = [
        time_chart(rows[rows["place"] == model], PRIMARY_OUTCOME, totals)
        for model in MODELS
        if (rows["place"] == model).any()
    ]
    return Section(
        "primary",
        "Primary outcome",
        words=(
            "Of children referred in each quarter, the percentage who started to be looked after "
            "within 18 months. Quarters whose 18 months are not yet over are not available (x). "
            f"{_SAME_SET}",
        ),
        charts=charts,
    )


def time_chart(rows: DataFrame, outcome: str, totals: DataFrame) -> Chart:
    """Return the chart of one outcome of one practice model, or of Total, over quarters."""
    rows = rows.sort_values("time")
    declared = PUBLISHED[outcome]
    label = declared.label[0].lower() + declared.label[1:]
    measure = MEASURE_LABELS[declared.measure].lower()
    place = str(rows["place"].iloc[0])
    who, now = place_name(place), current_set(totals, outcome, place)
    title = f"{who} ({set_size_words(now)}): {label}, {measure}"
    line, short = _line(rows, who, now), _incomplete(rows)
    times = [str(time) for time in rows["time"]]
    name = f"{outcome}-{who}".lower().replace(" ", "-").replace("_", "-")
    return Chart(
        title=title,
        headings=(
            "Quarter",
            "Number with the outcome",
            "Number it is out of",
            measure.capitalize(),
            "Authorities",
        ),
        rows=tuple(zip(times, *_printed(rows), _counted(rows), strict=True)),
        svg=line_chart(
            [line],
            times,
            incomplete=np.flatnonzero(short).tolist(),
            title=title,
            description=_chart_words(line, times, rows, now),
            name=name,
        ),
    )


def _line(rows: DataFrame, who: str, now: Series) -> ChartLine:
    """Return the line of a chart, values over another set than that of now marked.

    Values are those that are printed: a point of a chart must not say more digits.
    """
    earlier = rows["set"].ne(now["set"]) & rows["value"].notna()
    printed = _printed(rows)[2].replace(Symbol.LOW.value, "0")
    values = pd.to_numeric(printed, errors="coerce")
    return ChartLine(
        who,
        tuple(None if v != v else float(v) for v in values),
        tuple(rows["set"]),
        frozenset(np.flatnonzero(earlier).tolist()),
    )


def _incomplete(rows: DataFrame) -> Series[bool]:
    """Return whether each row is a total of which some authority has no figure."""
    is_x = rows["value_symbol"] == Symbol.NOT_AVAILABLE.value
    return is_x & (rows["returned"] < rows["members"])


def _counted(rows: DataFrame) -> Series[str]:
    """Return how many authorities each row adds up; of a total that is not whole, how many of."""
    part = rows["returned"].astype(str) + " of " + rows["members"].astype(str)
    return part.where(_incomplete(rows), rows["authorities"].astype(int).astype(str))


def _printed(rows: DataFrame) -> tuple[Series[str], ...]:
    """Return numerator, denominator and value as printed."""
    return (
        printed_numbers(rows["numerator"], places=0, symbols=rows["numerator_symbol"]),
        printed_numbers(rows["denominator"], places=0, symbols=rows["denominator_symbol"]),
        value_texts(rows),
    )


def _chart_words(line: ChartLine, times: list[str], rows: DataFrame, now: Series) -> str:
    """Return what a line shows, for those who cannot see it."""
    held = ", ".join(times[place] for place in sorted(line.earlier))
    short = incomplete_words(rows)
    words = [
        _values_words(line, times, list(value_texts(rows))),
        f"Authorities: {now['la_names']}." if now["la_names"] else "",
        f"Not every authority has a figure, so no total is shown: {short}." if short else "",
        f"Hollow, and not joined, as over an earlier set of authorities: {held}." if held else "",
    ]
    return " ".join(word for word in words if word)


def _values_words(line: ChartLine, times: list[str], texts: list[str]) -> str:
    whole = zip(line.values, times, texts, strict=True)
    known = [(value, f"{text} in {time}") for value, time, text in whole if value is not None]
    if not known:
        return "No quarter can be shown yet."
    low, high = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    return (
        f"{len(known)} of {len(times)} quarters are shown, from {known[0][1]} to {known[-1][1]}; "
        f"lowest {low[1]}, highest {high[1]}."
    )


def levels(shown: DataFrame) -> Section:
    """Return every cohort outcome so far, by practice model, each outcome of one period."""
    mine = shown[shown["span"].eq(TimeSpan.CUMULATIVE) & shown["level"].isin([MODEL, ALL])]
    groups = {str(name): rows for name, rows in mine.groupby("outcome")}
    rows = tuple(
        _so_far(name, of_one_period(groups[name]))
        for name in (PRIMARY_OUTCOME, *(name for name in PUBLISHED if name != PRIMARY_OUTCOME))
        if name in groups and (groups[name]["value_symbol"] == "").any()
    )
    names = tuple(MODEL_NAMES[model] for model in MODELS)
    return Section(
        "levels",
        "Levels so far",
        words=(
            "From the first to the last financial year named, the newest of which most practice "
            "models have figures. Authorities are how many each figure adds up, in the order of "
            "the columns; totals.csv names them.",
        ),
        cautions=(
            "Before and after the models went live are together here: these are levels, and say "
            "nothing of what a model changed.",
        ),
        tables=(
            Listing(
                "Outcomes so far, by practice model",
                ("Outcome", "Given as", "Years", "Authorities", *names, TOTAL_ITEM),
                rows,
                words=4,
            ),
        ),
    )


def _so_far(outcome: str, rows: DataFrame) -> RowTexts:
    """Return one outcome's row: z for a practice model that it does not apply to."""
    texts = dict(zip(rows["place"], _printed(rows)[2], strict=True))
    counted = dict(zip(rows["place"], _counted(rows), strict=True))
    places = (*MODELS, TOTAL_ITEM)
    return (
        PUBLISHED[outcome].label,
        MEASURE_LABELS[PUBLISHED[outcome].measure],
        period_words(rows),
        "; ".join(counted.get(place, Symbol.NOT_APPLICABLE.value) for place in places),
        *(texts.get(place, Symbol.NOT_APPLICABLE.value) for place in places),
    )


def monitoring(shown: DataFrame, totals: DataFrame) -> Section:
    """Return a few monitoring outcomes of all authorities together, over quarters."""
    charts = [
        time_chart(rows, name, totals)
        for name in MONITORED
        if len(rows := _of(shown, name, ALL, TimeSpan.QUARTER))
    ]
    return Section(
        "monitoring",
        "Care and child protection over time",
        words=(f"All practice models together. {_SAME_SET}",),
        charts=charts,
    )


def seven(table: DataFrame) -> Section:
    """Return the seven outcomes by authority, before and after going live.

    Args:
        table: `tasks.publish.seven.with_value_for_money`.
    """
    what = ("Authority", "Theme", "Outcome", "Given as")
    headings = (*what, "Before", "in", "After", "in", "Change, %")
    tables = [
        Listing(name, headings, _seven_rows(rows), len(what))
        for name, rows in model_seven(table).items()
    ]
    return Section(
        "seven",
        "The seven outcomes",
        words=(
            f"{PUBLIC_SEVEN.speaks_for} The change is in per cent of the value before. Value for "
            "money, the seventh, is one figure for a whole model.",
        ),
        cautions=("A change between the two had many causes. Only the effects single out one.",),
        more=tables,
    )


def _seven_rows(rows: DataFrame) -> tuple[RowTexts, ...]:
    labels = {measure.value: words for measure, words in MEASURE_LABELS.items()}
    is_value = rows["value"] != Symbol.NOT_APPLICABLE.value
    interval = "95% interval " + rows["interval_low"] + " to " + rows["interval_high"]
    known = rows["outcome"] + " (" + interval + ")"
    whole = known.where(rows["note"].eq(""), rows["outcome"] + ". " + rows["note"])
    shown = rows.assign(
        measure=rows["measure"].map(labels).fillna(rows["measure"]),
        outcome=rows["outcome"].mask(is_value, whole),
        after=rows["after"].mask(is_value, rows["value"]),
    )
    columns = ["la_name", "theme", "outcome", "measure"]
    columns += ["before", "before_time", "after", "after_time", "change_percent"]
    return rows_of(shown, columns)
