"""Who may be at work on a root at once: many who take in and compute, or one who erases or changes.

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
_LOOK_AGAIN_SECONDS = 0.05
_alone: set[tuple[int, str]] = set()
"""Processes and the roots they hold alone: what they do then needs no hold of its own."""


@contextmanager
def working(root: Root, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the root together with any others at work, while nobody erases or changes keys.

    Raises:
        PipelineError: somebody holds it alone for longer than `wait_seconds`.
    """
    if (os.getpid(), str(root.path)) in _alone:
        yield
        return
    with _holding(root, fcntl.LOCK_SH, wait_seconds):
        yield


@contextmanager
def alone(root: Root, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the root alone: nobody else takes in or computes meanwhile.

    Raises:
        PipelineError: others are at work for longer than `wait_seconds`.
    """
    key = (os.getpid(), str(root.path))
    with _holding(root, fcntl.LOCK_EX, wait_seconds):
        _alone.add(key)
        try:
            yield
        finally:
            _alone.discard(key)


@contextmanager
def _holding(root: Root, mode: int, wait_seconds: float) -> Iterator[None]:
    descriptor = _opened(root)
    try:
        _wait(root, descriptor, mode, wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _opened(root: Root) -> int:
    """Return a descriptor of the gate; whoever may read the root's settings may hold it."""
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
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return
