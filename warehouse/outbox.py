"""The outbox: one folder per submission, put in place whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from schemas.submission import Submission
from warehouse.root import PRIVATE_DIR, PRIVATE_FILE, Root, sync_folder


def pack_folder(root: Root, given: Submission) -> Path:
    """Return where the authority finds the answer to a submission."""
    return root.outbox / given.la_code / str(given.quarter) / given.id


def put_pack(root: Root, given: Submission, files: Mapping[str, bytes]) -> Path:
    """Write a submission's pack in place of any earlier one for the same submission."""
    return put_folder(root, pack_folder(root, given), files)


def put_folder(root: Root, folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a folder of files so that a reader meets either none of it or the whole.

    The files are written and forced to disk in staging, on the same file system, and the folder is
    renamed into place. An earlier folder of that name is replaced.
    """
    draft = root.staging / f"{folder.parent.name}-{folder.name}"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=PRIVATE_DIR, parents=True)
    for name, data in files.items():
        _write(draft / name, data)
    for inside in {draft / Path(name).parent for name in files}:
        sync_folder(inside)
    folder.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    draft.replace(folder)
    sync_folder(folder.parent)
    return folder


def _write(path: Path, data: bytes) -> None:
    """Write a file and force it to disk; nobody can meet it before its folder is in place."""
    path.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
