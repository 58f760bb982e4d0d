"""The drop folder: what lies there, looked at without ever following a link or blocking.

Every step down is opened relative to the folder above it with O_NOFOLLOW, so that neither a file
nor a parent can lead elsewhere. Names are data: they are never used to build a path outside the
folder they were listed in, and are made safe before they are shown.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from schemas.authorities import authorities, lasting_code
from schemas.litter import is_litter, is_litter_folder
from schemas.quarter import Quarter
from schemas.quarter_spelling import spelled_quarter
from warehouse.drop_place import DROP_FOLDER_UNAVAILABLE, NOT_A_FOLDER, is_mark

MAX_DEPTH = 4
MAX_FILES = 2_000
"""Per authority and quarter; a full return has twelve files."""
QUARTER_UNKNOWN = "QUARTER_UNKNOWN"
ARRIVING_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
_FOLDER = re.compile(r"([A-Z]\d{8})(?:-[^/]*)?")
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FORBIDDEN = frozenset('\\/:*?"<>|')
_SHOWN = 120
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True)
class DroppedFile:
    """One regular file below a quarter's folder.

    Attributes:
        steps: names from the quarter's folder down to the file.
        size: in bytes.
        changed_ns: later of modification and status change; a copy cannot backdate the latter.
        inode: number of the file on its file system.
        spelling: name of the quarter's folder where it is spelled otherwise than we do.
    """

    steps: tuple[str, ...]
    size: int
    changed_ns: int
    inode: int
    spelling: str = ""

    @property
    def name(self) -> str:
        """Return the path below the quarter's folder, safe to print.

        A folder spelled otherwise is part of it: two folders of one quarter may hold one name.
        """
        return safe_name("/".join((self.spelling, *self.steps) if self.spelling else self.steps))

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
    """One authority's folder for one quarter, or its several, where they are spelled differently.

    Attributes:
        la_code: code in the folder's name, as the authority uses it.
        quarter: quarter in the folder's name.
        steps: names from the drop folder down to this one, the quarter as we spell it.
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

    def steps_to(self, file: DroppedFile) -> tuple[str, ...]:
        """Return the names from the drop folder down to one of its files."""
        authority, quarter = self.steps
        return (authority, file.spelling or quarter, *file.steps)


@dataclass(frozen=True)
class DropScan:
    """Everything in the drop folder at one moment."""

    folders: tuple[DropFolder, ...]
    refusals: tuple[DropRefusal, ...]


def scan(drop: Path) -> DropScan:
    """Return what lies in the drop folder, authorities and quarters in order of name."""
    folders: list[DropFolder] = []
    refusals: list[DropRefusal] = []
    with opened_folder(drop) as top:
        names = [name for name, _ in _without_litter(top) if not is_mark(name)]
    for name in names:
        try:
            folders.extend(_quarter_folders(drop, name, refusals))
        except OSError as error:
            refusals.append(_not_listed(name, error))
    return DropScan(tuple(folders), tuple(refusals))


def _without_litter(folder: int) -> Iterator[tuple[str, os.stat_result]]:
    """Return what an open folder holds in order of name, without litter and what just went."""
    for name in sorted(os.listdir(folder)):
        with suppress(FileNotFoundError):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not _is_litter(folder, name, status):
                yield name, status


def _is_litter(folder: int, name: str, status: os.stat_result) -> bool:
    if stat.S_ISDIR(status.st_mode):
        return is_litter_folder(name)
    start = partial(_first_bytes, folder, name)
    return stat.S_ISREG(status.st_mode) and is_litter((name,), size=status.st_size, start=start)


def _first_bytes(folder: int, name: str) -> bytes:
    try:
        descriptor = os.open(name, FILE_FLAGS, dir_fd=folder)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 4)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


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
        yield from _merged(_understood(folder, match[1], name, refusals))


def _understood(
    folder: int, la_code: str, name: str, refusals: list[DropRefusal]
) -> Iterator[DropFolder]:
    for below, _ in _without_litter(folder):
        found = _quarter_folder(folder, la_code, (name, below))
        if isinstance(found, DropRefusal):
            refusals.append(found)
        else:
            yield found


def _merged(folders: Iterable[DropFolder]) -> Iterator[DropFolder]:
    """Return folders that mean the same quarter as one: what lies in them arrived together."""
    by_quarter: dict[Quarter, DropFolder] = {}
    for found in folders:
        other = by_quarter.setdefault(found.quarter, found)
        if other is not found:
            by_quarter[found.quarter] = replace(
                other,
                files=(*other.files, *found.files),
                refusals=(*other.refusals, *found.refusals),
            )
    return iter(by_quarter.values())


def _quarter_folder(folder: int, la_code: str, steps: tuple[str, str]) -> DropFolder | DropRefusal:
    shown = f"{safe_name(steps[0])}/{safe_name(steps[1])}"
    quarter = spelled_quarter(steps[1])
    if quarter is None:
        return DropRefusal(
            shown, QUARTER_UNKNOWN, "Put files in a folder named by the quarter, as 2025-26Q1."
        )
    try:
        files, refusals = _listed(folder, steps[1], shown)
    except OSError as error:
        return _not_listed(shown, error)
    spelling = "" if steps[1] == str(quarter) else steps[1]
    ordered = sorted(files, key=lambda file: file.steps)
    return DropFolder(
        la_code,
        quarter,
        (steps[0], str(quarter)),
        tuple(replace(file, spelling=spelling) if spelling else file for file in ordered),
        tuple(refusals),
    )


def _listed(folder: int, name: str, shown: str) -> tuple[list[DroppedFile], list[DropRefusal]]:
    """Return the files of a quarter's folder, and what cannot be one of them.

    Raises:
        OSError: the folder cannot be listed.
    """
    files: list[DroppedFile] = []
    refusals: list[DropRefusal] = []
    descriptor = os.open(name, _FOLDER_FLAGS, dir_fd=folder)
    try:
        _walk(descriptor, (), files, refusals)
    except _TooManyFilesError:
        words = (
            f"There are more than {MAX_FILES} files or {MAX_DEPTH} levels of folders here. "
            "Leave only the files of the return."
        )
        return [], [DropRefusal(shown, "TOO_MANY_FILES", words)]
    finally:
        os.close(descriptor)
    return files, refusals


def unplaced_files(drop: Path) -> dict[str, tuple[DroppedFile, ...]]:
    """Return the files that lie in no folder of a quarter, per lasting code of their authority.

    They lie in the authority's folder itself, or in one whose name is not certain. No more are
    listed of one authority than may lie in a quarter's folder.
    """
    found: dict[str, list[DroppedFile]] = {}
    with opened_folder(drop) as top:
        matches = [(name, _FOLDER.fullmatch(name)) for name, _ in _without_litter(top)]
    for name, match in matches:
        if match is not None and match[1] in authorities():
            with suppress(OSError):
                found.setdefault(lasting_code(match[1]), []).extend(_unplaced(drop, name))
    return {la_code: tuple(files) for la_code, files in sorted(found.items()) if files}


def _unplaced(drop: Path, name: str) -> list[DroppedFile]:
    files: list[DroppedFile] = []
    with opened_folder(drop, name) as folder, suppress(_TooManyFilesError):
        for below, status in _without_litter(folder):
            if stat.S_ISREG(status.st_mode):
                files.append(_dropped((below,), status))
            elif stat.S_ISDIR(status.st_mode) and spelled_quarter(below) is None:
                _walk_below(folder, (below,), files, [])
    return files


class _TooManyFilesError(Exception):
    """The scan of one folder stopped at its bounds."""


def _walk(
    folder: int, above: tuple[str, ...], files: list[DroppedFile], refusals: list[DropRefusal]
) -> None:
    if len(above) > MAX_DEPTH:
        raise _TooManyFilesError
    for name, status in _without_litter(folder):
        if len(files) + len(refusals) >= MAX_FILES:
            raise _TooManyFilesError
        steps = (*above, name)
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
    except OSError as error:
        if error.errno == errno.ENOENT:
            return  # taken away since it was listed
        if error.errno not in NOT_A_FOLDER:
            raise
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
    with opened_folder(drop, *folder.steps_to(file)[:-1]) as parent:
        descriptor = os.open(file.steps[-1], FILE_FLAGS, dir_fd=parent)
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


def _not_listed(name: str, error: OSError) -> DropRefusal:
    if error.errno in NOT_A_FOLDER:
        return _not_a_folder(name)
    return DropRefusal(
        safe_name(name),
        DROP_FOLDER_UNAVAILABLE,
        "This folder, or one in it, cannot be read now. Mount it or let it be read again.",
    )


def _not_a_folder(name: str) -> DropRefusal:
    return DropRefusal(
        safe_name(name),
        "NOT_REGULAR_DIR",
        "This is not a folder of its own (a link or a stray file). Nothing in it is read.",
    )
