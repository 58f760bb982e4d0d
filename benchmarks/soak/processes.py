"""Processes killed outright at random points between the drop folder and the edition.

Most kills hit a process forked from this one, which has everything imported already: it takes in,
computes and publishes by itself. The others hit `sfp run` as it is started from a shell, with the
pool of processes below it. After each kill the work is started again, by no one but the loop; a
round ends when it runs to its end, and its root must then equal one that was left alone.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import forkserver
from pathlib import Path

import expectations.run  # noqa: F401 - imported once here, not after every kill
from benchmarks.soak.twins import (
    EDITION,
    Ground,
    differing,
    drop,
    published_state,
    twin,
)
from schemas.errors import PipelineError
from schemas.submission import State
from tasks.cut.refresh import refresh_now
from tasks.intake.receive import receive
from tasks.intake.sweep import ingest_unfinished
from tasks.publish.publish_cut import publish_now
from tasks.runtime.faults import kind_and_place
from warehouse.ledger import Actor
from warehouse.reconcile import discrepancies
from warehouse.root import Root

STAGES = ("receive", "take in", "refresh", "publish")
_LONGEST = (0.6, 1.2, 5.0, 9.0)
"""Seconds into each stage within which a kill comes."""
_PAUSE = 0.2
"""Seconds before a run that ended with an error is made again."""
_COLD = 16.0
_COLD_EVERY = 10
_LAST_TRY = 40
"""After so many kills in one round, a run is left to end, so that every round does."""
_HOME = Path(__file__).parents[2]


@dataclass(frozen=True)
class Kill:
    """When to kill: so many seconds after a stage began, or any later one."""

    stage: int
    seconds: float


@dataclass
class Tally:
    """What was done to all roots together.

    Attributes:
        kills: by the stage that was hit; `sfp run` where a cold start was.
        failures: runs that ended by themselves with an error; there must be none.
    """

    kills: Counter[str] = field(default_factory=Counter)
    failures: int = 0


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Kill until `times` is reached.

    Return whether every round ended as the undisturbed root did.
    """
    wanted = published_state(ground.undisturbed)
    tally, rounds, wrong = Tally(), 0, 0
    began = time.monotonic()
    while tally.kills.total() < times:
        rounds += 1
        root = twin(ground.undisturbed, folder / f"killed-{rounds}")
        drop(root, ground.folders)
        one_round(root, tally, chance, times)
        odd = [*differing(wanted, published_state(root)), *discrepancies(root)]
        wrong += bool(odd)
        print(
            f"  round {rounds}: {tally.kills.total()} kills so far"
            f"{f'; NOT EQUAL: {odd}' if odd else ''}",
            flush=True,
        )
    stages = ", ".join(f"{tally.kills[name]} in {name}" for name in (*STAGES, "sfp run"))
    print(
        f"{tally.kills.total()} kills ({stages}) in {rounds} rounds from drop to edition, "
        f"{time.monotonic() - began:.0f} s; rounds that differ from the undisturbed root: {wrong}; "
        f"runs that failed by themselves: {tally.failures}"
    )
    return not wrong and not tally.failures


def one_round(root: Root, tally: Tally, chance: random.Random, times: int) -> None:
    """Run from drop to edition, killing until a run ends or `times` kills are done in all.

    Each kill is meant for a stage, all alike often, and comes a moment after that stage began; a
    run that is done with it earlier than expected is hit in a later one, or ends.
    """
    for attempt in range(1, 1000):
        leave = attempt > _LAST_TRY or tally.kills.total() >= times
        if attempt % _COLD_EVERY == 0 and not leave:
            killed = kill_cold(root, chance.uniform(0.5, _COLD))
            tally.kills["sfp run"] += killed
            continue
        # Later stages are meant later, so that the earlier ones have something left to do.
        stage = min(chance.randint(0, attempt // 4), len(STAGES) - 1)
        kill = None if leave else Kill(stage, chance.uniform(0.0, _LONGEST[stage]))
        code, hit = run_and_kill(lambda at: drop_to_edition(root, at), kill)
        if code == 0:
            return
        if code is None:
            tally.kills[hit] += 1
        else:
            tally.failures += 1


def drop_to_edition(root: Root, at: Callable[[int], None]) -> None:
    """Do what `sfp run` does, in this process; tell the number of each stage as it begins."""
    actor = Actor("soak", "soak")
    at(0)
    receive(root, settle_seconds=0.0, actor=actor)
    at(1)
    taken = ingest_unfinished(root, actor=actor, jobs=1)
    if any(found.state is State.LANDED for found in taken):
        raise PipelineError("soak: a submission could not be judged. See `sfp status`.")
    at(2)
    refresh_now(root, everything=False, progress=lambda _: None)
    at(3)
    publish_now(root, name=EDITION, is_final=True, cut="latest")


def until_done(root: Root) -> int:
    """Run from drop to edition until a run comes to its end; return how many did not."""
    for failed in range(1000):
        code, _stage = run_and_kill(lambda at: drop_to_edition(root, at), None, quiet=True)
        if code == 0:
            return failed
        time.sleep(_PAUSE)
    raise AssertionError("soak: the work did not come to its end in 1,000 runs")


def run_and_kill(
    work: Callable[[Callable[[int], None]], None], kill: Kill | None, *, quiet: bool = False
) -> tuple[int | None, str]:
    """Run `work` in a forked process and kill it and all below it when `kill` says; None: never.

    Returns:
        its exit code, None when it was killed; the stage it was last in.
    """
    stage = mmap.mmap(-1, 1)
    child = os.fork()
    if child == 0:
        _run_and_exit(work, stage, quiet)
    code = _awaited(child, kill, stage)
    if code is None:
        _kill_all(child)
        os.waitpid(child, 0)
    return code, STAGES[stage[0]]


def _kill_all(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        # It did not come as far as making a group of its own, nor started anything.
        os.kill(child, signal.SIGKILL)


def _run_and_exit(
    work: Callable[[Callable[[int], None]], None], stage: mmap.mmap, quiet: bool
) -> None:
    def at(number: int) -> None:
        stage[0] = number

    os.setsid()
    # The server this process forks its workers from belongs to the parent: a new one is needed,
    # and the standard library has no other way to say so.
    forkserver._forkserver.__init__()  # type: ignore[misc]
    code = 1
    try:
        work(at)
        code = 0
    except Exception as error:
        if not quiet:
            print(f"  a run failed by itself: {kind_and_place(error)}", flush=True)
    finally:
        os._exit(code)


def _awaited(child: int, kill: Kill | None, stage: mmap.mmap) -> int | None:
    began: float | None = None
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        moment = time.monotonic()
        if kill is not None and began is None and stage[0] >= kill.stage:
            began = moment
        if kill is not None and began is not None and moment - began >= kill.seconds:
            return None
        time.sleep(0.005)


def kill_cold(root: Root, seconds: float, command: str = "run") -> bool:
    """Start `sfp run` as a shell would, kill it and all below it; return whether it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", command, "--root", str(root.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=_HOME,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False
