"""Headings: which declared table they are, wherever they stand and however they are spaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from schemas.errors import UnreadableError
from schemas.returns import RETURNS
from schemas.spellings import plain, standard_headings
from schemas.table import Column, Form, Return, Table

_LEAST_SHARE = 0.5
_LEAST_COUNT = 2
_SHOWN = 60


def shown(headings: Iterable[str]) -> str:
    """Return headings fit for a message: short, printable, in order."""
    return ", ".join("".join(c for c in h if c.isprintable())[:_SHOWN] for h in headings) or "none"


@dataclass(frozen=True)
class TableHeadings:
    """What a declared table is known by.

    Attributes:
        found_in: the return that declares it.
        table: the table.
        columns: its columns by plain heading.
        needed: plain headings collected in every year.
        spelled: other plain spellings of its headings, and which heading each stands for.
    """

    found_in: Return
    table: Table
    columns: dict[str, Column]
    needed: frozenset[str]
    spelled: dict[str, str]

    def plain(self, heading: str) -> str:
        """Return the plain standard of a heading, whether it is one of the table's or not."""
        return self._standard(plain(heading))

    def _standard(self, bare: str) -> str:
        return bare if bare in self.columns else self.spelled.get(bare, bare)

    def score(self, bare: Collection[str]) -> tuple[float, int]:
        """Return which part of the needed headings is there, and how many, given plain cells."""
        found = len(self.needed & {self._standard(cell) for cell in bare})
        return found / len(self.needed), found


@cache
def tables_sent_as_rows() -> tuple[TableHeadings, ...]:
    """Return every table that may arrive as a CSV file or a sheet of its own."""
    return tuple(
        headings_of(declared, table)
        for declared in RETURNS.values()
        if Form.CSV_SET in declared.forms or Form.TABLE in declared.forms
        for table in declared.tables
    )


@cache
def named(return_name: str, table_name: str) -> TableHeadings:
    """Return what one declared table is known by."""
    declared = RETURNS[return_name]
    return headings_of(declared, declared[table_name])


def headings_of(found_in: Return, table: Table) -> TableHeadings:
    """Return what a table is known by."""
    columns = {plain(c.sent_as): c for c in table.columns if c.sent_as is not None}
    always = (h for h, c in columns.items() if _is_always_needed(c))
    worded = {plain(other): h for h, c in columns.items() for other in c.also_sent_as}
    spelled = standard_headings(found_in.name) | worded
    return TableHeadings(found_in, table, columns, frozenset(always), spelled)


def _is_always_needed(column: Column) -> bool:
    return column.since is None and column.until is None and not column.may_be_left_out


@dataclass(frozen=True)
class HeadingRow:
    """The row that holds the headings, and the table it most resembles.

    Attributes:
        place: 0-based place among the rows looked at.
        cells: headings as sent.
        table: the table they are nearest to.
        score: part and count of the needed headings that are there.
    """

    place: int
    cells: tuple[str, ...]
    table: TableHeadings
    score: tuple[float, int]

    @property
    def is_whole(self) -> bool:
        """Whether every needed heading is there."""
        return self.score[0] == 1


def heading_row(
    rows: Sequence[Sequence[str]], tables: Sequence[TableHeadings]
) -> HeadingRow | None:
    """Return the row of headings: the first with every heading of a table, else the nearest.

    A row that lacks headings counts only when it has half of those of one table and of no other
    as many. Data are never looked at: only headings can match headings.
    """
    nearest = [_nearest(place, row, tables) for place, row in enumerate(rows)]
    found = [row for row in nearest if row is not None]
    whole = [row for row in found if row.is_whole]
    if whole:
        return whole[0]
    return max(found, key=lambda row: row.score, default=None)


def _nearest(
    place: int, cells: Sequence[str], tables: Sequence[TableHeadings]
) -> HeadingRow | None:
    if not any(cells):
        return None
    bare = {plain(cell) for cell in cells}
    scores = [table.score(bare) for table in tables]
    best = max(scores)
    if best[0] < _LEAST_SHARE or best[1] < _LEAST_COUNT or scores.count(best) > 1:
        return None
    return HeadingRow(place, tuple(cells), tables[scores.index(best)], best)


def header_not_found(name: str, table: TableHeadings, headings: Sequence[str]) -> UnreadableError:
    """Return the error for a table that lacks headings, with those missing and those found."""
    there = {table.plain(heading) for heading in headings}
    needed = [
        c.sent_as for h, c in table.columns.items() if h in table.needed and c.sent_as is not None
    ]
    missing = [heading for heading in needed if plain(heading) not in there]
    return UnreadableError(
        "HEADER_NOT_FOUND",
        f"{name}: {shown(missing)} missing from {table.table.sent_as or table.table.name} "
        f"(needs {len(needed)} headings, found {len(needed) - len(missing)}; headings in the file: "
        f"{known_shown(table, headings)}). Send it again with every heading in one row.",
    )


def known_shown(table: TableHeadings, headings: Sequence[str]) -> str:
    """Return the headings that are the table's own, and how many others there are.

    Only what is declared is repeated: where a line end is lost, the row of headings goes on with
    the cells of the first child.
    """
    known = [heading for heading in headings if table.plain(heading) in table.columns]
    others = len(headings) - len(known)
    return shown(dict.fromkeys(known)) + (f" and {others} others" if others else "")
