"""The watcher: sees that a burst of uploads has gone quiet, and sends one event."""

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

from schemas.errors import PipelineError
from tasks.intake.pending import Pending, pending
from tasks.runtime.faults import words_for

POLL_SECONDS = 0.5
_SHARE = 9.0
"""Of ten seconds the watcher may use one: years of files take longer to look at than a few."""
REPEAT_SECONDS = 60.0
"""When nothing has moved for so long, the event was lost or its run died: it is sent again."""
LONGEST_REPEAT_SECONDS = 3_600.0
"""The pause doubles up to this, so that a submission that cannot be judged does not flood."""
PATIENCE = 5
"""Settle windows to wait for the whole drop folder to go quiet before taking what has settled."""


@dataclass
class Memory:
    """What the watcher remembers from one look to the next.

    Attributes:
        announced: files that an event was sent for.
        waiting: everything that waited at the last look.
        moved_at: moment at which what waits last changed, or an event was last sent.
        first_seen: moment at which the burst began; None when nothing waits.
        repeats: events sent for the same things since they last moved.
        sent_at: moment at which an event was last sent.
    """

    announced: frozenset[str] = frozenset()
    waiting: frozenset[str] | None = None
    moved_at: float = 0.0
    first_seen: float | None = None
    repeats: int = 0
    sent_at: float = 0.0


def watch(root: str, *, say: Callable[[str], None], stop: threading.Event | None = None) -> None:
    """Look at the drop folder until told to stop; emit `returns.settled` once per burst.

    The first look is at the start, so that what arrived while nothing was running is taken at once.
    A look that fails is reported and tried again: the watcher outlives a full disk, a lost share
    and a restart of the ledger's database.
    """
    stopping = stop or _stop_on_signals()
    memory = Memory()
    said = ""
    while not stopping.is_set():
        began = time.process_time()
        try:
            look(root, memory, moment=time.time(), tick=time.monotonic(), say=say)
            said = _say_once("", said, say)
        except Exception as error:  # a full disk, a lost share, a ledger that is being restarted
            said = _say_once(_why(error), said, say)
        stopping.wait(max(POLL_SECONDS, _SHARE * (time.process_time() - began)))
    EventsWorker.drain_all()


def _say_once(words: str, said: str, say: Callable[[str], None]) -> str:
    """Say what is wrong when it changes, not at every look; return what was said last."""
    if words != said:
        say(words or "looking again: what could not be read is there")
    return words


def _why(error: Exception) -> str:
    words = str(error) if isinstance(error, PipelineError) else words_for(error)
    return f"{words} Trying again."


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def look(
    root: str,
    memory: Memory,
    *,
    moment: float,
    say: Callable[[str], None],
    tick: float | None = None,
) -> bool:
    """Look once; emit when a burst has gone quiet, or when what was announced does not move.

    Return whether an event was sent. Files are as old as the clock says (`moment`); pauses run
    on a clock that cannot be set (`tick`; the same moment where there is none).
    """
    found = pending(root, moment=moment)
    is_first = memory.waiting is None
    moment = moment if tick is None else tick
    _note(memory, found, moment)
    if not found.items:
        return False
    is_new = is_first or not memory.announced.issuperset(found.files)
    if is_new and (_is_arriving(found, memory, moment) or _is_covered(found, memory, moment)):
        return False
    if not is_new and not _is_stuck(memory, moment):
        return False
    memory.repeats = 0 if is_new else memory.repeats + 1
    memory.announced = frozenset(found.files)
    memory.moved_at = memory.sent_at = moment
    _emit(found, memory.repeats)
    say(f"{len(found.items)} files or submissions wait to be taken in: returns.settled sent")
    return True


def _note(memory: Memory, found: Pending, moment: float) -> None:
    waiting = frozenset(found.items)
    if waiting != memory.waiting:
        memory.waiting, memory.moved_at, memory.repeats = waiting, moment, 0
    if not found.items:
        memory.announced, memory.first_seen = frozenset(), None
    elif memory.first_seen is None:
        memory.first_seen = moment


def _is_arriving(found: Pending, memory: Memory, moment: float) -> bool:
    patience = PATIENCE * max(found.settle_seconds, POLL_SECONDS)
    return found.arriving > 0 and moment - (memory.first_seen or moment) < patience


def _is_covered(found: Pending, memory: Memory, moment: float) -> bool:
    """Return whether a run that has not begun yet will ingest what is new, too.

    What was announced last still lies there untouched: the run it set off is on its way. Another
    would find nothing to do, and hundreds of authorities in one evening would make dozens of them.
    """
    is_untouched = not memory.announced.isdisjoint(found.files)
    is_recent: bool = moment - memory.sent_at < REPEAT_SECONDS
    return is_untouched and is_recent


def _is_stuck(memory: Memory, moment: float) -> bool:
    pause = min(REPEAT_SECONDS * 2**memory.repeats, LONGEST_REPEAT_SECONDS)
    is_stuck: bool = moment - memory.moved_at >= pause
    return is_stuck


def _emit(found: Pending, repeats: int) -> None:
    fingerprint = hashlib.sha256("\n".join(found.items).encode()).hexdigest()
    emit_event(
        "returns.settled",
        resource={"prefect.resource.id": "sfpc.drop", "sfpc.count": str(len(found.items))},
        id=uuid5(NAMESPACE_URL, f"sfpc/returns.settled/{fingerprint}/{repeats}"),
    )
