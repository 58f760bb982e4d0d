"""Where work that is independent piece by piece is done: processes, threads, or a Dask cluster.

Which of them is a setting of the root. A piece goes out as a few names and comes back as one: rows
are read and results kept on disk by the worker that does the work, and never travel.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

from schemas.errors import PipelineError
from warehouse.root import DASK, THREADS, Settings

Piece = TypeVar("Piece")
Name = TypeVar("Name")


def map_parallel(
    work: Callable[[Piece], Name],
    pieces: Sequence[Piece],
    *,
    settings: Settings,
    jobs: int | None = None,
) -> Iterator[Name]:
    """Yield what comes of each piece, in order, as soon as it is done.

    One piece is done here: to start anything would take longer.

    Args:
        work: a function of a module, so that another process can find it.
        pieces: what to do it to.
        settings: where.
        jobs: processes or threads, or workers of a Dask cluster of our own; as many as there are
            cores by default.
    """
    jobs = jobs or os.cpu_count() or 1
    if len(pieces) <= 1 or (jobs == 1 and settings.workers != DASK):
        return map(work, pieces)
    if settings.workers == DASK:
        return _on_dask(work, pieces, settings.dask_scheduler, jobs)
    if settings.workers == THREADS:
        return _in_threads(work, pieces, jobs)
    return _in_processes(work, pieces, jobs)


def _in_processes(
    work: Callable[[Piece], Name], pieces: Iterable[Piece], jobs: int
) -> Iterator[Name]:
    with process_pool(jobs, work.__module__) as pool:
        yield from pool.map(work, pieces)


def process_pool(jobs: int, *preload: str) -> ProcessPoolExecutor:
    """Return processes that have the modules named, and that end with this one, however it ends."""
    # A fork server imports the work once and every process is forked from it in an instant;
    # forking this process instead would copy its threads' locks.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*preload])
    return ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let this process die when the one that asked for it is killed: no other would end it."""
    threading.Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_threads(
    work: Callable[[Piece], Name], pieces: Iterable[Piece], jobs: int
) -> Iterator[Name]:
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(work, pieces)


def _on_dask(
    work: Callable[[Piece], Name], pieces: Sequence[Piece], scheduler: str, jobs: int
) -> Iterator[Name]:
    """Do the work on the cluster of a scheduler, or on one of our own while no address is given.

    Raises:
        PipelineError: the cluster cannot be reached, or was lost on the way.
    """
    # Here, not above: Dask takes a second to import, and few roots ask for it.
    from distributed import CancelledError, KilledWorker
    from prefect_dask.task_runners import DaskTaskRunner

    at = {"address": scheduler} if scheduler else {"cluster_kwargs": own_cluster(jobs)}
    with DaskTaskRunner(**at) as runner:
        try:
            client = runner.client
        except OSError as error:
            raise _lost(scheduler, error) from None
        try:
            # Plain functions, not Prefect tasks: docs/decisions/0011-beyond-one-machine.md.
            for done in client.map(work, pieces, pure=False):
                yield done.result()
        except (CancelledError, KilledWorker) as error:
            raise _lost(scheduler, error) from None


def own_cluster(jobs: int) -> dict[str, Any]:
    """Return a cluster of this machine that shows nothing of itself to others."""
    return {
        "n_workers": jobs,
        "threads_per_worker": 1,
        # Some page is always served: without Dask's dashboard, to this machine, on any free port.
        "dashboard_address": "127.0.0.1:0",
        "scheduler_kwargs": {"dashboard": False},
    }


def _lost(scheduler: str, error: BaseException) -> PipelineError:
    return PipelineError(
        f"refresh: the Dask cluster {f'at {scheduler} ' if scheduler else ''}cannot be reached or "
        f"was lost ({type(error).__name__}). Start it and refresh again: what is done is kept."
    )
