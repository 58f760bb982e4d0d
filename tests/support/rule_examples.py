"""Example rows made into a return, so that a rule can be tried on them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from pandas import DataFrame, Series

from expectations.rows import Rows
from expectations.rule import Example, ExampleRow, Rule, names_at_rest
from schemas.quarter import Quarter
from schemas.returns import table_named
from schemas.rows import (
    CHILD_KEY,
    FINDING_COLUMNS,
    SOURCE_FILE,
    SOURCE_ROW,
    CheckContext,
    ReadReturn,
)
from schemas.table import Table

LA_CODE = "E08000030"
ORDINARY_YEAR = 2024
"""Collection year of an example that does not say when it was sent, if the rule is used then."""


def example_rows(rule: Rule, example: Example) -> Rows:
    """Return an example as a condition sees it, with only the columns the rule says it reads.

    A condition that reads anything else therefore fails on its own examples.
    """
    read = ReadReturn(
        return_name=rule.return_.name,
        frames={table.name: _frame(rule, table, example) for table in rule.return_.tables},
        raw={},
        sent=frozenset(example.tables),
        files=("example.csv",),
        findings=DataFrame(columns=list(FINDING_COLUMNS)),
        **dict(example.header),
    )
    quarter = _quarter(rule, example)
    context = CheckContext(
        la_code=LA_CODE,
        quarter=quarter,
        previous_quarter=Quarter.from_index(quarter.index - 1) if example.previous else None,
        previous=_frames_at_rest(rule, example.previous),
        earlier=_frames_at_rest(rule, example.earlier),
    )
    rows = Rows(read, context)
    rows.lost = {table: Series(lost).to_numpy() for table, lost in example.lost.items()}
    return rows


def _quarter(rule: Rule, example: Example) -> Quarter:
    if example.quarter:
        return Quarter.parse(example.quarter)
    year = max(ORDINARY_YEAR, rule.since or 0)
    return Quarter(min(year, rule.until or year) - 1, 4)


def _frame(rule: Rule, table: Table, example: Example) -> DataFrame:
    wholly = any(need.table == table.name and not need.column for need in rule.parsed_needs)
    columns = _names(table) if wholly else rule.columns_read(table.name)
    rows = example.tables.get(table.name, ())
    return typed_frame(table, rows, columns) if rows else _empty_frame(table.name, columns)


@cache
def _empty_frame(table: str, columns: tuple[str, ...]) -> DataFrame:
    return typed_frame(table_named(table)[1], (), columns)


def typed_frame(
    table: Table, rows: Sequence[ExampleRow], columns: Sequence[str] | None = None
) -> DataFrame:
    """Return rows as a keyed frame of the table, typed as the readers type it.

    It holds the columns named, or every one.
    """
    held = _names(table) if columns is None else columns
    frame = DataFrame({name: _typed(rows, name, table[name].type) for name in held})
    if "child_id" in _names(table):
        ids = [row.get("child_id", "A") for row in rows]
        if "child_id" in held:
            frame["child_id"] = Series(ids, dtype="str")
        frame[CHILD_KEY] = Series([child_key(each) for each in ids], dtype="int64")
    frame[SOURCE_FILE] = Series([0] * len(rows), dtype="int16")
    frame[SOURCE_ROW] = Series(range(2, len(rows) + 2), dtype="int32")
    return frame


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def child_key(child_id: str | None) -> int:
    """Return a number standing for the pseudonym of an example child, 0 for none."""
    return zlib.crc32(child_id.encode()) + 1 if child_id else 0


def _typed(rows: Sequence[ExampleRow], name: str, type_: pa.DataType) -> Series:
    cells = [row.get(name) for row in rows]
    if pa.types.is_date(type_):
        return Series(np.array([cell or "NaT" for cell in cells], dtype="datetime64[s]"))
    if pa.types.is_boolean(type_):
        return Series(cells, dtype="boolean")
    if pa.types.is_string(type_):
        return Series(cells, dtype="str")
    return Series(cells, dtype="float64")


def _frames_at_rest(rule: Rule, tables: Mapping[str, Sequence[ExampleRow]]) -> dict[str, DataFrame]:
    return {name: _at_rest(rule.return_[name], rows) for name, rows in tables.items()}


def _at_rest(table: Table, rows: Sequence[ExampleRow]) -> DataFrame:
    types: dict[str, Any] = {column.name: column.type for column in table.columns}
    frame = DataFrame(
        {
            name: _typed(rows, name, types.get(name, pa.date32()))
            for name in sorted(names_at_rest(table))
            if name not in (CHILD_KEY, "birth_mark", "child_id", "quarter")
        },
        index=range(len(rows)),
    )
    if CHILD_KEY in names_at_rest(table):
        ids = [row.get("child_id", "A") for row in rows]
        frame[CHILD_KEY] = Series([child_key(each) for each in ids], dtype="int64")
    return frame
