"""A root from before landing was sealed, brought up to date by `sfp init`.

Every file is sealed in place, one by one; a run that dies is finished by the next `sfp init`. Only
when nothing lies open any more does the ledger take note of the storage key, and only then does any
other command read the root.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import Connection, insert, select, update

from warehouse import tables
from warehouse.database import writing
from warehouse.facts import known_fact, known_facts, remember_fact
from warehouse.key import STORAGE
from warehouse.landing import PURPOSE
from warehouse.root import Root
from warehouse.sealed import is_sealed, storage_ring, write_sealed
from warehouse.store import SEALED, part_bytes

_CHUNK = 1 << 20


def seal_what_lies_open(root: Root) -> int:
    """Seal landing, quarantine and restricted text of a root that was never sealed.

    Their rows are entered in the ledger, which did not know of them. Return how many files were
    sealed; none when the ledger already knows the storage key.
    """
    if STORAGE in known_facts(root):
        return 0
    count = sum(_seal_landed(root, path) for path in sorted(root.landing.iterdir()))
    count += sum(_seal_part(root, path) for path in _parts(root))
    _enter(root)
    remember_fact(root, STORAGE, storage_ring(root).current)
    return count


def _seal_landed(root: Root, path: Path) -> bool:
    # A file could begin as a sealed one does: only its own hash says that it lies open.
    if path.name.startswith(".") or _hash_of(path) != path.name:
        return False
    write_sealed(storage_ring(root), path, PURPOSE, _chunks(path))
    return True


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _parts(root: Root) -> Iterator[Path]:
    for folder in SEALED:
        yield from sorted((root.path / folder).rglob("*.parquet"))


def _seal_part(root: Root, path: Path) -> bool:
    if is_sealed(path):
        return False
    relative = str(path.relative_to(root.path))
    write_sealed(storage_ring(root), path, relative, _chunks(path))
    return True


def _enter(root: Root) -> None:
    """Enter quarantine and restricted text in the ledger; what belongs to nothing stays."""
    with writing(root, "facts") as connection:
        _note_removed(connection, root)
        for path in _parts(root):
            _enter_part(connection, root, path)


def _note_removed(connection: Connection, root: Root) -> None:
    """Note which landed files retention had removed; the ledger did not know of that either."""
    files, counts = tables.submission_files.c, tables.in_force.c
    in_force = (
        select(files.sha256)
        .join(tables.in_force, counts.submission_id == files.submission_id)
        .where(counts.until.is_(None))
    )
    known = connection.execute(select(files.sha256).where(files.sha256.not_in(in_force)).distinct())
    for sha256 in known.scalars().all():
        if not (root.landing / sha256).exists():
            connection.execute(
                update(tables.submission_files).where(files.sha256 == sha256).values(removed=True)
            )


def _enter_part(connection: Connection, root: Root, path: Path) -> None:
    relative = str(path.relative_to(root.path))
    kind, table_name = relative.split("/")[:2]
    submission_id = path.stem
    parts = tables.parts.c
    of_submission = select(parts.path).where(parts.submission_id == submission_id)
    if connection.execute(of_submission.where(parts.path == relative)).first():
        return
    if connection.execute(of_submission).first() is None:
        return
    data = part_bytes(root, relative)
    connection.execute(
        insert(tables.parts).values(
            submission_id=submission_id,
            kind=kind,
            table_name=table_name,
            path=relative,
            row_count=pq.read_metadata(io.BytesIO(data)).num_rows,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            key_id=known_fact(connection, "key_id"),
        )
    )
