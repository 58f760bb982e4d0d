"""Everything that has settled, in observed steps, for the flows of arrival and of the night."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from prefect import task, unmapped
from prefect.cache_policies import NO_CACHE

from schemas.errors import OutageError, PipelineError, WaitsError
from schemas.submission import State
from tasks.announce.events import announce_verdicts, tell_verdict
from tasks.intake.receive import receive_returns
from tasks.runtime.workers import process_pool
from tasks.validate.pool import (
    AT_ONCE,
    ONE_BY_ONE,
    PRELOAD,
    IngestJob,
    ingest_job,
    result_or_retry_alone,
    submit,
)
from tasks.validate.submission import IngestResult
from warehouse.ledger import Actor
from warehouse.root import THREADS, Root

_PASSING = (WaitsError, OutageError)


def take_in_settled(root: str) -> None:
    """Register what has settled, judge it batch after batch and tell each verdict.

    Called within a flow. A submission that cannot be judged fails its own task; the others go on,
    later ones of the same return, too. What the disk or the ledger refused waits for the next run,
    and so does whatever looks at it.
    """
    batches = receive_returns(root)
    faulty: tuple[str, ...] = ()
    count = sum(map(len, batches))
    for batch in batches:
        with _hands(root, count) as hands:
            verdicts = take_in_submission.map(
                unmapped(root), batch, unmapped(faulty), unmapped(hands)
            )
            outcomes = [verdict.result(raise_on_failure=False) for verdict in verdicts]
        announce_verdicts(root, [found for found in outcomes if isinstance(found, dict)])
        found = zip(batch, outcomes, strict=True)
        faulty += tuple(one for one, outcome in found if _is_faulty(outcome))


@contextmanager
def _hands(root: str, count: int) -> Iterator[Executor | None]:
    """Hand over the processes that judge; None when Prefect's own threads are to."""
    if count <= ONE_BY_ONE or Root.at(root).settings().workers == THREADS:
        yield None
        return
    with process_pool(AT_ONCE, *PRELOAD) as pool:
        yield pool


def _is_faulty(outcome: object) -> bool:
    """Return whether a submission cannot be judged, so that no later one need wait for it.

    Only an error of ours says so: any other comes from a ledger that does not answer at all.
    """
    return isinstance(outcome, PipelineError) and not isinstance(outcome, _PASSING)


@task(
    name="take-in-submission",
    task_run_name="take-in-{submission_id}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def take_in_submission(
    root: str, submission_id: str, skip_waiting_for: Collection[str], hands: Executor | None
) -> dict[str, str]:
    """Judge one submission as an observed step, tell it, and return who, which, when and what.

    Raises:
        WaitsError: the disk or the ledger refused, or an earlier one waits; it is tried again.
        PipelineError: it cannot be judged through an internal error.
    """
    taken = _taken_in(root, submission_id, frozenset(skip_waiting_for), hands)
    if taken.state is State.LANDED:
        words = f"submission {submission_id}: {taken.reason_code}. See `sfp status`."
        raise WaitsError(words) if taken.waits else PipelineError(words)
    tell_verdict(Root.at(root), taken.row())
    return taken.row()


def _taken_in(
    root: str, submission_id: str, skip_waiting_for: frozenset[str], hands: Executor | None
) -> IngestResult:
    job = IngestJob(root, submission_id, Actor.here("ingest-returns"), skip_waiting_for)
    if hands is None:
        return ingest_job(job)
    return result_or_retry_alone(submit(hands, job), job)
