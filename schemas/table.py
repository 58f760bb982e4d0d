"""How a table, its columns and its codes are declared.

A declaration says everything once: what the authority calls a column, what it means, what may
stand in it and in which collection years, and what becomes of it before it rests in the warehouse.
Collection years are named by the year ending 31 March, as the statutory collections are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa

from schemas.errors import DeclarationError


class AtRest(StrEnum):
    """What becomes of a column before the first Parquet write."""

    AS_IS = "as it is"
    PSEUDONYM = "keyed pseudonym, int64"
    MONTH = "first day of the month"
    DROPPED = "not stored"
    RESTRICTED = "restricted store only"


@dataclass(frozen=True)
class Code:
    """One permitted code, with the collection years that allow it.

    Attributes:
        value: the code as sent.
        label: what it stands for, in our own short words.
        since: first collection year that allows it; None for always.
        until: last collection year that allows it; None for still.
    """

    value: str
    label: str = ""
    since: int | None = None
    until: int | None = None

    def holds_in(self, year: int) -> bool:
        """Return whether the collection year allows this code."""
        return (self.since or year) <= year <= (self.until or year)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: our name; suffixes carry type or unit (docs/style.md, Names).
        type: Arrow type once read.
        meaning: a sentence an analyst would sign.
        sent_as: heading (CSV) or element (XML) the authority uses; None when we derive it.
        codes: permitted codes; empty when any text of the type will do.
        required: whether a row without a value is an error.
        minimum, maximum: bounds of a number, both included.
        since, until: first and last collection year in which the column is collected.
        at_rest: what becomes of it before the first Parquet write.
        max_length: longest text allowed; None for the reader's own cap.
        also_sent_as: other wordings of the heading, as survey tools export questions.
        may_be_left_out: whether a table may come without the column.
        concept: whose spellings the cells may hold, where the name does not say it.
        is_multiple: whether a cell may hold several answers.
        counts_completed: whether only whole units count, as completed years of age.
    """

    name: str
    type: pa.DataType
    meaning: str
    sent_as: str | None = None
    codes: tuple[Code, ...] = ()
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    since: int | None = None
    until: int | None = None
    at_rest: AtRest = AtRest.AS_IS
    max_length: int | None = None
    also_sent_as: tuple[str, ...] = ()
    may_be_left_out: bool = False
    concept: str = ""
    is_multiple: bool = False
    counts_completed: bool = False

    def holds_in(self, year: int) -> bool:
        """Return whether the collection year collects this column."""
        return (self.since or year) <= year <= (self.until or year)

    def is_needed_in(self, year: int) -> bool:
        """Return whether a table of the collection year must have the column."""
        return self.holds_in(year) and not self.may_be_left_out

    def codes_in(self, year: int) -> frozenset[str]:
        """Return the code values the collection year allows."""
        return frozenset(code.value for code in self.codes if code.holds_in(year))


@dataclass(frozen=True)
class Table:
    """One table of a return, or one we derive.

    Attributes:
        name: unique over all returns, as `episodes`, `cin_referrals`.
        grain: what one row is.
        key: names of the columns that tell rows apart within one submission.
        columns: in order; `child_id` first where there is one.
        source: document the facts come from.
        sent_as: the authority's usual stem for the file, or the XML element of a row.
        since, until: first and last collection year in which the table is collected.
        required: whether a submission without this table is refused.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    source: str
    sent_as: str = ""
    since: int | None = None
    until: int | None = None
    required: bool = False

    def __post_init__(self) -> None:
        """Refuse a declaration that names a column twice or keys on one that is not there."""
        names = [column.name for column in self.columns]
        doubled = {name for name in names if names.count(name) > 1}
        unknown = set(self.key) - set(names)
        if doubled or unknown:
            raise DeclarationError(
                f"table {self.name}: columns named twice {sorted(doubled)}, "
                f"key columns not declared {sorted(unknown)}."
            )

    def __getitem__(self, name: str) -> Column:
        """Return the column called `name`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise DeclarationError(f"table {self.name} has no column {name}.")

    def holds_in(self, year: int) -> bool:
        """Return whether the collection year collects this table."""
        return (self.since or year) <= year <= (self.until or year)

    def columns_in(self, year: int) -> tuple[Column, ...]:
        """Return the columns the collection year collects, in order."""
        return tuple(column for column in self.columns if column.holds_in(year))

    def headings_in(self, year: int) -> tuple[str, ...]:
        """Return what the authority calls the collected columns, in order."""
        return tuple(c.sent_as for c in self.columns_in(year) if c.sent_as is not None)

    def arrow(self) -> pa.Schema:
        """Return the Arrow schema of the table once read, before pseudonymisation."""
        return pa.schema([(column.name, column.type) for column in self.columns])


def codes(*values: str) -> tuple[Code, ...]:
    """Return codes allowed in every year, without labels."""
    return tuple(Code(value) for value in values)


def labelled_codes(pairs: Iterable[tuple[str, str]]) -> tuple[Code, ...]:
    """Return codes allowed in every year, each with its label."""
    return tuple(Code(value, label) for value, label in pairs)


class Form(StrEnum):
    """The shape in which a return may arrive."""

    CSV_SET = "a set of CSV files, one per table"
    XML = "one XML file"
    TABLE = "one CSV file or workbook holding one table"
    WORKBOOK = "one workbook with a sheet for each table"


IN_WORKBOOKS: Final = frozenset({Form.TABLE, Form.WORKBOOK})
"""Shapes of which a workbook is one."""


class Coverage(StrEnum):
    """What span of time one submission speaks for."""

    YEAR_TO_DATE = "the financial year up to the end of the quarter"
    QUARTER = "the quarter alone"
    ROLLING = "six months up to the end of the quarter"
    STANDING = "every quarter, until one for a later quarter takes its place"


@dataclass(frozen=True)
class Return:
    """One collection with a fixed shape.

    Attributes:
        name: as `ssda903`; the stem of its files in every room.
        title: what people call it.
        tables: in the order in which they are reported.
        forms: shapes in which it may arrive.
        coverage: what span one submission speaks for.
        since: first collection year taken in.
        beside: other returns of the same authority that its answer looks at.
        is_expected: whether every authority owes it when the calendar says, and is chased for it.
        comes_from_surveys: whether its tables are forms that survey tools export.
        is_monitoring_only: whether it counts towards no outcome, so that none of its rows is ever
            set aside.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    forms: tuple[Form, ...]
    coverage: Coverage
    since: int = 2020
    beside: tuple[str, ...] = ()
    is_expected: bool = True
    comes_from_surveys: bool = False
    is_monitoring_only: bool = False

    def __getitem__(self, name: str) -> Table:
        """Return the table called `name`."""
        for table in self.tables:
            if table.name == name:
                return table
        raise DeclarationError(f"return {self.name} has no table {name}.")

    def tables_in(self, year: int) -> tuple[Table, ...]:
        """Return the tables the collection year collects."""
        return tuple(table for table in self.tables if table.holds_in(year))


def codes_from(rows: Iterable[Mapping[str, str]], code_set: str) -> tuple[Code, ...]:
    """Return the codes of one set out of the rows of a reference file.

    Raises:
        DeclarationError: the file has no such set.
    """
    found = tuple(
        Code(row["code"], row["label"], _year(row["since"]), _year(row["until"]))
        for row in rows
        if row["code_set"] == code_set
    )
    if not found:
        raise DeclarationError(f"no code set {code_set} in the reference file.")
    return found


def _year(text: str) -> int | None:
    return int(text) if text else None
