"""Where work is done makes no difference to what comes of it."""

import os
import subprocess
import sys
import threading

import dask
import psutil
import pytest

from schemas.errors import PipelineError, UsageError
from tasks.runtime.workers import map_parallel
from warehouse.root import Root, write_settings
from warehouse.settings import WORKERS, Settings


def whereabouts(number):
    return number, os.getpid(), threading.get_ident()


@pytest.mark.parametrize("workers", WORKERS)
def test_every_piece_is_done_once_and_elsewhere(workers):
    done = list(map_parallel(whereabouts, [1, 2, 3], settings=Settings(workers=workers), jobs=2))
    assert sorted(number for number, _, _ in done) == [1, 2, 3]
    assert (os.getpid(), threading.get_ident()) not in {(pid, thread) for _, pid, thread in done}
    assert ({pid for _, pid, _ in done} == {os.getpid()}) == (workers == "threads")


@pytest.mark.parametrize("workers", WORKERS)
def test_one_piece_is_done_here(workers):
    (done,) = map_parallel(whereabouts, [1], settings=Settings(workers=workers), jobs=2)
    assert done == (1, os.getpid(), threading.get_ident())


def test_an_unknown_place_to_work_is_refused_by_name(tmp_path):
    root = Root.at(tmp_path)
    write_settings(root, Settings(authorities=("E08000030",), workers="cloud"))
    with pytest.raises(UsageError, match=r"workers must be one of processes, threads, dask"):
        root.settings()


def test_the_place_to_work_and_the_scheduler_outlast_a_second_init(tmp_path):
    root = Root.at(tmp_path)
    settings = Settings(
        authorities=("E08000030",), workers="dask", dask_scheduler="tcp://127.0.0.1:8786"
    )
    write_settings(root, settings)
    assert root.settings() == settings


def test_a_scheduler_that_does_not_answer_is_named():
    no_scheduler = Settings(workers="dask", dask_scheduler="tcp://127.0.0.1:9")
    words = r"tcp://127.0.0.1:9 cannot be reached.*refresh again"
    soon = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with soon, pytest.raises(PipelineError, match=words):
        list(map_parallel(whereabouts, [1, 2], settings=no_scheduler))


POOL = """
import os, time
from tasks.runtime.workers import process_pool
if __name__ == "__main__":
    with process_pool(2) as pool:
        print(*{pool.submit(os.getpid).result() for _ in range(8)}, flush=True)
        pool.submit(time.sleep, 600).result()
"""


def test_processes_of_a_pool_end_with_the_one_that_started_them_even_if_it_is_killed(tmp_path):
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as started:
        pids = [int(pid) for pid in started.stdout.readline().split()]
        assert pids
        assert all(psutil.pid_exists(pid) for pid in pids)
        started.kill()
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=20
    )
    assert alive == []


def die(number):
    os._exit(number)


def test_a_cluster_whose_workers_die_is_told_as_lost():
    with pytest.raises(PipelineError, match="cluster cannot be reached or was lost"):
        list(map_parallel(die, [1, 2], settings=Settings(workers="dask"), jobs=2))
