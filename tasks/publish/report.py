"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from pandas import DataFrame

from schemas.authorities import authorities
from schemas.published import PUBLISHED, Span
from schemas.trial import MODEL_NAMES
from tasks import page as shell
from tasks.disclose.figures import MODEL
from tasks.publish.charts import Line, line_chart
from tasks.publish.numbers import texts

if TYPE_CHECKING:
    from jinja2 import Environment

    from tasks.publish.edition import EditionInputs

HERE = Path(__file__).parent
PRIMARY = "cla_18m"


@dataclass(frozen=True)
class Chart:
    """One chart and the table of its figures."""

    title: str
    svg: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def numeric(self) -> tuple[int, ...]:
        """Places of the columns that hold figures."""
        return tuple(range(1, len(self.headings)))


@dataclass(frozen=True)
class Completeness:
    """Who returned what: a sentence and a table."""

    words: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def numeric(self) -> tuple[int, ...]:
        """Places of the columns that hold figures."""
        return tuple(range(1, len(self.headings)))


def report_html(inputs: EditionInputs, shown: DataFrame) -> str:
    """Return the report of an edition.

    Args:
        inputs: what the edition is made from.
        shown: figures after disclosure control.
    """
    body = _rendered(
        "edition.html.j2",
        programme=shell.PROGRAMME,
        edition=inputs,
        facts=_facts(inputs),
        contents=[("completeness", "Completeness"), ("primary", "Primary outcome")],
        completeness=completeness(inputs.completeness),
        primary=primary(shown),
    )
    return shell.page(f"Edition {inputs.name}", body, part="Published tables")


def _facts(inputs: EditionInputs) -> list[tuple[str, str]]:
    return [
        ("Status", "Final" if inputs.final else "Draft"),
        ("Data up to", inputs.cut_quarter),
        ("Data cut", inputs.cut_id),
        ("Code version", inputs.code_version),
        ("Analysis plan", inputs.plan_hash),
    ]


def completeness(table: DataFrame) -> Completeness:
    """Return who returned what: quarters in force out of quarters due, by authority and return."""
    accepted = table["state"].isin(["accepted", "accepted with queries"])
    due = table.assign(accepted=accepted).groupby(["la_code", "return_name"])["accepted"]
    counts = {key: f"{int(group.sum())} of {len(group)}" for key, group in due}
    names = sorted(table["return_name"].unique())
    rows = tuple(
        (la_name(la), *(counts.get((la, name), "z") for name in names))
        for la in sorted(table["la_code"].unique(), key=la_name)
    )
    words = (
        f"{int(accepted.sum()):,} of {len(table):,} returns due are in force. An authority that "
        "did not return is shown as x and is left out of totals; it is never counted as zero."
    )
    return Completeness(words, ("Authority", *names), rows)


def la_name(la_code: str) -> str:
    """Return the authority's name."""
    return authorities()[la_code].la_name


def primary(shown: DataFrame) -> dict[str, Any]:
    """Return the primary outcome: one chart per practice model, over quarters of referral."""
    rows = shown[
        (shown["outcome"] == PRIMARY) & (shown["level"] == MODEL) & (shown["span"] == Span.QUARTER)
    ]
    charts = [
        model_chart(rows[rows["place"] == model], model)
        for model in MODEL_NAMES
        if (rows["place"] == model).any()
    ]
    words = (
        "Of children referred in each quarter, the percentage who started to be looked after "
        "within 18 months. Quarters whose 18 months are not yet over are not available (x)."
    )
    return {"words": words, "charts": charts}


def model_chart(rows: DataFrame, model: str) -> Chart:
    """Return the chart of one outcome of one model over time."""
    rows = rows.sort_values("time")
    label = PUBLISHED[PRIMARY].label
    value = texts(rows["value"], places=1, symbols=rows["value_symbol"])
    numerator = texts(rows["numerator"], places=0, symbols=rows["numerator_symbol"])
    denominator = texts(rows["denominator"], places=0, symbols=rows["denominator_symbol"])
    title = f"{MODEL_NAMES[model]}: {label[0].lower()}{label[1:]}, percentage"
    line = Line(model, tuple(None if v != v else float(v) for v in rows["value"]))
    return Chart(
        title=title,
        svg=line_chart(
            [line],
            list(rows["time"]),
            title=title,
            told=_told(line, list(rows["time"])),
            name=f"{PRIMARY}-{model}",
        ),
        headings=("Quarter of referral", "Children with the outcome", "Children", "Percentage"),
        rows=tuple(zip(rows["time"], numerator, denominator, value, strict=True)),
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
