"""A root, refused where another user could have put settings, keys or a drop folder of theirs."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from schemas.errors import UsageError
from warehouse.root import Root

_INTAKE = "sfp-intake"
"""Owns a root in production, where others work on it too (deploy/users.sh, permissions.sh)."""


def trusted_root(folder: Path | str) -> Root:
    """Return the root in a folder, which need not exist yet.

    The folder, its settings, keys and drop folder belong to the user of this process, to root or
    to production's intake, and neither their group nor every user may write them. A drop folder
    that is mounted may belong to anyone: another machine says whose it is.

    Raises:
        UsageError: another user may write one of them; settings name commands that are run.
    """
    root = Root.at(folder)
    owners = set(_owners())
    for path in _decisive(root):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            _refuse_open(path, path.stat(), owners)
    return root


def _owners() -> Iterator[int]:
    yield from (0, os.geteuid())
    with suppress(KeyError):
        yield pwd.getpwnam(_INTAKE).pw_uid


def _decisive(root: Root) -> Iterator[Path]:
    yield from (root.path, root.settings_file, root.key_file.parent, root.head_key_file.parent)
    if not root.drop.is_mount():
        yield root.drop


def _refuse_open(path: Path, found: os.stat_result, owners: set[int]) -> None:
    who, put_right = "", ""
    if found.st_uid not in owners:
        who, put_right = f"the user with number {found.st_uid}", f"chown {os.geteuid()} {path}"
    elif found.st_mode & stat.S_IWOTH:
        who, put_right = "every user", f"chmod o-w {path}"
    elif found.st_mode & stat.S_IWGRP:
        who, put_right = "every user of its group", f"chmod g-w {path}"
    if who:
        raise UsageError(
            f"{path} may be written by {who}, who could so have any command run. Look at its "
            f"contents, then run `{put_right}`."
        )
