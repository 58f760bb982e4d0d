"""Write invented returns as a drop folder, with the truth alongside them.

OUT/drop/<la_code>-<name>/<quarter>/...    the returns
OUT/truth/outcomes.csv                     the outcome values they imply
OUT/truth/cohort.csv                       cohort sizes and entries into care
OUT/truth/planted.json                     planted effects and settings
OUT/truth/faults.csv                       planted faults and what must be found
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from samples.faults import Fault, with_faults, write_faults
from samples.forms import Occasion, all_files
from samples.history import AuthorityHistory, told
from samples.settings import Setting, setting
from samples.truth import (
    TrueOutcome,
    all_rows,
    history_rows,
    reach,
    write_cohort,
    write_outcomes,
    write_planted,
)
from schemas.errors import UsageError
from schemas.quarter import Quarter

REALISTIC = "realistic"
FAULTS = ("none", REALISTIC)
DEFAULT_JOBS = 2


@dataclass(frozen=True)
class _Order:
    """One authority to be written.

    Attributes:
        own: the authority's setting.
        first, last: quarters asked for (the authority may begin later).
        year_end_only: leave out all but fourth quarters and the last.
    """

    out: Path
    own: Setting
    first: Quarter
    last: Quarter
    faults: str
    year_end_only: bool

    @property
    def quarters(self) -> list[Quarter]:
        """Quarters for which returns are written."""
        asked = max(self.first, self.own.first).through(self.last)
        every = not self.year_end_only
        return [q for q in asked if every or q.number == 4 or q == self.last]

    @property
    def folder(self) -> Path:
        """The authority's drop folder."""
        return self.out / "drop" / f"{self.own.la_code}-{slug(self.own.name)}"


@dataclass(frozen=True)
class Written:
    """What came of one order."""

    la_code: str
    rows: list[TrueOutcome]
    cohort: list[dict[str, str | int]]
    faults: list[Fault]


def slug(name: str) -> str:
    """Return a name as folders carry it: `bristol-city-of`."""
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


def write_samples(
    out: Path,
    *,
    authorities: Sequence[str],
    first: Quarter,
    last: Quarter,
    children: int,
    seed: int,
    faults: str,
    year_end_only: bool = False,
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write invented returns of the authorities for the quarters, and the truth alongside them.

    The same seed gives the same bytes, whatever the number of processes and anything else that is
    written. `children` is the number of referrals in a year; `faults` is none or realistic.

    Raises:
        UsageError: the quarters run backwards, or `faults` or `children` cannot be.
    """
    _refuse_nonsense(first, last, children, faults)
    orders = [
        _Order(
            out=out,
            own=setting(code, first=first, last=last, children=children, seed=seed),
            first=first,
            last=last,
            faults=faults,
            year_end_only=year_end_only,
        )
        for code in authorities
    ]
    done = list(_carried_out(orders, jobs or DEFAULT_JOBS, progress))
    _write_truth(out, orders, done)


def _refuse_nonsense(first: Quarter, last: Quarter, children: int, faults: str) -> None:
    if last < first:
        raise UsageError(f"Quarters run from {first} to {last}. Give the earlier one first.")
    if children < 1:
        raise UsageError(f"{children} referrals a year cannot be. Ask for 1 or more.")
    if faults not in FAULTS:
        raise UsageError(f"{faults!r} is no kind of faults. Choose {' or '.join(FAULTS)}.")


def _carried_out(
    orders: Sequence[_Order], jobs: int, progress: Callable[[str], None]
) -> Iterator[Written]:
    """Yield what was written for each authority, in the order asked for."""
    for number, written in enumerate(_each(orders, jobs), start=1):
        progress(f"{number} of {len(orders)}: {written.la_code} written")
        yield written


def _each(orders: Sequence[_Order], jobs: int) -> Iterator[Written]:
    if jobs == 1 or len(orders) == 1:
        yield from map(carry_out, orders)
        return
    # Spawned processes start clean: a forked one could inherit threads of the caller.
    workers = min(jobs, len(orders))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(carry_out, orders)


def carry_out(order: _Order) -> Written:
    """Write one authority's returns; returns its part of the truth."""
    history = told(order.own)
    faults = _write_returns(order, history)
    covered = reach(order.quarters)
    rows, cohort = history_rows(history, covered, first=order.first, last=order.last)
    return Written(order.own.la_code, rows, cohort, faults)


def _write_returns(order: _Order, history: AuthorityHistory) -> list[Fault]:
    """Write every file of every quarter; returns the faults planted in them."""
    kept: dict[str, Any] = {}
    planted: list[Fault] = []
    for quarter in order.quarters:
        occasion = Occasion(history, quarter, kept)
        files = dict(all_files(occasion))
        if order.faults == REALISTIC:
            files, faults = with_faults(occasion, files)
            planted.extend(faults)
        for name, content in files.items():
            file = order.folder / str(quarter) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return planted


def _write_truth(out: Path, orders: Sequence[_Order], done: Sequence[Written]) -> None:
    truth = out / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    first, last = orders[0].first, orders[0].last
    sampled = [row for written in done for row in written.rows]
    rows = all_rows(sampled, [written.la_code for written in done], first=first, last=last)
    write_outcomes(truth / "outcomes.csv", rows)
    write_cohort(truth / "cohort.csv", [row for written in done for row in written.cohort])
    faults = [fault for written in done for fault in written.faults]
    write_faults(truth / "faults.csv", sorted(faults, key=lambda fault: fault.place))
    own = orders[0].own
    write_planted(
        truth / "planted.json",
        {
            "authorities": [order.own.la_code for order in orders],
            "first": str(first),
            "last": str(last),
            "children": own.children,
            "seed": own.seed,
            "faults": orders[0].faults,
            "year_end_only": orders[0].year_end_only,
        },
    )
