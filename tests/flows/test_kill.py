"""A sweep killed outright, again and again, ends where an undisturbed one does."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.set_up import set_up
from tasks.sweep import sweep_once
from warehouse.ledger import all_in_force, all_submissions, unfinished
from warehouse.reconcile import DRAFT, discrepancies
from warehouse.root import Root

KILLS = 5
SEED = 11


def twin_roots(tmp_path, folders):
    """Two roots with the same key and the same files in the drop folder."""
    first = set_up(Root.at(tmp_path / "calm"), settle_seconds=0.0)
    second = Root.at(tmp_path / "killed")
    second.key_file.parent.mkdir(parents=True)
    second.key_file.write_bytes(first.key_file.read_bytes())
    second.key_file.chmod(0o400)
    set_up(second, settle_seconds=0.0)
    for root in (first, second):
        for folder in folders:
            shutil.copytree(folder, root.drop / folder.parent.name / folder.name)
    return first, second


def sweep_and_kill(root, seconds):
    """Start a sweep in a process group of its own; kill the group after a while. Say whether."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sfp", "sweep", "--root", str(root.path), "--no-wait"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def settled_state(root):
    """Everything that must not depend on how often the work was interrupted."""
    return {
        "in force": [(row.id, row.version) for row in all_in_force(root)],
        "states": [(row.id, row.state) for row in all_submissions(root)],
        "parquet": {
            str(path.relative_to(root.path)): path.read_bytes()
            for path in sorted(root.tables.rglob("*.parquet"))
        },
        "packs": {
            str(path.relative_to(root.path)): without_times(path)
            for path in sorted(root.outbox.rglob("receipt.json"))
        },
    }


def without_times(path):
    receipt = json.loads(path.read_text())
    return {name: value for name, value in receipt.items() if not name.endswith("_at")}


@pytest.mark.slow
def test_h094_h097_a_sweep_killed_at_random_points_ends_as_an_undisturbed_one(
    tmp_path, two_authorities
):
    folders = sorted((two_authorities / "drop").glob("E08000030*/2022-23*"))[:2]
    calm, killed = twin_roots(tmp_path, folders)
    began = time.monotonic()
    sweep_once(calm, wait=False, progress=lambda _: None)
    whole = time.monotonic() - began + 3.0
    chance = random.Random(SEED)
    kills = sum(sweep_and_kill(killed, chance.uniform(0.3, whole * 0.6)) for _ in range(KILLS))
    sweep_once(killed, wait=False, progress=lambda _: None)
    assert kills >= KILLS // 2
    assert unfinished(killed) == ()
    assert settled_state(killed) == settled_state(calm)
    assert discrepancies(killed) == []
    torn = [path for path in killed.tables.rglob("*") if path.is_file()]
    assert all(path.suffix == ".parquet" or path.name.endswith(DRAFT) for path in torn)
