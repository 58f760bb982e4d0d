"""Tables at rest: one Parquet file per submission and table, written once, never changed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas import DataFrame

from schemas.errors import LedgerError
from schemas.submission import Submission
from warehouse.root import Root, write_bytes

_PANDAS_TYPES: dict[pa.DataType, Any] = {pa.bool_(): pd.BooleanDtype()}


@dataclass(frozen=True)
class Part:
    """One Parquet file of one submission.

    Attributes:
        table_name: as declared.
        path: relative to the root.
        row_count, size, sha256: of the file.
    """

    table_name: str
    path: str
    row_count: int
    size: int
    sha256: str


def write_part(root: Root, given: Submission, table_name: str, rows: pa.Table) -> Part:
    """Write one table of one submission; the same rows give the same bytes on any machine."""
    folder = f"warehouse/{table_name}/la_code={given.la_code}/quarter={given.quarter}"
    return _write(root, f"{folder}/{given.id}.parquet", table_name, rows)


def write_quarantine(root: Root, given: Submission, table_name: str, rows: pa.Table) -> Part:
    """Write the rows that broke a record-level rule to the restricted quarantine."""
    folder = f"quarantine/{table_name}/la_code={given.la_code}/quarter={given.quarter}"
    return _write(root, f"{folder}/{given.id}.parquet", table_name, rows)


def write_restricted(root: Root, given: Submission, table_name: str, rows: pa.Table) -> Part:
    """Write the free text of one table of one submission to the restricted store."""
    folder = f"restricted_text/{table_name}/la_code={given.la_code}/quarter={given.quarter}"
    return _write(root, f"{folder}/{given.id}.parquet", table_name, rows)


def _write(root: Root, relative: str, table_name: str, rows: pa.Table) -> Part:
    data = parquet_bytes(rows)
    write_bytes(root.path / relative, data)
    return Part(table_name, relative, rows.num_rows, len(data), hashlib.sha256(data).hexdigest())


def parquet_bytes(rows: pa.Table) -> bytes:
    """Return a table as Parquet bytes, settings fixed so that equal tables are equal bytes."""
    sink = io.BytesIO()
    pq.write_table(
        rows.replace_schema_metadata(None),
        sink,
        compression="zstd",
        compression_level=1,
        version="2.6",
        write_statistics=True,
        store_schema=True,
    )
    return sink.getvalue()


def read_part(root: Root, relative: str) -> pa.Table:
    """Return one table of one submission.

    Raises:
        LedgerError: the ledger names a file that is not there.
    """
    path = root.path / relative
    try:
        return pq.read_table(path, partitioning=None)
    except FileNotFoundError:
        raise LedgerError(
            f"{relative} is in the ledger but not on disk. Run `sfp verify`; restore the file from "
            "its backup, or send the return again."
        ) from None


def read_frame(root: Root, parts: Iterable[tuple[str, str]]) -> DataFrame:
    """Return the rows of several parts of one table, each with the quarter it was sent for.

    Args:
        root: where the parts are.
        parts: (path relative to the root, quarter), in the order wanted.

    Returns:
        the table's columns and `quarter`; text as `str`, dates as `datetime64[s]`.
    """
    frames = []
    for relative, quarter in parts:
        rows = read_part(root, relative)
        # Quarterly returns say their quarter in the rows too; the folder's is the one that counts.
        others = [name for name in rows.column_names if name != "quarter"]
        sent_for = pa.repeat(quarter, rows.num_rows)
        frames.append(rows.select(others).append_column("quarter", sent_for))
    if not frames:
        return DataFrame()
    return to_frame(pa.concat_tables(frames, promote_options="default"))


def to_frame(rows: pa.Table) -> DataFrame:
    """Return an Arrow table as a frame with the types that the outcomes compute on."""
    frame = rows.to_pandas(date_as_object=False, types_mapper=_PANDAS_TYPES.get)
    return frame.astype(
        {
            name: "datetime64[s]"
            for name, kind in zip(rows.schema.names, rows.schema.types, strict=True)
            if pa.types.is_date(kind)
        }
    )


def parquet_files(root: Root) -> Iterable[Path]:
    """Return every Parquet file under the root's warehouse, quarantine and restricted text."""
    for folder in (root.tables, root.quarantine, root.restricted_text):
        yield from sorted(folder.rglob("*.parquet"))
