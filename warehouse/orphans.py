"""Orphans: files that no ledger row names. They are set aside, never removed.

A killed process leaves a few of them. They are moved to `set_aside/<moment>/`, under the paths they
had, with a manifest that is written first; sealed ones stay sealed. Many of them, or ones that are
older than the ledger, mean that something is wrong with the ledger and not with the files: then
nothing is moved. What was set aside leaves by `sfp retain` alone, or when a child is erased.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from schemas.calendar import ABANDONED_DRAFT_DAYS
from warehouse import tables
from warehouse.database import any_age, reading
from warehouse.landing import PURPOSE
from warehouse.lost_work import later_work
from warehouse.root import PRIVATE_DIR, Root, make_folder, sync_folder, write_bytes
from warehouse.root_lock import exclusive_lock
from warehouse.store import parquet_files

DRAFT = ".draft"
MANIFEST = "manifest.json"
MOST_SET_ASIDE = 20
"""Orphans that are set aside unasked. What a killed process leaves is named by the next run, which
writes the same files again; it stays an orphan only where the authority took its files away before:
at most what it had sent for one quarter."""
PER_CENT_SET_ASIDE = 1
"""Of the files the ledger names, where that is more: a larger root has more such days in one."""
_MOMENT = "%Y%m%dT%H%M%S.%fZ"
_DAY = timedelta(days=ABANDONED_DRAFT_DAYS)


@dataclass(frozen=True)
class Aside:
    """One file that was set aside.

    Attributes:
        path: where it lay, relative to the root; it lies under the same path in the folder now.
        size, sha256: of the file as it lies there, sealed if it is sealed.
        modified_at: when it was last written, UTC.
    """

    path: str
    size: int
    sha256: str
    modified_at: str


def unnamed_files(root: Root) -> list[Path]:
    """Return the files that no ledger row names, drafts left out."""
    named = named_files(root)
    return [path for path in _resting(root) if str(path.relative_to(root.path)) not in named]


def _resting(root: Root) -> Iterator[Path]:
    for path in (*parquet_files(root), *root.landing.iterdir()):
        if not path.name.endswith(DRAFT):
            yield path


def named_files(root: Root) -> set[str]:
    """Return every path, relative to the root, under which the ledger knows a file."""
    files, arrivals = tables.submission_files.c, tables.arrivals.c
    with reading(root) as connection:
        parts = connection.execute(select(tables.parts.c.path)).scalars().all()
        landed = connection.execute(
            select(files.sha256).where(files.erased.is_(False), files.removed.is_(False))
        ).scalars()
        came = connection.execute(
            select(arrivals.sha256).where(arrivals.sha256.is_not(None))
        ).scalars()
        return {*parts, *(f"landing/{sha256}" for sha256 in (*landed, *came))}


def still_unnamed(root: Root, loose: Collection[Path]) -> list[Path]:
    """Return those of some files that are there and unnamed while no process is at work."""
    if not loose:
        return []
    with exclusive_lock(root):
        return _left(root, loose)


def _left(root: Root, loose: Iterable[Path]) -> list[Path]:
    named = named_files(root)
    return [
        path for path in loose if path.exists() and str(path.relative_to(root.path)) not in named
    ]


def orphans(root: Root, *, older_than_seconds: float) -> list[Path]:
    """Return files that no ledger row names and no process can still be writing."""
    return _older(unnamed_files(root), older_than_seconds)


def _older(paths: Iterable[Path], seconds: float) -> list[Path]:
    moment = time.time()
    return [path for path in paths if moment - path.stat().st_ctime > seconds]


def remove_abandoned_drafts(root: Root, *, older_than_seconds: float) -> int:
    """Remove files of ours that were being written and never got their name; return how many.

    The drop folder is the authorities', and is not looked at.
    """
    folders = (folder for folder in root.folders() if folder not in (root.drop, root.prefect))
    drafts = [path for folder in folders for path in folder.rglob(f".*{DRAFT}")]
    old = _older([*root.path.glob(f".*{DRAFT}"), *drafts], older_than_seconds)
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def orphan_alarm(root: Root, found: Sequence[Path]) -> str:
    """Return in words why these orphans are not set aside; empty when they may be.

    They are more than one killed process leaves, or older than anything the ledger knows: both say
    that the ledger is an older one, or another root's, or was altered.
    """
    few = max(MOST_SET_ASIDE, len(named_files(root)) * PER_CENT_SET_ASIDE // 100)
    first = _first_entry(root)
    older = [path for path in found if first is not None and _modified(path) + _DAY < first]
    if len(found) <= few and not older:
        return ""
    kinds = Counter(path.relative_to(root.path).parts[0] for path in found)
    listed = ", ".join(f"{count} in {kind}/" for kind, count in sorted(kinds.items()))
    days = sorted(_modified(path).date().isoformat() for path in found)
    why = (
        f"{len(older)} of them are older than its first entry"
        if older
        else f"killed processes leave {few} at most"
    )
    return (
        f"{root.path}: the ledger names none of {len(found)} files ({listed}; written from "
        f"{days[0]} to {days[-1]}); {why}. Nothing was moved or removed. The ledger may be an "
        "older one, or altered: run `sfp verify`, and restore the newest copy of root and ledger "
        "with `sfp restore` (docs/operations.md, The ledger is lost)."
    )


def _first_entry(root: Root) -> datetime | None:
    with reading(root) as connection:
        at = connection.execute(select(func.min(tables.audit.c.at))).scalar()
    return datetime.fromisoformat(at).astimezone(UTC) if at else None


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def set_orphans_aside(root: Root, *, older_than_seconds: float) -> str:
    """Set aside the orphans that killed processes left; return in words why not, where they stay.

    They stay where they are too many or too old to be that.
    """
    found = orphans(root, older_than_seconds=older_than_seconds)
    if not found:
        return ""
    with exclusive_lock(root):
        left = _left(root, found)
        if words := orphan_alarm(root, left):
            return words
        set_aside(root, left)
    return ""


def set_later_aside(root: Root) -> None:
    """Set aside everything that is later than the ledger, however much: it was just restored."""
    with any_age(root):
        with reading(root) as connection:
            later = later_work(root, connection)
        files = [file for path in later for file in ([path] if path.is_file() else _below(path))]
        set_aside(root, files)
        for path in later:
            if path.is_dir():
                path.rmdir()
        set_aside(root, unnamed_files(root))


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def set_aside(root: Root, paths: Sequence[Path]) -> Path | None:
    """Move files into a new folder below `set_aside/`, a manifest of them first; return the folder.

    None when there are no files. A run that is killed leaves each file in one place or the other,
    and the next one goes on with what is left.
    """
    if not paths:
        return None
    folder = root.set_aside / datetime.now(UTC).strftime(_MOMENT)
    root.set_aside.mkdir(mode=PRIVATE_DIR, exist_ok=True)
    folder.mkdir(mode=PRIVATE_DIR)
    _write_manifest(folder, [_aside(root, path) for path in paths])
    sync_folder(root.set_aside)
    for path in paths:
        place = folder / path.relative_to(root.path)
        make_folder(place.parent)
        path.rename(place)
        sync_folder(place.parent)
        sync_folder(path.parent)
    return folder


def _aside(root: Root, path: Path) -> Aside:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    relative = str(path.relative_to(root.path))
    return Aside(relative, path.stat().st_size, sha256, _modified(path).isoformat())


def _write_manifest(folder: Path, files: Iterable[Aside]) -> None:
    rows = [asdict(one) for one in files]
    write_bytes(folder / MANIFEST, (json.dumps(rows, indent=1) + "\n").encode())


def set_aside_folders(root: Root) -> list[Path]:
    """Return every folder of what was set aside, oldest first."""
    return sorted(path for path in root.set_aside.glob("*") if path.is_dir())


def set_aside_files(folder: Path) -> list[Aside]:
    """Return what was set aside at one moment."""
    manifest = folder / MANIFEST
    rows = json.loads(manifest.read_bytes()) if manifest.exists() else []
    return [Aside(**row) for row in rows]


def set_aside_purpose(root: Root, one: Aside) -> str:
    """Return as what a file that was set aside is sealed: as it was where it lay."""
    return PURPOSE if Path(one.path).parent == Path(root.landing.name) else one.path


def set_aside_at(folder: Path) -> datetime:
    """Return when a folder of files was set aside."""
    return datetime.strptime(folder.name, _MOMENT).replace(tzinfo=UTC)


def remove_set_aside(folder: Path, gone: Collection[str]) -> int:
    """Remove files that were set aside, then their lines of the manifest; return how many went.

    Args:
        folder: of one moment.
        gone: their paths, as the manifest has them.
    """
    count = 0
    for relative in sorted(gone):
        place = folder / relative
        if place.exists():
            place.unlink()
            sync_folder(place.parent)
            count += 1
    kept = [one for one in set_aside_files(folder) if one.path not in gone]
    if kept:
        _write_manifest(folder, kept)
    else:
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    return count
