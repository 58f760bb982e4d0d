"""The one loop that judges: batch after batch, each in a process pool or in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from schemas.claims import claim_rules
from schemas.errors import PipelineError
from schemas.submission import State
from tasks.runtime.workers import process_pool
from tasks.validate.claims import reasons_against
from tasks.validate.pool import PRELOAD, IngestJob, ingest_job, result_or_retry_alone, submit
from tasks.validate.submission import IngestResult
from warehouse.ledger import Actor, Batch, unfinished_batches
from warehouse.restated import settle_claims
from warehouse.root import Root

ONE_BY_ONE = 4
"""Up to this many submissions, starting other processes costs more than it saves."""


class BatchResult(NamedTuple):
    """What became of one batch: its results, and the ids of those that cannot be judged."""

    results: Sequence[IngestResult]
    failed: frozenset[str]


_ROUNDS = 5
"""One round settles what came; others may arrive meanwhile. The next run settles the rest."""
Judge = Callable[[Sequence[IngestJob], Executor | None], BatchResult]


def judge_jobs(jobs: Sequence[IngestJob], executor: Executor | None) -> BatchResult:
    """Return what became of jobs that are independent; without an executor they are done here."""
    results = [*map(ingest_job, jobs)] if executor is None else _pooled(jobs, executor)
    failed = (result.submission_id for result in results if result.is_internal_error)
    return BatchResult(results, frozenset(failed))


def _pooled(jobs: Sequence[IngestJob], executor: Executor) -> list[IngestResult]:
    futures = [submit(executor, job) for job in jobs]
    return [result_or_retry_alone(*each) for each in zip(futures, jobs, strict=True)]


def judge_batches(
    root: Root,
    batches: Iterable[Batch],
    *,
    actor: Actor,
    processes: int,
    judge: Judge = judge_jobs,
) -> Iterator[Sequence[IngestResult]]:
    """Judge batch after batch and yield the results of each, in order.

    Those of a batch look at none of the others of it. A submission that the disk or the ledger
    refused waits for the next run, and so does every later one that looks at it; one that cannot be
    judged at all keeps no later one waiting.

    Args:
        root: whose submissions.
        batches: in the order of `unfinished_batches`.
        actor: who does it.
        processes: how many at once; 1 for this process alone.
        judge: how the jobs of a batch are done, where not in plain processes.
    """
    failed: frozenset[str] = frozenset()
    with _pool_while_whole(processes) as pool:
        for batch in _until_settled(root, batches, actor):
            jobs = [IngestJob(str(root.path), each, actor, failed) for each in batch.submission_ids]
            judged = judge(jobs, pool())
            failed |= judged.failed
            yield judged.results


def _until_settled(root: Root, batches: Iterable[Batch], actor: Actor) -> Iterator[Batch]:
    """Yield batches, and after them those whose verdict changes by what other authorities sent.

    What is judged again claims what it did before, so that a second round settles it.
    """
    yield from batches
    for _ in range(_ROUNDS):
        changed = frozenset(settle_claims(root, reasons_against, actor, rules=claim_rules()))
        if not changed:
            return
        for batch in unfinished_batches(root):
            if ids := tuple(each for each in batch.submission_ids if each in changed):
                yield Batch(batch.quarter, ids)


def processes_for(count: int, at_once: int) -> int:
    """Return how many processes judge so many submissions: 1, which is this one, for a few."""
    return at_once if count > ONE_BY_ONE else 1


@contextmanager
def _pool_while_whole(processes: int) -> Iterator[Callable[[], Executor | None]]:
    """Hand over what gives the pool to judge a batch in; None for this process alone.

    It is the same pool for every batch, and a new one once that broke. A process makes the rules
    ready with the first submission it judges, which takes as long as five small ones after it.
    """
    with ExitStack() as stack:
        pools: list[Executor] = []

        def pool() -> Executor | None:
            if processes == 1:
                return None
            if not pools or not _takes_work(pools[-1]):
                pools.append(stack.enter_context(process_pool(processes, *PRELOAD)))
            return pools[-1]

        yield pool


def _takes_work(pool: Executor) -> bool:
    try:
        pool.submit(int)
    except BrokenExecutor:
        return False
    return True


def judge_pending(root: Root, *, actor: Actor) -> None:
    """Judge what is registered and not finished, in this process.

    Raises:
        PipelineError: something could not be judged.
    """
    for results in judge_batches(root, unfinished_batches(root), actor=actor, processes=1):
        for result in results:
            if result.state is State.LANDED:
                raise PipelineError(
                    f"submission {result.submission_id} could not be judged "
                    f"({result.reason_code}). What is done stays done. Put that right, then run "
                    "the same command again."
                )
