"""The same refresh in processes, in threads and on a Dask cluster: byte for byte the same."""

from dataclasses import replace

import pytest
from distributed import LocalCluster

from tasks.cut import refresh
from tasks.cut.data_cut import make_cut
from tasks.cut.refresh import collect, cut_tables
from tasks.runtime.workers import own_cluster
from tests.flows.conftest import WALSALL
from warehouse.ledger import Actor
from warehouse.root import write_settings

AUTHORITIES = 4


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


def test_processes_threads_and_dask_give_byte_equal_tables(root, cut):
    in_processes = refreshed(root, cut, workers="processes")
    assert len(in_processes) == AUTHORITIES * 4
    assert refreshed(root, cut, workers="threads") == in_processes
    with LocalCluster(**own_cluster(2)) as cluster:
        scheduler = cluster.scheduler_address
        assert refreshed(root, cut, workers="dask", dask_scheduler=scheduler) == in_processes
        assert any("compute" in name for name in cluster.scheduler.task_prefixes)


def test_a_worker_with_other_code_computes_nothing(root, cut):
    other = replace(cut, code_version="0123456789abcdef")
    with pytest.raises(refresh.PipelineError, match="a worker runs other code"):
        collect(root, other, computed=())
