"""Write invented returns as a drop folder, with the truth alongside them.

OUT/drop/<la_code>-<name>/<quarter>/...    the returns
OUT/truth/outcomes.csv                     the outcome values they imply
OUT/truth/outcomes_with_faults.csv         the same, with what the planted faults change
OUT/truth/cohort.csv                       cohort sizes and entries into care
OUT/truth/planted.json                     planted effects and settings
OUT/truth/faults.csv                       planted faults and what must be found
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import Any

from samples.desk import Fault
from samples.expected import seen_until, with_bars
from samples.faults import faulty_quarter, rates_of, write_faults
from samples.forms import Occasion, all_files
from samples.history import AuthorityHistory, told
from samples.implied.told import ToldChild
from samples.settings import Setting, setting
from samples.truth import (
    TrueOutcome,
    all_rows,
    history_rows,
    reach,
    told_children,
    write_cohort,
    write_outcomes,
    write_planted,
)
from schemas.calendar import CALENDARS, EVERY_QUARTER, DueCalendar
from schemas.errors import UsageError
from schemas.quarter import Quarter

REALISTIC = "realistic"
FAULTS = ("none", REALISTIC)
DEFAULT_JOBS = 2
_TO_DATE, _OWN = "ssda903", "workforce"
"""One return of those that speak for the year to date, and one of those that speak for a quarter:
the truth knows the two kinds alone."""


@dataclass(frozen=True)
class _Order:
    """One authority to be written.

    Attributes:
        own: the authority's setting.
        first, last: quarters asked for (the authority may begin later).
        rates: of every kind of fault; empty where none is planted.
        year_end_only: leave out all but fourth quarters and the last.
        calendar: which returns are written for which of the quarters.
    """

    out: Path
    own: Setting
    first: Quarter
    last: Quarter
    rates: Mapping[str, float]
    year_end_only: bool
    calendar: DueCalendar

    @property
    def quarters(self) -> list[Quarter]:
        """Quarters for which returns are written."""
        asked = max(self.first, self.own.first).through(self.last)
        every = not self.year_end_only
        return [q for q in asked if every or q.number == 4 or q == self.last]

    def sends(self, return_name: str, quarter: Quarter) -> bool:
        """Whether a return is written for a quarter; one never owed comes with SSDA903."""
        known = return_name in self.calendar.dues
        return self.calendar.owes(return_name if known else _TO_DATE, quarter)

    @property
    def folder(self) -> Path:
        """The authority's drop folder."""
        return self.out / "drop" / f"{self.own.la_code}-{slug(self.own.name)}"


@dataclass(frozen=True)
class Written:
    """What came of one order."""

    la_code: str
    rows: list[TrueOutcome]
    rows_with_faults: list[TrueOutcome]
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
    fault_rates: Mapping[str, float] = MappingProxyType({}),
    year_end_only: bool = False,
    cadence: str = EVERY_QUARTER.name,
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[str, ...]:
    """Write invented returns of the authorities for the quarters, and the truth alongside them.

    The same seed gives the same bytes, whatever the number of processes and anything else that is
    written. `children` is the number of referrals in a year; `faults` is none or realistic, with
    the rates of `KINDS` where `fault_rates` names none. `cadence` names the calendar that says
    which returns are written for which quarters.

    Returns:
        kinds of `fault_rates`, at a rate above 0, that were planted nowhere.

    Raises:
        UsageError: the quarters run backwards, or `faults`, its rates, `children` or `cadence`
            cannot be.
    """
    _refuse_nonsense(first, last, children, faults)
    _refuse_cadence(cadence, faults)
    if fault_rates and faults != REALISTIC:
        raise UsageError(f"Rates of faults go with --faults {REALISTIC}. Give both, or neither.")
    rates = rates_of(fault_rates) if faults == REALISTIC else {}
    orders = [
        _Order(
            out=out,
            own=setting(code, first=first, last=last, children=children, seed=seed),
            first=first,
            last=last,
            rates=rates,
            year_end_only=year_end_only,
            calendar=CALENDARS[cadence],
        )
        for code in authorities
    ]
    done = list(_carried_out(orders, jobs or DEFAULT_JOBS, progress))
    _write_truth(out, orders, done)
    planted = {fault.fault for written in done for fault in written.faults}
    return tuple(name for name, rate in fault_rates.items() if rate and name not in planted)


def _refuse_nonsense(first: Quarter, last: Quarter, children: int, faults: str) -> None:
    if last < first:
        raise UsageError(f"Quarters run from {first} to {last}. Give the earlier one first.")
    if children < 1:
        raise UsageError(f"{children} referrals a year cannot be. Ask for 1 or more.")
    if faults not in FAULTS:
        raise UsageError(f"{faults!r} is no kind of faults. Choose {' or '.join(FAULTS)}.")


def _refuse_cadence(cadence: str, faults: str) -> None:
    if cadence not in CALENDARS:
        raise UsageError(f"{cadence!r} is no cadence. Choose {' or '.join(CALENDARS)}.")
    if faults == REALISTIC and cadence != EVERY_QUARTER.name:
        raise UsageError(
            "Faults are planted in returns of every quarter. Choose "
            f"--cadence {EVERY_QUARTER.name}, or --faults none."
        )


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
    kept: dict[str, Any] = {}
    faults = _write_returns(order, history, kept)
    children = dict(told_children(history))
    rows, cohort = _true_rows(order, history, children)
    with_faults = rows
    if gone := kept.get("gone"):
        seen = {one: seen_until(children[one], day) for one, day in gone.items()}
        with_faults, _ = _true_rows(order, history, children | seen)
    barred = with_bars(with_faults, faults, order.quarters)
    return Written(order.own.la_code, rows, barred, cohort, faults)


def _true_rows(
    order: _Order, history: AuthorityHistory, children: Mapping[str, ToldChild]
) -> tuple[list[TrueOutcome], list[dict[str, str | int]]]:
    to_date, own = (
        [quarter for quarter in order.quarters if order.sends(name, quarter)]
        for name in (_TO_DATE, _OWN)
    )
    covered = reach(to_date, own=own, first=order.first, last=order.last)
    return history_rows(history, children.values(), covered, first=order.first, last=order.last)


def _write_returns(order: _Order, history: AuthorityHistory, kept: dict[str, Any]) -> list[Fault]:
    """Write every file of every quarter; returns the faults planted in them."""
    planted: list[Fault] = []
    for quarter in order.quarters:
        occasion = Occasion(history, quarter, kept)
        sent = partial(order.sends, quarter=quarter)
        files, folder = dict(all_files(occasion, sent)), str(quarter)
        if order.rates:
            desk = faulty_quarter(occasion, files, order.rates)
            files, folder = desk.files, desk.folder
            planted.extend(desk.faults)
        for name, content in files.items():
            file = order.folder / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return planted


def _write_truth(out: Path, orders: Sequence[_Order], done: Sequence[Written]) -> None:
    truth = out / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    first, last = orders[0].first, orders[0].last
    codes = [written.la_code for written in done]
    for name, sampled in (
        ("outcomes.csv", [row for written in done for row in written.rows]),
        ("outcomes_with_faults.csv", [row for written in done for row in written.rows_with_faults]),
    ):
        write_outcomes(truth / name, all_rows(sampled, codes, first=first, last=last))
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
            "faults": REALISTIC if orders[0].rates else "none",
            "fault_rates": dict(orders[0].rates),
            "year_end_only": orders[0].year_end_only,
            "cadence": orders[0].calendar.name,
        },
    )
