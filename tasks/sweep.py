"""Everything that has settled, taken in once: what `sfp sweep` and the nightly sweep do."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby

from schemas.submission import State
from tasks.take_in import TakenIn, open_key, take_in
from warehouse import ledger
from warehouse.ledger import Actor
from warehouse.root import Root

Progress = Callable[[str], None]
_ONE_BY_ONE = 4
"""Up to this many submissions, starting other processes costs more than it saves."""


def take_in_unfinished(
    root: Root, *, actor: Actor, progress: Progress = lambda _: None, jobs: int | None = None
) -> tuple[TakenIn, ...]:
    """Judge every submission that is registered and not finished, quarter after quarter.

    Within a quarter submissions are independent and run on all cores; quarters follow each other,
    so that a rule that looks at the year before finds it.
    """
    key = open_key(root)
    pending = ledger.unfinished(root)
    if len(pending) <= _ONE_BY_ONE:
        return tuple(take_in(root, found, key=key, actor=actor) for found in pending)
    return tuple(_in_parallel(root, pending, actor, progress, jobs or os.cpu_count() or 1))


def _in_parallel(
    root: Root, pending: Sequence[str], actor: Actor, progress: Progress, jobs: int
) -> Iterator[TakenIn]:
    done = 0
    with _pool(jobs) as pool:
        for quarter, wave in waves(root, pending):
            arguments = [(str(root.path), found, actor) for found in wave]
            for result in pool.map(_take_in_here, arguments, chunksize=_chunk(len(wave), jobs)):
                done += 1
                yield result
            progress(f"{quarter}: {len(wave)} submissions judged ({done} of {len(pending)})")


def _chunk(count: int, jobs: int) -> int:
    return max(1, min(8, count // (jobs * 4)))


def waves(root: Root, pending: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return the submissions by quarter, earliest first; within a quarter by version and id."""
    rows = {row.id: row for row in ledger.all_submissions(root)}
    ordered = sorted(pending, key=lambda found: (rows[found].quarter, rows[found].version, found))
    return [(key, list(wave)) for key, wave in groupby(ordered, lambda f: rows[f].quarter)]


def _pool(jobs: int) -> ProcessPoolExecutor:
    # A fork server imports the engine once (3 s) and every worker is forked from it in an instant;
    # forking this process instead would copy its threads' locks.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tasks.take_in", "expectations.run"])
    return ProcessPoolExecutor(max_workers=jobs, mp_context=context)


def _take_in_here(arguments: tuple[str, str, Actor]) -> TakenIn:
    path, submission_id, actor = arguments
    root = Root.at(path)
    return take_in(root, submission_id, key=open_key(root), actor=actor)


def states(taken: Sequence[TakenIn]) -> dict[str, int]:
    """Return how many submissions came to each state, every state named."""
    return {str(state): sum(found.state is state for found in taken) for state in State}
