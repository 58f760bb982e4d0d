"""Submissions judged in processes of their own: one that ends its process leaves the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future

from tasks.runtime.workers import process_pool
from tasks.validate.submission import TakenIn, left_landed, take_in_or_tell
from warehouse.key import open_key
from warehouse.ledger import Actor
from warehouse.root import Root

AT_ONCE = 2 * (os.cpu_count() or 1)
"""Submissions judged at the same time: half of the time is spent on the disk, so two a core."""
ONE_BY_ONE = 4
"""Up to this many submissions, starting other processes costs more than it saves."""
PRELOAD = ("tasks.validate.pool", "expectations.run")
"""What a process that takes in needs: the engine of the rules takes seconds to import."""
_ALONE = threading.Lock()

_Order = tuple[str, str, Actor, frozenset[str]]
"""Path of the root, submission, who, and the submissions nobody waits for."""


def take_in_here(order: _Order) -> TakenIn:
    """Judge one submission in the process this is called in."""
    path, submission_id, actor, despite = order
    root = Root.at(path)
    return take_in_or_tell(root, submission_id, key=open_key(root), actor=actor, despite=despite)


Work = Callable[[_Order], TakenIn]


def begun(pool: Executor, order: _Order, work: Work = take_in_here) -> Future[TakenIn] | None:
    """Give an order to a pool; None when a process of it was ended, so that it takes no more."""
    try:
        return pool.submit(work, order)
    except BrokenExecutor:
        return None


def ended(future: Future[TakenIn] | None, order: _Order, work: Work = take_in_here) -> TakenIn:
    """Return what came of an order; where its pool broke, what comes of it alone.

    A submission that ends its process alone, too (by its size, say), cannot be judged: it is left
    landed as faulty, and everybody else's goes on.
    """
    try:
        if future is not None:
            return future.result()
    except BrokenExecutor:
        pass
    try:
        # One after the other: what broke the pool may have been too many large ones at once.
        with _ALONE, process_pool(1, *PRELOAD) as own:
            return own.submit(work, order).result()
    except BrokenExecutor:
        why = "FAULT the process that judged it was ended. Is there memory enough for it?"
        return left_landed(Root.at(order[0]), order[1], why, waits=False)
