"""Results that can be made again, kept by what they were made from. May be deleted at any time."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pandas import DataFrame

from warehouse.root import Root, write_bytes
from warehouse.store import parquet_bytes, to_frame


def cache_key(facts: Sequence[Any]) -> str:
    """Return the name of a result made from these facts, the same on every machine."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def is_cached(root: Root, kind: str, key: str, names: Sequence[str]) -> bool:
    """Return whether every table of one result is there; `read_cached` says if it can be read."""
    return all((root.cache / kind / f"{key}.{name}.parquet").exists() for name in names)


def read_cached(root: Root, kind: str, key: str, names: Sequence[str]) -> dict[str, DataFrame]:
    """Return the tables of one result; empty when any is missing or cannot be read.

    A damaged cache is no cache: the result is made again.
    """
    found: dict[str, DataFrame] = {}
    for name in names:
        path = root.cache / kind / f"{key}.{name}.parquet"
        try:
            found[name] = to_frame(pq.read_table(io.BytesIO(path.read_bytes())))
        except (OSError, pa.ArrowInvalid):
            return {}
    return found


def write_cached(root: Root, kind: str, key: str, tables: Mapping[str, DataFrame]) -> None:
    """Keep the tables of one result."""
    for name, table in tables.items():
        rows = pa.Table.from_pandas(table, preserve_index=False)
        write_bytes(root.cache / kind / f"{key}.{name}.parquet", parquet_bytes(rows))
