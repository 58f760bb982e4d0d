"""When a file in the drop folder has settled, and what there was not ingested yet."""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass, replace

from schemas.limits import LIMITS
from warehouse.drop import DropFolder, DroppedFile, opened_file, scan
from warehouse.drop_place import require_drop_folder
from warehouse.ledger import known_arrivals
from warehouse.registered import registered_authorities
from warehouse.root import Root

ABANDONED_SECONDS = 3_600.0
"""After an hour an upload that never finished is called abandoned, and blocks nothing more."""


_LOOK_AGAIN = frozenset({"held", "retry"})


_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Waiting:
    """What is still arriving.

    Attributes:
        name: authority, quarter and file, safe to print.
        seconds: until it will have lain unchanged for the settle window.
    """

    name: str
    seconds: float


@dataclass(frozen=True)
class DropSnapshot:
    """One look at the drop folder: what is known, and what counts as settled at this moment."""

    root: Root
    known: dict[tuple[str, str, str, str], str]
    registered: frozenset[str]
    settle_seconds: float
    moment: float
    steady: frozenset[str] | None = frozenset()
    """Files dated ahead of the clock that did not change while we watched; None trusts them all."""

    @classmethod
    def at(cls, root: Root, settle_seconds: float, moment: float) -> DropSnapshot:
        """Return what the ledger knows of the drop folder at a moment."""
        registered = frozenset(registered_authorities(root))
        return cls(root, known_arrivals(root), registered, settle_seconds, moment)

    def outcome(self, folder: DropFolder, file: DroppedFile) -> str | None:
        """Return what became of this very file before; None when it was never looked at."""
        return self.known.get((folder.lasting_code, str(folder.quarter), file.name, file.identity))

    def unseen(self, folder: DropFolder) -> tuple[DroppedFile, ...]:
        """Return the files that were never looked at, or that must be looked at again."""
        return tuple(
            file
            for file in folder.files
            if (outcome := self.outcome(folder, file)) is None or outcome in _LOOK_AGAIN
        )

    def waiting(self, folder: DropFolder) -> tuple[Waiting, ...]:
        """Return the unseen files of a folder that have not settled."""
        return tuple(
            Waiting(f"{folder.la_code}/{folder.quarter}/{file.name}", remaining)
            for file in self.unseen(folder)
            if (remaining := self.remaining(file)) > 0 and not self.is_whole_zip(folder, file)
        )

    def remaining(self, file: DroppedFile) -> float:
        """Return the seconds until a file has settled.

        The date of a file that is ahead of the clock, because the clock was set back, says nothing:
        such a file has settled once it has been seen not to change for one window.
        """
        window = ABANDONED_SECONDS if file.is_arriving else self.settle_seconds
        if self.is_ahead(file) and (self.steady is None or file.identity in self.steady):
            return 0.0
        return min(window - (self.moment - file.changed_ns / _SECOND), window)

    def is_ahead(self, file: DroppedFile) -> bool:
        """Return whether a file is dated so far ahead of the clock that the clock was set back."""
        return file.changed_ns / _SECOND > self.moment + max(self.settle_seconds, 1.0)

    def is_whole_zip(self, folder: DropFolder, file: DroppedFile) -> bool:
        """Return whether the file is a zip that reads to its end, and so need not settle."""
        if not file.name.lower().endswith(".zip") or file.size > LIMITS.file_bytes:
            return False
        try:
            with opened_file(self.root.drop, folder, file) as descriptor:
                return reads_to_its_end(descriptor)
        except OSError:
            return False


@dataclass(frozen=True)
class NotYetIngested:
    """What one look at the drop folder finds that was not ingested.

    Attributes:
        settled: identities of what waits to be ingested, by which bursts differ. Of an authority's
            quarter in which something is still arriving, nothing has settled.
        arriving: what has not settled.
    """

    settled: tuple[str, ...]
    arriving: tuple[Waiting, ...]


def pending_files(root: Root, *, settle_seconds: float, moment: float) -> NotYetIngested:
    """Return what lies in the drop folder and was not ingested, without touching anything.

    Raises:
        DropFolderError: the drop folder is not there.
    """
    require_drop_folder(root)
    look = DropSnapshot.at(root, settle_seconds, moment)
    # What is dated ahead of the clock is announced at once: the run that takes it in watches it.
    trusting = replace(look, steady=None)
    folders = [
        folder
        for folder in scan(root.drop).folders
        if folder.lasting_code in look.registered and look.unseen(folder)
    ]
    settled = (
        f"{folder.la_code}/{folder.quarter}/{file.name}/{file.identity}"
        for folder in folders
        if not trusting.waiting(folder)
        for file in folder.files
        if look.outcome(folder, file) in (None, "retry")
    )
    waiting = (wait for folder in folders for wait in look.waiting(folder))
    return NotYetIngested(tuple(settled), tuple(waiting))


def still_arriving(root: Root, *, settle_seconds: float, moment: float) -> tuple[Waiting, ...]:
    """Return what in the drop folder has not settled, without touching anything."""
    return pending_files(root, settle_seconds=settle_seconds, moment=moment).arriving


def reads_to_its_end(descriptor: int) -> bool:
    """Return whether an open file is a zip whose every member reads whole.

    One that is encrypted or unpacks to more than may be sent counts as whole: reading it will say
    what is wrong with it.
    """
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file, zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
            return size > LIMITS.unpacked_bytes or archive.testzip() is None
    except RuntimeError:
        return True
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return False
