"""Returns arrive: carry every submission that has settled from the drop folder to a verdict."""

from prefect import flow, unmapped
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from schemas.errors import WaitsError
from tasks.announce import announce_ingested, announce_verdict
from tasks.notify import notify_run
from tasks.publish_status import write_status
from tasks.receive import receive_returns
from tasks.take_in import take_in_submission


@flow(
    name="ingest-returns",
    # Prefect declares the parameter for its base class alone, which no runner satisfies.
    task_runner=ThreadPoolTaskRunner(max_workers=2),  # type: ignore[arg-type]
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def ingest_returns(root: str) -> None:
    """Take in everything that has settled.

    Runs on `returns.settled`, and whatever event was lost is made good by the next run. Emits one
    `return.accepted`, `return.rejected` or `return.held` per submission, then `returns.ingested`
    when what is in force differs from the newest data cut.
    """
    faulty: list[str] = []
    for wave in receive_returns(root):
        verdicts = take_in_submission.map(unmapped(root), wave, unmapped(tuple(faulty)))
        # A submission that could not be judged fails its own task; the others go on.
        announce_verdict.map(unmapped(root), verdicts).wait()
        faulty += [one for one, found in zip(wave, verdicts, strict=True) if _is_faulty(found)]
    announce_ingested(root)
    write_status(root)


def _is_faulty(verdict: PrefectFuture[dict[str, str]]) -> bool:
    """Say whether a submission cannot be judged, so that no later one need wait for it."""
    outcome: object = verdict.result(raise_on_failure=False)
    return isinstance(outcome, Exception) and not isinstance(outcome, WaitsError)
