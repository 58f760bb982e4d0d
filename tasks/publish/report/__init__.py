"""The report of an edition: one self-contained page that tells what the figures say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from tasks import page as shell
from tasks.publish.report import analysis, closing, outcomes
from tasks.publish.report.section import Section, Told

if TYPE_CHECKING:
    from jinja2 import Environment

    from tasks.publish.inputs import EditionInputs

TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def report_html(told: Told) -> str:
    """Return the report of an edition."""
    body = _rendered(
        "edition.html.j2",
        programme=shell.PROGRAMME,
        edition=told.inputs,
        headline=outcomes.headline(told.shown),
        facts=_facts(told.inputs),
        sections=list(_sections(told)),
    )
    return shell.page(f"Edition {told.inputs.name}", body, part="Published tables")


def _sections(told: Told) -> Iterator[Section]:
    yield outcomes.completeness(told.inputs.completeness)
    yield outcomes.primary(told.shown)
    yield outcomes.secondary(told.shown)
    yield outcomes.monitoring(told.shown)
    yield analysis.effects(told)
    yield analysis.costs(told)
    yield outcomes.seven(told.shown)
    yield analysis.training(told)
    yield closing.methods()
    yield closing.changes(told)


def _facts(inputs: EditionInputs) -> list[tuple[str, str]]:
    return [
        ("Status", "Final" if inputs.final else "Draft"),
        ("Data up to", inputs.cut_quarter),
        ("Data cut", inputs.cut_id),
        ("Code version", inputs.code_version),
        ("Analysis plan", inputs.plan_hash),
        (
            "Beside this page",
            "data tables (folder data), workbook (edition.xlsx), what every column and outcome "
            "means (data_dictionary.csv, outcome_definitions.csv), description for machines "
            "(datapackage.json)",
        ),
    ]


def _rendered(template: str, **values: Any) -> Markup:
    return Markup(_environment().get_template(template).render(**values))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([TEMPLATES, shell.HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
