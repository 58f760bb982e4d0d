"""Every week: remove what has been kept as long as it may be."""

from prefect import flow

from flows import notify_run, own_root
from tasks.operate.reconcile import reconcile_files
from tasks.privacy.retain import remove_ended_runs, remove_expired


@flow(
    name="retain",
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def retain() -> None:
    """Remove what is past its retention, old runs included; set aside what nothing names."""
    root = own_root()
    remove_expired(root)
    remove_ended_runs()
    reconcile_files(root)
