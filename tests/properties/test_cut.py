"""The same cut gives the same bytes: in any order of arrival, in bursts, on another machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now
from tasks.operate.set_up import set_up
from tests.properties.arrivals import ingest_in_bursts, publish, twin
from warehouse.cuts import read_cut
from warehouse.ledger import all_in_force
from warehouse.root import Root

HOME = Path(__file__).parents[2]
WALSALL, LANCASHIRE = "E08000030", "E10000017"
ELSEWHERE = {
    "PYTHONHASHSEED": "903",
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONPATH": str(HOME),
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Two quarters of one authority and the second of them of another: 110 files."""
    out = tmp_path_factory.mktemp("samples")
    for code, first in ((WALSALL, "2022-23Q3"), (LANCASHIRE, "2022-23Q4")):
        write_samples(
            out,
            authorities=(code,),
            first=Quarter.parse(first),
            last=Quarter.parse("2022-23Q4"),
            children=12,
            seed=3,
            faults="none",
            jobs=1,
        )
    return out


@pytest.fixture(scope="module")
def calm(tmp_path_factory, samples):
    """A root that took in everything at once, refreshed and published it."""
    root = set_up(
        Root.at(tmp_path_factory.mktemp("calm") / "root"), settle_seconds=0.0, two_people=False
    )
    ingest_in_bursts(root, samples, seed=0, bursts=1)
    publish(root)
    return root


def in_force(root):
    return {(row.id, row.row_counts) for row in all_in_force(root)}


def made(root, folders):
    """Return every byte in some folders of a root."""
    return {
        str(path.relative_to(root.path)): path.read_bytes()
        for folder in folders
        for path in sorted((root.path / folder).rglob("*"))
        if path.is_file()
    }


def same(root, other, *folders):
    """Hold that two roots count the same, name the same cut and made the same of it."""
    assert in_force(other) == in_force(root)
    assert read_cut(other, "latest").id == read_cut(root, "latest").id
    ours, theirs = made(root, folders), made(other, folders)
    assert ours
    assert sorted(theirs) == sorted(ours)
    assert [name for name in ours if theirs[name] != ours[name]] == []


@pytest.mark.slow
def test_files_in_any_order_and_in_bursts_give_the_same_cut_and_tables(calm, samples, tmp_path):
    other = twin(tmp_path / "root", calm)
    ingest_in_bursts(other, samples, seed=5, bursts=2)
    refresh_now(other, everything=False, progress=lambda _: None)
    assert len({row.version for row in all_in_force(other)}) > 1
    same(calm, other, "cache")


@pytest.mark.slow
def test_another_machine_gives_the_same_cut_tables_and_edition(calm, samples, tmp_path):
    other = twin(tmp_path / "root", calm)
    command = [sys.executable, "-m", "tests.properties.arrivals", other.path, samples, "8", "2"]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=tmp_path,
        env={**os.environ, **ELSEWHERE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    same(calm, other, "cache", "editions", "restricted")
