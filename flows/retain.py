"""Every week: remove what has been kept as long as it may be."""

from prefect import flow

from tasks.announce.notices import notify_run
from tasks.operate.reconcile import reconcile_files
from tasks.privacy.retain import remove_ended_runs, remove_expired


@flow(
    name="retain",
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def retain(root: str) -> None:
    """Remove what is past its retention, old runs included, and files nothing names."""
    remove_expired(root)
    remove_ended_runs()
    reconcile_files(root)
