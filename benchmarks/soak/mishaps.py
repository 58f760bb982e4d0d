"""Bad days in turn: a disk that fills, two workers at once, a closed folder, a clock that jumps.

And events that are lost (nothing says that files came; the next sweep finds them, in whatever
bursts they came) or doubled (the same work is asked for twice). Each round is one root
from drop to edition with one mishap; it must end as the root that was left alone. Filling a disk
and closing a folder need root, for a small file system of their own.
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.soak.processes import until_done
from benchmarks.soak.twins import Ground, differing, drop, published_state, twin
from tasks.intake.receive import receive
from tasks.intake.sweep import sweep_once
from warehouse.ledger import Actor
from warehouse.reconcile import discrepancies
from warehouse.root import Root

_DISK = "96M"
_YEAR = 365 * 86_400.0


@dataclass
class Day:
    """One round: its root, what was dropped, its chance, and what is counted.

    Attributes:
        done: how often each mishap was made to happen.
        errors: runs that ended with an error and were started again.
    """

    root: Root
    folders: Sequence[Path]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    errors: int = 0


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Live through `times` days, the mishaps in turn; return whether all ended as undisturbed."""
    wanted = published_state(ground.undisturbed)
    done: Counter[str] = Counter()
    days: Counter[str] = Counter()
    errors = wrong = 0
    began = time.monotonic()
    for number in range(times):
        name = list(MISHAPS)[number % len(MISHAPS)]
        with _small_disk(folder / f"disk-{number}") as disk:
            day = Day(twin(ground.undisturbed, disk / "root"), ground.folders, chance, done)
            MISHAPS[name](day)
            odd = [*differing(wanted, published_state(day.root)), *discrepancies(day.root)]
        days[name] += 1
        errors, wrong = errors + day.errors, wrong + bool(odd)
        if odd:
            print(f"  {name}: NOT EQUAL: {odd}", flush=True)
    for name, count in days.items():
        print(f"  {name}: {count} rounds from drop to edition, {done[name]} times")
    print(
        f"{times} rounds in {time.monotonic() - began:.0f} s; runs that ended with an error and "
        f"were started again: {errors}; rounds that differ from the undisturbed root: {wrong}"
    )
    return not wrong


def full_disk(day: Day) -> None:
    """Fill the disk again and again for a moment while the work is done."""
    drop(day.root, day.folders)
    ballast = day.root.path.parent / "ballast"

    def fill() -> None:
        _fill(ballast)
        day.done["full disk"] += 1
        time.sleep(day.chance.uniform(0.1, 1.5))
        ballast.unlink()

    with _meanwhile(fill, day.chance):
        _until_done(day)


def two_workers(day: Day) -> None:
    """Let two processes do the same work at the same time."""
    drop(day.root, day.folders)
    both = [threading.Thread(target=_until_done, args=(day,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    day.done["two workers"] += 1


def closed_folder(day: Day) -> None:
    """Let nothing be written to the drop folder."""
    drop(day.root, day.folders)
    _run("mount", "--bind", day.root.drop, day.root.drop)
    try:
        _run("mount", "-o", "remount,bind,ro", day.root.drop)
        _until_done(day)
    finally:
        _run("umount", day.root.drop)
    day.done["closed folder"] += 1


def jumping_clock(day: Day) -> None:
    """Receive while the clock is a year behind or ahead, then go on with the right one."""
    actor = Actor("soak", "soak")
    for folder in day.folders:
        drop(day.root, [folder])
        jump = day.chance.choice([-_YEAR, _YEAR, 0.0])
        receive(day.root, settle_seconds=0.2, actor=actor, clock=lambda by=jump: time.time() + by)
        day.done["jumping clock"] += jump != 0.0
    _until_done(day)


def lost_events(day: Day) -> None:
    """Tell no one what came: sweeps find it, whatever the bursts.

    Authorities come in any order, each with its quarters in theirs: an answer compares a return
    with the one before it, and says so when there is none yet.
    """
    waiting = sorted(day.folders, key=lambda found: (found.name, day.chance.random()))
    while waiting:
        burst = day.chance.randint(1, len(waiting))
        drop(day.root, waiting[:burst])
        del waiting[:burst]
        sweep_once(day.root, wait=False, progress=lambda _: None)
        day.done["lost events"] += 1
    _until_done(day)


def doubled_events(day: Day) -> None:
    """Ask for everything twice."""
    drop(day.root, day.folders)
    for _ in range(2):
        _until_done(day)
        day.done["doubled events"] += 1


MISHAPS: dict[str, Callable[[Day], None]] = {
    "full disk": full_disk,
    "two workers": two_workers,
    "closed folder": closed_folder,
    "jumping clock": jumping_clock,
    "lost events": lost_events,
    "doubled events": doubled_events,
}


def _until_done(day: Day) -> None:
    day.errors += until_done(day.root)


@contextmanager
def _meanwhile(act: Callable[[], None], chance: random.Random) -> Iterator[None]:
    ending = threading.Event()

    def work() -> None:
        while not ending.wait(chance.uniform(0.5, 4.0)):
            act()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _fill(ballast: Path) -> None:
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65_536)
    except OSError:
        return


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    if os.getuid() != 0:
        raise SystemExit(
            "soak mishaps: needs root, to mount a small file system. Run it with sudo."
        )
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", folder)
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)
