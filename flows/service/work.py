"""The worker: runs the flows of this checkout on one root, and nothing that a server names."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Collection
from typing import Any

from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun, State
from prefect.runner._flow_run_executor import FlowRunExecutor, FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter
from prefect.states import Failed
from prefect.utilities.processutils import command_to_string, setup_signal_handlers_worker
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from flows.service import HOME, RUNS_AT_ONCE
from flows.service.pool import POOL_TYPE, own_server, pool_name
from schemas.errors import PipelineError

_FLOWS = frozenset(path.stem for path in (HOME / "flows").glob("[a-z]*.py"))
# Without the folder it is started in among the places that modules come from.
_ENGINE = (sys.executable, "-P", "-m", "flows.service.engine")


class FlowsWorker(ProcessWorker):
    """A worker that runs the flows of this checkout on its own root.

    Of a run it takes the name of its flow, and parameters that name no root. Command, environment,
    folder, code and pull steps are the worker's: what a run, a deployment or the work pool says of
    them on the server is not looked at.
    """

    type = POOL_TYPE

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run the flow in a process of its own; return how that process ended."""
        name = (await self.client.read_flow(flow_run.flow_id)).name
        if refusal := refusal_of(name, flow_run.parameters):
            await self.client.set_flow_run_state(flow_run.id, Failed(message=refusal), force=True)
            _Started(task_status).tell(0)
            return ProcessWorkerResult(status_code=0, identifier="refused")
        async with FlowRunExecutorContext() as context:
            execution = await _executor(context, flow_run, name).submit(_Started(task_status))
        if execution is None or execution.status_code is None:
            raise PipelineError("the process of the run did not start")
        pid = str(execution.handle.pid)
        return ProcessWorkerResult(status_code=execution.status_code, identifier=pid)


def refusal_of(flow_name: str, parameters: Collection[str]) -> str:
    """Return why a run is not begun; empty when it is."""
    if flow_name.replace("-", "_") not in _FLOWS:
        return "The worker runs the flows of its own checkout alone. Start one of those."
    if "root" in parameters:
        return "A run names no root: it works on that of its worker. Start it without one."
    return ""


def work(root: str, *, queues: Collection[str], name: str, say: Callable[[str], None]) -> None:
    """Take runs from the root's work pool and run them, until interrupted or terminated.

    Raises:
        PipelineError: the server at PREFECT_API_URL is another root's, or has no pool of this root.
    """
    pool = pool_name(root)
    with own_server(root, who="worker") as client:
        if pool not in {found.name for found in client.read_work_pools(limit=200)}:
            raise PipelineError(
                f"worker: the Prefect server has no work pool {pool}. Run `sfp deploy` first."
            )
    os.environ["SFP_ROOT"] = root
    setup_signal_handlers_worker(os.getpid(), "the worker", say)
    worker = FlowsWorker(
        work_pool_name=pool,
        work_queues=sorted(queues) or None,
        name=name or None,
        limit=RUNS_AT_ONCE,
        create_pool_if_not_found=False,
    )
    with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(worker.start(printer=say))


def _executor(context: FlowRunExecutorContext, flow_run: FlowRun, name: str) -> FlowRunExecutor:
    starter = EngineCommandStarter(
        command=command_to_string([*_ENGINE, name.replace("-", "_")]),
        cwd=HOME,
        control_channel=context.control_channel,
        isolate_process_group=True,
    )
    return context.create_executor(
        flow_run, starter, hook_runner=_NoHooks(), propose_submitting=False
    )


class _Started:
    """Tells the worker the number of a run's process once it has begun."""

    def __init__(self, outer: TaskStatus[int] | None) -> None:
        self._outer = outer

    def started(self, handle: ProcessHandle | None = None) -> None:
        self.tell((handle and handle.pid) or 0)

    def tell(self, number: int) -> None:
        if self._outer is not None:
            self._outer.started(number)


class _NoHooks:
    """No hook of a flow runs in the worker: to find one it would load the code a server names."""

    async def run_cancellation_hooks(self, flow_run: FlowRun, state: State[Any]) -> None:
        """Do nothing."""

    async def run_crashed_hooks(self, flow_run: FlowRun, state: State[Any]) -> None:
        """Do nothing."""
