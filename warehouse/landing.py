"""Landing: the bytes as they came, named by their hash, written once."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from warehouse.root import PRIVATE_FILE, Root, sync_folder, write_bytes

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Landed:
    """One file in landing."""

    sha256: str
    size: int
    path: Path


def land_bytes(root: Root, data: bytes) -> Landed:
    """Keep `data` under its hash; writing the same bytes again changes nothing."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = root.landing / sha256
    if not path.exists():
        write_bytes(path, data)
    return Landed(sha256, len(data), path)


def land_descriptor(root: Root, descriptor: int) -> Landed | None:
    """Copy an open file into landing, hashing what is copied.

    Only the private copy is read from then on, so that a file swapped under its name after this
    moment cannot matter. The name is on disk for good after `make_lasting`. None when the file
    changed while it was copied: it is still arriving.
    """
    before = os.fstat(descriptor)
    draft = root.landing / f".{os.getpid()}.{before.st_ino}.draft"
    digest = hashlib.sha256()
    size = 0
    out = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(out, "wb") as file:
        while chunk := os.read(descriptor, _CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        size != after.st_size
    ):
        draft.unlink()
        return None
    path = root.landing / digest.hexdigest()
    draft.replace(path)
    return Landed(digest.hexdigest(), size, path)


def make_lasting(root: Root) -> None:
    """Force the names in landing to disk, once for everything that landed together."""
    sync_folder(root.landing)


def landed_path(root: Root, sha256: str) -> Path:
    """Return where the bytes with this hash rest."""
    return root.landing / sha256
