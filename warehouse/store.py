"""Tables at rest: one Parquet file per submission and table, written once, never changed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas import DataFrame

from schemas.errors import DamagedFileError
from schemas.identifiers import CHILD_COLUMNS
from schemas.rows import CHILD_KEY
from schemas.submission import Submission
from warehouse.root import Root, make_folder, sync_folder, write_bytes
from warehouse.sealed import opened_chunks, storage_ring, write_sealed

ACCEPTED, QUARANTINE, RESTRICTED_TEXT = "accepted", "quarantine", "restricted_text"
SEALED = (QUARANTINE, RESTRICTED_TEXT)
"""Kinds that only the storage key opens."""
FOLDERS = {ACCEPTED: "warehouse", QUARANTINE: "quarantine", RESTRICTED_TEXT: "restricted_text"}
_NAMING = frozenset({CHILD_KEY, *CHILD_COLUMNS})
_PANDAS_TYPES: dict[pa.DataType, Any] = {pa.bool_(): pd.BooleanDtype()}


@dataclass(frozen=True)
class Part:
    """One Parquet file of one submission.

    Attributes:
        table_name: as declared.
        path: relative to the root.
        row_count, size, sha256: of the Parquet file, before it is sealed where it is.
        kind: `accepted`, or one of the `SEALED` kinds.
    """

    table_name: str
    path: str
    row_count: int
    size: int
    sha256: str
    kind: str = ACCEPTED


def write_part(root: Root, given: Submission, table_name: str, rows: pa.Table) -> Part:
    """Write one table of one submission; the same rows give the same bytes on any machine."""
    return write_kind(root, given, table_name, rows, kind=ACCEPTED)


def write_kind(
    root: Root,
    given: Submission,
    table_name: str,
    rows: pa.Table,
    *,
    kind: str,
    mark: str = "",
    like: str | None = None,
) -> Part:
    """Write one table of one submission among those of its kind.

    Args:
        root: where.
        given: the submission.
        table_name: as declared.
        rows: what to write.
        kind: `accepted` or one of the `SEALED` kinds.
        mark: put into the file's name, where the same rows are written again with another key.
        like: path of a file that may hold the same rows, as most tables of a submission that
            brings one file again do; then both names share the bytes on disk.
    """
    folder = f"{FOLDERS[kind]}/{table_name}/la_code={given.la_code}/quarter={given.quarter}"
    relative = f"{folder}/{given.id}{mark}.parquet"
    data = parquet_bytes(rows)
    if kind in SEALED:
        write_sealed(storage_ring(root), root.path / relative, relative, [data])
    elif like is None or not _is_shared(root.path / like, root.path / relative, data):
        write_bytes(root.path / relative, data)
    sha256 = hashlib.sha256(data).hexdigest()
    return Part(table_name, relative, rows.num_rows, len(data), sha256, kind)


def _is_shared(earlier: Path, path: Path, data: bytes) -> bool:
    """Give an earlier file that holds these bytes a second name, if it can be; return whether."""
    try:
        if earlier.read_bytes() != data:
            return False
        make_folder(path.parent)
        os.link(earlier, path)
    # A run that was killed left the name, or the file system knows no second names.
    except OSError:
        return False
    sync_folder(path.parent)
    return True


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


def part_bytes(root: Root, relative: str) -> bytes:
    """Return the Parquet bytes of one table of one submission, whether it is sealed or not.

    Raises:
        DamagedFileError: the ledger names a file that is not there, or that does not open.
    """
    path = root.path / relative
    if relative.split("/", 1)[0] in SEALED:
        return b"".join(opened_chunks(storage_ring(root), path, relative, name=relative))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DamagedFileError(
            f"{relative} is in the ledger but not on disk. Run `sfp verify`; restore the file from "
            "its backup, or send the return again."
        ) from None


def read_part(root: Root, relative: str, columns: Collection[str] | None = None) -> pa.Table:
    """Return one table of one submission, or those of the columns named that it has.

    Raises:
        DamagedFileError: the ledger names a file that is not there, or that cannot be read.
    """
    try:
        # As a file and not as a data set, which takes three times as long to open.
        with pq.ParquetFile(pa.BufferReader(part_bytes(root, relative))) as file:
            there = file.schema_arrow.names
            wanted = None if columns is None else [name for name in there if name in columns]
            return file.read(columns=wanted, use_threads=False)
    except (pa.ArrowInvalid, OSError):
        raise DamagedFileError(
            f"{relative} is not the file that was written. Run `sfp verify`; restore it from its "
            "backup, or send the return again."
        ) from None


def count_naming(root: Root, relative: str, keys: Collection[int]) -> int:
    """Return how many rows of a part name one of some children, by any identifier in them.

    Args:
        root: where the part is.
        relative: its path.
        keys: pseudonyms of the children.

    Raises:
        DamagedFileError: the part is not there or cannot be read.
    """
    rows = read_part(root, relative)
    columns = [rows.column(name) for name in rows.column_names if name in _NAMING]
    naming = [np.isin(column.to_numpy(), list(keys)) for column in columns]
    return int(np.any(naming, axis=0).sum())


def read_frame(
    root: Root, parts: Iterable[tuple[str, str]], columns: Collection[str] | None = None
) -> DataFrame:
    """Return the rows of several parts of one table, each with the quarter it was sent for.

    Args:
        root: where the parts are.
        parts: (path relative to the root, quarter), in the order wanted.
        columns: those wanted, where not all are; one that is not there is left out.

    Returns:
        the table's columns and `quarter` (`str`; a category where columns are named, which is
        quicker to count by); text as `str`, dates as `datetime64[s]`.
    """
    quarters, pieces = [], []
    for relative, quarter in parts:
        quarters.append(quarter)
        pieces.append(read_part(root, relative, columns))
    if not pieces:
        return DataFrame()
    rows = pa.concat_tables(pieces, promote_options="default")
    sent_for: pa.Array[Any] = _repeated(quarters, [piece.num_rows for piece in pieces])
    if columns is None:
        sent_for = sent_for.cast(pa.string())
    # Quarterly returns say their quarter in the rows too; the folder's is the one that counts.
    others = [name for name in rows.column_names if name != "quarter"]
    return to_frame(rows.select(others).append_column("quarter", sent_for))


def _repeated(texts: list[str], times: list[int]) -> pa.Array[Any]:
    """Return each text so many times over, every distinct one kept once."""
    distinct = list(dict.fromkeys(texts))
    places = np.repeat([distinct.index(text) for text in texts], times)
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(distinct))


def to_frame(rows: pa.Table) -> DataFrame:
    """Return an Arrow table as a frame with the types that the outcomes compute on."""
    schema = pa.schema(
        pa.field(field.name, pa.timestamp("s") if pa.types.is_date(field.type) else field.type)
        for field in rows.schema
    )
    frame: DataFrame = rows.cast(schema).to_pandas(types_mapper=_PANDAS_TYPES.get)
    return frame


def parquet_files(root: Root) -> Iterable[Path]:
    """Return every Parquet file under the root's warehouse, quarantine and restricted text."""
    for folder in (root.tables, root.quarantine, root.restricted_text):
        yield from sorted(folder.rglob("*.parquet"))
