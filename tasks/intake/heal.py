"""Landed files that were damaged, put right from what still lies in the drop folder."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from schemas.errors import UnreadableError
from schemas.limits import LIMITS
from tasks.read.unpack import unpacked
from warehouse.drop import DropFolder, DroppedFile, opened_file
from warehouse.landing import descriptor_chunks, in_memory, is_landed_whole, land_bytes
from warehouse.ledger import submission, unfinished
from warehouse.root import Root


def heal_landing(root: Root, folders: Iterable[DropFolder]) -> int:
    """Land again what submissions still to be judged need and landing has lost.

    Return how many files came back. What is in no drop folder any more stays as it is: the
    submission says so when it is judged.
    """
    lost = _lost(root)
    return sum(
        _landed_again(root, folder, file, lost[folder.lasting_code, str(folder.quarter)])
        for folder in folders
        if (folder.lasting_code, str(folder.quarter)) in lost
        for file in folder.files
        if file.size <= LIMITS.file_bytes
    )


def _lost(root: Root) -> dict[tuple[str, str], set[str]]:
    """Return the hashes that landing lacks, by authority and quarter."""
    lost: dict[tuple[str, str], set[str]] = {}
    for given in (submission(root, found) for found in unfinished(root)):
        damaged = {f.sha256 for f in given.files if not is_landed_whole(root, f.sha256)}
        if damaged:
            lost.setdefault((given.la_code, str(given.quarter)), set()).update(damaged)
    return lost


def _landed_again(
    root: Root, folder: DropFolder, file: DroppedFile, wanted: Collection[str]
) -> int:
    try:
        with (
            opened_file(root.drop, folder, file) as opened,
            in_memory(descriptor_chunks(opened)) as path,
        ):
            contents = (path.read_bytes(), *(m.data for m in unpacked(path, file.name, LIMITS)))
    except (OSError, UnreadableError):
        return 0
    found = [data for data in contents if hashlib.sha256(data).hexdigest() in wanted]
    for data in found:
        land_bytes(root, data)
    return len(found)
