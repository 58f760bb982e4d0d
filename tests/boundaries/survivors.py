"""Which changes no test notices: `python -m tests.boundaries.survivors SUBJECT OUTPUT [EVERY]`.

The nearest tests of a subject are collected once. They run first as the code stands, with a probe
at every change; then, for each change, those tests run that could notice it, quickest first, until
one fails. Of many changes only every so many-th may be asked for.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.boundaries.mutants import Mutant, Probes, made
from tests.boundaries.subjects import SUBJECTS, Subject

PATIENCE = 20
"""A test that takes so many times as long as before, and a second, counts as failed."""


class TooLongError(BaseException):
    """A changed test does not end; no `except Exception` may keep it going."""


class Watch:
    """A pytest plugin that runs the tests of a session once for every change."""

    def __init__(self, subject: Subject, every: int) -> None:
        self._subject = subject
        self._every = every
        self.mutants: list[Mutant] = []
        self.survivors: list[str] = []
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything; nothing is left for pytest to run."""
        assert not session.testsfailed, "a test could not be collected"
        self.mutants = self._subject.mutants()[:: self._every]
        able = self._noticing(session.items)
        for number, mutant in enumerate(self.mutants):
            if not self._is_noticed(mutant, able[number]):
                self.survivors.append(mutant.label)
        return True

    def _noticing(self, items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
        """Return, for each change, the tests that could notice it, quickest first."""
        able: list[list[pytest.Item]] = [[] for _ in self.mutants]
        probes = Probes(self.mutants)
        with probes.placed():
            for item in items:
                began = time.perf_counter()
                assert not _fails(item), f"{item.nodeid} fails as the code stands"
                self._seconds[item.nodeid] = time.perf_counter() - began
                for number in probes.taken():
                    able[number].append(item)
        return [sorted(found, key=lambda item: self._seconds[item.nodeid]) for found in able]

    def _is_noticed(self, mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
        with made(mutant):
            return any(
                _fails(item, limit=PATIENCE * (1 + self._seconds[item.nodeid])) for item in items
            )


def _fails(item: pytest.Item, limit: float = 0) -> bool:
    """Return whether a test fails, its fixtures made and taken down for it alone."""
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(*_: Any) -> None:
    raise TooLongError


def main(subject: str, output: str, every: str = "1") -> int:
    """Write which changes were made, and which of them no test noticed."""
    declared = SUBJECTS[subject]
    watch = Watch(declared, int(every))
    code = pytest.main(["-p", "no:cacheprovider", "-p", "no:xdist", *declared.tests], [watch])
    found = {"made": [one.label for one in watch.mutants], "survivors": watch.survivors}
    Path(output).write_text(json.dumps(found), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
