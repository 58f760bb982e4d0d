"""Submissions ingested in a process pool: one that ends its process leaves the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import NamedTuple

from tasks.runtime.workers import process_pool
from tasks.validate.submission import IngestResult, ingest_or_report, not_ingested
from warehouse.ledger import Actor
from warehouse.root import Root

AT_ONCE = 2 * (os.cpu_count() or 1)
"""Submissions judged at the same time: half of the time is spent on the disk, so two a core."""
PRELOAD = ("tasks.validate.pool", "expectations.run")
"""What a process that ingests needs: the engine of the rules takes seconds to import."""
_RETRY = threading.Lock()


class IngestJob(NamedTuple):
    """One submission to ingest, as it is handed to another process.

    Attributes:
        root: path of the root.
        submission_id: which.
        actor: who does it.
        skip_waiting_for: ids of submissions known to have failed, which no other waits for.
    """

    root: str
    submission_id: str
    actor: Actor
    skip_waiting_for: frozenset[str] = frozenset()


Work = Callable[[IngestJob], IngestResult]


def ingest_job(job: IngestJob) -> IngestResult:
    """Ingest one submission in the process this is called in; return what became of it."""
    root = Root.at(job.root)
    return ingest_or_report(
        root,
        job.submission_id,
        actor=job.actor,
        skip_waiting_for=job.skip_waiting_for,
    )


def submit(pool: Executor, job: IngestJob, work: Work = ingest_job) -> Future[IngestResult] | None:
    """Hand a job to a pool; None when the pool is broken and takes no more."""
    try:
        return pool.submit(work, job)
    except BrokenExecutor:
        return None


def result_or_retry_alone(
    future: Future[IngestResult] | None, job: IngestJob, work: Work = ingest_job
) -> IngestResult:
    """Return the result of a job; where its pool broke, the result of the job in a process alone.

    A submission that also ends a process of its own (by its size, say) cannot be judged: it stays
    landed with an internal error, and the others go on.
    """
    try:
        if future is not None:
            return future.result()
    except BrokenExecutor:
        pass
    try:
        # One after the other: what broke the pool may have been too many large ones at once.
        with _RETRY, process_pool(1, *PRELOAD) as own:
            return own.submit(work, job).result()
    except BrokenExecutor:
        why = "INTERNAL_ERROR the process that judged it was ended. Is there memory enough for it?"
        return not_ingested(Root.at(job.root), job.submission_id, why, waits=False)
