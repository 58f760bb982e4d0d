"""Copies of a living root, and a root made from a copy.

The ledger is copied first, then the files: whatever the ledger names was written before it was
named and is never changed, so a copy taken while returns arrive is whole. Files that came after the
ledger was copied are in the copy too, and are set aside by the restore.

Keys are not among them: they are copied to a place of their own, or a stolen copy would tell all.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from schemas.errors import LedgerError, UsageError
from warehouse.adoption import record_settings
from warehouse.database import ledger_file, require_ledger
from warehouse.drop_place import require_marked
from warehouse.ledger import Actor
from warehouse.orphans import set_later_aside
from warehouse.root import PRIVATE_DIR, Root, make_folder, make_folders, sync_folder
from warehouse.tree_copy import UNFINISHED, TreeCopy

_KEPT = (
    "settings.toml",
    "prices.yaml",
    "drop",
    "landing",
    "warehouse",
    "quarantine",
    "restricted_text",
    "editions",
    "restricted",
    "outbox",
    "notices",
    "heads",
    "set_aside",
)
"""What is copied; the cache and what is being written can be made again."""
_SQLITE = "ledger.sqlite"
_POSTGRES = "ledger.dump"
_FILES = "files"


@dataclass(frozen=True)
class Backup:
    """One copy.

    Attributes:
        path: its folder.
        copied: files copied now.
        kept: files that are the same as in the copy before, and share its bytes on disk.
        left_out: how many files and folders could not be read, by where they lie.
    """

    path: Path
    copied: int
    kept: int
    left_out: Mapping[str, int]


def back_up(root: Root, to: Path) -> Backup:
    """Copy ledger and files into a new folder below `to`, named by the moment.

    The folder takes its name when it is whole; a copy that was interrupted has none and is removed
    by the next one. `to` must be on a disk of its own, readable by no one else. What cannot be read
    is left out and counted.

    Raises:
        LedgerError: the ledger is gone or older than the files; or it could not be copied, and
            the program that failed is named.
        DropFolderError: the drop folder is not there, and the copy would be without it.
    """
    require_marked(root)
    require_ledger(root)
    to.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    for left in to.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left)
    earlier = sorted(path for path in to.iterdir() if (path / _FILES).is_dir())[-1:]
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    draft = to / f"{name}{UNFINISHED}"
    draft.mkdir(mode=PRIVATE_DIR)
    _copy_ledger(root, draft)
    files = TreeCopy(draft / _FILES, earlier[0] / _FILES if earlier else None)
    files.take(root.path, *_KEPT)
    os.sync()
    draft.rename(to / name)
    sync_folder(to)
    return Backup(to / name, files.copied, files.kept, files.left_out)


def back_up_keys(root: Root, to: Path) -> int:
    """Copy the keys to a folder apart from every other copy; return how many files."""
    to.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    count = 0
    for path in _key_files(root):
        place = to / path.relative_to(root.path if path == root.head_key_file else _keys(root))
        make_folder(place.parent)
        place.unlink(missing_ok=True)
        shutil.copy2(path, place)
        count += 1
    return count


def _keys(root: Root) -> Path:
    return root.key_file.parent


def _key_files(root: Root) -> Iterator[Path]:
    yield from sorted(path for path in _keys(root).rglob("*") if path.is_file())
    if root.head_key_file.exists():
        yield root.head_key_file


def restore(root: Root, source: Path, *, keys: Path, ledger_url: str | None = None) -> int:
    """Make a root from a copy and its keys; return how many files it has.

    Args:
        root: where; its folder must not exist or be empty.
        source: folder of one copy.
        keys: folder that the keys were copied to.
        ledger_url: address of an empty database when the ledger goes to another place than before.

    Raises:
        UsageError: the folder is not empty, or `source` is not a whole copy.
        LedgerError: the ledger could not be restored.
    """
    if root.path.exists() and any(root.path.iterdir()):
        raise UsageError(f"restore: {root.path} is not empty. Restore into a new folder.")
    if not (source / _FILES).is_dir() or source.name.endswith(UNFINISHED):
        raise UsageError(f"restore: {source} is not a whole copy. `ls` the folder of the copies.")
    make_folders(root)
    files = TreeCopy(root.path)
    files.take(source / _FILES, *_KEPT)
    if files.left_out:
        raise UsageError(
            f"restore: {files.left_out.total()} files or folders of {source} cannot be read. Empty "
            f"{root.path}, and restore as a user who may read all of it."
        )
    for path in sorted(path for path in keys.rglob("*") if path.is_file()):
        relative = path.relative_to(keys)
        signs = relative == root.head_key_file.relative_to(root.path)
        place = (root.path if signs else _keys(root)) / relative
        make_folder(place.parent)
        shutil.copy2(path, place)
    if ledger_url is not None:
        _point_at(root, ledger_url)
    _restore_ledger(root, source)
    set_later_aside(root)
    if ledger_url is not None:
        record_settings(root, Actor.here())
    return files.copied


def _point_at(root: Root, ledger_url: str) -> None:
    from dataclasses import replace

    from warehouse.root import write_settings

    write_settings(root, replace(root.settings(), ledger_url=ledger_url))


def _copy_ledger(root: Root, to: Path) -> None:
    file = ledger_file(root)
    if file is None:
        dump = ("pg_dump", "--format=custom", "--no-owner", f"--file={to / _POSTGRES}")
        _run_postgres(dump, root.ledger_url)
        return
    # SQLite's own copy: pages that are being written meanwhile are copied again.
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as ledger,
        closing(sqlite3.connect(to / _SQLITE)) as copy,
    ):
        ledger.backup(copy)


def _restore_ledger(root: Root, source: Path) -> None:
    file = ledger_file(root)
    expected = source / (_SQLITE if file else _POSTGRES)
    if not expected.exists():
        raise UsageError(
            f"restore: {source} holds no {expected.name}, which the root's settings ask for. Give "
            "the address of an empty PostgreSQL database, or none."
        )
    if file:
        shutil.copy2(expected, file)
        file.chmod(0o600)
        return
    _run_postgres(
        ("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(expected)),
        root.ledger_url,
    )


def _run_postgres(command: Sequence[str], url: str) -> None:
    """Run a program of PostgreSQL on a ledger; its password is not on the command line.

    Raises:
        LedgerError: it is not installed, or failed.
    """
    found = make_url(url).set(drivername="postgresql")
    environment = dict(os.environ)
    if found.password:
        environment["PGPASSWORD"] = str(found.password)
    address = found.set(password=None).render_as_string()
    try:
        done = subprocess.run(
            [*command, f"--dbname={address}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise LedgerError(
            f"{command[0]} is not installed (Debian package postgresql-client)."
        ) from None
    if done.returncode:
        raise LedgerError(f"{command[0]} failed (code {done.returncode}): {done.stderr[-400:]}")
