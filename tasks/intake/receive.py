"""From the drop folder to registered submissions: settle, land, recognise, group, register."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.authorities import authorities, lasting_code, successors
from schemas.errors import UnreadableError
from schemas.limits import LIMITS
from schemas.submission import SubmittedFile
from tasks.intake.settle import DropSnapshot, Waiting
from tasks.privacy.erase import finish_erasures
from tasks.privacy.leave_out import IsErased, kept_of, unless_erased
from tasks.read.recognise import recognise
from tasks.read.unpack import unpacked
from tasks.runtime.faults import redact_exceptions
from tasks.runtime.journal import stage
from warehouse.drop import DropFolder, DroppedFile, DropRefusal, DropScan, opened_file, scan
from warehouse.erasure import unland
from warehouse.landing import Landed, land_bytes, land_descriptor, make_lasting, opened_landed
from warehouse.ledger import Actor, Batch, unfinished_batches
from warehouse.registry import (
    UNRECOGNISED,
    Arrival,
    Incoming,
    refusal,
    register_incoming,
)
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.tombstones import asks_for, erased_marks


@dataclass(frozen=True)
class Received:
    """What one look at the drop folder came to.

    Attributes:
        submissions: ids of those newly registered.
        duplicates: files whose contents had been received before.
        refused: (folder or file, reason code) of what was not taken.
        waiting: what is still arriving.
    """

    submissions: tuple[str, ...] = ()
    duplicates: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass
class _Batch:
    """Files of one authority and quarter, as they are sorted out."""

    arrivals: list[Arrival] = field(default_factory=list)
    is_erased: IsErased | None = None
    recognised: dict[str, list[SubmittedFile]] = field(default_factory=dict)
    refused: list[Incoming] = field(default_factory=list)


def receive(
    root: Root, *, settle_seconds: float, actor: Actor, clock: Callable[[], float] = time.time
) -> Received:
    """Register everything that has settled in the drop folder and was not seen before.

    An erasure that a killed process left unfinished is finished first: what comes now may be joined
    to files that are about to go.
    """
    finish_erasures(root, actor=actor)
    with shared_lock(root):
        return _received(root, settle_seconds, actor, clock)


def _received(
    root: Root, settle_seconds: float, actor: Actor, clock: Callable[[], float]
) -> Received:
    with stage(root, "receive") as counts:
        look, seen = _watched(DropSnapshot.at(root, settle_seconds, clock()), scan(root.drop))
        results = [_receive_folder(look, folder, actor) for folder in seen.folders]
        counts["submissions"] = sum(len(result.submissions) for result in results)
    return Received(
        submissions=tuple(found for result in results for found in result.submissions),
        duplicates=sum(result.duplicates for result in results),
        refused=(*_scan_refusals(seen), *(r for result in results for r in result.refused)),
        waiting=tuple(wait for result in results for wait in result.waiting),
    )


def _watched(look: DropSnapshot, seen: DropScan) -> tuple[DropSnapshot, DropScan]:
    """Return the look and the scan, having watched for one window what is dated ahead."""
    ahead = _ahead(look, seen)
    if not ahead:
        return look, seen
    time.sleep(look.settle_seconds)
    again = scan(look.root.drop)
    return replace(look, steady=ahead & _ahead(look, again)), again


def _ahead(look: DropSnapshot, seen: DropScan) -> frozenset[str]:
    return frozenset(
        file.identity
        for folder in seen.folders
        for file in look.unseen(folder)
        if look.is_ahead(file)
    )


def _scan_refusals(seen: DropScan) -> Iterator[tuple[str, str]]:
    return ((found.name, found.code) for found in seen.refusals)


def _receive_folder(look: DropSnapshot, folder: DropFolder, actor: Actor) -> Received:
    if folder.lasting_code not in look.registered:
        return Received(refused=((f"{folder.la_code}/{folder.quarter}", "AUTHORITY_UNKNOWN"),))
    if waiting := look.waiting(folder):
        return Received(waiting=waiting)
    files = look.unseen(folder)
    if not files and not folder.refusals:
        return Received()
    batch = _classify_files(look.root, folder, files)
    groups = [_group(name, found) for name, found in sorted(batch.recognised.items())]
    arrivals = [_mark_held(arrival, groups) for arrival in batch.arrivals]
    make_lasting(look.root)
    made = register_incoming(
        look.root,
        la_code=folder.lasting_code,
        quarter=folder.quarter,
        incoming=(*groups, *batch.refused),
        arrivals=arrivals,
        actor=actor,
    )
    shown = f"{folder.la_code}/{folder.quarter}"
    return Received(
        submissions=tuple(given.id for given in made.submissions),
        duplicates=made.duplicates,
        refused=tuple((f"{shown}/{a.name}", a.code) for a in arrivals if a.code),
    )


def _mark_held(arrival: Arrival, groups: Sequence[Incoming]) -> Arrival:
    """Return the arrival, to be looked at again if what it brought is held."""
    held = {file.sha256 for group in groups if group.decision for file in group.files}
    if held.isdisjoint(arrival.contents):
        return arrival
    return replace(arrival, outcome="held", code="PART_TWICE")


def _classify_files(root: Root, folder: DropFolder, files: Sequence[DroppedFile]) -> _Batch:
    la_code = folder.lasting_code
    batch = _Batch(is_erased=asks_for(root, la_code, erased_marks(root, la_code)))
    invalid = _invalid_for_quarter(folder)
    colliding = _colliding(files)
    for found in folder.refusals:
        _refuse(batch, found.name, found, identity=found.code, held=found.code == "TOO_MANY_FILES")
    for file in files:
        if file.is_arriving:
            batch.arrivals.append(
                Arrival(file.name, file.identity, outcome="abandoned", code="FILE_ABANDONED")
            )
        elif invalid is not None:
            _refuse(batch, file.name, invalid, identity=file.identity)
        elif file in colliding:
            _refuse(batch, file.name, _COLLISION, identity=file.identity, held=True)
        else:
            _take(batch, root, folder, file)
    return batch


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


def _take(batch: _Batch, root: Root, folder: DropFolder, file: DroppedFile) -> None:
    try:
        with opened_file(root.drop, folder, file) as descriptor:
            landed = land_descriptor(root, descriptor) if file.size <= LIMITS.file_bytes else None
    except OSError:
        batch.arrivals.append(
            Arrival(file.name, file.identity, outcome="retry", code="FILE_UNREADABLE")
        )
        return
    if landed is None:
        _take_unlanded(batch, file)
        return
    _take_landed(batch, root, file, landed)


def _take_unlanded(batch: _Batch, file: DroppedFile) -> None:
    if file.size > LIMITS.file_bytes:
        words = f"The file is larger than {LIMITS.file_bytes:,} bytes. Send the return in parts."
        too_large = DropRefusal("", "FILE_TOO_LARGE", words)
        _refuse(batch, file.name, too_large, identity=file.identity)
    else:
        batch.arrivals.append(
            Arrival(file.name, file.identity, outcome="retry", code="FILE_STILL_ARRIVING")
        )


def _take_landed(batch: _Batch, root: Root, file: DroppedFile, landed: Landed) -> None:
    try:
        members = _members(root, file, landed)
        found = [(content, _recognised(batch, root, name, content)) for name, content in members]
    except UnreadableError as error:
        kept = unless_erased(root, landed, batch.is_erased)
        _refuse(batch, file.name, _as_refusal(error), identity=file.identity, landed=kept)
        return
    for _, (return_name, submitted) in found:
        batch.recognised.setdefault(return_name, []).append(submitted)
    contents = tuple(submitted.sha256 for _, (_, submitted) in found)
    named = [content.sha256 for content, (_, submitted) in found if submitted.left_out]
    if named:
        unland(root, {landed.sha256, *named})
    arrival = Arrival(file.name, file.identity, landed.sha256, landed.size, contents)
    batch.arrivals.append(replace(arrival, sha256=None, size=None) if named else arrival)


def _members(root: Root, file: DroppedFile, landed: Landed) -> list[tuple[str, Landed]]:
    with opened_landed(root, landed.sha256) as path:
        members = unpacked(path, file.name, LIMITS)
    if not members:
        return [(file.name, landed)]
    return [(f"{file.name}/{member.name}", land_bytes(root, member.data)) for member in members]


def _recognised(batch: _Batch, root: Root, name: str, content: Landed) -> tuple[str, SubmittedFile]:
    """Return which return a file belongs to, and what is kept of it."""
    with opened_landed(root, content.sha256) as path:
        found = recognise(path, name, limits=LIMITS)
    kept, count = kept_of(
        root, content, name, found.return_name, found.part, is_erased=batch.is_erased
    )
    return found.return_name, SubmittedFile(
        name, kept.sha256, kept.size, found.part, left_out=count
    )


def _as_refusal(error: UnreadableError) -> DropRefusal:
    where = f"Row {error.row}: " if error.row else ""
    return DropRefusal("", error.code, f"{where}{error.words}")


def _refuse(
    batch: _Batch,
    name: str,
    found: DropRefusal,
    *,
    identity: str,
    held: bool = False,
    landed: Landed | None = None,
) -> None:
    content = landed or Landed(_nothing(name, identity, found.code), 0, Path())
    batch.refused.append(
        Incoming(
            UNRECOGNISED,
            (SubmittedFile(name, content.sha256, content.size, "unrecognised"),),
            refusal(found.code, found.words, held=held),
        )
    )
    batch.arrivals.append(
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


@task(name="receive-returns", cache_policy=NO_CACHE, persist_result=False)
def receive_returns(root: str) -> list[Batch]:
    """Register what has settled, as an observed step; return all that is still to be judged."""
    at = Root.at(root)
    with redact_exceptions("receive"):
        settle_seconds = at.settings().settle_seconds
        receive(at, settle_seconds=settle_seconds, actor=Actor.here("ingest-returns"))
        return unfinished_batches(at)
