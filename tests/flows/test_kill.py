"""Processes killed outright between drop and edition: all ends as in an undisturbed root.

The short version of `make soak`; the long one kills a thousand times (docs/reliability.md).
"""

import random
import time
from collections import Counter
from functools import partial

import pytest

from benchmarks.soak.database import disturb_server, disturbing
from benchmarks.soak.processes import (
    STAGES,
    Kill,
    Tally,
    kill_cold,
    one_round,
    run_and_kill,
    until_done,
)
from benchmarks.soak.twins import (
    differing,
    drop,
    published_state,
    settled_state,
    twin,
)
from tasks.intake.sweep import sweep_once
from warehouse.ledger import unfinished
from warehouse.orphans import DRAFT
from warehouse.reconcile import discrepancies

KILLS = 12
DISTURBANCES = 6
SEED = 11


def sleeps_in_the_third(at):
    at(2)
    time.sleep(60)


def torn_files(root):
    return [
        path
        for path in root.tables.rglob("*")
        if path.is_file() and path.suffix != ".parquet" and not path.name.endswith(DRAFT)
    ]


@pytest.mark.slow
def test_h094_h097_killed_from_drop_to_edition_ends_as_an_undisturbed_root(tmp_path, undisturbed):
    root_left_alone, folders = undisturbed
    root = twin(root_left_alone, tmp_path / "killed")
    drop(root, folders)
    tally = Tally()
    one_round(root, tally, random.Random(SEED), KILLS)
    # A fast machine may come to the end before the last kill.
    assert KILLS // 2 <= tally.kills.total() <= KILLS
    assert tally.failures == 0
    assert unfinished(root) == ()
    assert differing(published_state(root_left_alone), published_state(root)) == []
    assert discrepancies(root) == []
    assert torn_files(root) == []


@pytest.mark.slow
def test_h094_a_sweep_killed_with_its_pool_of_processes_is_finished_by_the_next(
    tmp_path, undisturbed
):
    root_left_alone, folders = undisturbed
    root = twin(root_left_alone, tmp_path / "killed")
    drop(root, folders)
    # Imports take the first seconds of a cold start, so the second kill hits the pool at work.
    assert kill_cold(root, 1.0, "sweep")
    assert kill_cold(root, 6.0, "sweep")
    sweep_once(root, wait=False, progress=lambda _: None)
    assert differing(settled_state(root_left_alone), settled_state(root)) == []
    assert discrepancies(root) == []


@pytest.mark.slow
@pytest.mark.postgres
def test_a_ledger_on_postgresql_cut_off_and_restarted_gives_the_same_bytes(
    tmp_path, undisturbed, postgres_server
):
    root_left_alone, folders = undisturbed
    url = postgres_server.new_database()
    root = twin(root_left_alone, tmp_path / "cut", ledger_url=url)
    drop(root, folders)
    done = Counter()
    disturb = partial(disturb_server, postgres_server, url, DISTURBANCES, done, restart_every=3)
    with disturbing(disturb, random.Random(SEED)):
        until_done(root)
    assert done["cuts"] + done["restarts"] == DISTURBANCES
    assert done["restarts"] > 0
    assert differing(published_state(root_left_alone), published_state(root)) == []
    assert discrepancies(root) == []


def test_a_run_that_ends_by_itself_is_told_apart_from_one_that_was_killed():
    assert run_and_kill(lambda at: at(2), None) == (0, STAGES[2])
    assert run_and_kill(lambda _: [][0], None) == (1, STAGES[0])
    assert run_and_kill(lambda _: time.sleep(60), Kill(0, 0.05)) == (None, STAGES[0])
    assert run_and_kill(sleeps_in_the_third, Kill(1, 0.0)) == (None, STAGES[2])
