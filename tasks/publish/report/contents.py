"""What the page holds, for three kinds of reader, and the files that are published with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tasks.publish.report.section import ReportInputs, Section
from tasks.publish.totals import TOTALS_FILE

READERS: Final = (
    (
        "For everyone",
        ("answers", "completeness", "primary", "levels", "monitoring", "training"),
    ),
    (
        "For evaluators",
        ("quality", "effects", "costs", "totals", "methods", "changes", "edition"),
    ),
    ("For local authorities", ("completeness", "seven", "quality", "changes", "files")),
)
"""Readers, and the chapters that they come for, in the order in which they are best read."""
_OWN: Final = {
    "answers": "What the practice models changed",
    "files": "Published with this page",
    "edition": "About this edition",
}
"""Chapters that the page's template makes itself."""


@dataclass(frozen=True)
class PublishedFile:
    """One file of the edition: its path from the page, and what is in it."""

    path: str
    words: str


_WORKBOOK: Final = PublishedFile(
    "edition.xlsx", "Workbook: the tables for people, with cover, contents and notes"
)
_ALWAYS: Final = (
    PublishedFile("CHANGES.md", "What changed since the edition before, in words"),
    PublishedFile("revisions.csv", "Every figure that moved since the edition before, and why"),
    PublishedFile("seven_outcomes.csv", "The seven outcomes before and after going live"),
    PublishedFile(TOTALS_FILE, "Which authorities each total adds up, and when"),
    PublishedFile("not_available.csv", "Why figures of authorities are not known"),
    PublishedFile("outcome_definitions.csv", "What every outcome means"),
    PublishedFile("data_dictionary.csv", "What every column of the data files means"),
    PublishedFile("datapackage.json", "Description of all files for machines"),
)
_COST_INPUTS: Final = PublishedFile(
    "cost_inputs.csv", "Every value that costs and benefits were worked out with, and its source"
)


def contents_by_reader(
    sections: Sequence[Section],
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each kind of reader the chapters that are for them, as anchor and title."""
    titles = {**_OWN, **{section.anchor: section.title for section in sections}}
    return [
        (reader, [(anchor, titles[anchor]) for anchor in anchors if anchor in titles])
        for reader, anchors in READERS
    ]


def published_files(report: ReportInputs) -> Iterator[PublishedFile]:
    """Yield every file that is published with the page, those for people first.

    The columns of `data/name.csv` are described in `data/name.meta.csv` alongside it.
    """
    yield _WORKBOOK
    yield from _data_files(report)
    if report.inputs.cost_inputs is not None and len(report.inputs.cost_inputs):
        yield _COST_INPUTS
    yield from _ALWAYS


def _data_files(report: ReportInputs) -> Iterator[PublishedFile]:
    for table in report.tables.values():
        yield PublishedFile(f"data/{table.name}.csv", table.title)
