"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from markupsafe import Markup
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.published import (
    MEASURE_LABELS,
    MONITORING,
    PUBLISHED,
    SYMBOL_MEANINGS,
    THRESHOLD,
    TOTAL,
    Span,
)
from schemas.trial import MODEL_NAMES, MODELS, analysed, left_out
from tasks import page as shell
from tasks.disclose.figures import ALL, MODEL
from tasks.publish.charts import Line, line_chart
from tasks.publish.drawings import inline_svg
from tasks.publish.ees import DataFile
from tasks.publish.numbers import texts
from tasks.publish.seven import model_seven, seven_outcomes
from tasks.publish.tables import model_label, safe_note

if TYPE_CHECKING:
    from jinja2 import Environment

    from tasks.publish.edition import EditionInputs

HERE: Final = Path(__file__).parent
PRIMARY: Final = "cla_18m"
MONITORED: Final = ("cla_rate", "cpp_start_rate", "rereferral_12m")
COST_HEADLINES: Final = (
    "npv",
    "bcr",
    "payback_year",
    "probability_npv_positive",
    "children_kept_from_care",
    "cost_pv",
    "benefit_pv",
)
DRAWN_IN: Final = {
    "forest": "effects",
    "exposure": "effects",
    "wedge": "effects",
    "tornado": "costs",
    "plane": "costs",
    "acceptability": "costs",
}
"""Which section a drawing belongs to, by the first word of its name."""


@dataclass(frozen=True)
class Listing:
    """A table: title, headings, rows of texts; the first `words` columns are no figures."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1

    @property
    def numeric(self) -> tuple[int, ...]:
        """Places of the columns that hold figures: those after the words."""
        return tuple(range(self.words, len(self.headings)))


@dataclass(frozen=True, kw_only=True)
class Chart(Listing):
    """A chart, and the table of its figures."""

    svg: Markup


@dataclass(frozen=True)
class Drawing:
    """A drawing made elsewhere; `told` is what it shows, in words."""

    title: str
    svg: Markup
    told: str


@dataclass(frozen=True)
class Section:
    """One chapter of the page."""

    anchor: str
    title: str
    words: Sequence[str] = ()
    cautions: Sequence[str] = ()
    tables: Sequence[Listing] = ()
    charts: Sequence[Chart] = ()
    drawings: Sequence[Drawing] = ()
    more: Sequence[Listing] = field(default=())


@dataclass(frozen=True)
class Told:
    """What the report is written from.

    Attributes:
        inputs: what the edition is made from.
        shown: figures after disclosure control.
        tables: the published tables, by name.
        moved: figures that moved since the edition before.
        previous: name of the edition before; None for the first.
    """

    inputs: EditionInputs
    shown: DataFrame
    tables: dict[str, DataFile]
    moved: DataFrame
    previous: str | None


def report_html(told: Told) -> str:
    """Return the report of an edition."""
    sections = list(_sections(told))
    body = _rendered(
        "edition.html.j2",
        programme=shell.PROGRAMME,
        edition=told.inputs,
        headline=_headline(told),
        facts=_facts(told.inputs),
        sections=sections,
    )
    return shell.page(f"Edition {told.inputs.name}", body, part="Published tables")


def _sections(told: Told) -> Iterator[Section]:
    drawn = _drawings(told.inputs)
    yield completeness(told.inputs.completeness)
    yield primary(told.shown)
    yield secondary(told.shown)
    yield monitoring(told.shown)
    yield effects(told, drawn["effects"])
    yield costs(told, drawn["costs"])
    yield seven(told)
    yield training(told)
    yield methods()
    yield changes(told)


def _facts(inputs: EditionInputs) -> list[tuple[str, str]]:
    return [
        ("Status", "Final" if inputs.final else "Draft"),
        ("Data up to", inputs.cut_quarter),
        ("Data cut", inputs.cut_id),
        ("Code version", inputs.code_version),
        ("Analysis plan", inputs.plan_hash),
        ("Files", "data tables (data/), workbook (edition.xlsx), description (datapackage.json)"),
    ]


def _headline(told: Told) -> list[str]:
    """Return the primary outcome of each model in one sentence, as far as it may be shown."""
    rows = _of(told.shown, PRIMARY, MODEL, Span.CUMULATIVE)
    lines = []
    for model in MODELS:
        mine = rows[(rows["place"] == model) & rows["value"].notna()].sort_values("time")
        if len(mine):
            last = mine.iloc[-1]
            lines.append(
                f"{MODEL_NAMES[model]}: {last['value']:.1f}% of {int(last['denominator']):,} "
                "children referred started to be looked after within 18 months (before and after "
                "the model went live, together)."
            )
    return lines or ["No primary outcome is available yet."]


def completeness(table: DataFrame) -> Section:
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


def _of(shown: DataFrame, outcome: str, level: str, span: Span) -> DataFrame:
    return shown[
        (shown["outcome"] == outcome) & (shown["level"] == level) & (shown["span"] == span)
    ]


def primary(shown: DataFrame) -> Section:
    """Return the primary outcome: one chart per practice model, over quarters of referral."""
    rows = _of(shown, PRIMARY, MODEL, Span.QUARTER)
    charts = [
        time_chart(rows[rows["place"] == model], PRIMARY, MODEL_NAMES[model])
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
    """Return the chart of one outcome over quarters, for whoever the rows are of."""
    rows = rows.sort_values("time")
    declared = PUBLISHED[outcome]
    label = declared.label[0].lower() + declared.label[1:]
    measure = MEASURE_LABELS[declared.measure].lower()
    title = f"{who}: {label}, {measure}"
    line = Line(who, tuple(None if v != v else float(v) for v in rows["value"]))
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
        svg=line_chart([line], times, title=title, told=_told(line, times), name=name),
    )


def _printed(rows: DataFrame) -> tuple[Series[str], ...]:
    """Return numerator, denominator and value as printed."""
    return (
        texts(rows["numerator"], places=0, symbols=rows["numerator_symbol"]),
        texts(rows["denominator"], places=0, symbols=rows["denominator_symbol"]),
        texts(rows["value"], places=1, symbols=rows["value_symbol"]),
    )


def _told(line: Line, times: list[str]) -> str:
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
    mine = shown[shown["span"].eq(Span.CUMULATIVE) & shown["level"].isin([MODEL, ALL])]
    newest = mine[mine["value_symbol"] == ""].sort_values("time")
    newest = newest.groupby(["outcome", "place"], as_index=False).last()
    value = newest.assign(text=_printed(newest)[2]).set_index(["outcome", "place"])["text"]
    outcomes = [
        name for name, o in PUBLISHED.items() if Span.CUMULATIVE in o.spans and name != PRIMARY
    ]
    rows = tuple(
        (
            PUBLISHED[name].label,
            MEASURE_LABELS[PUBLISHED[name].measure],
            *(value.get((name, place), "x") for place in (*MODELS, TOTAL)),
        )
        for name in outcomes
        if any((name, place) in value.index for place in (*MODELS, TOTAL))
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
        if len(rows := _of(shown, name, ALL, Span.QUARTER))
    ]
    return Section(
        "monitoring",
        "Care and child protection over time",
        words=(
            "All authorities that take part and returned the quarter. The number of authorities "
            f"behind each figure is in the data files ({MONITORING}_quarterly.csv).",
        ),
        charts=charts,
    )


def effects(told: Told, drawings: Sequence[Drawing]) -> Section:
    """Return the effects of the models on the primary outcome, and every other estimate."""
    table = told.tables.get("effects")
    if table is None or told.inputs.effects is None:
        return Section("effects", "Effects", words=("No effect can be estimated from this cut.",))
    label = PUBLISHED[PRIMARY].label
    frame = table.frame
    has = (frame["estimate"] != "x") & (frame["estimate"] != "z")
    return Section(
        "effects",
        "Effects",
        words=(
            "What the models changed, after the differences between authorities and the course of "
            "time are taken out. Every estimator of the analysis plan is shown; the first is "
            "primary. Numbers of children are to the nearest ten.",
        ),
        cautions=(
            "A practice model was tried in four to six authorities. Intervals are wide, and the "
            "absence of a clear effect is no proof that there is none.",
            *_left_out(),
        ),
        tables=_effect_listing(frame[has & (frame["outcome"] == label)], label),
        drawings=drawings,
        more=(
            *_effect_listing(frame[has & (frame["outcome"] != label)], "Effects on other outcomes"),
            _notes(told.inputs.effects),
        ),
    )


def _left_out() -> Iterator[str]:
    for model in MODELS:
        names = ", ".join(f"{c.la_name} ({c.reason_left_out})" for c in left_out(model))
        count = len(analysed(model))
        yield f"{MODEL_NAMES[model]}: {count} authorities analysed; left out: {names or 'none'}."


def _effect_listing(frame: DataFrame, title: str) -> tuple[Listing, ...]:
    if frame.empty:
        return ()
    words = [name for name in ("outcome", "practice_model", "estimator") if name in frame.columns]
    figures = ["estimate", "interval_low", "interval_high", "p_value", "authorities_counted"]
    figures += ["children", "events"]
    heads = {"interval_low": "95% from", "interval_high": "to", "p_value": "p"}
    headings = tuple(heads.get(n, n.replace("_", " ").capitalize()) for n in (*words, *figures))
    rows = tuple(frame[[*words, *figures]].itertuples(index=False, name=None))
    return (Listing(title, headings, rows, words=len(words)),)


def _notes(table: DataFrame) -> Listing:
    """Return the notes that stand beside the estimates, each once."""
    notes: dict[tuple[str, str, str], None] = {}
    for row in table.to_dict("records"):
        note = safe_note(row.get("note", ""))
        if note:
            notes[(_label(str(row["outcome"])), model_label(str(row["model"])), note)] = None
    return Listing("Notes on the estimates", ("Outcome", "Practice model", "Note"), tuple(notes), 3)


def _label(outcome: str) -> str:
    return PUBLISHED[outcome].label if outcome in PUBLISHED else outcome


def costs(told: Told, drawings: Sequence[Drawing]) -> Section:
    """Return what the models cost and what the changes in outcomes are worth."""
    table = told.tables.get("costs")
    if table is None:
        return Section("costs", "Costs and benefits", words=("Nothing can be valued yet.",))
    frame = table.frame
    has = (frame["central_value"] != "z") & (frame["central_value"] != "x")
    keys = [name for name in ("practice_model", "perspective", "measure") if name in frame.columns]
    is_head = frame["measure"].str.partition(",")[0].isin(_as_words(COST_HEADLINES))
    columns = [*keys, "central_value", "interval_low", "interval_high"]
    headings = (*(k.replace("_", " ").capitalize() for k in keys), "Central value", "From", "To")
    return Section(
        "costs",
        "Costs and benefits",
        words=(
            "The effects above, valued. Fiscal, economic and social perspectives are shown apart "
            "and are never added up. Gross and cashable savings are not the same thing.",
        ),
        cautions=("The value rests on effects that are uncertain: read the intervals.",),
        tables=(Listing("Headline results", headings, _rows(frame[has & is_head], columns), 3),),
        drawings=drawings,
        more=(
            Listing("Every result", headings, _rows(frame[has & ~is_head], columns), len(keys)),
            *_cost_inputs(told.inputs.cost_inputs),
        ),
    )


def _as_words(names: Iterable[str]) -> list[str]:
    return [name.replace("_", " ") for name in names]


def _rows(frame: DataFrame, columns: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(frame[list(columns)].astype(str).itertuples(index=False, name=None))


def _cost_inputs(inputs: DataFrame | None) -> tuple[Listing, ...]:
    if inputs is None or inputs.empty:
        return ()
    rows = tuple(
        tuple("" if value != value else str(value) for value in row)
        for row in published_inputs(inputs).itertuples(index=False, name=None)
    )
    headings = tuple(str(name).replace("_", " ").capitalize() for name in inputs.columns)
    return (Listing("Every value used, and where it comes from", headings, rows, len(headings)),)


def published_inputs(inputs: DataFrame) -> DataFrame:
    """Return the inputs of the cost-benefit analysis as texts, counts of children rounded."""
    is_count = inputs["unit"].eq("children")
    numbers = pd.to_numeric(inputs["value"])
    few = is_count & (numbers > 0) & (numbers <= THRESHOLD)
    tens = (numbers / (2 * THRESHOLD)).round() * 2 * THRESHOLD
    shown = numbers.where(~is_count, tens).map(lambda value: f"{value:.10g}")
    return inputs.assign(value=shown.mask(few, "c").replace("nan", ""))


def seven(told: Told) -> Section:
    """Return the seven outcomes by authority, before and after going live."""
    headings = ("Authority", "Theme", "Outcome", "Before", "in", "After", "in")
    columns = ["la_name", "theme", "outcome", "before", "before_time", "after", "after_time"]
    tables = [
        Listing(name, headings, _rows(rows, columns), 3)
        for name, rows in model_seven(seven_outcomes(told.shown)).items()
    ]
    return Section(
        "seven",
        "The seven outcomes",
        words=(
            "For each authority, the last whole year (or quarter, for what is counted on one day) "
            "before its model went live, and the newest since. Value for money, the seventh, is "
            "under costs and benefits.",
        ),
        cautions=("A change between the two had many causes. Only the effects single out one.",),
        more=tables,
    )


def training(told: Told) -> Section:
    """Return the training feedback of all authorities together."""
    table = told.tables.get("training")
    if table is None:
        words = ("No training feedback can be shown for all authorities together yet.",)
        return Section("training", "Training", words=words)
    frame = table.frame[table.frame["central_value"] != "z"]
    keys = [name for name in ("module", "measure") if name in frame.columns]
    columns = [*keys, "central_value", "interval_low", "interval_high", "forms"]
    headings = (*(k.capitalize() for k in keys), "Value", "95% from", "to", "Forms")
    return Section(
        "training",
        "Training",
        words=(
            "Feedback on the Strengthening Practice modules, all authorities together. It tells "
            "what people said and learned; no causal claim about children's outcomes is made.",
        ),
        tables=(Listing("Training feedback", headings, _rows(frame, columns), len(keys)),),
    )


def methods() -> Section:
    """Return how the figures are made and protected, in short."""
    rows = tuple((symbol.value, words) for symbol, words in SYMBOL_MEANINGS.items())
    return Section(
        "methods",
        "Methods",
        words=(
            "Outcomes are worked out child by child inside each authority, from returns that "
            "passed every rule, and leave it only as counts. outcome_definitions.csv gives every "
            "definition; data_dictionary.csv every column.",
            f"Counts from 1 to {THRESHOLD} are hidden, with every rate made from them, and what "
            "remains of a group when one is taken from the other. Further figures are hidden so "
            "that none of these can be worked out by adding and subtracting, within this edition "
            "or against any earlier one. A figure that would change by so little that it gave a "
            "child away keeps its earlier number until more has changed.",
            "A percentage is made from unrounded numbers and shown to one decimal. Zero is a true "
            "zero.",
        ),
        tables=(Listing("Symbols", ("Symbol", "Meaning"), rows, 2),),
    )


def changes(told: Told) -> Section:
    """Return what moved since the edition before, and why."""
    if told.previous is None:
        words: tuple[str, ...] = ("This is the first edition: there is nothing to compare with.",)
        return Section("changes", "What changed", words=words)
    words = (
        f"Compared with edition {told.previous}, {len(told.moved):,} published figures moved. "
        "revisions.csv lists each, with the returns it rests on that were sent since.",
    )
    counts = told.moved.groupby(["table", "kind", "why"], as_index=False).size()
    listing = Listing(
        "Figures that moved, by table",
        ("Table", "What happened", "Why", "Figures"),
        _rows(counts, ["table", "kind", "why", "size"]),
        3,
    )
    return Section("changes", "What changed", words=words, tables=(listing,) if len(counts) else ())


def _drawings(inputs: EditionInputs) -> dict[str, list[Drawing]]:
    """Return the drawings made elsewhere, by section."""
    found: dict[str, list[Drawing]] = {name: [] for name in dict.fromkeys(DRAWN_IN.values())}
    for name, text in inputs.figures.items():
        section = DRAWN_IN.get(name.partition("_")[0])
        if section is not None:
            svg = inline_svg(text, name=name.replace("_", "-"))
            found[section].append(Drawing(_inside(text, "title"), svg, _inside(text, "desc")))
    return found


def _inside(text: str, tag: str) -> str:
    """Return the words of the first element called `tag`; empty when there is none."""
    opening, _, rest = text.partition(f"<{tag}")
    return (
        html.unescape(rest.partition(">")[2].partition(f"</{tag}>")[0].strip()) if opening else ""
    )


def _rendered(template: str, **values: Any) -> Markup:
    return Markup(_environment().get_template(template).render(**values))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([HERE / "templates", shell.HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
