"""The chapter of the report that names the authorities behind each total."""

from __future__ import annotations

from pandas import DataFrame

from schemas.outcomes.publication import LATE_QUARTERS
from tasks.publish.report.section import Listing, RowTexts, Section
from tasks.publish.totals import THIS_EDITION, set_size_words


def behind_totals(totals: DataFrame) -> Section:
    """Return which authorities each total adds up, outcomes with the same ones put together."""
    headings = ("Adds up", "Authorities", "Which", "Not in it", "Of these outcomes")
    listing = Listing("Authorities behind each total", headings, _rows(totals), len(headings))
    return Section(
        "totals",
        "What totals add up",
        words=(
            "A practice model, or Total, adds up one set of authorities in every quarter and year "
            "of an outcome. Where one of them has no figure there is no total (x). Fewer than half "
            "of the authorities that take part are never called a total; an authority that lacks "
            f"no more than the newest {LATE_QUARTERS} quarters stays in its set, and totals wait "
            "for it. Total is the sets of all practice models together.",
            "totals.csv has the set of each outcome, its first and last quarter, and the quarters "
            "for which it is not complete.",
        ),
        more=(listing,) if len(listing.rows) else (),
    )


def _rows(totals: DataFrame) -> tuple[RowTexts, ...]:
    now = totals[totals["set_of"] == THIS_EDITION]
    groups = now.groupby(["practice_model", "la_names", "left_out"], sort=False)
    return tuple(
        (
            str(place),
            set_size_words(rows.iloc[0]),
            str(names) or "None",
            str(left_out) or "None",
            "; ".join(rows["outcome"]),
        )
        for (place, names, left_out), rows in groups
    )
