"""Faults in which the data had no part: a full disk, a damaged or absent ledger, a file that went.

Each is turned into a sentence that says what is wrong where and what to do. No name that an
authority chose is in it: of a path only the folder of the root is said.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from schemas.errors import OutageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = re.compile(r"no space left on device|disk quota exceeded|file too large|disk is full")
_SQLITE_FULL = 13
_SQLITE_NO_FILE = frozenset({10, 14})
"""Input or output failed, or a file cannot be opened: so too where its log finds no room."""
_SQLITE_DAMAGED = frozenset({11, 26})
_PRIMARY = 0xFF
"""SQLite's extended codes keep the primary one in their lowest byte."""
_POSTGRES_FULL = frozenset({"53100"})
_POSTGRES_DAMAGED = frozenset({"XX001", "XX002"})
_NETWORK = re.compile(r"nfs|cifs|smb|fuse|ceph|9p|autofs")
_LITTLE = 1 << 20
"""A disk with less room than this is called full."""
_FOLDERS = frozenset(
    {
        *("cache", "drop", "editions", "keys", "landing", "logs", "notices", "outbox", "prefect"),
        *("quarantine", "restricted", "restricted_text", "staging", "warehouse"),
    }
)


def is_outage(error: BaseException) -> bool:
    """Return whether the data had no part in an error: the disk, the network or the ledger refused.

    The same work may succeed a moment later. A fault in a row or in our code does not pass so.
    """
    if isinstance(error, DBAPIError):
        away = isinstance(error, (OperationalError, InterfaceError))
        return away or error.connection_invalidated or is_disk_full(error)
    return isinstance(error, (OSError, OutageError)) or is_disk_full(error)


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error, or the one it came from, is that a disk or a quota is full."""
    return any(_says_full(one) for one in _chain(error))


def outage_words(error: BaseException) -> str:
    """Return what the disk, the ledger or a file of the root refused, and what to do.

    Empty where the error is none of these.
    """
    if is_disk_full(error):
        return _full_words(error)
    if _is_damaged(error):
        return (
            "LEDGER_DAMAGED: pages of the ledger's database cannot be read. Stop every service, "
            "put the damaged root aside, and make it again from the newest copy and its keys: `sfp "
            "restore COPY --keys KEYS`, then `sfp verify`. What came after the copy and still lies "
            "in the drop folder is taken in again; ask authorities to send the rest."
        )
    if isinstance(error, DBAPIError) and is_outage(error):
        return (
            f"LEDGER_UNAVAILABLE: the ledger's database refuses ({type(error.orig).__name__}). "
            "Check that it is running, that its folder may be written and that its disk is sound; "
            "it is tried again."
        )
    return _file_words(error) if isinstance(error, OSError) else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it was made from, the newest first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [getattr(one, "orig", None), one.__cause__, one.__context__, *one.args]


def _says_full(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return _sqlite_code(error) == _SQLITE_FULL or (
            _sqlite_code(error) in _SQLITE_NO_FILE and bool(_full_disks())
        )
    if getattr(error, "sqlstate", None) in _POSTGRES_FULL:
        return True
    return isinstance(error, OSError) and (
        error.errno in _FULL
        or (error.errno is None and bool(_FULL_WORDS.search(str(error).lower())))
    )


def _sqlite_code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY


def _is_damaged(error: BaseException) -> bool:
    return any(
        _sqlite_code(one) in _SQLITE_DAMAGED
        if isinstance(one, sqlite3.Error)
        else getattr(one, "sqlstate", None) in _POSTGRES_DAMAGED
        for one in _chain(error)
    )


def _full_words(error: BaseException) -> str:
    named = [one.filename for one in _chain(error) if isinstance(one, OSError) and one.filename]
    places = [_disk_of(Path(os.fsdecode(name))) for name in named[:1]] or _full_disks()
    shown = "; ".join(map(_room, dict.fromkeys(places)))
    unknown = f"the disk of the root, of its ledger or of {tempfile.gettempdir()}"
    return (
        f"DISK_FULL: no room is left on {shown or unknown}. Nothing is lost: what was not written "
        "whole is done again. Make room (`cache/` may be deleted at any time; `sfp retain "
        "--dry-run` says what is due), or have the quota raised."
    )


def _room(disk: Path) -> str:
    try:
        found = os.statvfs(disk)
    except OSError:
        return f"the disk of {disk}"
    free, size = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    files = "" if found.f_favail or not found.f_files else ", no file more may be made"
    return f"the disk of {disk} ({free / 1e6:,.1f} MB free of {size / 1e6:,.1f} MB{files})"


def _disk_of(path: Path) -> Path:
    """Return where the disk of a path is mounted."""
    there = path.absolute()
    while not os.path.ismount(there) and there != there.parent:
        there = there.parent
    return there


def _full_disks() -> list[Path]:
    """Return where disks of this machine are mounted that may be written and have no room left."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    found = []
    for line in mounts:
        _, place, kind, options, *_ = line.split(" ")
        # A share whose server is gone would not answer.
        if "ro" not in options.split(",") and not _NETWORK.search(kind) and _is_full(place):
            found.append(Path(place.replace("\\040", " ")))
    return found


def _is_full(place: str) -> bool:
    try:
        found = os.statvfs(place.replace("\\040", " "))
    except OSError:
        return False
    has_no_room = found.f_blocks > 0 and found.f_bavail * found.f_frsize < _LITTLE
    return has_no_room or (found.f_files > 0 and found.f_favail == 0)


def _file_words(error: OSError) -> str:
    """Return what the system refused, and of which folder; empty where none is named."""
    if not isinstance(error.filename, (str, bytes)):
        return ""
    steps = Path(os.fsdecode(error.filename)).parts
    places = [number for number, step in enumerate(steps) if step in _FOLDERS]
    if not places:
        return ""
    folder = Path(*steps[: places[-1] + 1])
    return (
        f"FILE_UNAVAILABLE: a file or folder in {folder} cannot be read or written "
        f"({os.strerror(error.errno or errno.EIO).lower()}). `sfp verify` lists what is missing or "
        "altered and the way back; what was interrupted is done again."
    )
