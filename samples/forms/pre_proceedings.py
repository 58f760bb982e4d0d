"""The pre-proceedings return: one row for each process open in the financial year to date."""

from __future__ import annotations

from collections.abc import Iterator

from samples.days import uk
from samples.forms import Occasion
from samples.forms.ssda903 import lines_csv
from samples.lives import Child
from samples.seen import Span, known

_NIL = ("nil return", "", "", "")
"""What an authority writes when there is nothing to report: a file without rows is refused."""
_HEADINGS = "child_id,first_meeting_date,proceedings_issued_date,outcome"


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter."""
    span = occasion.span
    rows = [row for child in occasion.history.children for row in _rows(child, span)]
    yield "pre_proceedings.csv", lines_csv(_HEADINGS, rows or [_NIL])


def _rows(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for case in child.cases:
        for process in case.pre_proceedings:
            if span.meets(process.first_meeting, process.ended):
                outcome = process.outcome if process.ended <= span.cut else ""
                issued = uk(known(process.issued, span.cut))
                yield child.child_id, uk(process.first_meeting), issued, outcome
