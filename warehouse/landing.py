"""Landing: the bytes as they came, sealed, named by their hash, written once.

Readers get them as a file in memory: what was sealed is never written to disk in the open.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DamagedFileError
from warehouse.root import Root, sync_folder
from warehouse.sealed import Sealer, opened_chunks, storage_ring, write_sealed

PURPOSE = "landing"
_CHUNK = 1 << 20
# No one may change, shorten or lengthen what a reader is given.
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


@dataclass(frozen=True)
class Landed:
    """One file in landing: hash and size of the bytes as they came, and where they lie sealed."""

    sha256: str
    size: int
    path: Path


def land_bytes(root: Root, data: bytes) -> Landed:
    """Keep `data` under its hash; what lies there already is written again only if damaged."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = root.landing / sha256
    if not path.exists() or not is_landed_whole(root, sha256):
        write_sealed(storage_ring(root), path, PURPOSE, [data])
    else:
        make_lasting(root)  # what put it there may not have come so far
    return Landed(sha256, len(data), path)


def land_descriptor(root: Root, descriptor: int) -> Landed | None:
    """Copy an open file into landing, hashing and sealing what is copied.

    Only the private copy is read from then on, so that a file swapped under its name after this
    moment cannot matter. The name is on disk for good after `make_lasting`. None when the file
    changed while it was copied: it is still arriving.
    """
    before = os.fstat(descriptor)
    digest = hashlib.sha256()
    size = 0
    draft = root.landing / f".{os.getpid()}.{before.st_ino}.draft"
    sealer = Sealer(storage_ring(root), draft, PURPOSE)
    try:
        for chunk in descriptor_chunks(descriptor):
            digest.update(chunk)
            size += len(chunk)
            sealer.write(chunk)
        sealer.finish()
    except OSError:
        sealer.drop()  # a disk that is full needs the room
        raise
    after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        size != after.st_size
    ):
        sealer.drop()
        return None
    path = root.landing / digest.hexdigest()
    sealer.place(path)
    return Landed(digest.hexdigest(), size, path)


def descriptor_chunks(descriptor: int) -> Iterator[bytes]:
    """Yield what is left to read of an open file."""
    while chunk := os.read(descriptor, _CHUNK):
        yield chunk


def make_lasting(root: Root) -> None:
    """Force the names in landing to disk, once for everything that landed together."""
    sync_folder(root.landing)


def landed_path(root: Root, sha256: str) -> Path:
    """Return where the bytes with this hash rest, sealed."""
    return root.landing / sha256


def landed_chunks(root: Root, sha256: str) -> Iterator[bytes]:
    """Yield the bytes with this hash as they came.

    Raises:
        DamagedFileError: they are not there, were cut short or changed, or are not what their
            name says.
    """
    name = f"landing/{sha256}"
    digest = hashlib.sha256()
    for chunk in opened_chunks(storage_ring(root), landed_path(root, sha256), PURPOSE, name=name):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != sha256:
        raise DamagedFileError(
            f"{name} holds other bytes than its name says. Restore it from its backup, or send the "
            "return again."
        )


def is_landed_whole(root: Root, sha256: str) -> bool:
    """Return whether the bytes with this hash are in landing and are what its name says."""
    try:
        for _ in landed_chunks(root, sha256):
            pass
    except (DamagedFileError, OSError):
        return False
    return True


@contextmanager
def opened_landed(root: Root, sha256: str) -> Iterator[Path]:
    """Give the bytes with this hash as a file that readers can open, and take it back after.

    The file lies in memory alone and cannot be changed. A child process reads it under the same
    path when it is handed the descriptor (`descriptor_of`).

    Raises:
        DamagedFileError: the bytes are not there or not what was landed; nothing was handed out
            then.
    """
    with in_memory(landed_chunks(root, sha256)) as path:
        yield path


@contextmanager
def in_memory(chunks: Iterable[bytes]) -> Iterator[Path]:
    """Give bytes as a file in memory that cannot be changed, and take it back after."""
    descriptor = os.memfd_create("landed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.writelines(chunks)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
