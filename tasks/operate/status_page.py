"""The state of a root put where operators look: a page and metrics in the notices folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import quantiles
from zoneinfo import ZoneInfo

from pandas import DataFrame
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.authorities import authorities
from schemas.calendar import EXPECTED, DueCalendar
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from tasks.operate.metrics import stage_seconds, write_metrics
from tasks.operate.status import (
    drop_folder_words,
    files_in_no_quarter,
    refused_arrivals,
    status_table,
)
from tasks.operate.status_view import StatusView, TextRow, status_page
from warehouse.cuts import all_cuts, all_editions
from warehouse.ledger import unfinished
from warehouse.root import Root, write_bytes
from warehouse.settings import due_calendar

_PAGE = "status.html"
MOST_ROWS = 500
"""Rows shown of any list; `sfp status` has all."""
_UK_TIME = ZoneInfo("Europe/London")
_REFUSED = ("rejected", "held")
_HUNDREDTHS = 100


def status_html(root: Root, *, moment: datetime) -> str:
    """Return the state of a root as a self-contained page; nothing in it is from a child's row."""
    return status_page(status_view(root, moment=moment))


def status_view(root: Root, *, moment: datetime) -> StatusView:
    """Return what the page shows, as texts."""
    table = status_table(root, today=moment.date())
    overdue = table[table["overdue"]]
    attention = _attention(table)
    quarter = max(table["quarter"], default="")
    return StatusView(
        moment=moment.astimezone(_UK_TIME).strftime("%-d %B %Y, %H:%M"),
        facts=_facts(root, table, overdue, attention),
        quarter=quarter,
        returns=tuple(RETURNS[name].title for name in EXPECTED),
        grid=_grid(table[table["quarter"] == quarter], due_calendar(root.settings())),
        overdue=_rows(overdue, ("la_name", "quarter", "return_name", "due")),
        attention=_rows(
            attention,
            ("la_name", "quarter", "return_name", "state", "reason_code", "submission_id"),
        ),
        refused=_refused(refused_arrivals(root)),
        stages=_stages(root, moment),
    )


def _facts(
    root: Root, table: DataFrame, overdue: DataFrame, attention: DataFrame
) -> tuple[TextRow, ...]:
    cuts, editions = all_cuts(root)[-1:], all_editions(root)[-1:]
    return (
        ("Submissions in force", f"{int(table['in_force'].sum()):,}"),
        ("Returns overdue", f"{len(overdue):,}"),
        ("Refused or held, not sent again", f"{len(attention):,}"),
        ("Still to be judged or answered", f"{len(unfinished(root)):,}"),
        ("Newest data cut", f"{cuts[0].number}, {cuts[0].made_at[:16]} UTC" if cuts else "none"),
        ("Newest edition", editions[0].name if editions else "none"),
        ("Drop folder", drop_folder_words(root) or "there"),
        *(
            ("In no folder of a quarter", f"{la_code}: {files}")
            for la_code, files in files_in_no_quarter(root).items()
        ),
    )


def _attention(table: DataFrame) -> DataFrame:
    """Return the newest version of every return, where it was refused or is held."""
    newest = table.groupby(["la_code", "return_name", "quarter"])["version"].transform("max")
    return table[(table["version"] == newest) & table["state"].isin(_REFUSED)]


def _grid(table: DataFrame, calendar: DueCalendar) -> tuple[TextRow, ...]:
    """Return one row per authority; where something counts, that, else the newest state.

    Args:
        table: rows of one quarter.
        calendar: what is owed: of what is not, a state of its own says so where none was sent.
    """
    quarters = [Quarter.parse(text) for text in set(table["quarter"])]
    absent = {
        name: "not received" if calendar.owed(name, quarters) else "not owed" for name in EXPECTED
    }
    ordered = table.sort_values(["in_force", "version"], kind="stable")
    states = {
        (row.la_name, row.return_name): "in force" if row.in_force else str(row.state)
        for row in ordered.itertuples()
    }
    return tuple(
        (name, *(states.get((name, asked), absent[asked]) for asked in EXPECTED))
        for name in sorted(set(table["la_name"]))
    )


def _rows(table: DataFrame, columns: Sequence[str]) -> tuple[TextRow, ...]:
    shown = table[list(columns)].head(MOST_ROWS).astype(str)
    return tuple(tuple(row) for row in shown.to_numpy().tolist())


def _refused(table: DataFrame) -> tuple[TextRow, ...]:
    newest = table.sort_values("seen_at", ascending=False, kind="stable").head(MOST_ROWS)
    known = authorities()
    return tuple(
        (known[str(row.la_code)].la_name, str(row.quarter), str(row.files), str(row.code))
        for row in newest.itertuples(index=False)
        if row.outcome != "duplicate"
    )


def _stages(root: Root, moment: datetime) -> tuple[TextRow, ...]:
    return tuple(
        (name, f"{len(seconds):,}", *_spread(seconds), f"{faults:,}")
        for name, seconds, faults in stage_seconds(root, moment)
    )


def _spread(seconds: Sequence[float]) -> tuple[str, str, str]:
    if len(seconds) == 1:
        cuts = [seconds[0]] * (_HUNDREDTHS - 1)
    else:
        cuts = quantiles(seconds, n=_HUNDREDTHS, method="inclusive")
    return f"{cuts[49]:.2f}", f"{cuts[94]:.2f}", f"{max(seconds):.2f}"


@task(name="write-status", cache_policy=NO_CACHE, persist_result=False)
def write_status(root: str) -> None:
    """Write the page and the metrics to the notices folder as an observed step."""
    at, moment = Root.at(root), datetime.now(UTC)
    write_bytes(at.notices / _PAGE, status_html(at, moment=moment).encode())
    write_metrics(at, moment=moment)
