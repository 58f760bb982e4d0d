"""The same refresh in processes, in threads and on a Dask cluster: byte for byte the same."""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client, LocalCluster, Security

from tasks.cut import refresh
from tasks.cut.data_cut import make_cut
from tasks.cut.refresh import collect, cut_tables
from tasks.runtime import workers
from tasks.runtime.workers import map_parallel, own_cluster
from tests.flows.conftest import WALSALL
from warehouse.ledger import Actor
from warehouse.root import write_settings

AUTHORITIES = 4
TABLES = 5
"""Kept of each authority."""
HOME = Path(__file__).parents[2]
ON_DASK = """
from tasks.runtime.workers import map_parallel
from warehouse.settings import Settings
if __name__ == "__main__":
    print(*map_parallel(abs, [-1, -2], settings=Settings(workers="dask"), jobs=1))
"""
STARTED = """
import asyncio
from distributed import Nanny, Scheduler
async def started():
    async with Scheduler(port=0, dashboard=False) as scheduler, Nanny(scheduler.address):
        pass
if __name__ == "__main__":
    asyncio.run(started())
"""
"""What `dask scheduler` and `dask worker` start, once each."""


def kept_bytes(root):
    return {path.name: path.read_bytes() for path in sorted(root.cache.rglob("*.parquet"))}


def refreshed(root, cut, **settings):
    """Return the bytes of every kept table after a refresh of everything with these settings."""
    write_settings(root, replace(root.settings(), **settings))
    tables = cut_tables(root, cut, everything=True, jobs=2)
    assert len(tables.computed) == AUTHORITIES
    return kept_bytes(root)


@pytest.fixture
def cut(root, drop, sweep):
    drop(WALSALL, "2022-23Q1", "header.csv", "episodes.csv", "cin_census.xml", "workforce.csv")
    sweep()
    whole, _ = make_cut(root, Actor("tester", "test"))
    return replace(whole, authorities=(*whole.authorities[: AUTHORITIES - 1], WALSALL))


def test_processes_threads_and_dask_give_byte_equal_tables(root, cut, tmp_path):
    in_processes = refreshed(root, cut, workers="processes")
    assert len(in_processes) == AUTHORITIES * TABLES
    assert refreshed(root, cut, workers="threads") == in_processes
    with LocalCluster(**own_cluster(2, str(tmp_path)) | {"security": None}) as cluster:
        scheduler = cluster.scheduler_address
        assert refreshed(root, cut, workers="dask", dask_scheduler=scheduler) == in_processes
        assert any("compute" in name for name in cluster.scheduler.task_prefixes)


def test_a_cluster_of_our_own_does_the_work_and_lets_no_one_else_in(root, tmp_path):
    done = map_parallel(abs, [-1, -2], settings=replace(root.settings(), workers="dask"), jobs=1)
    assert list(done) == [1, 2]
    with LocalCluster(**own_cluster(1, str(tmp_path))) as cluster:
        address = cluster.scheduler_address
        for stranger in (
            {"address": address, "security": Security.temporary()},
            {"address": address.replace("tls://", "tcp://")},
        ):
            with pytest.raises(OSError, match=r"TLS|Comm|closed|connect"):
                Client(**stranger, timeout="5s")


def test_a_worker_with_other_code_computes_nothing(root, cut):
    other = replace(cut, code_version="0123456789abcdef")
    with pytest.raises(refresh.PipelineError, match="a worker runs other code"):
        collect(root, other, computed=())


def planted(folder):
    """Fill the folder that Dask looks for by default; return what it must leave as it is."""
    place = folder / "dask-scratch-space"
    place.mkdir(parents=True)
    trace, linked = folder / "trace", folder / "linked"
    names = ("numpy", "pickle", "uuid", "psutil", "multiprocessing", "msgpack", "yaml")
    for name in names:
        (place / f"{name}.py").write_text(f"open({str(trace)!r}, 'a').write(__name__)\n")
    linked.write_text("kept")
    (place / "global.lock").symlink_to(linked)
    (place / "purge.lock").symlink_to(linked)
    return trace, linked, place


def run_with_temporary(folder, code, **environment):
    """Run code that starts Dask where temporary files go to a folder; return what it printed."""
    script = folder / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(HOME), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_cluster_of_our_own_never_enters_a_folder_that_another_user_made(tmp_path):
    trace, linked, place = planted(tmp_path)
    before = sorted(place.iterdir())
    assert run_with_temporary(tmp_path, ON_DASK).endswith("1 2\n")
    assert not trace.exists(), trace.read_text()
    assert linked.read_text() == "kept"
    assert sorted(place.iterdir()) == before
    assert list(tmp_path.glob("sfp-dask-*")) == []


KILLED = """
import os, signal
from tasks.runtime import workers

with workers._cluster("", 1):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_folder_of_a_cluster_whose_process_was_killed_goes_with_the_next(tmp_path, monkeypatch):
    run_with_temporary(tmp_path, KILLED)
    (left,) = tmp_path.glob("sfp-dask-*")
    (left / "inside").mkdir()
    elsewhere, held, new = (tmp_path / name for name in ("kept", "sfp-dask-held", "sfp-dask-new"))
    for folder in (elsewhere, held, new):
        folder.mkdir()
    (tmp_path / "sfp-dask-link").symlink_to(elsewhere)
    for folder in (left, elsewhere, held):
        os.utime(folder, (1, 1))
    os.utime(tmp_path / "sfp-dask-link", (1, 1), follow_symlinks=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with workers._locked(held), workers._cluster("", 1):
        assert not left.exists()
        assert all(folder.exists() for folder in (elsewhere, held, new))
    if os.getuid() == 0:
        os.chown(held, 64_999, -1)
        os.utime(held, (1, 1))
    with workers._cluster("", 1):
        assert held.exists() is (os.getuid() == 0)


def test_dask_started_as_the_page_says_never_enters_a_folder_that_another_user_made(tmp_path):
    page = (HOME / "docs" / "scaling.md").read_text("utf-8")
    (name,) = re.findall(r'^ +export (\w+)="\$\(mktemp -d\)"$', page, re.MULTILINE)
    trace, linked, place = planted(tmp_path)
    before = sorted(place.iterdir())
    (own := tmp_path / "own").mkdir(mode=0o700)
    run_with_temporary(tmp_path, STARTED, **{name: str(own)})
    assert not trace.exists(), trace.read_text()
    assert linked.read_text() == "kept"
    assert sorted(place.iterdir()) == before
    assert (own / "dask-scratch-space").is_dir()
