"""The school attendance return: terms whose last day lies in the financial year to date."""

from __future__ import annotations

from collections.abc import Iterator

from samples.days import term_days
from samples.forms import Occasion
from samples.forms.ssda903 import lines_csv
from samples.lives import Child
from samples.seen import Span

_HEADINGS = (
    "child_id,academic_year,term,sessions_possible,sessions_authorised_absence,"
    "sessions_unauthorised_absence"
)


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter."""
    span = occasion.span
    rows = (row for child in occasion.history.children for row in _rows(child, span))
    yield "school_attendance.csv", lines_csv(_HEADINGS, rows)


def _rows(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for term in child.attendance:
        if span.covers(term_days(term.year, term.term)[1]):
            yield (
                child.child_id,
                f"{term.year}/{(term.year + 1) % 100:02d}",
                term.term,
                str(term.possible),
                str(term.authorised),
                str(term.unauthorised),
            )
