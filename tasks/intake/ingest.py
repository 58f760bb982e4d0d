"""Registered submissions judged in observed steps, one Prefect task each: for the flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

from prefect import task, unmapped
from prefect.cache_policies import NO_CACHE

from schemas.errors import OutageError, PipelineError, WaitsError
from schemas.submission import State
from tasks.announce.events import report_verdict
from tasks.intake.earlier_claims import record_earlier_claims
from tasks.validate.batches import BatchResult, judge_batches, processes_for
from tasks.validate.pool import AT_ONCE, IngestJob, ingest_job, result_or_retry_alone, submit
from tasks.validate.submission import IngestResult
from warehouse.ledger import Actor, Batch
from warehouse.root import Root
from warehouse.settings import THREADS

_PASSING = (WaitsError, OutageError)


def batch_verdicts(root: str, batches: Sequence[Batch]) -> Iterator[Sequence[dict[str, str]]]:
    """Judge batch after batch; yield who, which, when and what of each batch's verdicts.

    Called within a flow. A submission that cannot be judged fails its own task and the others go
    on. A burst is judged in processes, a few by Prefect's own threads.
    """
    at = Root.at(root)
    count = sum(len(batch.submission_ids) for batch in batches)
    processes = 1 if at.settings().workers == THREADS else processes_for(count, AT_ONCE)
    actor = Actor.service("ingest-returns")
    record_earlier_claims(at, actor=actor)
    judged = judge_batches(at, batches, actor=actor, processes=processes, judge=_observed)
    return ([result.row() for result in results] for results in judged)


def _observed(jobs: Sequence[IngestJob], executor: Executor | None) -> BatchResult:
    """Return what became of jobs that are done as one Prefect task each."""
    futures = judge_submission.map(jobs, unmapped(executor))
    outcomes = [future.result(raise_on_failure=False) for future in futures]
    found = zip(jobs, outcomes, strict=True)
    return BatchResult(
        [outcome for outcome in outcomes if isinstance(outcome, IngestResult)],
        frozenset(job.submission_id for job, outcome in found if _is_internal_error(outcome)),
    )


def _is_internal_error(outcome: object) -> bool:
    """Return whether a submission cannot be judged, so that no later one need wait for it.

    Only an error of ours says so: any other comes from a ledger that does not answer at all.
    """
    return isinstance(outcome, PipelineError) and not isinstance(outcome, _PASSING)


@task(
    name="judge-submission",
    task_run_name="judge-{job.submission_id}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def judge_submission(job: IngestJob, executor: Executor | None) -> IngestResult:
    """Judge one submission as an observed step, report its verdict and return it.

    Raises:
        WaitsError: the disk or the ledger refused, or an earlier one waits; it is tried again.
        PipelineError: it cannot be judged because of an internal error.
    """
    result = _judged(job, executor)
    if result.state is State.LANDED:
        words = f"submission {job.submission_id}: {result.reason_code}. See `sfp status`."
        raise WaitsError(words) if result.waits else PipelineError(words)
    report_verdict(Root.at(job.root), result.row())
    return result


def _judged(job: IngestJob, executor: Executor | None) -> IngestResult:
    if executor is None:
        return ingest_job(job)
    return result_or_retry_alone(submit(executor, job), job)
