"""What a bad day brings: closed folders, a full disk, a clock that jumps, events lost or doubled.

Each ends in the state of an undisturbed root, byte for byte, or says what it waits for.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import flows.service.watch
from benchmarks.soak.twins import differing, settled_state, twin
from flows.service.watch import POLL_SECONDS, REPEAT_SECONDS, Memory, look, watch
from tasks.intake.receive import receive
from tasks.intake.settle import still_arriving
from tasks.intake.sweep import sweep_once
from tasks.operate.reconcile import verified
from tasks.operate.set_up import set_up
from warehouse.ledger import Actor, all_submissions, unfinished
from warehouse.root import Root

from .conftest import LANCASHIRE, SMALL, WALSALL

HOME = Path(__file__).parents[2]
ACTOR = Actor("tester", "test")
YEAR = 365 * 86_400.0


def quiet(_):
    return


FEW = SMALL[:2]
"""Two returns of two authorities: few enough for a sweep to need no other process."""


@pytest.fixture(scope="module")
def calm(tmp_path_factory, put):
    """A root through which everything went undisturbed."""
    root = set_up(Root.at(tmp_path_factory.mktemp("calm") / "root"), settle_seconds=0.0)
    fill_drop(root, put)
    sweep_once(root, wait=False, progress=quiet)
    return root


@pytest.fixture
def pair(calm, tmp_path, put):
    """That root, and its twin with the same files in the drop folder, not taken in yet."""
    hurt = twin(calm, tmp_path / "hurt")
    fill_drop(hurt, put)
    return calm, hurt


def fill_drop(root, put):
    for la_code in (WALSALL, LANCASHIRE):
        put(root, la_code, "2023-24Q1", *FEW)


def assert_as_undisturbed(calm, hurt):
    assert unfinished(hurt) == ()
    assert differing(settled_state(calm), settled_state(hurt)) == []
    assert verified(hurt) == []


def start_sweep(root, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "sweep", "--root", str(root.path), "--no-wait"],
        cwd=HOME,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )


def test_a_read_only_drop_folder_is_taken_in_like_any_other(pair):
    calm, hurt = pair
    if os.getuid() != 0:
        pytest.skip("needs root, to mount the drop folder read-only")
    subprocess.run(["mount", "--bind", hurt.drop, hurt.drop], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", hurt.drop], check=True)
        with pytest.raises(OSError, match="Read-only"):
            (hurt.drop / "planted").touch()
        sweep_once(hurt, wait=False, progress=quiet)
    finally:
        subprocess.run(["umount", hurt.drop], check=True)
    assert_as_undisturbed(calm, hurt)


def test_two_sweeps_at_once_take_everything_in_once(pair):
    calm, hurt = pair
    sweeps = [start_sweep(hurt) for _ in range(2)]
    assert [sweep.wait(120) for sweep in sweeps] == [0, 0]
    keys = [(row.la_code, row.return_name, row.quarter) for row in all_submissions(hurt)]
    assert len(set(keys)) == len(keys) == len(FEW) * 2
    assert_as_undisturbed(calm, hurt)


def test_a_full_disk_loses_nothing_and_needs_nobody(tmp_path, pair):
    calm, hurt = pair
    if os.getuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16M", "tmpfs", small], check=True)
    try:
        root = twin(calm, small / "root")
        subprocess.run(["cp", "-a", f"{hurt.drop}/.", str(root.drop)], check=True)
        ballast = small / "ballast"
        with pytest.raises(OSError, match="No space"):
            fill(ballast)
        assert start_sweep(root).wait(120) != 0
        ballast.unlink()
        assert {row.state for row in all_submissions(root)} <= {"landed"}
        sweep_once(root, wait=False, progress=quiet)
        assert_as_undisturbed(calm, root)
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)


def fill(path):
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


@pytest.fixture
def events(monkeypatch):
    """Ids of the events sent, in place of a server that would get them."""
    sent = []
    monkeypatch.setattr(
        flows.service.watch, "emit_event", lambda _name, resource, id: sent.append(id)
    )
    return sent


def test_what_a_watcher_never_told_the_next_sweep_takes(pair):
    calm, hurt = pair
    sweep_once(hurt, wait=False, progress=quiet)
    assert_as_undisturbed(calm, hurt)


def test_a_lost_event_is_sent_again_under_another_id(pair, events):
    _, hurt = pair
    memory = Memory()
    later = time.time() + 10
    assert look(str(hurt.path), memory, moment=later, tick=0.0, say=quiet)
    assert not look(str(hurt.path), memory, moment=later, tick=REPEAT_SECONDS - 1, say=quiet)
    assert look(str(hurt.path), memory, moment=later, tick=REPEAT_SECONDS, say=quiet)
    assert len(set(events)) == 2


def test_two_watchers_send_one_event(pair, events):
    _, hurt = pair
    later = time.time() + 10
    for memory in (Memory(), Memory()):
        assert look(str(hurt.path), memory, moment=later, tick=0.0, say=quiet)
    assert len(events) == 2
    # The server drops the second: its id, made from what waits, is the same.
    assert len(set(events)) == 1


def test_an_event_that_comes_twice_is_one_run_of_work(pair):
    calm, hurt = pair
    first = sweep_once(hurt, wait=False, progress=quiet)
    second = sweep_once(hurt, wait=False, progress=quiet)
    assert len(first.taken) == len(FEW) * 2
    assert second.taken == ()
    assert second.duplicates == 0
    assert_as_undisturbed(calm, hurt)


@pytest.mark.parametrize("jump", [-YEAR, YEAR])
def test_a_clock_that_jumps_does_not_make_the_watcher_forget_or_flood(pair, events, jump):
    _, hurt = pair
    memory = Memory()
    now = time.time() + 10
    assert look(str(hurt.path), memory, moment=now, tick=0.0, say=quiet)
    for second in range(1, 50):
        assert not look(str(hurt.path), memory, moment=now + jump, tick=second, say=quiet)
    assert look(str(hurt.path), memory, moment=now + jump, tick=REPEAT_SECONDS, say=quiet)
    assert len(events) == 2


def test_files_dated_ahead_of_a_clock_that_was_set_back_are_taken_once_they_hold_still(pair):
    calm, hurt = pair
    began = time.monotonic()
    window = 0.3
    past = time.time() - YEAR
    assert len(still_arriving(hurt, settle_seconds=window, moment=past)) == len(FEW) * 2
    found = receive(hurt, settle_seconds=window, actor=ACTOR, clock=lambda: past)
    assert time.monotonic() - began >= window
    assert len(found.submissions) == len(FEW) * 2
    assert found.waiting == ()
    sweep_once(hurt, wait=False, progress=quiet)
    assert_as_undisturbed(calm, hurt)


def test_a_file_dated_ahead_that_is_still_being_written_waits(pair):
    _, hurt = pair
    window = 0.5
    growing = next(hurt.drop.glob(f"{WALSALL}*/2023-24Q1")) / SMALL[0]
    writer = threading.Timer(window / 2, lambda: append(growing, b" "))
    writer.start()
    past = time.time() - YEAR
    found = receive(hurt, settle_seconds=window, actor=ACTOR, clock=lambda: past)
    writer.join()
    assert [one.name.rsplit("/", 1)[-1] for one in found.waiting] == [SMALL[0]]
    # The authority's other files wait with it: they belong together. The other authority's do not.
    assert {row.la_code for row in all_submissions(hurt)} == {LANCASHIRE}


def append(path, data):
    with path.open("ab") as file:
        file.write(data)


def test_a_clock_that_is_ahead_takes_a_file_no_worse_than_a_settled_one(pair):
    calm, hurt = pair
    receive(hurt, settle_seconds=60.0, actor=ACTOR, clock=lambda: time.time() + YEAR)
    sweep_once(hurt, wait=False, progress=quiet)
    assert_as_undisturbed(calm, hurt)


def test_the_watcher_outlives_a_drop_folder_that_is_gone_for_a_while(pair, events):
    _, hurt = pair
    said = []
    stop = threading.Event()
    away = hurt.drop.with_name("away")
    hurt.drop.rename(away)
    watcher = threading.Thread(
        target=watch, args=(str(hurt.path),), kwargs={"say": said.append, "stop": stop}
    )
    watcher.start()
    try:
        wait(lambda: said)
        assert said[0].startswith("DROP_FOLDER_UNAVAILABLE: ")
        assert "no such file or directory" in said[0]
        # Said once, not at every look.
        time.sleep(4 * POLL_SECONDS)
        assert len(said) == 1
        away.rename(hurt.drop)
        wait(lambda: events)
    finally:
        stop.set()
        watcher.join()


def wait(ready, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)
