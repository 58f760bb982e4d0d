"""The drop folder: what lies there, looked at without ever following a link or blocking.

Every step down is opened relative to the folder above it with O_NOFOLLOW, so that neither a file
nor a parent can lead elsewhere. Names are data: they are never used to build a path outside the
folder they were listed in, and are made safe before they are shown.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.authorities import authorities, lasting_code
from schemas.errors import UsageError
from schemas.quarter import Quarter

MAX_DEPTH = 4
MAX_FILES = 2_000
"""Per authority and quarter; a full return has twelve files."""
ARRIVING_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
_FOLDER = re.compile(r"([A-Z]\d{8})(?:-[^/]*)?")
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FORBIDDEN = frozenset('\\/:*?"<>|')
_SHOWN = 120
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True)
class DroppedFile:
    """One regular file below a quarter's folder.

    Attributes:
        steps: names from the quarter's folder down to the file.
        size: in bytes.
        changed_ns: later of modification and status change; a copy cannot backdate the latter.
        inode: number of the file on its file system.
    """

    steps: tuple[str, ...]
    size: int
    changed_ns: int
    inode: int

    @property
    def name(self) -> str:
        """Return the path below the quarter's folder, safe to print."""
        return safe_name("/".join(self.steps))

    @property
    def is_arriving(self) -> bool:
        """Whether its name says that an upload is under way (rsync writes under a dotted name)."""
        name = self.steps[-1].lower()
        return name.startswith(".") or name.endswith(ARRIVING_SUFFIXES)

    @property
    def identity(self) -> str:
        """Return what distinguishes this arrival from a later one under the same name."""
        return f"{self.inode}:{self.size}:{self.changed_ns}"


@dataclass(frozen=True)
class DropRefusal:
    """Something in the drop folder that is not ingested, and why."""

    name: str
    code: str
    words: str


@dataclass(frozen=True)
class DropFolder:
    """One authority's folder for one quarter.

    Attributes:
        la_code: code in the folder's name, as the authority uses it.
        quarter: quarter in the folder's name.
        steps: names from the drop folder down to this one.
        files: regular files with safe names, sorted by name.
        refusals: what cannot be taken, by name.
    """

    la_code: str
    quarter: Quarter
    steps: tuple[str, str]
    files: tuple[DroppedFile, ...]
    refusals: tuple[DropRefusal, ...]

    @property
    def lasting_code(self) -> str:
        """Return the code under which the authority's children are joined over the years."""
        return lasting_code(self.la_code)


@dataclass(frozen=True)
class DropScan:
    """Everything in the drop folder at one moment."""

    folders: tuple[DropFolder, ...]
    refusals: tuple[DropRefusal, ...]


def scan(drop: Path) -> DropScan:
    """Return what lies in the drop folder, authorities and quarters in order of name."""
    folders: list[DropFolder] = []
    refusals: list[DropRefusal] = []
    for name in sorted(os.listdir(drop)):
        try:
            folders.extend(_quarter_folders(drop, name, refusals))
        except OSError:
            refusals.append(_not_a_folder(name))
    return DropScan(tuple(folders), tuple(refusals))


def _quarter_folders(drop: Path, name: str, refusals: list[DropRefusal]) -> Iterator[DropFolder]:
    with opened_folder(drop, name) as folder:
        match = _FOLDER.fullmatch(name)
        if match is None or match[1] not in authorities():
            refusals.append(
                DropRefusal(
                    safe_name(name),
                    "AUTHORITY_UNKNOWN",
                    "The folder's name does not begin with the code of a local authority. "
                    "Nothing in it is read.",
                )
            )
            return
        for below in sorted(os.listdir(folder)):
            found = _quarter_folder(folder, match[1], (name, below))
            if isinstance(found, DropRefusal):
                refusals.append(found)
            else:
                yield found


def _quarter_folder(folder: int, la_code: str, steps: tuple[str, str]) -> DropFolder | DropRefusal:
    shown = f"{safe_name(steps[0])}/{safe_name(steps[1])}"
    try:
        quarter = Quarter.parse(steps[1])
    except UsageError:
        return DropRefusal(
            shown, "QUARTER_UNKNOWN", "Put files in a folder named by the quarter, as 2025-26Q1."
        )
    files: list[DroppedFile] = []
    refusals: list[DropRefusal] = []
    try:
        descriptor = os.open(steps[1], _FOLDER_FLAGS, dir_fd=folder)
    except OSError:
        return _not_a_folder(shown)
    try:
        _walk(descriptor, (), files, refusals)
    except _TooManyFilesError:
        files.clear()
        refusals = [
            DropRefusal(
                shown,
                "TOO_MANY_FILES",
                f"There are more than {MAX_FILES} files or {MAX_DEPTH} levels of folders here. "
                "Leave only the files of the return.",
            )
        ]
    finally:
        os.close(descriptor)
    ordered = tuple(sorted(files, key=lambda file: file.steps))
    return DropFolder(la_code, quarter, steps, ordered, tuple(refusals))


class _TooManyFilesError(Exception):
    """The scan of one folder stopped at its bounds."""


def _walk(
    folder: int, above: tuple[str, ...], files: list[DroppedFile], refusals: list[DropRefusal]
) -> None:
    if len(above) > MAX_DEPTH:
        raise _TooManyFilesError
    for name in os.listdir(folder):
        if len(files) + len(refusals) >= MAX_FILES:
            raise _TooManyFilesError
        steps = (*above, name)
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not is_safe(name):
            refusals.append(_unsafe(steps))
        elif stat.S_ISREG(status.st_mode):
            files.append(_dropped(steps, status))
        elif stat.S_ISDIR(status.st_mode) and "." not in name:
            _walk_below(folder, steps, files, refusals)
        else:
            refusals.append(_not_a_file(steps))


def _walk_below(
    folder: int, steps: tuple[str, ...], files: list[DroppedFile], refusals: list[DropRefusal]
) -> None:
    try:
        below = os.open(steps[-1], _FOLDER_FLAGS, dir_fd=folder)
    except OSError:
        refusals.append(_not_a_folder("/".join(steps)))
        return
    try:
        _walk(below, steps, files, refusals)
    finally:
        os.close(below)


def _dropped(steps: tuple[str, ...], status: os.stat_result) -> DroppedFile:
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    return DroppedFile(steps, status.st_size, changed, status.st_ino)


@contextmanager
def opened_folder(drop: Path, *steps: str) -> Iterator[int]:
    """Open a folder below the drop folder step by step, following no link, and close it after."""
    held = [os.open(drop, os.O_RDONLY | os.O_DIRECTORY)]
    try:
        for step in steps:
            held.append(os.open(step, _FOLDER_FLAGS, dir_fd=held[-1]))
        yield held[-1]
    finally:
        for descriptor in held:
            os.close(descriptor)


@contextmanager
def opened_file(drop: Path, folder: DropFolder, file: DroppedFile) -> Iterator[int]:
    """Open one dropped file for reading, following no link and never blocking.

    Raises:
        OSError: it is gone, not a regular file any more, or may not be read.
    """
    with opened_folder(drop, *folder.steps, *file.steps[:-1]) as parent:
        descriptor = os.open(file.steps[-1], _FILE_FLAGS, dir_fd=parent)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("not a regular file")
            yield descriptor
        finally:
            os.close(descriptor)


def is_safe(name: str) -> bool:
    """Return whether a file name can be printed and passed on without any surprise."""
    if not name or len(name) > 200 or name != name.strip() or name.startswith(("-", "~", "..")):
        return False
    return _FORBIDDEN.isdisjoint(name) and (_is_plain(name) or not any(map(_is_hidden, name)))


def _is_plain(name: str) -> bool:
    # Nearly every name is; the watcher looks at all of them every few seconds, for years.
    return name.isascii() and name.isprintable()


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe_name(name: str) -> str:
    """Return a rendering of any name that cannot forge a line, a path or a direction."""
    if _is_plain(name) and len(name) <= _SHOWN:
        return name
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = "".join(
        letter
        if letter == " " or unicodedata.category(letter)[0] in "LMNPS"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."


def _unsafe(steps: tuple[str, ...]) -> DropRefusal:
    return DropRefusal(
        safe_name("/".join(steps)),
        "NAME_UNSAFE",
        "The file's name has characters that cannot be used. Use letters, digits, spaces, dots, "
        "dashes and underscores, and send it again.",
    )


def _not_a_file(steps: tuple[str, ...]) -> DropRefusal:
    return DropRefusal(
        safe_name("/".join(steps)),
        "NOT_REGULAR_FILE",
        "This is a link, a folder with a file's name or a device. Send the file itself.",
    )


def _not_a_folder(name: str) -> DropRefusal:
    return DropRefusal(
        safe_name(name),
        "NOT_REGULAR_DIR",
        "This is not a folder of its own (a link or a stray file). Nothing in it is read.",
    )
