"""The workforce alongside the training: five series, and no claim that one caused the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pandas import DataFrame, Series

NO_CLAIM: Final = (
    "These figures stand alongside the training and do not show its effect: many other things "
    "moved them in the same quarters, and no causal claim is made."
)

SERIES: Final = {
    "Sickness absence": ("sickness_days", "fte_days", "{:.1%}"),
    "Turnover": ("leavers_fte", "fte_start", "{:.1%}"),
    "Agency": ("agency_fte", "fte_start", "{:.1%}"),
    "Direct work": ("direct_work_hours", "total_hours", "{:.1%}"),
    "Cases per worker": ("cases", "fte_start", "{:.1f}"),
}
"""Label, numerator, denominator and form; the ratios are those of tasks/outcomes/workforce.py."""

_QUARTERS_SHOWN: Final = 6


def workforce_rows(frames: Mapping[str, DataFrame]) -> list[tuple[str, ...]]:
    """Return the last quarters of the workforce series as texts; none where nothing was sent.

    Returns:
        one tuple per quarter: quarter, then the series in order, x where not known.
    """
    sent = frames.get("workforce")
    if sent is None or not len(sent):
        return []
    recent = sent.sort_values("quarter").drop_duplicates("quarter", keep="last")
    return [
        (str(row["quarter"]), *(_ratio(row, *series) for series in SERIES.values()))
        for _, row in recent.tail(_QUARTERS_SHOWN).iterrows()
    ]


def _ratio(row: Series[float], above: str, below: str, form: str) -> str:
    numerator, denominator = row[above], row[below]
    is_known = numerator == numerator and denominator > 0
    return form.format(numerator / denominator) if is_known else "x"
