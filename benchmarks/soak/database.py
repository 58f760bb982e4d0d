"""The ledger's connections cut and its server restarted at random, from drop to edition.

Real PostgreSQL on loopback. What works is a process as in `processes`; here it is not killed: its
database is. It may end with an error, and the next one must finish the work.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from benchmarks.soak.processes import until_done
from benchmarks.soak.twins import Ground, differing, drop, published_state, twin
from tests.support.postgres import Server, running
from warehouse.reconcile import discrepancies

_RESTART_EVERY = 10
_SHORTEST, _LONGEST = 0.3, 3.0
_AMBUSH = 2.0
"""Seconds to wait for a connection to cut: the pipeline opens one only while it needs it."""
_CUT = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Disturb the ledger's server `times` times.

    Return whether every round ended as undisturbed.
    """
    wanted = published_state(ground.undisturbed)
    done: Counter[str] = Counter()
    rounds = wrong = 0
    began = time.monotonic()
    with running() as server:
        while done["cuts"] + done["restarts"] < times:
            rounds += 1
            url = server.new_database()
            root = twin(ground.undisturbed, folder / f"cut-{rounds}", ledger_url=url)
            drop(root, ground.folders)
            with disturbing(partial(disturb_server, server, url, times, done), chance):
                done["errors"] += until_done(root)
            odd = [*differing(wanted, published_state(root)), *discrepancies(root)]
            wrong += bool(odd)
            print(
                f"  round {rounds}: {dict(done)}{f'; NOT EQUAL: {odd}' if odd else ''}", flush=True
            )
    print(
        f"{done['cuts']} times every connection cut ({done['connections']} were open), "
        f"{done['restarts']} immediate restarts of the server, in {rounds} rounds from drop to "
        f"edition, {time.monotonic() - began:.0f} s; runs that ended with an error and were "
        f"started again: {done['errors']}; rounds that differ: {wrong}"
    )
    return not wrong


@contextmanager
def disturbing(disturb: Callable[[], bool], chance: random.Random) -> Iterator[None]:
    """Disturb at random, in a thread, until the block ends or there is no more to do."""
    ending = threading.Event()

    def work() -> None:
        while not ending.wait(chance.uniform(_SHORTEST, _LONGEST)):
            if not disturb():
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def disturb_server(
    server: Server, url: str, times: int, done: Counter[str], *, restart_every: int = _RESTART_EVERY
) -> bool:
    """Cut every connection, or now and then restart the server; return whether more is to do."""
    count = done["cuts"] + done["restarts"]
    if count >= times:
        return False
    if count % restart_every == restart_every - 1:
        server.control("-m", "immediate", "restart")
        done["restarts"] += 1
    else:
        done["connections"] += _cut(url)
        done["cuts"] += 1
    return True


def _cut(url: str) -> int:
    """Cut what is connected, waiting a moment for somebody to be; return how many were."""
    ledger = create_engine(url, isolation_level="AUTOCOMMIT")
    deadline = time.monotonic() + _AMBUSH
    found = 0
    # The server may be on its way down or up.
    with suppress(OperationalError), ledger.connect() as connection:
        while not found and time.monotonic() < deadline:
            found = int(connection.execute(_CUT).scalar_one())
    ledger.dispose()
    return found
