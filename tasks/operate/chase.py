"""The chase: who has not sent what was due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from pandas import DataFrame
from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from tasks.announce.notices import send_notice
from tasks.operate.status import drop_folder_words, files_in_no_quarter, overdue
from warehouse.drop_place import require_drop_folder
from warehouse.root import Root, write_bytes

_COLUMNS = ["la_code", "la_name", "quarter", "return_name", "due"]


def overdue_csv(table: DataFrame) -> bytes:
    """Return the list of overdue returns as CSV, one row per authority, quarter and return."""
    return table[_COLUMNS].to_csv(index=False, lineterminator="\n").encode()


def overdue_words(table: DataFrame, unplaced: Mapping[str, str]) -> str:
    """Return who owes how many returns, one line per authority in order of code.

    Args:
        table: what is overdue.
        unplaced: files in no quarter's folder, in words, by authority: the return may be there.
    """
    counts = table.groupby(["la_code", "la_name"]).agg(n=("due", "size"), since=("due", "min"))
    rows = counts.reset_index().to_dict("records")
    return "\n".join(
        f"{row['la_code']} {row['la_name']}: {row['n']} overdue, the first since {row['since']}"
        + (
            f"; {files} in no folder of a quarter"
            if (files := unplaced.get(row["la_code"]))
            else ""
        )
        for row in rows
    )


def write_overdue(root: Root, *, today: date) -> DataFrame:
    """Write the list of the day to the notices folder, and return it.

    Raises:
        DropFolderError: the drop folder is not there: what lies in it is not seen, so that nothing
            can be called overdue.
    """
    require_drop_folder(root)
    table = overdue(root, today=today)
    write_bytes(root.notices / f"overdue-{today.isoformat()}.csv", overdue_csv(table))
    return table


@task(name="list-overdue", cache_policy=NO_CACHE, persist_result=False)
def list_overdue(root: str) -> int:
    """List what is overdue as an observed step; return how many returns."""
    at = Root.at(root)
    table = write_overdue(at, today=datetime.now(UTC).date())
    if len(table):
        send_notice(
            at, f"{len(table)} returns overdue", overdue_words(table, files_in_no_quarter(at))
        )
    if words := drop_folder_words(at):
        send_notice(at, "drop folder", words)
    create_table_artifact(
        table=[_COLUMNS, *table[_COLUMNS].to_numpy().tolist()], key="overdue-returns"
    )
    return len(table)
