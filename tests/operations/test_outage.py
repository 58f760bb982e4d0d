"""A disk or database that refuses for a moment: whatever looks at what it hit waits for it."""

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL
from sqlalchemy.exc import IntegrityError, OperationalError

import tasks.validate.submission
from benchmarks.soak.twins import differing, settled_state, twin
from flows.ingest_returns import ingest_returns
from flows.sweep import sweep
from schemas.errors import LedgerError, OutageError
from schemas.submission import State
from tasks.intake.receive import receive
from tasks.intake.sweep import ingest_unfinished
from tasks.operate.set_up import set_up
from tasks.runtime.workers import process_pool
from tasks.validate.batches import ONE_BY_ONE
from tasks.validate.pool import (
    PRELOAD,
    IngestJob,
    ingest_job,
    result_or_retry_alone,
    submit,
)
from warehouse.journal import lines
from warehouse.ledger import Actor, all_submissions, submission_row, unfinished, unfinished_batches
from warehouse.outage import is_outage
from warehouse.root import Root, write_settings
from warehouse.settings import THREADS

from .conftest import LANCASHIRE, WALSALL

FIRST, SECOND = "2023-24Q1", "2023-24Q2"
OUTAGES = [
    OSError(28, "no space left"),
    OperationalError("statement", {}, sqlite3.OperationalError("away")),
]
HIT = "cin_census"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CANARY = "CANARY9XQ7"


def dropped(root, put):
    for la_code, quarter in ((WALSALL, FIRST), (WALSALL, SECOND), (LANCASHIRE, SECOND)):
        put(root, la_code, quarter, "cin_census.xml", "workforce.csv")


def taken_in(root):
    actor = Actor("test", "test")
    receive(root, settle_seconds=0.0, actor=actor)
    return ingest_unfinished(root, actor=actor, jobs=1)


@pytest.fixture
def filled(root, put):
    """A root with two quarters of one authority and one of another in its drop folder."""
    dropped(root, put)
    return root


@pytest.fixture
def failing(monkeypatch):
    """Let one submission fail while it is read, for as long as the block lasts."""

    @contextmanager
    def fails(error, *, la_code=WALSALL, return_name=HIT, quarter=FIRST):
        real = tasks.validate.submission.read_submission

        def read(given, landed):
            if (given.la_code, given.return_name, str(given.quarter)) == (
                la_code,
                return_name,
                quarter,
            ):
                raise error
            return real(given, landed)

        with monkeypatch.context() as patched:
            patched.setattr(tasks.validate.submission, "read_submission", read)
            yield

    return fails


def prefects_own_files():
    address = str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value())
    folder = Path(address.partition(":///")[2]).parent
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def in_state(root, state):
    return {
        (row.la_code, row.return_name, row.quarter)
        for row in all_submissions(root)
        if row.state == state
    }


def undisturbed(root, path, put):
    other = twin(root, path)
    dropped(other, put)
    taken_in(other)
    return other


@pytest.mark.parametrize("error", OUTAGES, ids=["disk", "ledger"])
def test_later_quarters_wait_for_what_an_outage_hit_and_end_as_if_there_had_been_none(
    filled, tmp_path, put, failing, error
):
    with failing(error):
        taken = taken_in(filled)
    words = {found.quarter: found.reason_code for found in taken if found.state is State.LANDED}
    assert words[FIRST].startswith(("DISK_FULL: ", "LEDGER_UNAVAILABLE: "))
    assert words[SECOND].startswith("WAITS ")
    assert in_state(filled, State.LANDED) == {(WALSALL, HIT, FIRST), (WALSALL, HIT, SECOND)}
    taken_in(filled)
    assert unfinished(filled) == ()
    calm = undisturbed(filled, tmp_path / "calm", put)
    assert differing(settled_state(calm), settled_state(filled)) == []


def test_what_cannot_be_judged_at_all_keeps_no_later_quarter_waiting(filled, failing):
    with failing(ValueError("a bug")):
        taken_in(filled)
    assert in_state(filled, State.LANDED) == {(WALSALL, HIT, FIRST)}


@pytest.mark.parametrize("arrives", [ingest_returns, sweep], ids=lambda flow: flow.name)
def test_a_flow_lets_later_quarters_wait_for_an_outage_but_not_for_a_fault(
    prefect, filled, failing, arrives, monkeypatch
):
    monkeypatch.setenv("SFP_ROOT", str(filled.path))
    # In this process, where the fault is planted.
    write_settings(filled, replace(filled.settings(), workers=THREADS))
    with failing(OUTAGES[0]):
        arrives()
    assert in_state(filled, State.LANDED) == {(WALSALL, HIT, FIRST), (WALSALL, HIT, SECOND)}
    with failing(ValueError(f"row of {CANARY}")):
        arrives()
    assert in_state(filled, State.LANDED) == {(WALSALL, HIT, FIRST)}
    kept = prefects_own_files()
    assert b"INTERNAL_ERROR ValueError at " in kept
    assert CANARY.encode() not in kept
    arrives()
    assert unfinished(filled) == ()


def test_feedback_waits_for_the_workforce_return_its_pages_are_drawn_from(tmp_path, put, failing):
    root = set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)
    put(root, WALSALL, FIRST, "workforce.csv", "training")
    with failing(OUTAGES[0], return_name="workforce"):
        taken_in(root)
    assert {name for _, name, _ in in_state(root, State.LANDED)} == {
        "workforce",
        "training_feedback",
    }


def test_versions_of_a_return_are_judged_one_after_the_other(root, put):
    folder = put(root, WALSALL, FIRST, "workforce.csv", "programme_delivery.csv")
    receive(root, settle_seconds=0.0, actor=Actor("test", "test"))
    with (folder / "workforce.csv").open("a") as file:
        file.write("\n")
    receive(root, settle_seconds=0.0, actor=Actor("test", "test"))
    names = {row.id: (row.return_name, row.version) for row in all_submissions(root)}
    found = [sorted(names[one] for one in batch) for _, batch in unfinished_batches(root)]
    assert found == [[("programme_delivery", 1), ("workforce", 1)], [("workforce", 2)]]


def dies_on_the_census(job):
    if submission_row(Root.at(job.root), job.submission_id).return_name == HIT:
        os._exit(9)
    return ingest_job(job)


def test_a_submission_that_ends_its_process_keeps_no_other_waiting(root, put):
    put(root, WALSALL, FIRST, "cin_census.xml", "workforce.csv")
    receive(root, settle_seconds=0.0, actor=Actor("test", "test"))
    ((_, batch),) = unfinished_batches(root)
    jobs = [IngestJob(str(root.path), found, Actor("test", "test")) for found in batch]
    with process_pool(1, *PRELOAD) as pool:
        given = [submit(pool, job, dies_on_the_census) for job in jobs]
        taken = [
            result_or_retry_alone(future, job, dies_on_the_census)
            for future, job in zip(given, jobs, strict=True)
        ]
    by_return = {found.return_name: found for found in taken}
    assert by_return["workforce"].state.is_accepted
    assert by_return[HIT].is_internal_error
    assert "memory" in by_return[HIT].reason_code
    assert in_state(root, State.LANDED) == {(WALSALL, HIT, FIRST)}


@pytest.mark.slow
def test_a_burst_is_judged_in_processes_and_ends_as_if_it_were_not(
    prefect, filled, tmp_path, put, monkeypatch
):
    monkeypatch.setenv("SFP_ROOT", str(filled.path))
    ingest_returns()
    assert len(all_submissions(filled)) > ONE_BY_ONE
    checks = [line for line in lines(filled, since=LONG_AGO) if line["stage"] == "check"]
    assert len(checks) == len(all_submissions(filled))
    # Judged by a thread of this process, each line would have the flow run's own id.
    assert {line["run"][:3] for line in checks} == {"pid"}
    calm = undisturbed(filled, tmp_path / "calm", put)
    assert differing(settled_state(calm), settled_state(filled)) == []


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        *((error, True) for error in OUTAGES),
        (OutageError("away"), True),
        (IntegrityError("statement", {}, sqlite3.IntegrityError("twice")), False),
        (LedgerError("not what was landed"), False),
        (ValueError("a bug"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_outage_passes_by_itself_and_a_fault_does_not(error, passes):
    assert is_outage(error) is passes
