"""Every day: list the returns that are overdue, authority by authority."""

from prefect import flow

from flows import notify_run, own_root
from tasks.operate.chase import list_overdue


@flow(
    name="chase",
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def chase() -> None:
    """Write today's list of overdue returns to the notices folder and as an artifact."""
    list_overdue(own_root())
