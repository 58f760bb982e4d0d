"""What a Prefect server is told once: work pool, deployments, and what to do when a run goes wrong.

The same for the embedded service and for production. Safe to repeat: everything is found by name
and replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
from prefect.automations import AutomationCore
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CancelFlowRun, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.settings import PREFECT_API_URL

from schemas.errors import PipelineError

HOME = Path(__file__).parents[1]
POOL = "sfpc"
START_SECONDS = 120.0
SILENT = timedelta(seconds=100)
"""A run silent for three heartbeats of 30 s is dead: its process, its worker or its machine is."""
LONGEST_RUN = timedelta(hours=1)
"""A run that takes longer hangs: a national burst takes a quarter of this."""
AGAIN = timedelta(seconds=20)
"""Pause before a run is made again, so that one that always dies does not keep the machine busy."""

_ENDS = frozenset(
    f"prefect.flow-run.{name}"
    for name in ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")
)
_ANY_RUN = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
_OF_A_DEPLOYMENT = ResourceSpecification({"prefect.resource.id": ["prefect.deployment.*"]})


def deploy(*, say: Callable[[str], None], longest_run: timedelta = LONGEST_RUN) -> None:
    """Put work pool, deployments and automations of this checkout on the server.

    Raises:
        PipelineError: the server refused, or cannot be reached.
    """
    _await_server()
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    _run((*prefect, "work-pool", "create", POOL, "--type", "process", "--overwrite"))
    _run((*prefect, "deploy", "--all"))
    with get_client(sync_client=True) as client:
        for automation in automations(longest_run=longest_run):
            _put(client, automation)
    say("work pool, deployments and automations are in place")


def automations(*, longest_run: timedelta = LONGEST_RUN) -> tuple[AutomationCore, ...]:
    """Return what the server does by itself when a run is silent, hangs, or has crashed."""
    return (
        AutomationCore(
            name="sfpc: a silent run has crashed",
            description="A run whose heartbeats stop is marked as crashed, which frees its place.",
            trigger=EventTrigger(
                after={"prefect.flow-run.heartbeat"},
                expect={"prefect.flow-run.heartbeat", *_ENDS},
                match=_ANY_RUN,
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=SILENT,
            ),
            actions=[
                ChangeFlowRunState(
                    name=None, state=StateType.CRASHED, message="no heartbeat", force=False
                )
            ],
        ),
        AutomationCore(
            name="sfpc: a run that hangs is stopped and made again",
            description="The worker ends its process; what it left is finished by the next run.",
            trigger=EventTrigger(
                after={"prefect.flow-run.Running"},
                expect=set(_ENDS),
                match=_ANY_RUN,
                match_related=_OF_A_DEPLOYMENT,
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=longest_run,
            ),
            actions=[CancelFlowRun(), _again()],
        ),
        AutomationCore(
            name="sfpc: a run that crashed is made again",
            description="Whatever it left is in the ledger; the next run finishes it.",
            trigger=EventTrigger(
                expect={"prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"},
                match=_ANY_RUN,
                match_related=_OF_A_DEPLOYMENT,
                posture=Posture.Reactive,
                threshold=1,
            ),
            actions=[_again()],
        ),
    )


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
