"""The state of a root as a page for operators: one file that loads nothing and runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasks.page import page, rendered

_TEMPLATES: Final = Path(__file__).parent / "templates"
TextRow = tuple[str, ...]


@dataclass(frozen=True)
class StatusView:
    """What the page shows, as texts.

    Attributes:
        moment: when it was made.
        facts: pairs of a name and a figure.
        quarter: the newest quarter that is due or was sent for.
        returns: titles of the returns, heading the columns of `grid`.
        grid: one row per authority: its name, then the state of each return for that quarter.
        overdue: authority, quarter, return, day it was due.
        attention: authority, quarter, return, state, reason, submission of what was refused or held
            and has not been sent again.
        refused: authority, quarter, files of each kind, code of what was dropped and not taken.
        stages: stage, times, median, 95th percentile and longest in seconds, faults.
    """

    moment: str
    facts: tuple[TextRow, ...]
    quarter: str
    returns: TextRow
    grid: tuple[TextRow, ...]
    overdue: tuple[TextRow, ...]
    attention: tuple[TextRow, ...]
    refused: tuple[TextRow, ...]
    stages: tuple[TextRow, ...]


def status_page(view: StatusView) -> str:
    """Return the page, self-contained."""
    return page(
        f"State of the returns, {view.moment}", rendered(_TEMPLATES, "status.html.j2", view=view)
    )
