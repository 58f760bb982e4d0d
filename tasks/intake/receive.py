"""From the drop folder to registered submissions: settle, land, recognise, group, register."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.limits import LIMITS
from tasks.intake.classify import LandingPlace, classified_files
from tasks.intake.heal import heal_landing
from tasks.intake.settle import DropSnapshot, Waiting
from tasks.intake.unplaced import answer_unplaced
from tasks.privacy.erase import finish_erasures
from tasks.privacy.leave_out import kept_of, unless_erased
from tasks.runtime.faults import redact_exceptions
from tasks.runtime.journal import stage
from warehouse.drop import DropFolder, DroppedFile, DropScan, opened_file, scan
from warehouse.drop_place import DROP_FOLDER_UNAVAILABLE, unavailable_authorities
from warehouse.erasure import unland
from warehouse.landing import Landed, land_bytes, land_descriptor, make_lasting, opened_landed
from warehouse.ledger import Actor, Batch, unfinished_batches
from warehouse.registry import (
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


def receive(
    root: Root, *, settle_seconds: float, actor: Actor, clock: Callable[[], float] = time.time
) -> Received:
    """Register everything that has settled in the drop folder and was not seen before.

    An erasure that a killed process left unfinished is finished first: what comes now may be joined
    to files that are about to go.
    """
    away = unavailable_authorities(root)
    finish_erasures(root, actor=actor)
    with shared_lock(root):
        found = _received(root, settle_seconds, actor, clock, away)
    named = " ".join(name for name, code in found.refused if code == DROP_FOLDER_UNAVAILABLE)
    gone = ((code, DROP_FOLDER_UNAVAILABLE) for code in sorted(away) if code not in named)
    return replace(found, refused=(*gone, *found.refused))


def _received(
    root: Root,
    settle_seconds: float,
    actor: Actor,
    clock: Callable[[], float],
    away: frozenset[str],
) -> Received:
    with stage(root, "receive") as counts:
        look, seen = _watched(DropSnapshot.at(root, settle_seconds, clock()), scan(root.drop))
        heal_landing(root, seen.folders)
        results = [_receive_folder(look, folder, actor) for folder in seen.folders]
        answer_unplaced(look, away=away)
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
    found = classified_files(folder, files, _landing_place(look.root, folder))
    make_lasting(look.root)
    made = register_incoming(
        look.root,
        la_code=folder.lasting_code,
        quarter=folder.quarter,
        incoming=found.incoming,
        arrivals=found.arrivals,
        actor=actor,
    )
    shown = f"{folder.la_code}/{folder.quarter}"
    return Received(
        submissions=tuple(given.id for given in made.submissions),
        duplicates=made.duplicates,
        refused=tuple((f"{shown}/{a.name}", a.code) for a in found.arrivals if a.code),
    )


def _landing_place(root: Root, folder: DropFolder) -> LandingPlace:
    la_code = folder.lasting_code
    is_erased = asks_for(root, la_code, erased_marks(root, la_code))

    def copied(file: DroppedFile) -> Landed | None:
        with opened_file(root.drop, folder, file) as descriptor:
            return land_descriptor(root, descriptor) if file.size <= LIMITS.file_bytes else None

    return LandingPlace(
        copied=copied,
        opened=partial(opened_landed, root),
        kept=partial(land_bytes, root),
        without_erased=partial(kept_of, root, is_erased=is_erased),
        unless_erased=lambda landed: unless_erased(root, landed, is_erased),
        remove=partial(unland, root),
    )


@task(name="receive-returns", cache_policy=NO_CACHE, persist_result=False)
def receive_returns(root: str) -> list[Batch]:
    """Register what has settled, as an observed step; return all that is still to be judged."""
    at = Root.at(root)
    with redact_exceptions("receive"):
        settle_seconds = at.settings().settle_seconds
        receive(at, settle_seconds=settle_seconds, actor=Actor.service("ingest-returns"))
        return unfinished_batches(at)
