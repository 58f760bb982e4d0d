"""The outbox: one folder per submission, put in place whole."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from schemas.submission import Submission
from warehouse.root import PRIVATE_DIR, PRIVATE_FILE, Root, make_folder, sync_folder

UNPLACED = "unplaced"
"""Folder of an authority's outbox that names its files in no quarter's folder."""


def put_unplaced(root: Root, la_code: str, files: Mapping[str, bytes]) -> bool:
    """Write the pack about files in no quarter's folder; return whether it is new."""
    folder = root.outbox / la_code / UNPLACED
    if all(_holds(folder / name, data) for name, data in files.items()):
        return False
    put_folder(root, folder, files)
    return True


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def remove_unplaced(root: Root, *, still: Collection[str]) -> None:
    """Remove the packs of authorities without such files; `still` names those that have some."""
    for folder in root.outbox.glob(f"*/{UNPLACED}"):
        if folder.parent.name not in still:
            shutil.rmtree(folder)
            sync_folder(folder.parent)


def pack_folder(root: Root, given: Submission) -> Path:
    """Return where the authority finds the answer to a submission."""
    return root.outbox / given.la_code / str(given.quarter) / given.id


def put_pack(root: Root, given: Submission, files: Mapping[str, bytes]) -> Path:
    """Write a submission's pack in place of any earlier one for the same submission."""
    return put_folder(root, pack_folder(root, given), files)


def put_folder(
    root: Root, folder: Path, files: Mapping[str, bytes], *, has_readers: bool = False
) -> Path:
    """Write a folder of files so that a reader meets either none of it or the whole.

    The files are written and forced to disk in staging, on the same file system, and the folder is
    renamed into place. An earlier folder of that name is moved away whole, and where it has readers
    it stays in staging until the next time, so that a reader in the middle of it can finish. Two
    processes that put the same folder take turns.
    """
    make_folder(folder.parent)
    with _drafting(root.staging / f"{folder.parent.name}-{folder.name}") as draft:
        for name, data in files.items():
            _write(draft / name, data)
        for inside in {draft / Path(name).parent for name in files}:
            sync_folder(inside)
        _open_as(folder.parent, draft)
        earlier = draft.with_name(f"{draft.name}.earlier")
        shutil.rmtree(earlier, ignore_errors=True)
        if folder.exists():
            folder.rename(earlier)
        draft.replace(folder)
        if not has_readers:
            shutil.rmtree(earlier, ignore_errors=True)
    sync_folder(folder.parent)
    return folder


def manifest_hash(files: Mapping[str, bytes]) -> str:
    """Return one hash over the names and bytes of a set of files."""
    lines = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in sorted(files.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@contextmanager
def _drafting(draft: Path) -> Iterator[Path]:
    """Hand over an empty folder that no other process is writing to."""
    descriptor = _locked(draft)
    try:
        for left in draft.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield draft
    finally:
        os.close(descriptor)


def _locked(draft: Path) -> int:
    """Return a descriptor of the folder that holds its lock, once it is this process's turn."""
    while True:
        draft.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # The process that had the lock before may have moved the folder to its place meanwhile.
        if draft.exists() and os.path.samestat(os.fstat(descriptor), draft.stat()):
            return descriptor
        os.close(descriptor)


def _open_as(place: Path, draft: Path) -> None:
    """Give a draft the group of the place it goes to, and let the group read if it may there."""
    shown = place.stat()
    for path in (draft, *draft.rglob("*")):
        mode = PRIVATE_DIR if path.is_dir() else PRIVATE_FILE
        if path.stat().st_gid != shown.st_gid:
            os.chown(path, -1, shown.st_gid)
        path.chmod(mode | (shown.st_mode & (0o050 if path.is_dir() else 0o040)))


def _write(path: Path, data: bytes) -> None:
    """Write a file and force it to disk; no reader meets it before its folder is in place."""
    path.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
