"""Everything that has settled, ingested once and without a server: what `sfp sweep` does."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from schemas.submission import State
from tasks.intake.earlier_claims import record_earlier_claims
from tasks.intake.receive import receive
from tasks.intake.settle import Waiting, still_arriving
from tasks.runtime.progress import Progress
from tasks.validate.batches import judge_batches, processes_for
from tasks.validate.pool import AT_ONCE
from tasks.validate.submission import IngestResult
from warehouse.drop_place import DROP_FOLDER_UNAVAILABLE, require_drop_folder
from warehouse.key import open_key
from warehouse.ledger import Actor, unfinished_batches
from warehouse.root import Root


def ingest_unfinished(
    root: Root, *, actor: Actor, progress: Progress = lambda _: None, jobs: int = AT_ONCE
) -> tuple[IngestResult, ...]:
    """Judge every submission that is registered and not finished, batch after batch.

    Args:
        root: whose submissions.
        actor: who does it.
        progress: takes a line for every batch.
        jobs: processes at once, where there is more to judge than a few.
    """
    open_key(root)
    record_earlier_claims(root, actor=actor, progress=progress)
    batches = unfinished_batches(root)
    count = sum(len(batch.submission_ids) for batch in batches)
    judged = judge_batches(root, batches, actor=actor, processes=processes_for(count, jobs))
    taken: dict[str, IngestResult] = {}
    for results in judged:
        taken |= {result.submission_id: result for result in results}
        for quarter in sorted({result.quarter for result in results}):
            judged_now = sum(result.quarter == quarter for result in results)
            progress(f"{quarter}: {judged_now} submissions judged ({len(taken)} of {count})")
    return tuple(taken.values())


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

    @property
    def has_unavailable(self) -> bool:
        """Whether a part of the drop folder was not there or could not be read."""
        return any(code == DROP_FOLDER_UNAVAILABLE for _, code in self.refused)

    def summary(self) -> str:
        """Return one line that says what came of the sweep."""
        counts = Counter(str(found.state) for found in self.taken)
        states = ", ".join(f"{counts[str(s)]} {s}" for s in State if counts[str(s)])
        return (
            f"{len(self.taken)} submissions judged{': ' if states else ''}{states}; "
            f"{self.duplicates} duplicate files; {len(self.waiting)} still arriving"
        )


def sweep_once(root: Root, *, wait: bool, progress: Progress) -> Swept:
    """Ingest everything that has settled, once.

    Args:
        root: whose drop folder.
        wait: wait, at most one settle window, for files that are still settling.
        progress: takes lines about what is going on.
    """
    window = root.settings().settle_seconds
    actor = Actor.here()
    open_key(root)
    require_drop_folder(root)
    if wait:
        _wait_until_settled(root, progress)
    received = receive(root, settle_seconds=window, actor=actor)
    progress(f"{len(received.submissions)} new submissions in the drop folder")
    taken = ingest_unfinished(root, actor=actor, progress=progress)
    return Swept(taken, received.duplicates, received.refused, received.waiting)


def _wait_until_settled(root: Root, progress: Progress) -> None:
    window = root.settings().settle_seconds
    waiting = still_arriving(root, settle_seconds=window, moment=time.time())
    settling = [found.seconds for found in waiting if found.seconds <= window]
    if settling:
        progress(f"waiting {max(settling):.0f} s for {len(settling)} files to settle")
        time.sleep(max(settling))
