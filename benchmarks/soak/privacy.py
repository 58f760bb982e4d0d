"""Erasures and changes of key killed at random points, each finished by the next process."""

from __future__ import annotations

import csv
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.soak.processes import Kill, run_and_kill
from benchmarks.soak.twins import Ground
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.operate.reconcile import verified
from tasks.outcomes.authority import outcome_csv
from tasks.privacy.erase import erase
from tasks.privacy.rotate import rotate_pseudonym, rotate_storage
from warehouse.ledger import Actor
from warehouse.root import Root

_ACTOR = Actor("soak", "soak")
_SLOWER = 1.2
_LAST_TRY = 4
"""After so many kills in one round, a run is left to end, so that every round does."""


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Kill until `times` is reached; return whether every round ended as an undisturbed one."""
    filled = ground.undisturbed
    la_code, child = _a_child(ground.folders)
    work: dict[str, Callable[[Root], object]] = {
        "erase": lambda root: erase(root, la_code, [child], actor=_ACTOR),
        "rotate pseudonym": lambda root: rotate_pseudonym(root, actor=_ACTOR),
        "rotate storage": lambda root: rotate_storage(root, actor=_ACTOR),
    }
    wanted, seconds = {}, {}
    for name, act in work.items():
        wanted[name], seconds[name] = _undisturbed(filled, folder / "wanted", act)
    kills: Counter[str] = Counter()
    rounds = wrong = failures = 0
    began = time.monotonic()
    while kills.total() < times:
        name = list(work)[rounds % len(work)]
        rounds += 1
        root = _copy(filled, folder / f"killed-{rounds}")
        # Beside other work it takes a little longer than it did alone.
        failures += _kill_until_done(root, work[name], kills, name, _SLOWER * seconds[name], chance)
        odd = [str(found) for found in verified(root)]
        if _outcomes(root) != wanted[name] or odd:
            wrong += 1
            print(f"  {name}: NOT EQUAL, or {odd}", flush=True)
        shutil.rmtree(root.path)
    each = ", ".join(f"{kills[name]} of {name}" for name in work)
    print(
        f"{kills.total()} kills ({each}) in {rounds} rounds, {time.monotonic() - began:.0f} s; "
        f"rounds with other figures than undisturbed, or faulted by `sfp verify`: {wrong}; "
        f"runs that failed by themselves: {failures}"
    )
    return not wrong and not failures


def _a_child(folders: Sequence[Path]) -> tuple[str, str]:
    """Return an authority and the identifier of a child it looked after."""
    with (folders[0] / "ssda903" / "episodes.csv").open(encoding="utf-8-sig", newline="") as file:
        return folders[0].parent.name.split("-")[0], next(csv.DictReader(file))["CHILD"]


def _undisturbed(filled: Root, path: Path, act: Callable[[Root], object]) -> tuple[str, float]:
    """Return the outcomes afterwards, and the seconds it took."""
    root = _copy(filled, path)
    began = time.monotonic()
    act(root)
    seconds = time.monotonic() - began
    found = _outcomes(root)
    shutil.rmtree(path)
    return found, seconds


def _copy(root: Root, path: Path) -> Root:
    shutil.copytree(root.path, path)
    return Root.at(path)


def _outcomes(root: Root) -> str:
    refresh_now(root, everything=False, progress=lambda _: None)
    return outcome_csv(tables_of_cut(root, "latest").outcomes)


def _kill_until_done(
    root: Root,
    act: Callable[[Root], object],
    kills: Counter[str],
    name: str,
    longest: float,
    chance: random.Random,
) -> int:
    """Run and kill until a run comes to its end; return how many failed by themselves."""
    failures = 0
    for attempt in range(1, 1000):
        kill = None if attempt > _LAST_TRY else Kill(0, chance.uniform(0.0, longest))
        code, _stage = run_and_kill(lambda _: act(root), kill)
        if code == 0:
            break
        kills[name] += code is None
        failures += code is not None
    return failures
