"""Packs, editions, settings and prices as they lie on disk: what the chain records of them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.outbox import UNPLACED, manifest_hash
from warehouse.recorded import PRICES, SETTINGS, file_digests
from warehouse.root import Root

_PACK = "pack"
_NO_FOLDER = "a file where a folder belongs"
_NO_FILE = "no plain file"
_DEPTHS = {_PACK: 3, "published": 1, "restricted": 1}
"""Kinds of unit that are folders, and how many folders down from that of their kind they lie."""
OF_ROOT = (SETTINGS, PRICES)
"""Units that are one file of the root."""


def place_of(root: Root, unit: str) -> Path | None:
    """Return where a unit lies; None when it is not one that lies on disk."""
    kind, _, name = unit.partition("/")
    if unit in OF_ROOT:
        return _file(root, unit)
    return _folder(root, kind) / name if kind in _DEPTHS else None


def _file(root: Root, unit: str) -> Path:
    return {SETTINGS: root.settings_file, PRICES: root.prices_file}[unit]


def _folder(root: Root, kind: str) -> Path:
    return {_PACK: root.outbox, "published": root.editions, "restricted": root.restricted}[kind]


def value_on_disk(root: Root, unit: str) -> Any:
    """Return what the audit chain would record of a unit that lies on disk; None if it is gone.

    The hash of a pack, the digest of each file of an edition by its name, or that of the settings
    or the prices. What is no plain file counts as what it is, and is never read: nobody knows what
    a link leads to a moment later.
    """
    place = place_of(root, unit)
    if unit in OF_ROOT:
        return file_digest(root, unit)
    if place is None or not os.path.lexists(place):
        return None
    if place.is_symlink() or not place.is_dir():
        return _NO_FOLDER
    files = {str(path.relative_to(place)): data for path, data in _contents(place)}
    return manifest_hash(files) if unit.startswith(_PACK) else file_digests(files)


def file_digest(root: Root, unit: str) -> str | None:
    """Return the digest of every byte of the settings or the prices; None when there are none."""
    path = _file(root, unit)
    if not os.path.lexists(path):
        return None
    if not stat.S_ISREG(path.lstat().st_mode):
        return _NO_FILE
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield what lies in a folder and below: each file and its bytes, all else and what it is.

    Folders tell by what lies in them, an empty one by itself.
    """
    for path in sorted(folder.iterdir()):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            below = list(_contents(path))
            yield from below or [(path, b"an empty folder")]
        elif stat.S_ISREG(mode):
            yield path, path.read_bytes()
        else:
            yield path, f"{_NO_FILE} ({stat.S_IFMT(mode):o})".encode()


def units_on_disk(root: Root) -> Iterator[str]:
    """Yield every unit that lies on disk, and every file that lies where such units do.

    What is said of files in no quarter's folder is none: it goes when they have been moved.
    """
    yield from OF_ROOT
    for kind, depth in _DEPTHS.items():
        for path in _at_depth(_folder(root, kind), depth):
            yield f"{kind}/{path.relative_to(_folder(root, kind))}"


def _at_depth(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        is_folder = path.is_dir() and not path.is_symlink()
        if path.name == UNPLACED and is_folder:
            continue
        if depth > 1 and is_folder:
            yield from _at_depth(path, depth - 1)
        else:
            yield path
