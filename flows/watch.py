"""The watcher: sees that a burst of uploads has gone quiet, and says so once."""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

from tasks.pending import Pending, pending

POLL_SECONDS = 0.5
REPEAT_SECONDS = 60.0
"""An event that led to nothing by then was lost, or its run died: it is sent again."""
PATIENCE = 5
"""Settle windows to wait for the whole drop folder to go quiet before taking what has settled."""


@dataclass
class _Burst:
    """What the watcher remembers from one look to the next."""

    fingerprint: str = ""
    sent_at: float = 0.0
    first_seen: float | None = None
    repeats: int = 0


def watch(root: str, *, say: Callable[[str], None], stop: threading.Event | None = None) -> None:
    """Look at the drop folder until told to stop; emit `returns.settled` once per burst.

    The first look is at the start, so that what arrived while nothing was running is taken at once.
    A look that fails is told and tried again: the watcher outlives a full disk or a lost share.
    """
    stopping = stop or _stop_on_signals()
    burst = _Burst()
    while not stopping.is_set():
        try:
            look(root, burst, moment=time.time(), say=say)
        except OSError as error:
            say(f"the drop folder cannot be read ({type(error).__name__}); trying again")
        stopping.wait(POLL_SECONDS)
    EventsWorker.drain_all()


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def look(root: str, burst: _Burst, *, moment: float, say: Callable[[str], None]) -> bool:
    """Look once; emit when a burst has gone quiet, or was announced long ago and still waits.

    Say whether an event was sent.
    """
    found = pending(root, moment=moment)
    if not found.items:
        burst.fingerprint, burst.first_seen, burst.repeats = "", None, 0
        return False
    burst.first_seen = burst.first_seen or moment
    if _should_wait(found, burst, moment):
        return False
    fingerprint = hashlib.sha256("\n".join(found.items).encode()).hexdigest()
    if fingerprint == burst.fingerprint:
        if moment - burst.sent_at < REPEAT_SECONDS:
            return False
        burst.repeats += 1
    burst.fingerprint, burst.sent_at = fingerprint, moment
    _emit(found, fingerprint, burst.repeats)
    say(f"{len(found.items)} files or submissions have settled: returns.settled sent")
    return True


def _should_wait(found: Pending, burst: _Burst, moment: float) -> bool:
    patience = PATIENCE * max(found.settle_seconds, POLL_SECONDS)
    return found.arriving > 0 and moment - (burst.first_seen or moment) < patience


def _emit(found: Pending, fingerprint: str, repeats: int) -> None:
    emit_event(
        "returns.settled",
        resource={"prefect.resource.id": "sfpc.drop", "sfpc.count": str(len(found.items))},
        id=uuid5(NAMESPACE_URL, f"sfpc/returns.settled/{fingerprint}/{repeats}"),
    )
