"""Packs, editions and settings as they lie on disk: what the audit chain records of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.outbox import UNPLACED, manifest_hash
from warehouse.recorded import SETTINGS, file_digests
from warehouse.root import Root

_PACK = "pack"
_NO_FOLDER = "a file where a folder belongs"
_DEPTHS = {_PACK: 3, "published": 1, "restricted": 1}
"""Kinds of unit that are folders, and how many folders down from that of their kind they lie."""


def place_of(root: Root, unit: str) -> Path | None:
    """Return where a unit lies; None when it is not one that lies on disk."""
    kind, _, name = unit.partition("/")
    if unit == SETTINGS:
        return root.settings_file
    return _folder(root, kind) / name if kind in _DEPTHS else None


def _folder(root: Root, kind: str) -> Path:
    return {_PACK: root.outbox, "published": root.editions, "restricted": root.restricted}[kind]


def value_on_disk(root: Root, unit: str) -> Any:
    """Return what the audit chain would record of a unit that lies on disk; None if it is gone.

    The hash of a pack, the digest of each file of an edition by its name, or that of the settings.
    """
    place = place_of(root, unit)
    if unit == SETTINGS:
        return settings_digest(root)
    if place is None or not place.exists():
        return None
    if not place.is_dir():
        return _NO_FOLDER
    files = {
        str(path.relative_to(place)): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }
    return manifest_hash(files) if unit.startswith(_PACK) else file_digests(files)


def settings_digest(root: Root) -> str | None:
    """Return the digest of every byte of the settings; None when there are none."""
    if not root.settings_file.is_file():
        return None
    return hashlib.sha256(root.settings_file.read_bytes()).hexdigest()


def units_on_disk(root: Root) -> Iterator[str]:
    """Yield every unit that lies on disk, and every file that lies where such units do.

    What is said of files in no quarter's folder is none: it goes when they have been moved.
    """
    yield SETTINGS
    for kind, depth in _DEPTHS.items():
        for path in _at_depth(_folder(root, kind), depth):
            yield f"{kind}/{path.relative_to(_folder(root, kind))}"


def _at_depth(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name == UNPLACED and path.is_dir():
            continue
        if depth > 1 and path.is_dir():
            yield from _at_depth(path, depth - 1)
        else:
            yield path
