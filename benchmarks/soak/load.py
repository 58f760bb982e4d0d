"""A busy evening: 152 authorities drop four returns each within a minute on one machine.

Printed: how long each return waited from lying in the drop folder to its answer in the outbox, and
the largest memory of all processes together (the database's own aside). Then the same with one
authority's SSDA903 return of 500,000 rows among them, which must not hold up the others. Both in
the production profile, on PostgreSQL; the first once more with the embedded service, on SQLite. A
smaller evening, of which no times are compared, has the first with the embedded service alone.
"""

from __future__ import annotations

import math
import random
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from benchmarks.soak.service import SETTLE, served
from benchmarks.soak.twins import Ground, Size
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.operate.set_up import set_up
from tests.support.postgres import running
from tests.support.production import Production
from warehouse.ledger import all_submissions, unfinished
from warehouse.root import Root

BUSY = Size("152", 60)
"""Every authority; of a smaller evening the large return is smaller in the same proportion."""
RETURNS = ("ssda903", "cin_census.xml", "pre_proceedings.csv", "workforce.csv")
QUARTER = Quarter.parse("2022-23Q4")
LARGE_ROWS = 500_000
LARGE_REFERRALS = 20_000
MINUTE = 55.0
MEMORY_GOAL = 4.0
"""Gigabytes: what a small machine has."""
HELD_UP = 1.25
"""Times as long as without it: more than that, and the large return holds up the others."""
_PATIENCE = 3600.0


@dataclass(frozen=True)
class Evening:
    """What one evening came to: seconds each return waited, and the largest memory in GB."""

    waits: np.ndarray
    memory: float
    refused: int


def prove(folder: Path, _times: int, chance: random.Random, ground: Ground) -> bool:
    """Run every evening.

    Return whether everything was answered, within memory, and no one held up.
    """
    size = ground.size
    share = int(size.authorities) / int(BUSY.authorities)
    _invent(folder / "small", size)
    authorities = sorted((folder / "small" / "drop").iterdir())
    each = f"{len(authorities)} authorities, four returns each"
    evenings = [_evening(embedded(folder / "embedded", authorities), authorities, None, chance)]
    _tell(f"{each}, embedded service", evenings[0])
    if size == BUSY:
        home = production(folder / "ordinary", authorities)
        evenings.append(_evening(home, authorities, None, chance))
        _tell(each, evenings[-1])
    one = authorities[0].name.split("-")[0]
    _invent(folder / "one", Size(one, math.ceil(LARGE_REFERRALS * share)))
    (large,) = (folder / "one" / "drop").glob("*/*/ssda903")
    rows = _enlarge(large, int(LARGE_ROWS * share))
    home = production(folder / "beside", authorities)
    beside = _evening(home, authorities[1:], large, chance)
    _tell(f"{len(authorities) - 1} authorities, beside one return of {rows:,} rows", beside)
    ratio = float(np.median(beside.waits) / np.median(evenings[-1].waits))
    evenings.append(beside)
    is_bounded = max(evening.memory for evening in evenings) <= MEMORY_GOAL
    # Waits of a handful of returns say nothing of who holds up whom.
    if size == BUSY:
        print(
            f"  median wait of the others beside the large return: {ratio:.2f} of that without it"
        )
    is_held_up = size == BUSY and ratio > HELD_UP
    return is_bounded and not is_held_up and not any(evening.refused for evening in evenings)


def _tell(name: str, found: Evening) -> None:
    low, mid, high, most = np.percentile(found.waits, [0, 50, 95, 100])
    print(
        f"  {name}: {len(found.waits)} returns answered, {found.refused} refused; from drop to "
        f"answer {low:.0f} s at least, {mid:.0f} s median, {high:.0f} s for 95 %, {most:.0f} s at "
        f"most; memory of all processes {found.memory:.2f} GB",
        flush=True,
    )


def _invent(out: Path, size: Size) -> None:
    write_samples(
        out,
        authorities=chosen_authorities(size.authorities),
        first=Quarter(QUARTER.year, 1),
        last=QUARTER,
        children=size.children,
        seed=2,
        faults="none",
        year_end_only=True,
    )


def _enlarge(folder: Path, rows: int) -> int:
    """Repeat a set of files under other child ids until it has so many rows; return how many."""
    frames = {path: pd.read_csv(path, dtype=str, keep_default_na=False) for path in _files(folder)}
    copies = -(-rows // sum(len(frame) for frame in frames.values()))
    for path, frame in frames.items():
        again = [frame.assign(CHILD=f"{number:02d}" + frame["CHILD"]) for number in range(copies)]
        pd.concat(again).to_csv(path, index=False)
    return copies * sum(len(frame) for frame in frames.values())


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


@contextmanager
def production(path: Path, authorities: Sequence[Path]) -> Iterator[tuple[Root, psutil.Process]]:
    """Hand over a root served as in production, on PostgreSQL, and the process above it all."""
    with running(is_durable=True) as server:
        root = _made(path, authorities, ledger_url=server.new_database())
        parts = Production(root, server)
        try:
            parts.start(workers=2)
            yield root, psutil.Process()
        finally:
            parts.stop()


@contextmanager
def embedded(path: Path, authorities: Sequence[Path]) -> Iterator[tuple[Root, psutil.Process]]:
    """Hand over a root with `sfp serve` on it, and the process above it all."""
    root = _made(path, authorities)
    with served(root) as service:
        yield root, service


def _made(path: Path, authorities: Sequence[Path], *, ledger_url: str = "") -> Root:
    codes = tuple(found.name.split("-")[0] for found in authorities)
    root = Root.at(path)
    return set_up(root, settle_seconds=SETTLE, authorities=codes, ledger_url=ledger_url)


def _evening(
    home: AbstractContextManager[tuple[Root, psutil.Process]],
    authorities: Sequence[Path],
    large: Path | None,
    chance: random.Random,
) -> Evening:
    with home as (root, service), _watched(service) as memory:
        if large is not None:
            target = root.drop / large.parents[1].name / str(QUARTER) / large.name
            shutil.copytree(large, target)
        dropped = _drop_within_a_minute(root, authorities, chance)
        count = len(authorities) * len(RETURNS)
        _await_answers(root, count + (large is not None))
        waits, refused = _waits(root, dropped)
    return Evening(waits, max(memory) / 1e9, refused)


def _drop_within_a_minute(
    root: Root, authorities: Sequence[Path], chance: random.Random
) -> dict[str, float]:
    """Put four returns of every authority into the drop folder; return when, by authority."""
    began, dropped = time.monotonic(), {}
    seconds = MINUTE * len(authorities) / int(BUSY.authorities)
    moments = sorted(chance.uniform(0.0, seconds) for _ in authorities)
    for moment, authority in zip(moments, authorities, strict=True):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        home = root.drop / authority.name / str(QUARTER)
        home.mkdir(parents=True, exist_ok=True)
        for name in RETURNS:
            source = authority / str(QUARTER) / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name)
        dropped[authority.name.split("-")[0]] = time.time()
    return dropped


def _await_answers(root: Root, count: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if len(all_submissions(root)) >= count and not unfinished(root):
            return
        time.sleep(1.0)
    raise AssertionError(f"soak: not all {count} returns were answered in {_PATIENCE:.0f} s")


def _waits(root: Root, dropped: dict[str, float]) -> tuple[np.ndarray, int]:
    """Return the seconds each return of the authorities waited, and how many were refused."""
    rows = [row for row in all_submissions(root) if row.la_code in dropped]
    waits = [
        (root.outbox / row.la_code / row.quarter / row.id / "receipt.json").stat().st_mtime
        - dropped[row.la_code]
        for row in rows
    ]
    return np.array(waits), sum(not row.state.startswith("accepted") for row in rows)


@contextmanager
def _watched(service: psutil.Process) -> Iterator[list[float]]:
    """Keep the memory of all processes of the service, in bytes, once a second."""
    found: list[float] = [0.0]
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(1.0):
            found.append(_memory(service))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        ending.set()
        thread.join()


def _memory(service: psutil.Process) -> float:
    """Return the memory of a process and all below it, what they share counted once."""
    total = 0.0
    for process in (service, *service.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
