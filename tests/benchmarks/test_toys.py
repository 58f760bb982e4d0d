"""Every benchmark and every proof of `make bench` and `make soak` runs, at toy size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.__main__ import main as bench
from benchmarks.soak.__main__ import PROOFS
from benchmarks.toy import TOY

HOME = Path(__file__).parents[2]
APART = {"national"}
"""Benchmarks that take in every orphan of their process: not in one that others share."""
PARTS = {
    "faulty": "rules",
    "measured": "national",
    "national_refresh": "national",
    "national_root": "national",
    "national_scan": "national",
    "outcomes_limit": "outcomes",
    "toy": "__main__",
}
"""Files that are no benchmark, and the one they serve."""


def run_apart(module, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", module, TOY, *arguments],
        cwd=HOME,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - APART))
def test_a_benchmark_runs_at_toy_size(name, capsys):
    assert bench([TOY, name]) == 0
    printed = capsys.readouterr().out
    assert f"== {name}\n" in printed
    assert printed.endswith("over budget: none\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(APART))
def test_a_benchmark_that_owns_its_process_runs_at_toy_size(name):
    assert "over budget: none" in run_apart("benchmarks", name)


TOGETHER = (
    pytest.param(("processes", "privacy")),
    pytest.param(("power", "database"), marks=pytest.mark.postgres),
    pytest.param(
        ("mishaps",), marks=pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
    ),
    pytest.param(("service",), marks=pytest.mark.server),
    pytest.param(("tampering", "editions")),
    pytest.param(("load",), marks=[pytest.mark.postgres, pytest.mark.server]),
)
"""Proofs that run one after another; all share what was invented and the root left alone."""


@pytest.mark.slow
@pytest.mark.parametrize("names", TOGETHER, ids=" ".join)
def test_proofs_hold_at_toy_size(names, tmp_path_factory):
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # what one worker made is used by the others
        shared = shared.parent
    printed = run_apart("benchmarks.soak", *names, "--ground", shared / "ground")
    assert [line[3:] for line in printed.splitlines() if line.startswith("== ")] == [*names]
    assert "proofs that do not hold: none" in printed


def test_every_proof_is_run_at_toy_size():
    run = [name for together in TOGETHER for name in together.values[0]]
    assert sorted(run) == sorted(PROOFS)


def test_every_file_of_the_benchmarks_is_run_or_serves_one_that_is():
    run = {function.__module__ for function in BENCHMARKS.values()}
    stems = {path.stem for path in (HOME / "benchmarks").glob("*.py")} - {"__init__", "__main__"}
    mains = {name.rpartition(".")[2] for name in run} - {"__main__"} | {"coverage"}
    assert stems == mains | set(PARTS)
    for part, user in PARTS.items():
        source = (HOME / "benchmarks" / f"{user}.py").read_text("utf-8")
        assert f"benchmarks.{part}" in source, part


def test_every_file_of_the_proofs_is_run_or_serves_one_that_is():
    run = {proof.run.__module__.rpartition(".")[2] for proof in PROOFS.values()}
    stems = {path.stem for path in (HOME / "benchmarks" / "soak").glob("*.py")}
    assert stems - {"__init__", "__main__"} == run | {"twins"}


def test_an_unknown_benchmark_is_refused():
    assert bench(["no such"]) == 2
