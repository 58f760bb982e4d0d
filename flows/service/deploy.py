"""What a Prefect server is given once: work pool, deployments, and what to do about failed runs.

The same for the embedded service and for production. Safe to repeat: everything is found by name
and replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
from prefect.automations import AutomationCore
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CancelFlowRun, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.settings import PREFECT_API_URL

from flows.service import HOME, POOL, START_SECONDS
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


def deploy(*, say: Callable[[str], None], patience: Patience | None = None) -> None:
    """Put work pool, deployments and automations of this checkout on the server.

    Raises:
        PipelineError: the server refused, or cannot be reached.
    """
    _await_server()
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    _run((*prefect, "work-pool", "create", POOL, "--type", "process", "--overwrite"))
    _run((*prefect, "deploy", "--all"))
    with get_client(sync_client=True) as client:
        notices = client.read_deployment_by_name("notify/notify").id
        for automation in automations(notices, patience or Patience()):
            _put(client, automation)
    say("work pool, deployments and automations are in place")


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


def _await_server() -> None:
    """Wait for the server to answer: it and this command are often started together."""
    address = str(PREFECT_API_URL.value() or "")
    if not address:
        raise PipelineError("deploy: PREFECT_API_URL does not say where the server is. Set it.")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/health", timeout=2.0).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise PipelineError(f"deploy: no Prefect server answers at {address}. Start it first.")


def _put(client: SyncPrefectClient, automation: AutomationCore) -> None:
    for earlier in client.read_automations_by_name(automation.name):
        client.delete_automation(earlier.id)
    client.create_automation(automation)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command,
        cwd=HOME,
        env={**os.environ, "SFP_HOME": os.environ.get("SFP_HOME", str(HOME))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PipelineError(
            f"deploy: `{' '.join(command[2:])}` failed (code {done.returncode}). Is the server "
            f"running, and PREFECT_API_URL its address? It said: {done.stderr.strip()[-500:]}"
        )
