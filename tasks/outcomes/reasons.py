"""The figures that need a word with them, quarters with one reason put together."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.outcome import FigureStatus

_RUN_COLUMNS = (
    "la_code",
    "outcome",
    "model",
    "from_quarter",
    "to_quarter",
    "figures",
    "status",
    "reason",
)
_FIGURES = ["la_code", "outcome", "model"]
_SAME = [*_FIGURES, "status", "reason"]


def reason_runs(outcomes: DataFrame) -> DataFrame:
    """Return the figures with a reason: a row for quarters that follow each other with the same.

    Args:
        outcomes: as `sfp outcomes`; of each outcome and authority the quarters it is given for.

    Returns:
        `_RUN_COLUMNS`, in order of authority, outcome and quarter; `figures` is how many it stands
        for.
    """
    rows = outcomes.sort_values([*_FIGURES, "quarter"], ignore_index=True)
    starts = (rows[_SAME] != rows[_SAME].shift()).any(axis=1)
    rows = rows.assign(run=starts.cumsum())
    runs = rows[rows["reason"] != ""].groupby("run", sort=True)
    found = (
        runs[_SAME]
        .first()
        .assign(
            from_quarter=runs["quarter"].first(),
            to_quarter=runs["quarter"].last(),
            figures=runs.size(),
        )
    )
    return found[list(_RUN_COLUMNS)].reset_index(drop=True)


def figures_not_known(outcomes: DataFrame) -> DataFrame:
    """Return the same of figures that are not known, and of no others."""
    runs = reason_runs(outcomes)
    return runs[runs["status"] == FigureStatus.NOT_KNOWN].reset_index(drop=True)
