"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasks.page import PROGRAMME, page, rendered
from tasks.publish.report import analysis, closing, outcomes
from tasks.publish.report.section import ReportInputs, Section

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def report_html(told: ReportInputs) -> str:
    """Return the report of an edition."""
    body = rendered(
        _TEMPLATES,
        "edition.html.j2",
        programme=PROGRAMME,
        edition=told.inputs,
        headline=outcomes.headline(told.shown),
        facts=_facts(told.inputs),
        sections=list(_sections(told)),
    )
    return page(f"Edition {told.inputs.name}", body, part="Published tables")


def _sections(told: ReportInputs) -> Iterator[Section]:
    yield outcomes.returned_quarters(told.inputs.completeness)
    yield outcomes.primary(told.shown)
    yield outcomes.secondary(told.shown)
    yield outcomes.monitoring(told.shown)
    yield analysis.effects(told)
    yield analysis.costs(told)
    yield outcomes.seven(told.shown)
    yield analysis.training(told)
    yield closing.methods()
    yield closing.moved_figures(told)


def _facts(inputs: EditionInputs) -> list[tuple[str, str]]:
    return [
        ("Status", "Final" if inputs.final else "Draft"),
        ("Data up to", inputs.cut_quarter),
        ("Data cut", inputs.cut_id),
        ("Code version", inputs.code_version),
        ("Analysis plan", inputs.plan_hash),
        (
            "Published with this page",
            "data tables (folder data), workbook (edition.xlsx), what every column and outcome "
            "means (data_dictionary.csv, outcome_definitions.csv), description for machines "
            "(datapackage.json)",
        ),
    ]
