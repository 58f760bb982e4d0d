"""What happens when: each flow reads as an order of events."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from schemas.errors import UsageError

if TYPE_CHECKING:
    from prefect import Flow, State
    from prefect.client.schemas.objects import FlowRun


def own_root() -> str:
    """Return the root of this process, which its worker was started for and no run can name.

    Raises:
        UsageError: the process was started for no root, or another user may write what decides
            what is run there.
    """
    root = os.environ.get("SFP_ROOT", "")
    if not root:
        raise UsageError("SFP_ROOT does not say which root this process works on. Set it.")
    from tasks.operate.trusted_root import trusted_root

    return str(trusted_root(root).path)


def notify_run(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Send a notice of a run that failed: a hook for flows, called by Prefect."""
    from tasks.announce.notices import notify_end

    how = (state.name or str(state.type)).lower()
    run_id = str(flow_run.id)
    notify_end(own_root(), flow_name=flow.name, run_name=flow_run.name, run_id=run_id, how=how)
