"""What is in force has changed: record a data cut and compute everything it implies."""

from prefect import flow

from flows import notify_run, own_root
from tasks.announce.events import announce_refreshed
from tasks.cut.refresh import refresh_cut


@flow(
    name="refresh-outcomes",
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def refresh_outcomes() -> None:
    """Bring outcomes, effects and costs up to what is in force.

    Runs on `returns.ingested` and on the quarterly schedule, one at a time; does nothing when the
    cut has not changed. Emits `outcomes.refreshed`.
    """
    cut_id = refresh_cut(own_root())
    announce_refreshed(cut_id)
