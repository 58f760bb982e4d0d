"""Everything that has settled, taken in once: what `sfp sweep` and the nightly sweep do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.submission import State
from tasks.intake.receive import receive
from tasks.intake.settle import Waiting, still_arriving
from tasks.runtime.progress import Progress
from tasks.runtime.workers import process_pool
from tasks.validate.pool import (
    AT_ONCE,
    ONE_BY_ONE,
    PRELOAD,
    IngestJob,
    result_or_retry_alone,
    submit,
)
from tasks.validate.submission import IngestResult, ingest_or_report
from warehouse import ledger
from warehouse.key import open_key
from warehouse.ledger import Actor
from warehouse.root import Root


def take_in_unfinished(
    root: Root, *, actor: Actor, progress: Progress = lambda _: None, jobs: int | None = None
) -> tuple[IngestResult, ...]:
    """Judge every submission that is registered and not finished, quarter after quarter.

    Within a quarter submissions are independent and run on all cores; quarters follow each other,
    so that a rule that looks at the year before finds it. What the disk or the ledger refused
    waits, and so does whatever looks at it; what cannot be judged at all keeps nobody waiting.
    """
    open_key(root)
    pending = ledger.unfinished(root)
    if len(pending) <= ONE_BY_ONE or jobs == 1:
        return tuple(_one_by_one(root, pending, actor))
    return tuple(_in_parallel(root, pending, actor, progress, jobs or AT_ONCE))


def _one_by_one(root: Root, pending: Sequence[str], actor: Actor) -> Iterator[IngestResult]:
    key, faulty = open_key(root), set[str]()
    for _, batch in ledger.batches(root, pending):
        for found in batch:
            taken = ingest_or_report(root, found, key=key, actor=actor, skip_waiting_for=faulty)
            faulty.update([found] if taken.is_internal_error else [])
            yield taken


def _in_parallel(
    root: Root, pending: Sequence[str], actor: Actor, progress: Progress, jobs: int
) -> Iterator[IngestResult]:
    done, faulty = 0, frozenset[str]()
    for quarter, batch in ledger.batches(root, pending):
        jobs_of_batch = [IngestJob(str(root.path), found, actor, faulty) for found in batch]
        # A pool for each batch costs little (the fork server stays), and mends one that broke.
        with process_pool(jobs, *PRELOAD) as pool:
            given = [submit(pool, job) for job in jobs_of_batch]
            for future, job in zip(given, jobs_of_batch, strict=True):
                taken = result_or_retry_alone(future, job)
                faulty |= {taken.submission_id} if taken.is_internal_error else set()
                yield taken
        done += len(batch)
        progress(f"{quarter}: {len(batch)} submissions judged ({done} of {len(pending)})")


@dataclass(frozen=True)
class Swept:
    """What one sweep came to.

    Attributes:
        taken: every submission judged in this sweep.
        duplicates: files whose contents had been received before.
        refused: (folder or file, reason code) of what was not taken.
        waiting: what was still arriving.
    """

    taken: tuple[IngestResult, ...]
    duplicates: int
    refused: tuple[tuple[str, str], ...]
    waiting: tuple[Waiting, ...]

    @property
    def has_rejections(self) -> bool:
        """Whether any submission was rejected or held."""
        return any(found.state in (State.REJECTED, State.HELD) for found in self.taken)

    @property
    def has_internal_errors(self) -> bool:
        """Whether any submission could not be judged through an internal error."""
        return any(found.state is State.LANDED for found in self.taken)

    def summary(self) -> str:
        """Return one line that says what came of the sweep."""
        counts = Counter(str(found.state) for found in self.taken)
        states = ", ".join(f"{counts[str(s)]} {s}" for s in State if counts[str(s)])
        return (
            f"{len(self.taken)} submissions judged{': ' if states else ''}{states}; "
            f"{self.duplicates} duplicate files; {len(self.waiting)} still arriving"
        )


def sweep_once(root: Root, *, wait: bool, progress: Progress) -> Swept:
    """Take in everything that has settled, once.

    Args:
        root: whose drop folder.
        wait: wait, at most one settle window, for files that are still settling.
        progress: told what is going on.
    """
    window = root.settings().settle_seconds
    actor = Actor.here()
    open_key(root)
    if wait:
        _wait_until_settled(root, progress)
    received = receive(root, settle_seconds=window, actor=actor)
    progress(f"{len(received.submissions)} new submissions in the drop folder")
    taken = take_in_unfinished(root, actor=actor, progress=progress)
    return Swept(taken, received.duplicates, received.refused, received.waiting)


def _wait_until_settled(root: Root, progress: Progress) -> None:
    window = root.settings().settle_seconds
    waiting = still_arriving(root, settle_seconds=window, moment=time.time())
    settling = [found.seconds for found in waiting if found.seconds <= window]
    if settling:
        progress(f"waiting {max(settling):.0f} s for {len(settling)} files to settle")
        time.sleep(max(settling))
