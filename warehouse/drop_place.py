"""Whether the drop folder is there: mounted, readable, and the one that `sfp init` marked.

An empty folder where a share should be mounted looks like one into which nobody put anything. So
`sfp init` leaves a mark of its own in the drop folder, an empty file whose name the ledger knows,
and makes a folder for every registered authority: what lacks them is not the drop folder.
"""

from __future__ import annotations

import errno
import os
import queue
import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.authorities import lasting_code
from schemas.errors import DropFolderError
from warehouse.facts import change_fact, known_facts
from warehouse.registered import registered_authorities
from warehouse.root import Root, make_private_file, sync_folder

DROP_FOLDER_UNAVAILABLE = "DROP_FOLDER_UNAVAILABLE"
_MARK = "drop_mark"
_MARK_PREFIX = ".sfp-drop-"
_CODE = re.compile(r"([A-Z]\d{8})(?:-[^/]*)?")
PATIENCE_SECONDS = 20.0
"""A share whose server is gone answers nothing at all: after so long it counts as away."""
NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.ELOOP})
_looking: dict[Path, threading.Thread] = {}


@dataclass(frozen=True)
class DropPlace:
    """What the drop folder holds at one moment.

    Attributes:
        names: of everything in it.
        unreadable: names of folders in it that cannot be listed.
    """

    names: frozenset[str]
    unreadable: frozenset[str]


def is_mark(name: str) -> bool:
    """Return whether a name in the drop folder is that of a mark, and no authority's."""
    return name.startswith(_MARK_PREFIX)


def require_drop_folder(root: Root) -> None:
    """Make sure that the drop folder is there and is the one that was marked.

    Raises:
        DropFolderError: it is away, cannot be read, does not answer, is empty or is another one.
    """
    unavailable_authorities(root)


def unavailable_authorities(root: Root) -> frozenset[str]:
    """Return the registered authorities whose own drop folder is gone or cannot be read.

    Raises:
        DropFolderError: the whole of it is away, cannot be read, does not answer, is empty or is
            another one.
    """
    registered = frozenset(registered_authorities(root))
    place = _place(root, known_facts(root).get(_MARK, ""))
    folders = {name: lasting_code(match[1]) for name, match in _folders(place.names)}
    if registered.isdisjoint(folders.values()):
        raise _unavailable(
            root, f"no folder of the {len(registered)} registered authorities is in it"
        )
    unreadable = {folders[name] for name in place.unreadable if name in folders}
    return registered - ({*folders.values()} - unreadable)


def _folders(names: Collection[str]) -> Iterator[tuple[str, re.Match[str]]]:
    matches = ((name, _CODE.fullmatch(name)) for name in names)
    return ((name, match) for name, match in matches if match is not None)


def require_marked(root: Root) -> None:
    """Make sure that the drop folder is the one that was marked, if one was.

    Raises:
        DropFolderError: it is away, cannot be read, does not answer or is another one.
    """
    if mark := known_facts(root).get(_MARK, ""):
        _place(root, mark)


def mark_drop_folder(root: Root, *, is_new: bool) -> None:
    """Leave a mark in the drop folder that the ledger knows.

    Args:
        root: whose.
        is_new: whether what lies there now takes the place of the drop folder that was marked.
    """
    known = "" if is_new else known_facts(root).get(_MARK, "")
    mark = known or f"{_MARK_PREFIX}{secrets.token_hex(8)}"
    make_private_file(root.drop / mark)
    sync_folder(root.drop)
    change_fact(root, _MARK, mark)


def _place(root: Root, mark: str) -> DropPlace:
    try:
        place = _within(PATIENCE_SECONDS, root.drop, _looked_at)
    except TimeoutError:  # a kind of OSError, so it comes first
        raise _unavailable(root, f"it does not answer within {PATIENCE_SECONDS:.0f} s") from None
    except OSError as error:
        raise _unavailable(root, os.strerror(error.errno or errno.EIO).lower()) from None
    if mark and mark not in place.names:
        empty = "it is empty" if not place.names else "it is not the folder that was set up"
        raise _unavailable(root, f"{empty} (needs the mark {mark}, found {len(place.names)} names)")
    return place


def _unavailable(root: Root, why: str) -> DropFolderError:
    return DropFolderError(
        f"{DROP_FOLDER_UNAVAILABLE}: {root.drop}: {why}. Mount it or put it back; nothing is taken "
        "in and nothing called overdue meanwhile, and work goes on by itself when it is there. If "
        f"it was moved for good, run `sfp init --root {root.path} --new-drop`."
    )


def _looked_at(drop: Path) -> DropPlace:
    names = frozenset(path.name for path in drop.iterdir())
    return DropPlace(names, frozenset(name for name in names if not _can_be_listed(drop / name)))


def _can_be_listed(folder: Path) -> bool:
    """Return whether a folder answers; a stray file or a link is refused by name elsewhere."""
    try:
        os.close(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
    except OSError as error:
        return error.errno in NOT_A_FOLDER
    return True


def _within(seconds: float, drop: Path, look: Callable[[Path], DropPlace]) -> DropPlace:
    """Return what a look at the drop folder finds, in a thread that may be left hanging.

    Raises:
        OSError: the system refuses.
        TimeoutError: it does not answer, or an earlier look still hangs.
    """
    if (earlier := _looking.get(drop)) is not None:
        earlier.join(seconds)
        if earlier.is_alive():
            raise TimeoutError
    answers: queue.SimpleQueue[DropPlace | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look(drop))
        except OSError as error:
            answers.put(error)

    _looking[drop] = threading.Thread(target=ask, daemon=True)
    _looking[drop].start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer
