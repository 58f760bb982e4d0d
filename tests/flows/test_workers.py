"""The same refresh in processes, in threads and on a Dask cluster: byte for byte the same."""

from dataclasses import replace

import pytest
from distributed import LocalCluster

from tasks import refresh
from tasks.data_cut import make_cut
from tasks.refresh import cut_tables, gathered
from tests.flows.conftest import WALSALL
from warehouse.ledger import Actor
from warehouse.root import write_settings

AUTHORITIES = 17


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
    drop(WALSALL, "2022-23Q1")
    sweep()
    return make_cut(root, Actor("tester", "test"))[0]


def test_processes_threads_and_dask_give_byte_equal_tables(root, cut):
    in_processes = refreshed(root, cut, workers="processes")
    assert len(in_processes) == AUTHORITIES * 4
    assert refreshed(root, cut, workers="threads") == in_processes
    assert refreshed(root, cut, workers="dask") == in_processes


def test_a_cluster_that_is_there_already_is_used_by_its_address(root, cut, monkeypatch):
    here = refreshed(root, cut, workers="threads")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        scheduler = cluster.scheduler_address
        assert refreshed(root, cut, workers="dask", dask_scheduler=scheduler) == here
        assert "_compute" in cluster.scheduler.task_prefixes


def test_a_worker_with_other_code_computes_nothing(root, cut):
    other = replace(cut, code_version="0123456789abcdef")
    with pytest.raises(refresh.PipelineError, match="a worker runs other code"):
        gathered(root, other, computed=())
