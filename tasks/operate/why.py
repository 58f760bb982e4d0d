"""Why figures are not given: for each authority and outcome, what is meant and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.outcomes import OUTCOMES
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from tasks.cut.data_cut import authority_rows
from tasks.cut.refresh import outcomes_of_cut
from tasks.cut.unsettled import covered_with, unsettled_bars
from tasks.outcomes.maturity import Covered, Gap, gaps
from tasks.outcomes.reasons import reason_runs
from warehouse.cuts import read_cut, unsettled_now
from warehouse.root import Root


def why_rows(root: Root) -> list[dict[str, object]]:
    """Return the figures of the newest cut that have a reason, quarters that share one together.

    Returns:
        la_code, outcome, quarters, status, reason, meant (return, table and quarters), advice.
    """
    cut = read_cut(root, "latest")
    runs = reason_runs(outcomes_of_cut(root, "latest"))
    refused = unsettled_bars(cut, unsettled_now(root))
    found: list[dict[str, object]] = []
    for la_code, rows in runs.groupby("la_code", sort=True):
        own = [given for given in cut.submissions if given.la_code == la_code]
        seen = authority_rows(root, str(la_code), own).bars
        covered = covered_with(root, cut, str(la_code), (*seen, *refused.get(str(la_code), ())))
        found.extend(_row(run, covered) for run in rows.to_dict("records"))
    return found


def _row(run: dict[Any, Any], covered: Covered) -> dict[str, object]:
    first, last = (Quarter.parse(run[name]) for name in ("from_quarter", "to_quarter"))
    reason = FigureReason(run["reason"])
    found = _gaps(run["outcome"], first.through(last), covered)
    return {
        "la_code": run["la_code"],
        "outcome": run["outcome"],
        "quarters": _through(first, last),
        "status": run["status"],
        "reason": str(reason),
        "meant": "; ".join(_meant(gap for gap in found if gap.reason is reason)),
        "advice": reason.advice,
    }


def _gaps(outcome: str, quarters: Iterable[Quarter], covered: Covered) -> Iterator[Gap]:
    for quarter in quarters:
        yield from gaps(OUTCOMES[outcome], quarter.index, covered=covered)


def _meant(found: Iterable[Gap]) -> Iterator[str]:
    """Yield each return, or table of it, with the quarters from the first to the last meant."""
    indexes: dict[str, set[int]] = {}
    for gap in found:
        name = f"{gap.return_name} ({gap.table})" if gap.table else gap.return_name
        indexes.setdefault(name, set()).update(gap.quarters)
    for name, quarters in indexes.items():
        ends = (Quarter.from_index(index) for index in (min(quarters), max(quarters)))
        yield f"{name} {_through(*ends)}"


def _through(first: Quarter, last: Quarter) -> str:
    return str(first) if first == last else f"{first} to {last}"
