"""A run ended badly: send a notice, where the root's settings say so."""

from prefect import flow

from flows import own_root
from tasks.announce.notices import notify_end


@flow(name="notify", persist_result=False)
def notify(flow_name: str, run_name: str, run_id: str, event: str) -> None:
    """Send a notice of a run that crashed, hung or took too long.

    The server sets this off (flows/service/deploy.py): a run that was killed cannot send one.
    """
    how = event.rpartition(".")[2].lower()
    notify_end(own_root(), flow_name=flow_name, run_name=run_name, run_id=run_id, how=how)
