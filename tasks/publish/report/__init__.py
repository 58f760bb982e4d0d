"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasks.page import PROGRAMME, page, rendered
from tasks.publish.report import analysis, closing, outcomes, totals
from tasks.publish.report.section import ReportInputs, Section

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def report_html(report: ReportInputs) -> str:
    """Return the report of an edition."""
    body = rendered(
        _TEMPLATES,
        "edition.html.j2",
        programme=PROGRAMME,
        edition=report.inputs,
        headline=outcomes.headline(report.shown),
        facts=_facts(report.inputs),
        sections=list(_sections(report)),
    )
    return page(f"Edition {report.inputs.name}", body, part="Published tables")


def _sections(report: ReportInputs) -> Iterator[Section]:
    yield outcomes.returned_quarters(report.inputs.completeness)
    yield totals.behind_totals(report.totals)
    yield outcomes.primary(report.shown, report.totals)
    yield outcomes.secondary(report.shown)
    yield outcomes.monitoring(report.shown, report.totals)
    yield analysis.effects(report)
    yield analysis.costs(report)
    yield outcomes.seven(report.shown)
    yield analysis.training(report)
    yield closing.methods(report)
    yield closing.moved_figures(report)


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
            "means (data_dictionary.csv, outcome_definitions.csv), which authorities a total adds "
            "up (totals.csv), why figures are not known (not_available.csv), description for "
            "machines (datapackage.json)",
        ),
    ]
