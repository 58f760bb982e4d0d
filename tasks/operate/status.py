"""Who has sent what for which quarter, in what state, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pandas import DataFrame

from schemas.authorities import authorities
from schemas.calendar import EXPECTED, due_date, latest_due
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import NOT_RECEIVED
from tasks.cut.data_cut import quarters_covered
from tasks.cut.refresh import kept_conflicts
from warehouse.cuts import CutSubmission, all_cuts, read_cut
from warehouse.ledger import (
    all_arrivals,
    all_in_force,
    all_submissions,
    rule_counts,
    submission_row,
)
from warehouse.root import Root

_STATUS_COLUMNS = (
    "la_code",
    "la_name",
    "return_name",
    "quarter",
    "state",
    "version",
    "in_force",
    "received_at",
    "due",
    "overdue",
    "submission_id",
    "reason_code",
    "errors",
    "queries",
)


def status_table(root: Root, *, today: date) -> DataFrame:
    """Return one row per submission, and one per return that is expected and not there.

    Returns:
        la_code, la_name, return_name, quarter, state, version, in_force, received_at, due,
        overdue, submission_id, reason_code, errors, queries; in order of the first four.
    """
    counting = {row.id for row in all_in_force(root)}
    sent = [_sent(row, row.id in counting) for row in all_submissions(root)]
    table = DataFrame([*sent, *_missing(root, today)], columns=list(_STATUS_COLUMNS))
    # A table without rows has no types, and would be taken for a list of columns below.
    table = table.astype({"overdue": bool, "in_force": bool})
    return table.sort_values(
        ["la_code", "quarter", "return_name", "version"], ignore_index=True, kind="stable"
    )


def _sent(row: object, is_in_force: bool) -> dict[str, object]:
    found = row._asdict()  # type: ignore[attr-defined]  # a row of the ledger
    quarter = Quarter.parse(found["quarter"])
    return {
        "la_code": found["la_code"],
        "la_name": authorities()[found["la_code"]].la_name,
        "return_name": found["return_name"],
        "quarter": found["quarter"],
        "state": found["state"],
        "version": found["version"],
        "in_force": is_in_force,
        "received_at": found["received_at"],
        "due": due_date(quarter).isoformat(),
        "overdue": False,
        "submission_id": found["id"],
        "reason_code": found["reason_code"],
        "errors": found["error_count"],
        "queries": found["query_count"],
    }


def overdue(root: Root, *, today: date) -> DataFrame:
    """Return what is expected, due and not in force, in order of authority, quarter and return."""
    table = status_table(root, today=today)
    return table[table["overdue"]].reset_index(drop=True)


def _missing(root: Root, today: date) -> Iterable[dict[str, object]]:
    covered = _covered(root)
    if not covered:
        return
    for quarter in _expected_quarters(covered, today):
        for la_code in root.settings().authorities:
            for name in EXPECTED:
                if (la_code, name, quarter) not in covered:
                    yield _not_there(la_code, name, quarter, today)


def _expected_quarters(covered: set[tuple[str, str, Quarter]], today: date) -> list[Quarter]:
    """Return every quarter from the first to the last anything was sent for, and the newest due."""
    quarters = {quarter for _, _, quarter in covered}
    return sorted({*min(quarters).through(max(quarters)), latest_due(today)})


def _covered(root: Root) -> set[tuple[str, str, Quarter]]:
    return {
        (row.la_code, row.return_name, quarter)
        for row in all_in_force(root)
        if row.return_name in RETURNS
        for quarter in quarters_covered(
            CutSubmission(row.id, row.la_code, row.return_name, row.quarter, row.version)
        )
    }


def _not_there(la_code: str, name: str, quarter: Quarter, today: date) -> dict[str, object]:
    due = due_date(quarter)
    return {
        "la_code": la_code,
        "la_name": authorities()[la_code].la_name,
        "return_name": name,
        "quarter": str(quarter),
        "state": NOT_RECEIVED,
        "version": 0,
        "in_force": False,
        "received_at": "",
        "due": due.isoformat(),
        "overdue": due < today,
        "submission_id": "",
        "reason_code": "RETURN_MISSING" if due < today else "",
        "errors": 0,
        "queries": 0,
    }


def refused_arrivals(root: Root) -> DataFrame:
    """Return what was dropped and not taken: la_code, quarter, name, outcome, code, seen_at."""
    columns = ["la_code", "quarter", "name", "outcome", "code", "seen_at"]
    rows = [
        tuple(getattr(row, name) for name in columns)
        for row in all_arrivals(root)
        if row.outcome != "taken"
    ]
    return DataFrame(rows, columns=columns)


def rule_statuses(root: Root, submission_id: str) -> list[dict[str, object]]:
    """Return every rule's status on a submission: code, table, status, count, reason.

    Raises:
        LedgerError: there is no such submission.
    """
    row = submission_row(root, submission_id)
    found = [
        {
            "code": one.code,
            "table": one.table_name,
            "status": one.status,
            "count": one.count,
            "reason": one.reason,
        }
        for one in rule_counts(root, submission_id)
    ]
    if row.reason_code and not found:
        refusal = {"code": row.reason_code, "table": "", "status": "failed", "count": 1}
        return [{**refusal, "reason": row.reason_words}]
    return found


def history_conflicts(root: Root) -> list[dict[str, object]]:
    """Return what did not fit when the newest cut's histories were assembled.

    Returns:
        la_code, kind, count; empty while nothing was cut or the results are not kept any more.
    """
    newest = all_cuts(root)[-1:]
    if not newest:
        return []
    conflicts = kept_conflicts(root, read_cut(root, newest[0].id))
    # Nothing wrong is nothing to say; the columns are not there when nothing is kept.
    rows = conflicts.to_dict("records")
    return [{str(k): v for k, v in row.items()} for row in rows if row["count"]]
