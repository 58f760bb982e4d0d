"""Returns arrive: carry every submission that has settled from the drop folder to a verdict."""

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows import notify_run, own_root
from tasks.announce.events import announce_ingested, announce_verdicts
from tasks.intake.ingest import batch_verdicts
from tasks.intake.receive import receive_returns
from tasks.operate.status_page import write_status
from tasks.validate.pool import AT_ONCE


@flow(
    name="ingest-returns",
    # Prefect declares the parameter for its base class alone, which no runner satisfies.
    task_runner=ThreadPoolTaskRunner(max_workers=AT_ONCE),  # type: ignore[arg-type]
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def ingest_returns() -> None:
    """Ingest everything that has settled.

    Runs on `returns.settled`; the next run makes good whatever event was lost. Emits one
    `return.accepted`, `return.rejected` or `return.held` per submission, then `returns.ingested`
    when what is in force differs from the newest data cut.
    """
    root = own_root()
    batches = receive_returns(root)
    for verdicts in batch_verdicts(root, batches):
        announce_verdicts(root, verdicts)
    announce_ingested(root)
    write_status(root)
