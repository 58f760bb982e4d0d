"""Who has sent what for which quarter, in what state, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pandas import DataFrame

from schemas.authorities import authorities
from schemas.calendar import EXPECTED, DueCalendar
from schemas.errors import DropFolderError
from schemas.file_kinds import counted_files, kinds_of
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import NOT_RECEIVED
from tasks.cut.data_cut import quarters_covered
from tasks.cut.refresh import kept_conflicts
from warehouse.cuts import CutSubmission, all_cuts, read_cut
from warehouse.drop import QUARTER_UNKNOWN, unplaced_files
from warehouse.drop_place import (
    DROP_FOLDER_UNAVAILABLE,
    require_drop_folder,
    unavailable_authorities,
)
from warehouse.ledger import (
    all_arrivals,
    all_in_force,
    all_submissions,
    submission_row,
)
from warehouse.registered import registered_authorities
from warehouse.root import Root
from warehouse.rule_books import rule_counts
from warehouse.settings import due_calendar

_IN_THE_RECEIPT = "in words in the authority's receipt"
"""The words name the file, and its name is the authority's."""
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
    """Return one row per submission, and one per return that is owed and not there.

    What is owed, and when it is due, is as the calendar of the root says.

    Returns:
        la_code, la_name, return_name, quarter, state, version, in_force, received_at, due,
        overdue, submission_id, reason_code, errors, queries; in order of the first four.
    """
    counting = {row.id for row in all_in_force(root)}
    calendar = due_calendar(root.settings())
    sent = [_sent(row, calendar, row.id in counting) for row in all_submissions(root)]
    missing = _missing(root, calendar, today)
    table = DataFrame([*sent, *missing], columns=list(_STATUS_COLUMNS))
    # A table without rows has no types, and would be taken for a list of columns below.
    table = table.astype({"overdue": bool, "in_force": bool})
    return table.sort_values(
        ["la_code", "quarter", "return_name", "version"], ignore_index=True, kind="stable"
    )


def _sent(row: object, calendar: DueCalendar, is_in_force: bool) -> dict[str, object]:
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
        "due": calendar.due_date(found["return_name"], quarter).isoformat(),
        "overdue": False,
        "submission_id": found["id"],
        "reason_code": found["reason_code"],
        "errors": found["error_count"],
        "queries": found["query_count"],
    }


def overdue(root: Root, *, today: date) -> DataFrame:
    """Return what is owed, due and not in force, in order of authority, quarter and return."""
    table = status_table(root, today=today)
    return table[table["overdue"]].reset_index(drop=True)


def _missing(root: Root, calendar: DueCalendar, today: date) -> Iterable[dict[str, object]]:
    covered = _covered(root)
    if not covered:
        return
    away, unplaced = _away(root), files_in_no_quarter(root)
    for name, quarter in _owed(covered, calendar, today):
        due = calendar.due_date(name, quarter)
        for la_code in registered_authorities(root):
            if (la_code, name, quarter) not in covered:
                row = _not_there(la_code, name, quarter, due=due, is_overdue=due < today)
                if row["overdue"] and la_code in unplaced:
                    row["reason_code"] = QUARTER_UNKNOWN
                yield _not_seen(row) if la_code in away else row


def files_in_no_quarter(root: Root) -> dict[str, str]:
    """Return how many files of which kind lie in no quarter's folder, by registered authority."""
    try:
        require_drop_folder(root)
        found = unplaced_files(root.drop)
    except (DropFolderError, OSError):
        return {}
    registered = frozenset(registered_authorities(root))
    return {
        la_code: kinds_of(file.name for file in files)
        for la_code, files in found.items()
        if la_code in registered
    }


def _away(root: Root) -> frozenset[str]:
    """Return the authorities whose drop folder cannot be looked at: all, where none of it can."""
    try:
        return unavailable_authorities(root)
    except DropFolderError:
        return frozenset(registered_authorities(root))


def _not_seen(row: dict[str, object]) -> dict[str, object]:
    """Return the row of a return that may lie where no one can look: it is not called overdue."""
    return row | {"overdue": False, "reason_code": DROP_FOLDER_UNAVAILABLE}


def _owed(
    covered: set[tuple[str, str, Quarter]], calendar: DueCalendar, today: date
) -> Iterable[tuple[str, Quarter]]:
    """Return every return with the quarters it is owed for.

    That is: from the first to the last that anything was sent for, and the newest due.
    """
    quarters = {quarter for _, _, quarter in covered}
    spanned = {*min(quarters).through(max(quarters))}
    for name in EXPECTED:
        for quarter in calendar.owed(name, spanned | {calendar.latest_due(name, today)}):
            yield name, quarter


def _covered(root: Root) -> set[tuple[str, str, Quarter]]:
    return {
        (row.la_code, row.return_name, quarter)
        for row in all_in_force(root)
        if row.return_name in RETURNS
        for quarter in quarters_covered(
            CutSubmission(row.id, row.la_code, row.return_name, row.quarter, row.version)
        )
    }


def _not_there(
    la_code: str, name: str, quarter: Quarter, *, due: date, is_overdue: bool
) -> dict[str, object]:
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
        "overdue": is_overdue,
        "submission_id": "",
        "reason_code": "RETURN_MISSING" if is_overdue else "",
        "errors": 0,
        "queries": 0,
    }


def drop_folder_words(root: Root) -> str:
    """Return what of the drop folder is not there; empty when all of it is."""
    try:
        away = unavailable_authorities(root)
    except DropFolderError as error:
        return str(error)
    if not away:
        return ""
    return (
        f"{DROP_FOLDER_UNAVAILABLE}: {root.drop}: the folders of {', '.join(sorted(away))} are "
        "gone or cannot be read. Mount them, let them be read, or make them again with `sfp init`; "
        "nothing of theirs is called overdue meanwhile."
    )


def refused_arrivals(root: Root) -> DataFrame:
    """Return what was dropped and not taken, one row for each authority, quarter, outcome and code.

    Returns:
        la_code, quarter, outcome, code, files (how many of each kind: never a name), seen_at (the
        newest).
    """
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in all_arrivals(root):
        if row.outcome != "taken":
            group = (row.la_code, row.quarter, row.outcome, row.code)
            groups.setdefault(group, []).append((row.name, row.seen_at))
    rows = [
        (*group, _file_kinds(group, seen), max(moment for _, moment in seen))
        for group, seen in sorted(groups.items())
    ]
    return DataFrame(rows, columns=["la_code", "quarter", "outcome", "code", "files", "seen_at"])


def _file_kinds(group: tuple[str, ...], seen: Iterable[tuple[str, str]]) -> str:
    la_code, quarter, _, code = group
    ((_, files, _),) = counted_files((f"{la_code}/{quarter}/{name}", code) for name, _ in seen)
    return files


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
        return [{**refusal, "reason": _IN_THE_RECEIPT}]
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
