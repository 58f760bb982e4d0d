"""Copies of folders in which others write: no link is followed, and nothing is waited for.

Every step down is opened relative to the folder above it, and what is looked at and copied is what
was opened: a file that is swapped for a link in the meantime leads nowhere.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.drop import FILE_FLAGS
from warehouse.root import PRIVATE_DIR

UNFINISHED = ".draft"
"""Ending of the name of a file or copy that is being written."""
_DEPTH = 12
"""Deeper than any folder of a root; without a bound, folders in folders would use up memory."""
_CHUNK = 1 << 20
_PASSED_OVER = frozenset({errno.ENOENT, errno.ESTALE, errno.ELOOP, errno.ENXIO})
"""Taken away since it was listed, a link or a socket: nothing that a copy would hold."""
_CODE = re.compile(r"[A-Z]\d{8}")


class _UnreadableError(Exception):
    """Something cannot be read, for another reason than that it is gone."""


@dataclass
class TreeCopy:
    """What is copied of some folders, and what came of it.

    Attributes:
        to: folder of the copy.
        earlier: an earlier copy; files that are the same share its bytes on disk.
        copied: files copied.
        kept: files shared with the earlier copy.
        left_out: files and folders that could not be read, counted by where they lie: a folder of
            the root, and the authority's code.
    """

    to: Path
    earlier: Path | None = None
    copied: int = 0
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, source: Path, *names: str) -> None:
        """Copy what lies under each name in a folder, which others cannot change."""
        with _closing(os.open(source, os.O_RDONLY | os.O_DIRECTORY)) as top:
            for name in names:
                self._take(top, (name,))

    def _take(self, folder: int, steps: tuple[str, ...]) -> None:
        try:
            with _opened(folder, steps) as found:
                self._take_opened(found, steps)
        except _UnreadableError:
            self.left_out[_place(steps)] += 1

    def _take_opened(self, found: int, steps: tuple[str, ...]) -> None:
        status = os.fstat(found)
        if stat.S_ISDIR(status.st_mode):
            for name in _listed(found, steps):
                self._take(found, (*steps, name))
        elif stat.S_ISREG(status.st_mode) and not steps[-1].endswith(UNFINISHED):
            self._take_file(found, status, self.to.joinpath(*steps), steps)

    def _take_file(
        self, found: int, status: os.stat_result, place: Path, steps: tuple[str, ...]
    ) -> None:
        place.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
        before = self.earlier.joinpath(*steps) if self.earlier else None
        if before is not None and _is_same(status, before):
            os.link(before, place)
            self.kept += 1
            return
        _copy(found, status, place)
        self.copied += 1


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _opened(folder: int, steps: tuple[str, ...]) -> Iterator[int]:
    """Open what lies under a name, and close it after; a device that is nothing where it is gone.

    The first step is the operator's own and may be a link to another disk.
    """
    flags = FILE_FLAGS & ~os.O_NOFOLLOW if len(steps) == 1 else FILE_FLAGS
    try:
        descriptor = os.open(steps[-1], flags, dir_fd=folder)
    except OSError as error:
        if error.errno not in _PASSED_OVER:
            raise _UnreadableError from None
        descriptor = os.open(os.devnull, os.O_RDONLY)
    with _closing(descriptor):
        yield descriptor


def _listed(folder: int, steps: tuple[str, ...]) -> list[str]:
    if len(steps) >= _DEPTH:
        raise _UnreadableError
    try:
        return sorted(os.listdir(folder))
    except OSError:
        raise _UnreadableError from None


def _is_same(status: os.stat_result, before: Path) -> bool:
    try:
        then = before.lstat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (then.st_size, then.st_mtime_ns)


def _copy(found: int, status: os.stat_result, place: Path) -> None:
    with place.open("xb") as copy:
        try:
            while data := _read(found):
                copy.write(data)
        except _UnreadableError:
            place.unlink()
            raise
        # Only who may read it: a file that runs as its owner must not run as the owner of the copy.
        os.fchmod(copy.fileno(), status.st_mode & 0o777)
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


def _read(found: int) -> bytes:
    try:
        return os.read(found, _CHUNK)
    except OSError:
        raise _UnreadableError from None


def _place(steps: tuple[str, ...]) -> str:
    """Return where something lies, without any name that an authority chose."""
    authority = _CODE.match(steps[1]) if len(steps) > 1 else None
    return f"{steps[0]}/{authority.group()}" if authority else steps[0]
