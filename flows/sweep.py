"""Every night: finish whatever an event, a process or a machine lost during the day."""

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows import notify_run, own_root
from tasks.announce.events import announce_ingested, announce_verdicts
from tasks.intake.ingest import batch_verdicts
from tasks.intake.receive import receive_returns
from tasks.operate.reconcile import reconcile_files
from tasks.operate.status_page import write_status
from tasks.validate.pool import AT_ONCE


@flow(
    name="sweep",
    # Prefect declares the parameter for its base class alone, which no runner satisfies.
    task_runner=ThreadPoolTaskRunner(max_workers=AT_ONCE),  # type: ignore[arg-type]
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def sweep() -> None:
    """Ingest what settled unseen, finish what was left unfinished, set aside what nothing names.

    Runs on the nightly schedule. Emits the same events as `ingest-returns`.
    """
    root = own_root()
    batches = receive_returns(root)
    for verdicts in batch_verdicts(root, batches):
        announce_verdicts(root, verdicts)
    announce_ingested(root)
    write_status(root)
    # Last, as it fails where files and ledger disagree too much for anything to be moved.
    reconcile_files(root)
