"""What a Prefect server is given once: work pool, deployments, and what to do about failed runs.

The same for the embedded service and for production. Safe to repeat: everything is found by name
and replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect.automations import AutomationCore
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CancelFlowRun, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound

from flows.service import HOME
from flows.service.pool import POOL_TYPE, TEMPLATE, UNNAMED, own_server, pool_name
from schemas.errors import PipelineError

AGAIN = timedelta(seconds=20)
"""Pause before a run is made again, so that one that always dies leaves the machine free."""


@dataclass(frozen=True)
class Patience:
    """How long a run may be silent before the server does something about it.

    Attributes:
        not_begun: from being taken by a worker to running; starting takes seconds, on a machine
            at its limit a minute or two.
        silent: three heartbeats of 30 s; then its process, its worker or its machine is dead.
        longest_run: a run that takes longer hangs: a national burst takes a quarter of this.
    """

    not_begun: timedelta = timedelta(minutes=5)
    silent: timedelta = timedelta(seconds=100)
    longest_run: timedelta = timedelta(hours=1)


_HEARTBEAT = "prefect.flow-run.heartbeat"
_TAKEN = frozenset(
    f"prefect.flow-run.{name}" for name in ("Pending", "Submitting", "InfrastructurePending")
)
_BEGUN_OR_BACK = frozenset(
    f"prefect.flow-run.{name}"
    for name in ("Running", "Retrying", "Scheduled", "AwaitingConcurrencySlot", "AwaitingRetry")
)
_ENDS = frozenset(
    f"prefect.flow-run.{name}"
    for name in ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")
)
_ANY_RUN = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
_OF_A_DEPLOYMENT = ResourceSpecification({"prefect.resource.id": ["prefect.deployment.*"]})


def deploy(root: str, *, say: Callable[[str], None], patience: Patience | None = None) -> None:
    """Put work pool, deployments and automations of this checkout on the root's own server.

    Raises:
        PipelineError: the server refused, cannot be reached, or belongs to another root.
    """
    pool = pool_name(root)
    with own_server(root, who="deploy") as client:
        _put_pool(client, pool)
        _deploy_all(pool)
        notices = client.read_deployment_by_name("notify/notify").id
        for automation in automations(notices, patience or Patience()):
            _put(client, automation.model_copy(update={"tags": [pool]}))
        _remove_unnamed(client)
    say(f"work pool {pool}, deployments and automations are in place")


def automations(notices: UUID, patience: Patience) -> tuple[AutomationCore, ...]:
    """Return what the server does by itself when a run is silent, hangs, or has crashed.

    Args:
        notices: the deployment that sends notices.
        patience: how long each kind of silence may last.
    """
    # The server finds them by name: one with a new name would run alongside the earlier one.
    return (
        _never_began(patience.not_begun),
        _silent(patience.silent),
        _hanging(patience.longest_run),
        _crashed(),
        _notified(notices),
    )


def _never_began(within: timedelta) -> AutomationCore:
    return AutomationCore(
        name="sfpc: a run that never began has crashed",
        description="Its worker died between taking it and starting it.",
        trigger=_silence(
            after=set(_TAKEN),
            expect={*_TAKEN, *_ENDS, *_BEGUN_OR_BACK},
            within=within,
        ),
        actions=[_mark_as_crashed("taken by a worker, never begun")],
    )


def _silent(within: timedelta) -> AutomationCore:
    return AutomationCore(
        name="sfpc: a silent run has crashed",
        description="A run whose heartbeats stop is marked as crashed, which frees its place.",
        trigger=_silence(
            after={"prefect.flow-run.Running", _HEARTBEAT},
            expect={_HEARTBEAT, *_ENDS},
            within=within,
        ),
        actions=[_mark_as_crashed("no heartbeat")],
    )


def _hanging(within: timedelta) -> AutomationCore:
    return AutomationCore(
        name="sfpc: a run that hangs is stopped and made again",
        description="The worker ends its process; what it left is finished by the next run.",
        trigger=_silence(after={"prefect.flow-run.Running"}, expect=set(_ENDS), within=within),
        actions=[CancelFlowRun(), _again()],
    )


def _crashed() -> AutomationCore:
    return AutomationCore(
        name="sfpc: a run that crashed is made again",
        description="Whatever it left is in the ledger; the next run finishes it.",
        trigger=_end({"prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"}),
        actions=[_again()],
    )


def _notified(notices: UUID) -> AutomationCore:
    """Return what sends a notice: a hook of the flow itself would die with its worker."""
    return AutomationCore(
        name="sfpc: a run that ended badly is told",
        description="Sends a notice where the root's settings say so.",
        trigger=_end(
            {
                "prefect.flow-run.Crashed",
                "prefect.flow-run.TimedOut",
                "prefect.flow-run.Cancelled",
            }
        ),
        actions=[
            RunDeployment(
                source="selected",
                deployment_id=notices,
                parameters={
                    "flow_name": "{{ flow.name }}",
                    "run_name": "{{ flow_run.name }}",
                    "run_id": "{{ flow_run.id | string }}",
                    "event": "{{ event.event }}",
                },
                job_variables=None,
            )
        ],
    )


def _silence(*, after: set[str], expect: set[str], within: timedelta) -> EventTrigger:
    """Return a trigger that fires when nothing expected follows of the same run in time."""
    return EventTrigger(
        after=after,
        expect=expect,
        match=_ANY_RUN,
        match_related=_OF_A_DEPLOYMENT,
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=within,
    )


def _end(expect: set[str]) -> EventTrigger:
    return EventTrigger(
        expect=expect,
        match=_ANY_RUN,
        match_related=_OF_A_DEPLOYMENT,
        posture=Posture.Reactive,
        threshold=1,
    )


def _mark_as_crashed(why: str) -> ChangeFlowRunState:
    return ChangeFlowRunState(name=None, state=StateType.CRASHED, message=why, force=False)


def _again() -> RunDeployment:
    return RunDeployment(
        source="inferred",
        deployment_id=None,
        parameters=None,
        job_variables=None,
        schedule_after=AGAIN,
    )


def _put_pool(client: SyncPrefectClient, pool: str) -> None:
    wanted = WorkPoolCreate(name=pool, type=POOL_TYPE, base_job_template=TEMPLATE)
    client.create_work_pool(wanted, overwrite=True)


def _remove_unnamed(client: SyncPrefectClient) -> None:
    """Remove the pool of earlier versions, whose deployments are in the pool of the root by now."""
    with suppress(ObjectNotFound):
        client.delete_work_pool(UNNAMED)


def _put(client: SyncPrefectClient, automation: AutomationCore) -> None:
    for earlier in client.read_automations_by_name(automation.name):
        client.delete_automation(earlier.id)
    client.create_automation(automation)


def _deploy_all(pool: str) -> None:
    command = (sys.executable, "-P", "-m", "prefect", "--no-prompt", "deploy", "--all")
    done = subprocess.run(
        command,
        cwd=HOME,
        env={**os.environ, "SFP_HOME": str(HOME), "SFP_POOL": pool},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PipelineError(
            f"deploy: `{' '.join(command[3:])}` failed (code {done.returncode}). Is the server "
            f"running, and PREFECT_API_URL its address? It said: {done.stderr.strip()[-500:]}"
        )
