"""Broken rows into findings: where the authority will look, and what it will see there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from expectations.rows import Booleans, Rows
from expectations.rule import Rule
from schemas.returns import RETURNS
from schemas.rows import FINDING_COLUMNS, SOURCE_FILE, SOURCE_ROW, ReadReturn


def rule_findings(rule: Rule, fields: tuple[str, ...], broken: Booleans, rows: Rows) -> DataFrame:
    """Return a finding for each broken row, or one for the table as a whole (`FINDING_COLUMNS`)."""
    read = rows.read
    places = np.flatnonzero(broken)
    if rule.table_level:
        found = rule.found(rows) if rule.found else ""
        return _finding(rule, fields, {"file": [_file_of(rule, read)], "found": [found]})
    frame = read.frames[rule.table].iloc[places]
    files = np.array(read.files, dtype=object)
    return _finding(
        rule,
        fields,
        {
            "file": files[frame[SOURCE_FILE].to_numpy()],
            "row": frame[SOURCE_ROW].to_numpy(),
            "found": _found(rule, fields, read.raw.get(rule.table), places),
            "position": places,
        },
        place=_place(rule, read),
    )


def no_findings() -> DataFrame:
    """Return a findings frame without rows."""
    return DataFrame({name: Series([], dtype=_dtype(name)) for name in FINDING_COLUMNS})


def sorted_findings(read: ReadReturn, parts: Sequence[DataFrame]) -> DataFrame:
    """Return all findings: of the whole first, then by table, row and code."""
    held = [part for part in parts if len(part)]
    if not held:
        return no_findings()
    every = pd.concat([part.astype(_DTYPES) for part in held], ignore_index=True)
    order = {table.name: place for place, table in enumerate(RETURNS[read.return_name].tables)}
    keys = DataFrame(
        {
            "table": every["table"].map(order).fillna(-1),
            "position": every["position"].fillna(-1),
            "code": every["code"],
        }
    )
    return every.loc[
        keys.sort_values(["table", "position", "code"], kind="stable").index
    ].reset_index(drop=True)


def _dtype(name: str) -> str:
    return "Int64" if name in ("row", "position") else "str"


_DTYPES = {name: _dtype(name) for name in FINDING_COLUMNS}


def _finding(
    rule: Rule, fields: tuple[str, ...], facts: dict[str, object], *, place: str = ""
) -> DataFrame:
    found = DataFrame(facts)
    return found.assign(
        place=place,
        field=", ".join(_headings(rule, fields)),
        code=rule.code,
        severity=rule.severity.value,
        reach=rule.reach.value,
        words=rule.words,
        table=rule.table,
    ).reindex(columns=list(FINDING_COLUMNS))


def _file_of(rule: Rule, read: ReadReturn) -> str:
    """Return the file a table came in, empty when that is not one file."""
    files = read.frames[rule.table][SOURCE_FILE].unique()
    if len(files) == 1:
        return read.files[int(files[0])]
    return read.files[0] if len(read.files) == 1 else ""


def _place(rule: Rule, read: ReadReturn) -> str:
    """Return the element a row stands for, where one XML file holds every table."""
    is_one_file = len(read.files) == 1 and len(RETURNS[read.return_name].tables) > 1
    return rule.return_[rule.table].sent_as if is_one_file else ""


def _headings(rule: Rule, fields: Sequence[str]) -> list[str]:
    return [rule.return_[rule.table][name].sent_as or name for name in fields]


def _found(
    rule: Rule, fields: Sequence[str], raw: pa.Table | None, places: npt.NDArray[np.int64]
) -> list[str]:
    """Return the cells at fault as they were sent; with their headings where there are several."""
    held = [name for name in fields if raw is not None and name in raw.column_names]
    if raw is None or not held:
        return [""] * len(places)
    cells = [[text or "" for text in raw.column(name).take(places).to_pylist()] for name in held]
    if len(held) == 1:
        return cells[0]
    headings = _headings(rule, held)
    return [
        "; ".join(
            f"{heading} {text}".strip() for heading, text in zip(headings, texts, strict=True)
        )
        for texts in zip(*cells, strict=True)
    ]
