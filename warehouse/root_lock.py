"""The root lock: many processes may work on a root at once, or one that erases or changes keys.

A lock on a file that the kernel gives back when a process dies, however it dies. It says nothing of
what was done: that is the ledger's.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import PipelineError
from warehouse.root import Root, file_mode

WAIT_SECONDS = 600.0
_RETRY_SECONDS = 0.05
_exclusive: set[tuple[int, str]] = set()
"""Processes and the roots they hold exclusively: what they do then needs no lock of its own."""


@contextmanager
def shared_lock(root: Root, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the root together with others at work, while no process erases or changes keys.

    Raises:
        PipelineError: another process holds it exclusively for longer than `wait_seconds`.
    """
    if (os.getpid(), str(root.path)) in _exclusive:
        yield
        return
    with _locked(root, fcntl.LOCK_SH, wait_seconds):
        yield


@contextmanager
def exclusive_lock(root: Root, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the root exclusively: no other process ingests or computes meanwhile.

    Raises:
        PipelineError: others are at work for longer than `wait_seconds`.
    """
    key = (os.getpid(), str(root.path))
    with _locked(root, fcntl.LOCK_EX, wait_seconds):
        _exclusive.add(key)
        try:
            yield
        finally:
            _exclusive.discard(key)


@contextmanager
def _locked(root: Root, mode: int, wait_seconds: float) -> Iterator[None]:
    descriptor = _lock_file(root)
    try:
        _wait(root, descriptor, mode, wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _lock_file(root: Root) -> int:
    """Return a descriptor of the lock file; any user that may read the settings may hold it."""
    path = root.path / "gate"
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, file_mode(root.path))


def _wait(root: Root, descriptor: int, mode: int, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PipelineError(
                    f"{root.path}: other work has held the root for {wait_seconds:.0f} s. Let it "
                    "end, or stop the worker, and try again."
                ) from None
            time.sleep(_RETRY_SECONDS)
        else:
            return
