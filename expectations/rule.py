"""A rule: one check with a code the authority sees.

Rules are declarations, each with its condition. They know nothing of Great Expectations, so
that the book of rules can be printed without it; `run.py` has it judge the conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from expectations.rows import Booleans, Rows, as_booleans
from schemas.errors import DeclarationError
from schemas.returns import table_named
from schemas.rows import CHILD_KEY
from schemas.submission import Reach, Severity
from schemas.table import AtRest, Column, Return, Table

Condition = Callable[[Rows], Any]
ExampleRow = Mapping[str, Any]
PREVIOUS, EARLIER = "previous", "earlier"
_AT_REST = (PREVIOUS, EARLIER)


@dataclass(frozen=True)
class Example:
    """A few rows that break a rule, or that pass it.

    Attributes:
        tables: per table, its rows; a column not named is empty, a child not named is child A.
        previous, earlier: rows at rest, likewise.
        quarter: the quarter the rows are sent for; None for a year-end the rule is used in.
        header: what the return says of itself: `old_la_code`, `la_code`, `claimed_year`.
        lost: per table, which rows other rules have already taken out.
    """

    tables: Mapping[str, tuple[ExampleRow, ...]]
    previous: Mapping[str, tuple[ExampleRow, ...]]
    earlier: Mapping[str, tuple[ExampleRow, ...]]
    quarter: str | None
    header: Mapping[str, Any]
    lost: Mapping[str, tuple[bool, ...]]


@dataclass(frozen=True)
class Need:
    """A table or column a condition reads in addition to the fields it judges.

    Attributes:
        table: the table.
        column: the column; None for the table as a whole.
        at_rest: `previous` or `earlier` when it is read from there, empty for this return.
    """

    table: str
    column: str | None
    at_rest: str = ""

    @classmethod
    def parse(cls, text: str) -> Need:
        """Return the need written as `table`, `table.column` or `previous.table.column`."""
        parts = text.split(".")
        at_rest = parts.pop(0) if parts[0] in _AT_REST else ""
        return cls(parts[0], parts[1] if len(parts) > 1 else None, at_rest)


@dataclass(frozen=True)
class Rule:
    """One check.

    Attributes:
        code: DfE's where its list has one for the check, ours otherwise.
        words: what is wrong and what to do, as an officer would say it, never with a value.
        table: the table whose rows are judged.
        fields: its columns at fault, by our names; findings show what the authority calls them.
        condition: returns True for each row of the table that is broken; for a `table_level` rule,
            one True or False for the table as a whole.
        reach: how far a failure reaches.
        severity: as the authority sees it.
        needs: what else the condition reads: `table`, `table.column`, `previous.table.column`.
        since, until: first and last collection year in which the rule is used.
        table_level: whether the rule speaks of the table as a whole.
        runs_last: whether the rule is judged after all others, and may read what they took out.
        is_told: whether it makes a finding; otherwise it is counted alone, for other rules tell.
        each_field: whether the condition returns a mapping of field to True or False per row, so
            that each field is found at fault for itself.
        run_when_table_missing: whether the rule is judged even when its table was not sent.
        found: for a `table_level` rule, says what was found and needed; nothing of any row.
        fails, passes: rows that break the rule, and rows like them that do not.
    """

    code: str
    words: str
    table: str
    fields: tuple[str, ...]
    condition: Condition
    reach: Reach
    severity: Severity
    needs: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    table_level: bool = False
    each_field: bool = False
    runs_last: bool = False
    is_told: bool = True
    run_when_table_missing: bool = False
    found: Callable[[Rows], str] | None = None
    fails: tuple[Example, ...] = ()
    passes: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rule that names a table or column that is not declared."""
        declared = {column.name for column in self._declared.columns}
        unknown = [name for name in self.fields if name not in declared]
        unknown += [need for need in self.needs if not self._is_declared(Need.parse(need))]
        if unknown:
            raise DeclarationError(
                f"rule {self.code} on {self.table}: {sorted(unknown)} not declared. "
                "Name a table and columns that stand in schemas/returns."
            )

    @property
    def id(self) -> str:
        """Code, table and fields: unique in the book."""
        return ":".join((self.code, self.table, *self.fields))

    @property
    def return_(self) -> Return:
        """The return the rule belongs to."""
        return table_named(self.table)[0]

    @property
    def _declared(self) -> Table:
        return table_named(self.table)[1]

    def _is_declared(self, need: Need) -> bool:
        tables = {table.name: table for table in self.return_.tables}
        if need.table not in tables:
            return False
        table = tables[need.table]
        names = names_at_rest(table) if need.at_rest else {c.name for c in table.columns}
        return need.column is None or need.column in names

    @property
    def headings(self) -> tuple[str, ...]:
        """What the authority calls the fields."""
        return tuple(self._declared[name].sent_as or name for name in self.fields)

    @property
    def parsed_needs(self) -> tuple[Need, ...]:
        """What the condition reads in addition to the fields."""
        return tuple(Need.parse(need) for need in self.needs)

    def columns_read(self, table: str) -> tuple[str, ...]:
        """Return the columns of one table of this return that the condition reads."""
        own = self.fields if table == self.table else ()
        others = [
            need.column
            for need in self.parsed_needs
            if need.table == table and need.column and not need.at_rest
        ]
        return tuple(dict.fromkeys((*own, *others)))

    @property
    def tables_read(self) -> tuple[str, ...]:
        """Return the tables of this return that the condition reads, its own first."""
        others = [need.table for need in self.parsed_needs if not need.at_rest]
        return tuple(dict.fromkeys((self.table, *others)))

    @property
    def years(self) -> str:
        """Collection years in which the rule is used, in words."""
        if self.since and self.until:
            return f"{self.since} to {self.until}"
        return f"from {self.since}" if self.since else f"to {self.until}" if self.until else "all"

    def holds_in(self, year: int) -> bool:
        """Return whether the rule is used in the collection year."""
        return (self.since or year) <= year <= (self.until or year)


def names_at_rest(table: Table) -> set[str]:
    """Return the names the columns of a table have once at rest (schemas/rows.py)."""
    names = {"quarter", *(name for column in table.columns for name in _at_rest(column))}
    return names | ({CHILD_KEY, "birth_mark"} if "child_id" in names else set())


def _at_rest(column: Column) -> tuple[str, ...]:
    if column.at_rest in (AtRest.DROPPED, AtRest.RESTRICTED):
        return ()
    if column.at_rest is AtRest.MONTH:
        return (column.name.removesuffix("_date") + "_month",)
    return (column.name,)


def broken_cells(rule: Rule, rows: Rows) -> dict[tuple[str, ...], Booleans]:
    """Return, for the fields at fault together, True for each row that breaks the rule.

    A rule of the whole has one place only. A row whose text in a column the rule reads could not
    be read is out of the rule.
    """
    answer = rule.condition(rows)
    if rule.table_level:
        return {rule.fields: as_booleans(answer, 1)}
    if rule.each_field:
        return {
            (field,): _readable(rows, rule.table, broken, (field,))
            for field, broken in answer.items()
        }
    broken = _readable(rows, rule.table, answer, rule.columns_read(rule.table))
    return {rule.fields: broken & ~_uncoded(rule, rows) if broken.any() else broken}


def _uncoded(rule: Rule, rows: Rows) -> Booleans:
    """Return the rows that cannot be compared with another return, for a code of theirs is none."""
    declared = rule.return_[rule.table]
    compares = any(need.at_rest for need in rule.parsed_needs)
    coded = [declared[name] for name in rule.fields if declared[name].codes] if compares else []
    none = np.zeros(len(rows[rule.table]), dtype=bool)
    return np.asarray(
        np.logical_or.reduce([none, *(rows.is_uncoded(rule.table, each) for each in coded)]),
        dtype=bool,
    )


def broken_rows(cells: Mapping[tuple[str, ...], Booleans]) -> Booleans:
    """Return True for each row with a field at fault."""
    return np.asarray(np.logical_or.reduce(list(cells.values())), dtype=bool)


def _readable(rows: Rows, table: str, answer: Any, columns: tuple[str, ...]) -> Booleans:
    broken = as_booleans(answer, len(rows[table]))
    if len(broken) != len(rows[table]):
        raise DeclarationError(
            f"a rule on {table}: its condition answers for {len(broken)} rows (needs "
            f"{len(rows[table])}). Answer for each row of the table it stands on."
        )
    if not broken.any():
        return broken
    unreadable = [rows.unreadable(table, column) for column in columns]
    return np.asarray(broken & ~np.logical_or.reduce([np.zeros_like(broken), *unreadable]))
