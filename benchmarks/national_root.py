"""A warehouse as large as the country: rows at rest and a ledger that names them.

The way through files and rules is left out: it is measured elsewhere, and 36,000 submissions would
take hours. What lies here is what that way leaves behind. Lives of a dozen authorities are
simulated, written as year-end returns (quarterly ones every quarter) and read back; every other
authority has the rows of one of them under child keys of its own. The earlier quarters of the
year-to-date returns, which no outcome reads once the year's last has come, stand in the ledger
without rows. Only tables that outcomes read are written; training forms are not.

One folder holds everything, so that a second run finds it: `lives/` the dozen, `warehouse/` the
Parquet files, `root-152/` a root whose ledger names them all, `root-17/` one that names fewer.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import insert, select

from samples.choose import chosen_authorities
from samples.forms import Occasion, forms
from samples.history import told
from samples.settings import setting
from schemas.derived import COLUMNS_READ
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import State, Submission
from schemas.table import Coverage
from tasks.operate.set_up import set_up
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise
from tasks.validate.at_rest import keyed, rows_at_rest
from warehouse import tables
from warehouse.database import now, writing
from warehouse.pseudonyms import pseudonyms
from warehouse.root import Root
from warehouse.store import Part, write_part

LAST = Quarter.parse("2024-25Q4")
KEY = b"invented children have no secrets"
READ = frozenset({*COLUMNS_READ, "workforce", "programme_delivery"})
SENT = tuple(sorted(set(forms()) - {"annex_a", "training_feedback"}))
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How large the country is.

    Attributes:
        authorities: how many.
        quarters: how many, back from `LAST`; whole years.
        children: referrals of one authority in a year.
        distinct: authorities whose lives are simulated; the others are re-keyed from them.
    """

    authorities: int
    quarters: int
    children: int
    distinct: int

    @property
    def codes(self) -> tuple[str, ...]:
        """The authorities, adopters first."""
        return chosen_authorities(str(self.authorities))

    @property
    def span(self) -> list[Quarter]:
        """The quarters."""
        return list(Quarter.from_index(LAST.index - self.quarters + 1).through(LAST))

    @property
    def name(self) -> str:
        """Folder that a warehouse of this size is kept in."""
        return f"{self.authorities}x{self.quarters}x{self.children}-of-{self.distinct}"


def counts(name: str, quarter: Quarter) -> bool:
    """Return whether outcomes read what a return of this name says for the quarter."""
    return RETURNS[name].coverage is Coverage.QUARTER or quarter.number == 4 or quarter == LAST


# Lives


def live(folder: Path, code: str, size: Size) -> str:
    """Simulate one authority, write its returns, read them back and keep the rows at rest."""
    span = size.span
    history = told(setting(code, first=span[0], last=span[-1], children=size.children, seed=1))
    kept: dict[str, Any] = {}
    for quarter in span:
        occasion = Occasion(history, quarter, kept)
        for name in SENT:
            if counts(name, quarter):
                for table, rows in _read_back(occasion, name, code).items():
                    place = folder / "lives" / code / name / str(quarter)
                    place.mkdir(parents=True, exist_ok=True)
                    pq.write_table(rows, place / f"{table}.parquet")
    return code


def _read_back(occasion: Occasion, name: str, code: str) -> dict[str, pa.Table]:
    def known(domain: str, ids: list[str]) -> Any:
        return pseudonyms(KEY, domain, code, ids)

    with tempfile.TemporaryDirectory() as place:
        files = list(_written(Path(place), occasion, name))
        if not files:
            return {}
        read = read_return(name, files, occasion.quarter, limits=LIMITS)
        return {
            table: rows
            for table, rows in rows_at_rest(keyed(read, known), known).items()
            if table in READ
        }


def _written(place: Path, occasion: Occasion, name: str) -> Iterator[FileToRead]:
    for file, content in forms()[name](occasion):
        path = place / Path(file).name
        path.write_bytes(content)
        yield FileToRead(path.name, path, recognise(path, path.name, limits=LIMITS).part)


# Rows under keys of their own


def settle(folder: Path, code: str, like: str) -> list[tuple[Submission, list[Part]]]:
    """Write the rows of one authority under keys of another, and return what the ledger needs."""
    # Nothing here has to outlive a power cut, and 30,000 files are forced to disk one by one.
    os.fsync = lambda _: None
    factor = _odd(code)
    root = Root.at(folder)
    found = []
    for place in sorted((folder / "lives" / like).glob("*/*")):
        given = submission(code, place.parent.name, Quarter.parse(place.name))
        parts = [
            write_part(root, given, path.stem, rekeyed(pq.read_table(path), factor))
            for path in sorted(place.iterdir())
        ]
        found.append((given, parts))
    return found


def _odd(code: str) -> np.uint64:
    digest = hashlib.sha256(code.encode()).digest()
    return np.uint64(int.from_bytes(digest[:7]) * 2 + 1)


def rekeyed(rows: pa.Table, factor: np.uint64) -> pa.Table:
    """Return rows whose children are other children: one to one, the unknown staying unknown."""
    for name in ("child_key", "birth_mark"):
        if name in rows.column_names:
            keys = rows[name].to_numpy().astype(np.uint64)
            mixed = keys * factor
            # Upper bits decide the order of keys: they have to depend on all of the lower ones.
            mixed = (mixed ^ (mixed >> np.uint64(32))) & np.uint64(2**63 - 1)
            place = rows.column_names.index(name)
            rows = rows.set_column(place, name, pa.array(mixed.astype(np.int64)))
    return rows


def submission(code: str, name: str, quarter: Quarter) -> Submission:
    """Return one submission, named as its facts imply."""
    facts = f"{code}/{name}/{quarter}"
    return Submission(hashlib.sha256(facts.encode()).hexdigest()[:16], code, name, quarter, 1, ())


# The ledger


def write_ledger(root: Root, settled: dict[str, list[tuple[Submission, list[Part]]]]) -> None:
    """Record every submission of these authorities as accepted and in force."""
    rows = [row for found in settled.values() for row in found]
    with writing(root) as connection:
        if connection.execute(select(tables.submissions.c.id).limit(1)).first():
            return
        for table, values in (
            (tables.submissions, [_submission_row(given, parts) for given, parts in rows]),
            (tables.parts, [_part_row(given, part) for given, parts in rows for part in parts]),
            (tables.in_force, [_in_force_row(given) for given, _ in rows]),
        ):
            if values:
                connection.execute(insert(table), values)


def _submission_row(given: Submission, parts: list[Part]) -> dict[str, Any]:
    return {
        "id": given.id,
        "la_code": given.la_code,
        "return_name": given.return_name,
        "quarter": str(given.quarter),
        "version": 1,
        "state": State.ACCEPTED,
        "received_at": now(),
        "decided_at": now(),
        "row_counts": json.dumps({part.table_name: part.row_count for part in parts}),
        "answered": True,
    }


def _part_row(given: Submission, part: Part) -> dict[str, Any]:
    return {"submission_id": given.id, **part.__dict__}


def _in_force_row(given: Submission) -> dict[str, Any]:
    return {
        "la_code": given.la_code,
        "return_name": given.return_name,
        "quarter": str(given.quarter),
        "submission_id": given.id,
        "since": now(),
    }


# All of it


def national_roots(
    folder: Path, size: Size, *, sizes: Sequence[int], jobs: int, progress: Progress
) -> dict[int, Root]:
    """Return a root for each number of authorities, made unless it is kept from before.

    What newer code asks of a root is added to one that was kept.
    """
    roots = {count: Root.at(folder / f"root-{count}") for count in sizes}
    if (folder / "whole").exists():
        progress(f"kept from before: {folder}")
        for root in roots.values():
            set_up(root)
        return roots
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = size.codes[: size.distinct]
    for done, code in enumerate(_each(live, [(folder, code, size) for code in own], jobs), 1):
        progress(f"lives of {code} simulated and read back ({done} of {len(own)})")
    orders = [(folder, code, own[place % len(own)]) for place, code in enumerate(size.codes)]
    settled = {}
    for done, (order, found) in enumerate(zip(orders, _each(settle, orders, jobs), strict=True), 1):
        settled[order[1]] = [*found, *_earlier(order[1], size)]
        if done % 20 == 0:
            progress(f"rows of {done} of {len(orders)} authorities written")
    for count, root in roots.items():
        _make_root(root, folder, {code: settled[code] for code in size.codes[:count]})
    (folder / "whole").touch()
    return roots


def _earlier(code: str, size: Size) -> Iterator[tuple[Submission, list[Part]]]:
    for name in SENT:
        for quarter in size.span:
            if not counts(name, quarter):
                yield submission(code, name, quarter), []


def _make_root(
    root: Root, folder: Path, settled: dict[str, list[tuple[Submission, list[Part]]]]
) -> None:
    set_up(root, settle_seconds=0.0, authorities=tuple(settled))
    root.tables.rmdir()
    root.tables.symlink_to(Path("..") / "warehouse")
    write_ledger(root, settled)


def _each(work: Callable[..., Any], orders: Iterable[tuple[Any, ...]], jobs: int) -> Iterator[Any]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, *zip(*orders, strict=True))
