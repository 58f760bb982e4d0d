"""The chapters of the report that show outcomes: who returned, how the models fare."""

from __future__ import annotations

from typing import Final

from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import TOTAL_ITEM
from schemas.outcomes import PRIMARY_OUTCOME, PUBLISHED
from schemas.outcomes.publication import CARE_TABLE, MEASURE_LABELS, TimeSpan
from schemas.outcomes.themes import PUBLIC_SEVEN
from schemas.trial import MODEL_NAMES, MODELS
from tasks.disclose.figures import ALL, MODEL
from tasks.publish.charts import ChartLine, line_chart
from tasks.publish.numbers import printed_numbers
from tasks.publish.report.section import Chart, Listing, RowTexts, Section, rows_of
from tasks.publish.seven import model_seven, public_seven

MONITORED: Final = ("cla_rate", "cpp_start_rate", "rereferral_12m")


def headline(shown: DataFrame) -> list[str]:
    """Return the primary outcome of each model in one sentence, as far as it may be shown."""
    rows = _of(shown, PRIMARY_OUTCOME, MODEL, TimeSpan.CUMULATIVE)
    lines = []
    for model in MODELS:
        mine = rows[(rows["place"] == model) & rows["value"].notna()].sort_values("time")
        if len(mine):
            last = mine.iloc[-1]
            lines.append(
                f"{MODEL_NAMES[model]}: {last['value']:.1f}% of {int(last['denominator']):,} "
                "children referred started to be looked after within 18 months, before and after "
                "the model went live together."
            )
    return lines or ["No primary outcome is available yet."]


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
            "did not return is shown as x and is left out of totals; it is never counted as zero.",
        ),
        tables=(Listing("Quarters counted, by authority and return", ("Authority", *names), rows),),
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


def primary(shown: DataFrame) -> Section:
    """Return the primary outcome: one chart per practice model, over quarters of referral."""
    rows = _of(shown, PRIMARY_OUTCOME, MODEL, TimeSpan.QUARTER)
    charts = [
        time_chart(rows[rows["place"] == model], PRIMARY_OUTCOME, MODEL_NAMES[model])
        for model in MODELS
        if (rows["place"] == model).any()
    ]
    return Section(
        "primary",
        "Primary outcome",
        words=(
            "Of children referred in each quarter, the percentage who started to be looked after "
            "within 18 months. Quarters whose 18 months are not yet over are not available (x).",
        ),
        charts=charts,
    )


def time_chart(rows: DataFrame, outcome: str, who: str) -> Chart:
    """Return the chart of one outcome over quarters, for the places the rows are of."""
    rows = rows.sort_values("time")
    declared = PUBLISHED[outcome]
    label = declared.label[0].lower() + declared.label[1:]
    measure = MEASURE_LABELS[declared.measure].lower()
    title = f"{who}: {label}, {measure}"
    line = ChartLine(who, tuple(None if v != v else float(v) for v in rows["value"]))
    times = [str(time) for time in rows["time"]]
    name = f"{outcome}-{who}".lower().replace(" ", "-").replace("_", "-")
    return Chart(
        title=title,
        headings=(
            "Quarter",
            "Number with the outcome",
            "Number it is out of",
            measure.capitalize(),
        ),
        rows=tuple(zip(times, *_printed(rows), strict=True)),
        svg=line_chart(
            [line], times, title=title, description=_chart_words(line, times), name=name
        ),
    )


def _printed(rows: DataFrame) -> tuple[Series[str], ...]:
    """Return numerator, denominator and value as printed."""
    return (
        printed_numbers(rows["numerator"], places=0, symbols=rows["numerator_symbol"]),
        printed_numbers(rows["denominator"], places=0, symbols=rows["denominator_symbol"]),
        printed_numbers(rows["value"], places=1, symbols=rows["value_symbol"]),
    )


def _chart_words(line: ChartLine, times: list[str]) -> str:
    """Return what a line shows, for those who cannot see it."""
    known = [(t, v) for t, v in zip(times, line.values, strict=True) if v is not None]
    if not known:
        return "No quarter can be shown yet."
    low, high = min(known, key=lambda p: p[1]), max(known, key=lambda p: p[1])
    return (
        f"{len(known)} of {len(times)} quarters are shown, from {known[0][1]:.1f} in {known[0][0]} "
        f"to {known[-1][1]:.1f} in {known[-1][0]}; lowest {low[1]:.1f} in {low[0]}, highest "
        f"{high[1]:.1f} in {high[0]}."
    )


def secondary(shown: DataFrame) -> Section:
    """Return every cohort outcome so far, by practice model."""
    mine = shown[shown["span"].eq(TimeSpan.CUMULATIVE) & shown["level"].isin([MODEL, ALL])]
    newest = mine[mine["value_symbol"] == ""].sort_values("time")
    newest = newest.groupby(["outcome", "place"], as_index=False).last()
    value = newest.assign(text=_printed(newest)[2]).set_index(["outcome", "place"])["text"]
    outcomes = [
        name
        for name, shown in PUBLISHED.items()
        if TimeSpan.CUMULATIVE in shown.spans and name != PRIMARY_OUTCOME
    ]
    rows = tuple(
        (
            PUBLISHED[name].label,
            MEASURE_LABELS[PUBLISHED[name].measure],
            *(value.get((name, place), "x") for place in (*MODELS, TOTAL_ITEM)),
        )
        for name in outcomes
        if any((name, place) in value.index for place in (*MODELS, TOTAL_ITEM))
    )
    names = tuple(MODEL_NAMES[model] for model in MODELS)
    return Section(
        "secondary",
        "Other outcomes",
        words=(
            "From the first quarter to the end of the newest whole financial year, all authorities "
            "that returned every year. Before and after the models went live are together here: "
            "these are levels, not effects.",
        ),
        tables=(
            Listing(
                "Outcomes so far, by practice model",
                ("Outcome", "Given as", *names, "Total"),
                rows,
                words=2,
            ),
        ),
    )


def monitoring(shown: DataFrame) -> Section:
    """Return a few monitoring outcomes of all authorities together, over quarters."""
    charts = [
        time_chart(rows, name, "All authorities that returned")
        for name in MONITORED
        if len(rows := _of(shown, name, ALL, TimeSpan.QUARTER))
    ]
    return Section(
        "monitoring",
        "Care and child protection over time",
        words=(
            "All authorities that take part and returned the quarter. The number of authorities "
            f"behind each figure is in the data files ({CARE_TABLE}_quarterly.csv).",
        ),
        charts=charts,
    )


def seven(shown: DataFrame) -> Section:
    """Return the seven outcomes by authority, before and after going live."""
    headings = ("Authority", "Theme", "Outcome", "Given as", "Before", "in", "After", "in")
    tables = [
        Listing(name, headings, _seven_rows(rows), 4)
        for name, rows in model_seven(public_seven(shown)).items()
    ]
    return Section(
        "seven",
        "The seven outcomes",
        words=(
            f"{PUBLIC_SEVEN.speaks_for} Value for money, the seventh, is under costs and benefits.",
        ),
        cautions=("A change between the two had many causes. Only the effects single out one.",),
        more=tables,
    )


def _seven_rows(rows: DataFrame) -> tuple[RowTexts, ...]:
    labels = {measure.value: words for measure, words in MEASURE_LABELS.items()}
    columns = ["la_name", "theme", "outcome", "measure"]
    columns += ["before", "before_time", "after", "after_time"]
    return rows_of(rows.assign(measure=rows["measure"].map(labels)), columns)
