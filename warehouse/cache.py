"""Results that can be made again, kept by what they were made from. May be deleted at any time.

A file ends with a keyed digest of its name and its bytes: one that was altered, or put there by
anyone without the key, is never used and is made again. The key is derived from the one that signs
heads of the audit chain, which all that keep results can read, and no one else.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pandas import DataFrame

from schemas.errors import KeyMissingError
from warehouse.discrepancy import Discrepancy
from warehouse.heads import make_head_key
from warehouse.root import Root, write_bytes
from warehouse.store import parquet_bytes, to_frame

DIGEST_BYTES = 32
"""Length of the digest at the end of each file."""


def cache_key(facts: Sequence[Any]) -> str:
    """Return the name of a result made from these facts, the same on every machine."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def is_cached(root: Root, kind: str, result: str, names: Sequence[str]) -> bool:
    """Return whether every table of one result is there; `read_cached` says if it can be read."""
    return all(_file(root, kind, result, name).exists() for name in names)


def read_cached(root: Root, kind: str, result: str, names: Sequence[str]) -> dict[str, DataFrame]:
    """Return the tables of one result; empty when any is missing or cannot be read.

    A damaged cache is no cache, nor is an altered one: the result is made again.
    """
    key = _digest_key(root)
    found: dict[str, DataFrame] = {}
    for name in names:
        path = _file(root, kind, result, name)
        try:
            data = _proven(root, path, key)
            found[name] = to_frame(pq.read_table(io.BytesIO(data)))
        except (OSError, ValueError, pa.ArrowInvalid):
            return {}
    return found


def write_cached(root: Root, kind: str, result: str, tables: Mapping[str, DataFrame]) -> None:
    """Keep the tables of one result.

    Raises:
        KeyMissingError: there is no signing key, with which to prove later what was kept.
    """
    make_head_key(root)
    key = _digest_key(root)
    if key is None:
        raise KeyMissingError(
            f"the signing key cannot be read at {root.head_key_file}. Restore it from the copy of "
            "the keys."
        )
    for name, table in tables.items():
        rows = pa.Table.from_pandas(table, preserve_index=False)
        path, data = _file(root, kind, result, name), parquet_bytes(rows)
        write_bytes(path, data + _digest(root, path, data, key))


def _file(root: Root, kind: str, result: str, name: str) -> Path:
    return root.cache / kind / f"{result}.{name}.parquet"


def _digest_key(root: Root) -> bytes | None:
    """Return the key of the digests; None where there is no signing key to derive it from."""
    try:
        signing = root.head_key_file.read_bytes()
    except OSError:
        return None
    return hashlib.blake2b(signing, person=b"sfp cache key", digest_size=DIGEST_BYTES).digest()


def _digest(root: Root, path: Path, data: bytes, key: bytes) -> bytes:
    name = str(path.relative_to(root.cache)).encode()
    return hashlib.blake2b(name + b"\0" + data, key=key, digest_size=DIGEST_BYTES).digest()


def _proven(root: Root, path: Path, key: bytes | None) -> bytes:
    """Return the bytes that were kept, without their digest.

    Raises:
        ValueError: they are not the bytes that were kept.
    """
    kept = path.read_bytes()
    data, digest = kept[:-DIGEST_BYTES], kept[-DIGEST_BYTES:]
    if key is None or not hmac.compare_digest(digest, _digest(root, path, data, key)):
        raise ValueError
    return data


def cache_discrepancies(root: Root) -> Iterator[Discrepancy]:
    """Yield the kept results that are not what was kept; none of them is ever used."""
    key = _digest_key(root)
    for path in sorted(path for path in root.cache.rglob("*") if path.is_file()):
        if path.name.endswith(".draft"):
            continue
        try:
            _proven(root, path, key)
        except FileNotFoundError:
            continue
        except ValueError:
            words = "It is not what was kept there, and is not used. Remove it: it is made again."
            yield Discrepancy("altered", str(path.relative_to(root.path)), words)
