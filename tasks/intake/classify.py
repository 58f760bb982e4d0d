"""Files of one authority and quarter classified: what came of each, and which returns they make.

Nothing here knows the root: what may be done with a file is handed in as a `LandingPlace`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemas.authorities import authorities, lasting_code, successors
from schemas.errors import UnreadableError
from schemas.foreign_forms import NO_DATA
from schemas.limits import LIMITS
from schemas.submission import SubmittedFile
from tasks.read.recognise import recognise
from tasks.read.unpack import unpacked
from warehouse.drop import DropFolder, DroppedFile, DropRefusal
from warehouse.landing import Landed
from warehouse.outage import is_disk_full
from warehouse.registry import NOTED, UNRECOGNISED, Arrival, Incoming, refusal


@dataclass(frozen=True)
class LandingPlace:
    """What may be done with the files of one folder, and nothing else of the root.

    Attributes:
        copied: copies a dropped file into landing; None when it changed meanwhile or is larger than
            may be sent. Raises OSError when it cannot be read.
        opened: opens the landed bytes with a hash as a file to read.
        kept: keeps bytes in landing.
        without_erased: returns what is kept of landed bytes, given name, return and part, and how
            many rows of erased children were taken out.
        unless_erased: returns landed bytes that could not be read, or None where they name an
            erased child and went.
        remove: removes landed bytes that nothing holds.
    """

    copied: Callable[[DroppedFile], Landed | None]
    opened: Callable[[str], AbstractContextManager[Path]]
    kept: Callable[[bytes], Landed]
    without_erased: Callable[[Landed, str, str, str], tuple[Landed, int]]
    unless_erased: Callable[[Landed], Landed | None]
    remove: Callable[[Collection[str]], int]


@dataclass(frozen=True)
class ClassifiedFiles:
    """Returns and refusals to register, and what came of each file."""

    incoming: tuple[Incoming, ...]
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True)
class _Note:
    """A file that never holds data: what was dropped, what it is, and its bytes where kept."""

    name: str
    identity: str
    why: DropRefusal
    landed: Landed | None


@dataclass
class _Sorted:
    """Files of one folder, as they are classified one by one."""

    arrivals: list[Arrival] = field(default_factory=list)
    recognised: dict[str, list[SubmittedFile]] = field(default_factory=dict)
    refused: list[Incoming] = field(default_factory=list)
    notes: list[_Note] = field(default_factory=list)


def classified_files(
    folder: DropFolder, files: Sequence[DroppedFile], place: LandingPlace
) -> ClassifiedFiles:
    """Return what the settled files of one folder make: land, recognise, group or refuse each."""
    found = _classify_files(folder, files, place)
    _settle_notes(found, place)
    groups = [_group(name, given) for name, given in sorted(found.recognised.items())]
    return ClassifiedFiles(
        incoming=(*groups, *found.refused),
        arrivals=tuple(_mark_held(arrival, groups) for arrival in found.arrivals),
    )


def _classify_files(
    folder: DropFolder, files: Sequence[DroppedFile], place: LandingPlace
) -> _Sorted:
    found = _Sorted()
    invalid = _invalid_for_quarter(folder)
    colliding = _colliding(files)
    for one in folder.refusals:
        _refuse(found, one.name, one, identity=one.code, held=one.code == "TOO_MANY_FILES")
    for file in files:
        if file.is_arriving:
            found.arrivals.append(
                Arrival(file.name, file.identity, outcome="abandoned", code="FILE_ABANDONED")
            )
        elif invalid is not None:
            _refuse(found, file.name, invalid, identity=file.identity)
        elif file in colliding:
            _refuse(found, file.name, _COLLISION, identity=file.identity, held=True)
        else:
            _take(found, file, place)
    return found


_COLLISION = DropRefusal(
    "",
    "NAME_COLLISION",
    "Two files differ only in capital and small letters. Take one of them away: then the other is "
    "read.",
)


def _colliding(files: Sequence[DroppedFile]) -> frozenset[DroppedFile]:
    counts = Counter(file.name.casefold() for file in files)
    return frozenset(file for file in files if counts[file.name.casefold()] > 1)


def _invalid_for_quarter(folder: DropFolder) -> DropRefusal | None:
    """Return why the authority cannot report on the quarter; None when it can."""
    lasting = folder.lasting_code
    if any(
        lasting_code(code) == lasting and authority.holds_on(folder.quarter.start)
        for code, authority in authorities().items()
    ):
        return None
    after = ", ".join(f"{c.to_la_name} ({c.to_la_code})" for c in successors(folder.la_code))
    return DropRefusal(
        "",
        "AUTHORITY_NOT_VALID_FOR_PERIOD",
        f"{authorities()[folder.la_code].la_name} did not exist in {folder.quarter}. "
        + (f"Its place was taken by {after}: send the return for them." if after else ""),
    )


def _mark_held(arrival: Arrival, groups: Sequence[Incoming]) -> Arrival:
    """Return the arrival, to be looked at again if what it brought is held."""
    held = {file.sha256 for group in groups if group.decision for file in group.files}
    if held.isdisjoint(arrival.contents):
        return arrival
    return replace(arrival, outcome="held", code="PART_TWICE")


def _take(files: _Sorted, file: DroppedFile, place: LandingPlace) -> None:
    try:
        landed = place.copied(file)
    except OSError as error:
        if is_disk_full(error):
            raise
        files.arrivals.append(
            Arrival(file.name, file.identity, outcome="retry", code="FILE_UNREADABLE")
        )
        return
    if landed is None:
        _take_unlanded(files, file)
        return
    _take_landed(files, file, landed, place)


def _take_unlanded(files: _Sorted, file: DroppedFile) -> None:
    if file.size > LIMITS.file_bytes:
        words = f"The file is larger than {LIMITS.file_bytes:,} bytes. Send the return in parts."
        too_large = DropRefusal("", "FILE_TOO_LARGE", words)
        _refuse(files, file.name, too_large, identity=file.identity)
    else:
        files.arrivals.append(
            Arrival(file.name, file.identity, outcome="retry", code="FILE_STILL_ARRIVING")
        )


def _take_landed(files: _Sorted, file: DroppedFile, landed: Landed, place: LandingPlace) -> None:
    try:
        members = _members(file, landed, place)
        found = _all_recognised(files, file, members, place)
    except UnreadableError as error:
        kept = place.unless_erased(landed)
        if error.code in NO_DATA:
            files.notes.append(_Note(file.name, file.identity, _as_refusal(error), kept))
        else:
            _refuse(files, file.name, _as_refusal(error), identity=file.identity, landed=kept)
        return
    for _, (return_name, submitted) in found:
        files.recognised.setdefault(return_name, []).append(submitted)
    contents = tuple(submitted.sha256 for _, (_, submitted) in found)
    named = [content.sha256 for content, (_, submitted) in found if submitted.left_out]
    if named:
        place.remove({landed.sha256, *named})
    arrival = Arrival(file.name, file.identity, landed.sha256, landed.size, contents)
    files.arrivals.append(replace(arrival, sha256=None, size=None) if named else arrival)


def _all_recognised(
    files: _Sorted,
    file: DroppedFile,
    members: Sequence[tuple[str, Landed]],
    place: LandingPlace,
) -> list[tuple[Landed, tuple[str, SubmittedFile]]]:
    """Return which return each file belongs to; what is no data in a zip of others is noted.

    Raises:
        UnreadableError: one cannot be read, or none is data.
    """
    found: list[tuple[Landed, tuple[str, SubmittedFile]]] = []
    refusals: list[tuple[_Note, UnreadableError]] = []
    for name, content in members:
        try:
            found.append((content, _recognised(name, content, place)))
        except UnreadableError as error:
            if error.code not in NO_DATA:
                raise
            refusals.append((_Note(name, file.identity, _as_refusal(error), content), error))
    if not found:
        raise refusals[0][1]
    files.notes.extend(note for note, _ in refusals)
    return found


def _settle_notes(files: _Sorted, place: LandingPlace) -> None:
    """Mention what is no data alongside a return; refuse it where it came alone."""
    if not files.recognised:
        for note in files.notes:
            _refuse(files, note.name, note.why, identity=note.identity, landed=note.landed)
        return
    place.remove({note.landed.sha256 for note in files.notes if note.landed})
    files.arrivals.extend(
        Arrival(note.name, note.identity, outcome=NOTED, code=note.why.code) for note in files.notes
    )


def _members(file: DroppedFile, landed: Landed, place: LandingPlace) -> list[tuple[str, Landed]]:
    with place.opened(landed.sha256) as path:
        members = unpacked(path, file.name, LIMITS)
    if not members:
        return [(file.name, landed)]
    return [(f"{file.name}/{member.name}", place.kept(member.data)) for member in members]


def _recognised(name: str, content: Landed, place: LandingPlace) -> tuple[str, SubmittedFile]:
    """Return which return a file belongs to, and what is kept of it."""
    with place.opened(content.sha256) as path:
        found = recognise(path, name, limits=LIMITS)
    kept, count = place.without_erased(content, name, found.return_name, found.part)
    return found.return_name, SubmittedFile(
        name, kept.sha256, kept.size, found.part, left_out=count
    )


def _as_refusal(error: UnreadableError) -> DropRefusal:
    where = f"Row {error.row}: " if error.row else ""
    return DropRefusal("", error.code, f"{where}{error.words}")


def _refuse(
    files: _Sorted,
    name: str,
    found: DropRefusal,
    *,
    identity: str,
    held: bool = False,
    landed: Landed | None = None,
) -> None:
    content = landed or Landed(_nothing(name, identity, found.code), 0, Path())
    files.refused.append(
        Incoming(
            UNRECOGNISED,
            (SubmittedFile(name, content.sha256, content.size, "unrecognised"),),
            refusal(found.code, found.words, held=held),
        )
    )
    files.arrivals.append(
        Arrival(
            name,
            identity,
            landed.sha256 if landed else None,
            landed.size if landed else None,
            (content.sha256,),
            "held" if held else "refused",
            found.code,
        )
    )


def _nothing(name: str, identity: str, code: str) -> str:
    """Return a stand-in for the hash of a file that was not opened."""
    return hashlib.sha256(f"{name}\n{identity}\n{code}".encode()).hexdigest()


def _group(return_name: str, files: Sequence[SubmittedFile]) -> Incoming:
    distinct = {file.sha256: file for file in files}
    ordered = tuple(sorted(distinct.values(), key=lambda file: (file.part, file.sha256)))
    twice = sorted(part for part, count in Counter(f.part for f in ordered).items() if count > 1)
    if not twice:
        return Incoming(return_name, ordered)
    words = (
        f"More than one file holds the same table ({', '.join(twice)}). Take the wrong one away: "
        "then the other is read. Where both belong to the return, put their rows into one file."
    )
    return Incoming(return_name, ordered, refusal("PART_TWICE", words, held=True))
