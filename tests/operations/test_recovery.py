"""Prefect sees a run that died with its worker, or that hangs, and makes it again; nobody helps.

Most are minutes long, because Prefect's heartbeats are half a minute apart: `make soak`. The short
versions, a killed run and a restarted database, are in test_host.py.
"""

import re
import subprocess
import sys
import time

import pytest
from sqlalchemy import create_engine, text

from tasks.operate.reconcile import verified
from tasks.operate.set_up import set_up
from tests.support.production import HOME, Production, set_notify
from warehouse.ledger import all_submissions, unfinished
from warehouse.root import Root

from .conftest import LANCASHIRE, SMALL, WALSALL

PATIENCE = 60
LONGEST_RUN = 30
ANSWERS = 400
"""Seconds within which everything is answered after a kill: silence, a pause, a run."""
ENDED = {"Crashed", "Completed"}
BEGUN = {"Running", "Completed"}


@pytest.fixture
def production(tmp_path, postgres_server):
    root = set_up(
        Root.at(tmp_path / "root"), settle_seconds=1.0, ledger_url=postgres_server.new_database()
    )
    made = Production(root, postgres_server)
    yield made
    made.stop()


def answered(production, count):
    rows = all_submissions(production.root)
    return len(rows) >= count and not unfinished(production.root)


@pytest.mark.soak
@pytest.mark.server
@pytest.mark.postgres
@pytest.mark.parametrize("has_begun", [False, True], ids=["before-it-began", "at-work"])
def test_a_run_that_died_with_its_worker_is_seen_made_again_and_told(production, put, has_begun):
    told = production.root.path / "told.log"
    set_notify(production.root, told)
    production.start(workers=2, patience={"not_begun": PATIENCE})
    put(production.root, WALSALL, "2023-24Q1")
    run = production.wait(lambda: production.run_process("ingest-returns"), 90, "a run")
    above = {process.pid for process in run.parents()}
    (name,) = (name for name, process in production.processes.items() if process.pid in above)
    if has_begun:
        production.wait(lambda: "Running" in production.states("ingest-returns"), 90, "its begin")
    assert BEGUN.isdisjoint(production.states("ingest-returns")) is not has_begun
    began = time.monotonic()
    production.kill_with_all_it_started(name)
    production.wait(lambda: answered(production, 6), ANSWERS, "the answers")
    print(f"{name} killed with its run; all answered {time.monotonic() - began:.0f} s later")
    production.wait(lambda: "Crashed" in production.states("ingest-returns"), ANSWERS, "the mark")
    print(f"the killed run is marked as crashed {time.monotonic() - began:.0f} s later")
    production.wait(lambda: told.exists() and told.read_text(), 120, "the notice")
    assert re.search(r" ingest-returns crashed: run [a-z]+-[a-z]+ ", told.read_text())
    production.wait(lambda: "Completed" in production.states("publish-edition"), 240, "edition")
    production.wait(lambda: set(production.states("ingest-returns")) == ENDED, 120, "every end")
    assert {row.version for row in all_submissions(production.root)} == {1}
    assert verified(production.root) == []


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.postgres
def test_a_run_that_hangs_is_stopped_and_made_again(production, put):
    production.start_server()
    production.deploy({"longest_run": LONGEST_RUN})
    production.start_worker("worker-1")
    # A worker looks at the ledger before it takes anything: it must be past that.
    production.wait(production.workers_online, 90, "the worker")
    ledger = create_engine(production.root.ledger_url)
    with ledger.connect() as connection, connection.begin():
        # Nobody can write a verdict while this transaction is open; heartbeats go on.
        connection.execute(text("LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE"))
        put(production.root, WALSALL, "2023-24Q1", *SMALL)
        started = [sys.executable, "-m", "prefect", "deployment", "run", "sweep/sweep"]
        subprocess.run(
            started, cwd=HOME, env=production.environment, check=True, stdout=subprocess.DEVNULL
        )
        began = time.monotonic()
        production.wait(
            lambda: {"Cancelled", "Crashed"} & set(production.states("sweep")),
            PATIENCE + 120,
            "the end of the hanging run",
        )
        print(f"stopped {time.monotonic() - began:.0f} s after it was set off")
    production.wait(lambda: answered(production, len(SMALL)), 180, "the answers")
    assert "Completed" in production.wait(
        lambda: "Completed" in production.states("sweep") and production.states("sweep"), 60
    )
    assert verified(production.root) == []


@pytest.mark.soak
@pytest.mark.server
@pytest.mark.postgres
def test_a_server_that_is_killed_and_started_again_loses_nothing(production, put):
    production.start(workers=2)
    put(production.root, WALSALL, "2023-24Q1", *SMALL)
    production.wait(lambda: production.run_process("ingest-returns"), 90, "a run")
    production.kill_with_all_it_started("server")
    put(production.root, LANCASHIRE, "2023-24Q1", *SMALL)
    time.sleep(5)
    production.start_server()
    production.wait(lambda: answered(production, 2 * len(SMALL)), 300, "the answers")
    assert verified(production.root) == []
