"""Headings: which declared table they are, wherever they stand and however they are spaced."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from schemas.errors import UnreadableError
from schemas.returns import RETURNS
from schemas.spellings import plain, standard_headings
from schemas.submission import TABLES_DIVIDED_BY
from schemas.table import Column, Form, Return, Table
from tasks.read.survey_headings import UNDECIDED, options, questions, self_assessment

_LEAST_SHARE = 0.5
_LEAST_COUNT = 2
_LEAST_UNDECIDED = 3
_MAY_ASK = re.compile(r"[A-Za-z]{4}|\W[A-Za-z]{2}")
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
        multiples: plain headings of questions with several answers, where it comes from surveys.
    """

    found_in: Return
    table: Table
    columns: dict[str, Column]
    needed: frozenset[str]
    spelled: dict[str, str]
    multiples: frozenset[str] = frozenset()

    def plain(self, heading: str) -> str:
        """Return the plain standard of a heading, whether it is one of the table's or not."""
        bare = self._standard(plain(heading))
        if bare in self.columns or not self.found_in.comes_from_surveys:
            return bare
        if self.option(heading) is not None:
            return bare
        asked = (self._standard(question) for question in questions(heading))
        return next((question for question in asked if question in self.columns), bare)

    def option(self, heading: str) -> tuple[str, str] | None:
        """Return the question and the option of a heading for one option of several."""
        if not self.multiples or self._standard(plain(heading)) in self.columns:
            return None
        parted = ((self._standard(head), option) for head, option in options(heading))
        return next(((head, option) for head, option in parted if head in self.multiples), None)

    def standards(self, cells: Iterable[str]) -> set[str]:
        """Return the plain standards of cells that may be headings, options as their questions."""
        asked = [cell for cell in cells if _MAY_ASK.search(cell)]
        found = {self.plain(cell) for cell in asked}
        return found | {option[0] for cell in asked if (option := self.option(cell))}

    def _standard(self, bare: str) -> str:
        return bare if bare in self.columns else self.spelled.get(bare, bare)

    def score(self, bare: Collection[str], cells: Sequence[str] = ()) -> tuple[float, int]:
        """Return which part of the needed headings is there, and how many.

        Args:
            bare: plain cells of a row.
            cells: the same as sent, for the tables that come from surveys.
        """
        survey = self.standards(cells) if self.found_in.comes_from_surveys else set()
        found = len(self.needed & ({self._standard(cell) for cell in bare} | survey))
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
    """Return what one declared table is known by; of several forms in one file, the first."""
    declared = RETURNS[return_name]
    return headings_of(declared, declared[table_name.partition(TABLES_DIVIDED_BY)[0]])


def headings_of(found_in: Return, table: Table) -> TableHeadings:
    """Return what a table is known by."""
    columns = {plain(c.sent_as): c for c in table.columns if c.sent_as is not None}
    always = (h for h, c in columns.items() if _is_always_needed(c))
    worded = {plain(other): h for h, c in columns.items() for other in c.also_sent_as}
    spelled = standard_headings(found_in.name) | worded
    multiples = frozenset(h for h, c in columns.items() if c.is_multiple)
    return TableHeadings(found_in, table, columns, frozenset(always), spelled, multiples)


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
        also: other forms whose headings are all in the row, in one survey.
    """

    place: int
    cells: tuple[str, ...]
    table: TableHeadings
    score: tuple[float, int]
    also: tuple[TableHeadings, ...] = ()

    @property
    def forms(self) -> list[HeadingRow]:
        """The row once for each form it holds the headings of."""
        every = (self.table, *self.also)
        return [
            replace(self, table=one, also=tuple(o for o in every if o is not one)) for one in every
        ]

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
    whole = [row for row in found if row.is_whole] or _spanning(rows, tables)
    if whole:
        return whole[0]
    return max(found, key=lambda row: row.score, default=None)


def _spanning(rows: Sequence[Sequence[str]], tables: Sequence[TableHeadings]) -> list[HeadingRow]:
    """Return the row of headings that goes on in the next one, as surveys write their grids."""
    surveys = [table for table in tables if table.found_in.comes_from_surveys]
    for place, (row, below) in enumerate(pairwise(rows)) if surveys else ():
        if len(row) == len(below) and any(row) and any(below):
            found = _nearest(place + 1, _spanned(row, below), surveys)
            if found is not None and found.is_whole:
                return [found]
    return []


def _spanned(row: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return each heading with what stands below it; a heading spans blank cells to its right."""
    spanning, cells = "", []
    for heading, cell in zip(row, below, strict=True):
        spanning = heading or spanning
        is_more = cell.strip() and plain(cell) not in {"response", "openendedresponse"}
        cells.append(f"{spanning} - {cell}" if is_more else heading)
    return cells


def _nearest(
    place: int, cells: Sequence[str], tables: Sequence[TableHeadings]
) -> HeadingRow | None:
    if not any(cells):
        return None
    bare = {plain(cell) for cell in cells}
    scores = [table.score(bare, cells) for table in tables]
    best = max(scores)
    if best[0] < _LEAST_SHARE or best[1] < _LEAST_COUNT:
        return None
    forms = [t for t, s in zip(tables, scores, strict=True) if s[0] == 1 and _is_survey(t)]
    if scores.count(best) > 1 and len(forms) < scores.count(best):
        return None
    first = tables[scores.index(best)]
    also = tuple(table for table in forms if table is not first) if first in forms else ()
    return HeadingRow(place, tuple(cells), first, best, also)


def _is_survey(table: TableHeadings) -> bool:
    return table.found_in.comes_from_surveys


def check_decided(name: str, rows: Sequence[Sequence[str]]) -> None:
    """Refuse a form of self-assessments that does not say whether it is of before or after.

    Raises:
        UnreadableError: FORM_UNDECIDED, with the words that are needed.
    """
    for row in rows:
        asked = [found for cell in row if (found := self_assessment(cell)) is not None]
        if len({item for form, item in asked if form == UNDECIDED}) >= _LEAST_UNDECIDED:
            raise UnreadableError(
                "FORM_UNDECIDED",
                f"{name}: asks people to rate themselves, but not one question says of when. "
                "Write “before the training”, “after the training” or “six months on” "
                "into each of these questions (or into the heading of the column) and send the "
                "file again.",
            )


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
