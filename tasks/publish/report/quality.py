"""The quality statement of an edition: coverage, known faults, what is not shown, definitions."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.outcomes.reason import FigureReason
from tasks.publish.quality import COVERAGE, KNOWN_FAULTS, NOT_SHOWN, QUALITY, SHORT_REASONS
from tasks.publish.report.section import Listing, ReportInputs, RowTexts, Section

_TITLES = {
    COVERAGE: "Coverage: authorities and returns",
    KNOWN_FAULTS: "Known faults: figures of authorities, by outcome and quarter",
    NOT_SHOWN: "Not shown: cells of the data files, and numbers repeated",
}


def quality_statement(report: ReportInputs) -> Section:
    """Return what the edition says of its own quality; the same numbers as its data file."""
    return Section(
        QUALITY,
        "Quality of this edition",
        words=(
            "Coverage counts the returns that were due, and which of them the figures rest on. "
            "Known faults count the figures of authorities that are not known, or are given with a "
            "reservation, by the reason; not_available.csv names each. What is not shown is hidden "
            "to protect children, or cannot be relied on.",
            _definitions(report),
        ),
        tables=tuple(_listings(report)),
        more=(_reasons(),),
    )


def _definitions(report: ReportInputs) -> str:
    if report.previous is None:
        return "This is the first edition: no definition has changed since an earlier one."
    if not report.definitions:
        return f"No definition has changed since edition {report.previous}."
    return f"Definitions since edition {report.previous}: {' '.join(report.definitions)}"


def _listings(report: ReportInputs) -> Iterator[Listing]:
    rows = report.tables[QUALITY].frame if QUALITY in report.tables else None
    if rows is None:
        return
    for topic, title in _TITLES.items():
        mine = rows[rows["statement"].str.startswith(f"{topic}: ")]
        listed: tuple[RowTexts, ...] = tuple(
            (
                _sentence(str(row["statement"]).removeprefix(f"{topic}: ")),
                f"{int(row['number']):,}",
                f"{int(row['out_of']):,}" if str(row["out_of"]).isdigit() else "",
            )
            for row in mine.to_dict("records")
        )
        if listed:
            yield Listing(title, ("What is counted", "Number", "Out of"), listed)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _reasons() -> Listing:
    """Return what each reason means, in a sentence."""
    rows = tuple(
        (_sentence(SHORT_REASONS[reason]), reason.words)
        for reason in FigureReason
        if reason is not FigureReason.NO_ONE_TO_COUNT
    )
    return Listing("What the reasons mean", ("Reason", "Meaning"), rows, 2)
