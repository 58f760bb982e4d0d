"""The service as it runs, with its server, worker, watcher and flow runs killed at random.

One `sfp serve`, and a second watcher of the same drop folder. Returns arrive folder by folder while
parts are killed; no one helps. At the end everything must be in force, answered, refreshed and
published, as in a root left alone.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.soak.twins import (
    EDITION,
    Ground,
    differing,
    drop,
    published_state,
    twin,
)
from flows.service.serve import environment, free_port
from tasks.publish.publish_cut import publish_now
from warehouse.cuts import all_cuts, all_editions
from warehouse.ledger import all_in_force, unfinished
from warehouse.reconcile import discrepancies
from warehouse.root import Root

SETTLE = 1.0
VICTIMS = {
    "server": "service.server",
    "worker": "cli worker",
    "watcher": "cli watch",
    "flow run": "service.engine",
}
_SHORTEST, _LONGEST = 1.0, 8.0
_PATIENCE = 900.0
_HOME = Path(__file__).parents[2]


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Kill parts of the service until `times` is reached.

    Return whether all ended as undisturbed.
    """
    undisturbed = ground.undisturbed
    root = twin(undisturbed, folder / "killed", settle_seconds=SETTLE)
    began = time.monotonic()
    with served(root) as service, second_watcher(root, service):
        kills = _kill_while_arriving(service, root, ground.folders, times, chance)
        quiet_at = time.monotonic()
        is_done = _awaited(lambda: _is_done(root, undisturbed), _PATIENCE)
        recovery = time.monotonic() - quiet_at
    publish_now(root, name=EDITION, is_final=True, cut="latest")
    odd = [*differing(published_state(undisturbed), published_state(root)), *discrepancies(root)]
    each = ", ".join(f"{kills[name]} of a {name}" for name in VICTIMS)
    print(
        f"{kills.total()} kills ({each}) in {quiet_at - began:.0f} s while returns arrived under "
        f"two watchers; "
        f"everything in force, refreshed and published {recovery:.0f} s after the last kill, by "
        f"itself: {is_done}; differs from the undisturbed root in: {odd or 'nothing'}"
    )
    return is_done and not odd


@contextmanager
def served(root: Root) -> Iterator[psutil.Process]:
    """Run `sfp serve` for the block; whatever it started is gone afterwards."""
    with (root.path / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*(sys.executable, "-m", "cli", "serve"), "--root", root.path, "--port", _port()],
            cwd=_HOME,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    service = psutil.Process(process.pid)
    try:
        if not _awaited(lambda: len(_alive(service, "watcher")) > 0, 120.0):
            raise AssertionError(f"soak: the service did not start. See {root.path}/serve.log.")
        yield service
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


@contextmanager
def second_watcher(root: Root, service: psutil.Process) -> Iterator[None]:
    """Run another watcher of the same drop folder for the block, which no one kills."""
    command = service.cmdline()
    port = int(command[command.index("--port") + 1])
    with (root.path / "second-watcher.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "watch", "--root", root.path],
            cwd=_HOME,
            env=environment(str(root.path), port),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        ended = process.poll()
        process.terminate()
        process.wait(60)
    if ended is not None:
        raise AssertionError(f"soak: the second watcher ended by itself with {ended}.")


def _port() -> str:
    return str(free_port())


def _kill_while_arriving(
    service: psutil.Process,
    root: Root,
    folders: Sequence[Path],
    times: int,
    chance: random.Random,
) -> Counter[str]:
    kills: Counter[str] = Counter()
    waiting = list(folders)
    while kills.total() < times:
        if waiting and kills.total() >= (len(folders) - len(waiting)) * times // len(folders):
            drop(root, [waiting.pop(0)])
        time.sleep(chance.uniform(_SHORTEST, _LONGEST))
        name = chance.choice([*VICTIMS, "flow run"])
        kills[name] += _kill(_alive(service, name))
    drop(root, waiting)
    return kills


def _alive(service: psutil.Process, name: str) -> list[psutil.Process]:
    return [found for found in service.children(recursive=True) if _is(found, VICTIMS[name])]


def _is(process: psutil.Process, words: str) -> bool:
    try:
        return words in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _kill(found: list[psutil.Process]) -> int:
    """Kill one of the processes found, as far as it still lives; return how many."""
    for process in found[:1]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            return 0
    return len(found[:1])


def _is_done(root: Root, undisturbed: Root) -> bool:
    wanted = [(row.id, row.version) for row in all_in_force(undisturbed)]
    in_force = [(row.id, row.version) for row in all_in_force(root)]
    if in_force != wanted or unfinished(root) or not all_cuts(root):
        return False
    newest = all_cuts(root)[-1]
    is_whole = newest.submissions == len(wanted)
    return is_whole and any(row.cut_id == newest.id for row in all_editions(root))


def _awaited(ready: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(0.5)
    return False
