"""What a Prefect server is told once: work pool, deployments, and what to do when a run goes wrong.

The same for the embedded service and for production. Safe to repeat: everything is found by name
and replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from prefect.automations import AutomationCore
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CancelFlowRun, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from schemas.errors import PipelineError

HOME = Path(__file__).parents[1]
POOL = "sfpc"
HEARTBEAT_SECONDS = 30
"""How often a run says that it lives: the least that Prefect takes."""
SILENT_SECONDS = 100
"""A run that has said nothing for three heartbeats is dead: its process, worker or machine is."""
LONGEST_RUN_SECONDS = 3_600
"""A run that takes longer hangs: a national burst takes a quarter of this."""
AGAIN_SECONDS = 20
"""Pause before a run is made again, so that one that always dies does not keep the machine busy."""

_ENDS = frozenset(
    f"prefect.flow-run.{name}"
    for name in ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")
)
_ANY_RUN = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
_OF_A_DEPLOYMENT = ResourceSpecification({"prefect.resource.id": ["prefect.deployment.*"]})


def deploy(*, say: Callable[[str], None], longest_run: int = LONGEST_RUN_SECONDS) -> None:
    """Put work pool, deployments and automations of this checkout on the server.

    Raises:
        PipelineError: the server refused, or cannot be reached.
    """
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    _run((*prefect, "work-pool", "create", POOL, "--type", "process", "--overwrite"))
    _run((*prefect, "deploy", "--all"))
    with get_client(sync_client=True) as client:
        for automation in automations(longest_run=longest_run):
            _put(client, automation)
    say("work pool, deployments and automations are in place")


def automations(*, longest_run: int = LONGEST_RUN_SECONDS) -> tuple[AutomationCore, ...]:
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
                within=SILENT_SECONDS,
            ),
            actions=[ChangeFlowRunState(state=StateType.CRASHED, message="no heartbeat")],
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
    return RunDeployment(source="inferred", schedule_after=AGAIN_SECONDS)


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
