"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schemas.editions import CONTACT, PUBLISHER
from tasks.page import PROGRAMME, page, rendered
from tasks.publish.report import analysis, closing, outcomes, totals
from tasks.publish.report.answers import NOT_FOR, QUESTION, answers
from tasks.publish.report.contents import contents_by_reader, published_files
from tasks.publish.report.quality import quality_statement
from tasks.publish.report.section import ReportInputs, Section

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def report_html(report: ReportInputs) -> str:
    """Return the report of an edition."""
    sections = list(_sections(report))
    body = rendered(
        _TEMPLATES,
        "edition.html.j2",
        programme=PROGRAMME,
        edition=report.inputs,
        question=QUESTION,
        answers=answers(report),
        not_for=NOT_FOR,
        readers=contents_by_reader(sections),
        facts=_facts(report.inputs),
        files=list(published_files(report)),
        sections=sections,
    )
    return page(f"Edition {report.inputs.name}", body, part="Published tables")


def _sections(report: ReportInputs) -> Iterator[Section]:
    """Yield the chapters after the answers, in order; the last two are the template's own."""
    yield outcomes.returned_quarters(report.inputs.completeness)
    yield quality_statement(report)
    yield analysis.effects(report)
    yield analysis.costs(report)
    yield outcomes.seven(report.seven)
    yield outcomes.primary(report.shown, report.totals)
    yield outcomes.levels(report.shown)
    yield outcomes.monitoring(report.shown, report.totals)
    yield analysis.training(report)
    yield totals.behind_totals(report.totals)
    yield closing.methods(report)
    yield closing.moved_figures(report)


def _facts(inputs: EditionInputs) -> list[tuple[str, str]]:
    return [
        ("Status", "Final" if inputs.final else "Draft"),
        ("Day of the data cut", inputs.day),
        ("Returns up to", inputs.cut_quarter),
        ("Data cut", inputs.cut_id),
        ("Code version", inputs.code_version),
        ("Analysis plan", inputs.plan_hash),
        ("Published by", PUBLISHER),
        ("Contact", CONTACT),
    ]
