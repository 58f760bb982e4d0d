"""Where work that is independent piece by piece is done: processes, threads, or a Dask cluster.

Which of them is a setting of the root. A piece goes out as a few names and comes back as one: rows
are read and results kept on disk by the worker that does the work, and never travel.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, TypeVar

from schemas.environment import seek_cycles_less
from schemas.errors import PipelineError
from warehouse.settings import DASK, THREADS, Settings

_FOLDER = "sfp-dask-"
_UNLOCKED_SECONDS = 60.0
"""Longest time between the making of a cluster's folder and its lock, with room to spare."""

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
    # forking this process instead would copy its threads' locks. Before Python 3.12.8 it looks for
    # what it preloads in the folder it is started in first, whatever this process imports from:
    # PYTHONSAFEPATH (schemas/environment.py) keeps it out of there.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*preload])
    return ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_at_start)


def _at_start() -> None:
    seek_cycles_less()
    _end_with_parent()


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

    with _cluster(scheduler, jobs) as at, DaskTaskRunner(**at) as runner:
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


@contextmanager
def _cluster(scheduler: str, jobs: int) -> Iterator[dict[str, Any]]:
    """Yield which cluster to work on; one of our own has a folder that goes when it is done."""
    if scheduler:
        yield {"address": scheduler}
        return
    _remove_left_folders()
    with TemporaryDirectory(prefix=_FOLDER) as folder, _locked(folder):
        yield {"cluster_kwargs": own_cluster(jobs, folder)}


@contextmanager
def _locked(folder: str | Path) -> Iterator[None]:
    """Hold a folder; the kernel gives it back when the process ends, however.

    Raises:
        OSError: another process holds it, or it went.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_left_folders() -> None:
    """Remove folders of this user's earlier clusters whose process was killed."""
    for folder in Path(gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):
            found = folder.lstat()
            is_old = time.time() - found.st_mtime > _UNLOCKED_SECONDS
            if found.st_uid == os.geteuid() and is_old:
                with _locked(folder):
                    shutil.rmtree(folder)


def own_cluster(jobs: int, folder: str) -> dict[str, Any]:
    """Return a cluster of this machine that shows nothing of itself to others and lets none in.

    Args:
        jobs: how many workers.
        folder: one that no other user may enter. Dask imports from its folder before anywhere else
            and would take the one it looks for by default from any user who made it first.
    """
    return {
        "n_workers": jobs,
        "threads_per_worker": 1,
        # Certificates made for this cluster and kept in memory: without, any user of the machine
        # could have it run anything.
        "security": True,
        # Some page is always served: without Dask's dashboard, to this machine, on any free port.
        "dashboard_address": "127.0.0.1:0",
        "scheduler_kwargs": {"dashboard": False, "local_directory": folder},
        "local_directory": folder,
    }


def _lost(scheduler: str, error: BaseException) -> PipelineError:
    return PipelineError(
        f"refresh: the Dask cluster {f'at {scheduler} ' if scheduler else ''}cannot be reached or "
        f"was lost ({type(error).__name__}). Start it and refresh again: what is done is kept."
    )
