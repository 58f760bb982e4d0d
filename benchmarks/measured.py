"""What a command costs, all its processes together: seconds of processor and memory.

Linux only: the caller takes in every orphan (a fork server's workers among them), so that the
kernel's own account of children is whole; memory is looked up in /proc ten times a second.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SUBREAPER = 36
_EVERY = 0.1
_HOME = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """What one command came to.

    Attributes:
        cpu: seconds of processor of every process.
        wall: seconds that went by.
        peak_mb: largest sum over processes of the memory they held; shared pages count in each.
        told: the JSON the command printed last.
    """

    cpu: float
    wall: float
    peak_mb: float
    told: dict[str, Any]


def cost_of(module: str, *arguments: str) -> Cost:
    """Run `python -m module` and return what it cost; stop when it fails."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    ours, before, began = set(_own_children()), _children(), time.monotonic()
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_HOME)
    peaks: list[float] = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peaks))
    watcher.start()
    out, _ = process.communicate()
    wall = time.monotonic() - began
    watcher.join()
    _reap(besides=ours)
    if process.returncode:
        sys.exit(f"{module} failed with {process.returncode}")
    return Cost(_children() - before, wall, max(peaks), json.loads(out.splitlines()[-1]))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap(*, besides: set[int]) -> None:
    """Wait for what the command left behind; children of our own, as fork servers, live on."""
    while orphans := set(_own_children()) - besides:
        for orphan in orphans:
            os.waitpid(orphan, 0)


def _own_children() -> list[int]:
    return [
        child for place in Path("/proc/self/task").glob("*/children") for child in _numbers(place)
    ]


def _watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    while process.poll() is None:
        peaks.append(sum(map(_memory, _descendants())) / 1024)
        time.sleep(_EVERY)


def _descendants() -> Sequence[int]:
    found, waiting = [], [os.getpid()]
    while waiting:
        parent = waiting.pop()
        for place in Path(f"/proc/{parent}/task").glob("*/children"):
            waiting.extend(children := _numbers(place))
            found.extend(children)
    return found


def _numbers(place: Path) -> list[int]:
    try:
        return [int(text) for text in place.read_text().split()]
    except OSError:
        return []


def _memory(process: int) -> int:
    """Return the kilobytes a process holds; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
