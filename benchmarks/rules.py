"""CPU time of the rules with row-level findings, after imports.

    python -m benchmarks.rules [--toy]

Sizes and budgets are those of issue 3: SSDA903 sets of 50,000 rows (10,000 episodes over eleven
files) and 500,000 rows. Two rows in a hundred have a fault, and the return before it rests beside
it, so that the comparisons across years run as well. A return of a few rows shows the fixed price.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from pandas import DataFrame, Series

from benchmarks.faulty import LA_CODE, SHARES, texts_of
from benchmarks.toy import TOY
from expectations.book import rules_of
from expectations.condition import verdicts
from expectations.findings import no_findings
from expectations.rows import Rows
from expectations.rule import broken_cells
from expectations.run import check_rows
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import CHILD_KEY, SOURCE_FILE, SOURCE_ROW, CheckContext, ReadReturn

QUARTER = Quarter(2023, 4)


@dataclass(frozen=True)
class Case:
    """One return to judge: what to call it, how many rows, and the CPU seconds it may take."""

    title: str
    rows: int
    budget: float


CASES = (
    Case("a return of 50 rows", 50, 0.4),
    Case("SSDA903", 50_000, 1.5),
    Case("SSDA903", 500_000, 8.0),
)


def invented(rows: int) -> ReadReturn:
    frames, raw = {}, {}
    for place, table in enumerate(RETURNS["ssda903"].tables):
        count = max(int(rows * SHARES.get(table.name, 0)), 2)
        sent = texts_of(table.name, count)
        held = {
            column.name: sent.get(column.name, np.full(count, None, dtype=object))
            for column in table.columns
        }
        types = {column.name: column.type for column in table.columns}
        frames[table.name] = typed(held, types, place)
        raw[table.name] = pa.table(
            {name: pa.array(cells, pa.string()) for name, cells in held.items()}
        )
    names = tuple(f"{table.sent_as}.csv" for table in RETURNS["ssda903"].tables)
    return ReadReturn("ssda903", frames, raw, frozenset(SHARES), names, no_findings())


def typed(held: dict[str, np.ndarray], types: dict[str, pa.DataType], place: int) -> DataFrame:
    frame = DataFrame({name: cells_of(cells, types[name]) for name, cells in held.items()})
    frame[CHILD_KEY] = frame["child_id"].astype("int64") * 1_000_003 + 17
    frame[SOURCE_FILE] = np.full(len(frame), place, dtype="int16")
    frame[SOURCE_ROW] = np.arange(2, len(frame) + 2, dtype="int32")
    return frame


def cells_of(cells: np.ndarray, type_: pa.DataType) -> Series:
    if pa.types.is_date(type_):
        # An array of objects is compared cell by cell only by ==.
        return Series(np.where(cells == None, "NaT", cells).astype("datetime64[s]"))  # noqa: E711
    return Series(cells, dtype="str" if pa.types.is_string(type_) else "float64")


def at_rest(read: ReadReturn) -> dict[str, DataFrame]:
    children = read.frames["children"]
    births = children["birth_date"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    return {**read.frames, "children": children.assign(birth_month=births)}


def stages(read: ReadReturn, context: CheckContext) -> dict[str, float]:
    """CPU seconds of the conditions alone, and of the engine alone."""
    begun = time.process_time()
    rows = Rows(read, context)
    broken: dict[str, dict[str, np.ndarray]] = {}
    rules = [
        rule
        for rule in rules_of("ssda903")
        if not rule.runs_last and not rule.table_level and rule.holds_in(context.year)
    ]
    for rule in rules:
        found = np.logical_or.reduce(list(broken_cells(rule, rows).values()))
        broken.setdefault(rule.table, {})[rule.id] = found
    conditions = time.process_time() - begun
    begun = time.process_time()
    frames = {table: DataFrame(columns) for table, columns in broken.items()}
    verdicts(frames, {table: [r for r in rules if r.table == table] for table in frames})
    return {"conditions": conditions, "engine": time.process_time() - begun}


def measured(case: Case) -> bool:
    read = invented(case.rows)
    context = CheckContext(LA_CODE, QUARTER, previous=at_rest(read))
    check_rows(replace(read), context)
    begun = time.process_time()
    checked = check_rows(read, context)
    spent = time.process_time() - begun
    shares = ", ".join(f"{name} {each:.2f} s" for name, each in stages(read, context).items())
    statuses = Counter(checked.statuses["status"])
    verdict = "within" if spent <= case.budget else "OVER"
    print(
        f"rules: {case.title}: {sum(map(len, read.frames.values())):,} rows, "
        f"{statuses['passed'] + statuses['failed']} rules, {len(checked.findings):,} findings: "
        f"{spent:.2f} s CPU ({shares}), {spent / case.budget:.0%} of {case.budget:g} s, {verdict}"
    )
    return spent <= case.budget


def main(arguments: Sequence[str] = ()) -> int:
    if TOY in arguments:
        measured(CASES[0])
        return 0
    return 0 if all([measured(case) for case in CASES]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
