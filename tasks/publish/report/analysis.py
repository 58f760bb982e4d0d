"""The chapters of the report that rest on an analysis: effects, costs and benefits, training."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pandas import DataFrame, Series

from schemas.digits import ESTIMATE, LEAST_DF, MONEY_UNIT
from schemas.editions import COST_WORDS, TOTAL_ITEM, Symbol
from schemas.outcomes import PUBLISHED
from schemas.plan import PLAN
from schemas.trial import MODEL_NAMES, MODELS, analysed_clusters, clusters_left_out
from tasks.costs.effect import FEW_DF
from tasks.costs.words import plain_words, variable_words
from tasks.effects.registry import ESTIMATORS
from tasks.publish.drawings import inline_svg
from tasks.publish.evaluation import (
    published_costs,
    published_estimates,
    published_inputs,
)
from tasks.publish.report.section import Drawing, Listing, ReportInputs, RowTexts, Section, rows_of
from tasks.publish.tables import model_label, number_texts, safe_note

DRAWN: Final = {
    "effects": ("forest", "exposure", "wedge"),
    "costs": ("tornado", "plane", "acceptability"),
}
"""Which drawings belong to a chapter, by the first word of their names."""
_NOTHING: Final = (Symbol.NOT_AVAILABLE.value, Symbol.NOT_APPLICABLE.value)
MILLION: Final = 1e6
_READ_INTERVALS: Final = "The value rests on effects that are uncertain: read the intervals."
_BARE: Final = (
    f"What is made of an effect that was estimated with fewer than {LEAST_DF} degrees of freedom "
    "has no interval, x in From and To: no one can say how far from it the truth lies. Do not "
    "quote such an amount by itself."
)
_OWN_ESTIMATES: Final = (
    "Every amount is worked out from an estimate of its own outcome: days in care are priced, "
    "children kept from care are counted, and the two may point different ways. Total is worked "
    "out from the effect of all models together: it is not the sum of the models above it."
)


def effects(report: ReportInputs) -> Section:
    """Return the effects of the models on the primary outcome, and every other estimate."""
    table, given = report.tables.get("effects"), report.inputs.effects
    if table is None or given is None:
        return Section("effects", "Effects", words=("No effect can be estimated from this cut.",))
    shown, planned = published_estimates(given), PLAN.primary_outcome
    label = PUBLISHED[planned.id].label
    mine = _filled(table.frame, "estimate")
    is_primary = mine["outcome"].eq(label) if "outcome" in mine else mine["estimate"].notna()
    return Section(
        "effects",
        "Effects",
        words=(
            "What the models changed in the primary outcome, after the differences between "
            "authorities and the course of time are taken out. The primary estimate of each is in "
            "words at the top of this page.",
            *_who_is_in(),
        ),
        cautions=(
            "A practice model was tried in four or five authorities. Intervals are wide, and the "
            "absence of a clear effect is no proof that there is none.",
        ),
        drawings=_drawings(report, "effects"),
        more=(
            *_effect_listing(mine[is_primary].drop(columns="outcome", errors="ignore"), label),
            *_effect_listing(mine[~is_primary], "Effects on the other outcomes"),
            _notes(shown),
        ),
    )


def _filled(frame: DataFrame, column: str) -> DataFrame:
    """Return the rows that have a number."""
    return frame[~frame[column].isin(_NOTHING)]


def _who_is_in() -> Iterator[str]:
    for model in MODELS:
        names = ", ".join(f"{c.la_name} ({c.reason_left_out})" for c in clusters_left_out(model))
        count = len(analysed_clusters(model))
        yield f"{MODEL_NAMES[model]}: {count} authorities analysed; left out: {names or 'none'}."


def _effect_listing(frame: DataFrame, title: str) -> tuple[Listing, ...]:
    if frame.empty:
        return ()
    words = [name for name in ("outcome", "practice_model", "estimator") if name in frame.columns]
    figures = ["estimate", "interval_low", "interval_high", "p_value", "authorities_counted"]
    figures += ["children", "events"]
    heads = {"interval_low": "95% from", "interval_high": "to", "p_value": "p"}
    heads |= {"authorities_counted": "Authorities"}
    headings = tuple(heads.get(n, n.replace("_", " ").capitalize()) for n in (*words, *figures))
    return (Listing(title, headings, rows_of(frame, [*words, *figures]), words=len(words)),)


def _notes(table: DataFrame) -> Listing:
    """Return the notes that stand alongside the estimates, each once."""
    notes: dict[RowTexts, None] = {}
    for row in table.to_dict("records"):
        note = safe_note(row.get("note", ""))
        if note:
            base = str(row["estimator"]).partition(":")[0]
            estimator = ESTIMATORS[base].label if base in ESTIMATORS else plain_words(base)
            outcome = PUBLISHED[row["outcome"]].label if row["outcome"] in PUBLISHED else ""
            notes[(outcome, model_label(str(row["model"])), estimator, note)] = None
    headings = ("Outcome", "Practice model", "Estimator", "Note")
    return Listing("Notes on the estimates", headings, tuple(notes), 4)


def costs(report: ReportInputs) -> Section:
    """Return what the models cost and what the changes in outcomes are worth."""
    table, given = report.tables.get("costs"), report.inputs.costs
    if table is None or given is None:
        return Section("costs", "Costs and benefits", words=("Nothing can be valued yet.",))
    frame = _filled(table.frame, "central_value")
    keys = [name for name in ("practice_model", "perspective", "measure") if name in frame.columns]
    columns = [*keys, "central_value", "interval_low", "interval_high"]
    headings = (*(k.replace("_", " ").capitalize() for k in keys), "Central value", "From", "To")
    return Section(
        "costs",
        "Costs and benefits",
        words=(
            "The effects above, valued. Fiscal, economic and social perspectives are shown apart "
            "and are never added up. Gross and cashable savings are not the same thing.",
            _OWN_ESTIMATES,
        ),
        cautions=cost_cautions(given),
        tables=_cost_headlines(published_costs(given)),
        drawings=_drawings(report, "costs"),
        more=(
            Listing("Every result", headings, rows_of(frame, columns), len(keys)),
            *_cost_inputs(report.inputs.cost_inputs),
        ),
    )


def cost_cautions(given: DataFrame) -> tuple[str, ...]:
    """Return what to mind of the results: that they are uncertain; that some have no interval."""
    is_bare = given["note"].fillna("").str.contains(FEW_DF, regex=False)
    return (_READ_INTERVALS, _BARE) if is_bare.any() else (_READ_INTERVALS,)


def _cost_headlines(given: DataFrame) -> tuple[Listing, ...]:
    """Return the headline measures by model and perspective, in words and round numbers."""
    rows = given[given["measure"].isin(COST_WORDS) & given["value"].notna()]
    listed = tuple(
        (
            model_label(str(row["model"])),
            "" if row["perspective"] == "all" else str(row["perspective"]),
            COST_WORDS[row["measure"]],
            *(amount_words(row[name], str(row["unit"])) for name in ("value", "low", "high")),
        )
        for row in rows.to_dict("records")
    )
    headings = ("Practice model", "Perspective", "Measure", "Central value", "From", "To")
    return (Listing("Headline results", headings, listed, 3),) if listed else ()


def amount_words(value: float, unit: str) -> str:
    """Return a number of the cost-benefit analysis as a reader wants it: in millions of pounds.

    In pounds where it is a small part of one: `-£0.0 million` tells nothing.
    """
    if value != value:
        return Symbol.NOT_AVAILABLE.value
    if unit.startswith(MONEY_UNIT):
        is_small = abs(value) < MILLION / 10
        size = f"{abs(value):,.0f}" if is_small else f"{abs(value) / MILLION:,.1f} million"
        return f"{'-' if value < 0 and size != '0' else ''}£{size}"
    if unit == "children":
        return f"{value:,.0f}"
    if unit.startswith("year"):
        return f"{value:.0f}"
    return str(number_texts(Series([value]), ESTIMATE, 2).iloc[0])


def _cost_inputs(inputs: DataFrame | None) -> tuple[Listing, ...]:
    if inputs is None or inputs.empty:
        return ()
    rows = tuple(
        tuple(_input_words(str(name), value) for name, value in row.items())
        for row in published_inputs(inputs).to_dict("records")
    )
    headings = tuple(plain_words(str(name)).capitalize() for name in inputs.columns)
    return (Listing("Every value used, and where it comes from", headings, rows, len(headings)),)


def _input_words(column: str, value: Any) -> str:
    """Return one cell of the inputs as a reader meets it: no name that a machine gave."""
    if value != value:
        return ""
    text = str(value)
    if column == "model":
        return model_label(text)
    if column == "input":
        return variable_words(text)
    if text in ESTIMATORS:
        return ESTIMATORS[text].label
    if column == "origin":
        text = text.rpartition("/")[2].removesuffix(".csv")
    return text.replace("_", " ")


def training(report: ReportInputs) -> Section:
    """Return the training feedback of all authorities together."""
    table = report.tables.get("training")
    if table is None:
        words = ("No training feedback can be shown for all authorities together yet.",)
        return Section("training", "Training", words=words)
    frame = table.frame[table.frame["central_value"] != Symbol.NOT_APPLICABLE.value]
    keys = [name for name in ("module", "measure") if name in frame.columns]
    columns = [*keys, "central_value", "interval_low", "interval_high", "forms"]
    columns.append("authorities_counted")
    headings = (*(k.capitalize() for k in keys), "Value", "95% from", "to", "Forms", "Authorities")
    return Section(
        "training",
        "Training",
        words=(
            "Feedback on the Strengthening Practice modules, all authorities together. It tells "
            "what people said and learned; no causal claim about children's outcomes is made. Each "
            "figure is of the authorities that sent its forms, which totals.csv names, and is x "
            "where they are fewer than half of those that took part in the module.",
        ),
        tables=_training_headlines(frame, headings, columns, keys),
        more=(Listing("Training feedback", headings, rows_of(frame, columns), len(keys)),),
    )


def _training_headlines(
    frame: DataFrame, headings: RowTexts, columns: Sequence[str], keys: Sequence[str]
) -> tuple[Listing, ...]:
    """Return the rows over all modules, where there are some."""
    if "module" not in frame.columns:
        return ()
    rows = frame[frame["module"] == TOTAL_ITEM]
    title = "Training feedback, all modules"
    return (Listing(title, headings, rows_of(rows, columns), len(keys)),) if len(rows) else ()


def _drawings(report: ReportInputs, chapter: str) -> list[Drawing]:
    """Return the drawings of one chapter that were made elsewhere."""
    return [
        Drawing(
            _inside(text, "title"),
            inline_svg(text, name=name.replace("_", "-")),
            _inside(text, "desc"),
        )
        for name, text in report.inputs.figures.items()
        if name.partition("_")[0] in DRAWN[chapter]
    ]


def _inside(text: str, tag: str) -> str:
    """Return the words of the first element called `tag`; empty when there is none."""
    opened = text.partition(f"<{tag}")[2].partition(">")[2]
    return html.unescape(opened.partition(f"</{tag}>")[0].strip())
