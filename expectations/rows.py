"""What a condition sees: the frames of one return, what they are compared with, and their joins.

Joins are worked out once and kept, because many rules ask the same question: whose row is this,
which episode came before it. Every answer has one place per row of the asking table, and a row
without an answer has a missing value, so that plain comparisons are false there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, RangeIndex, Series, Timestamp

from schemas.errors import DeclarationError
from schemas.rows import CHILD_KEY, CheckContext, ReadReturn, Unread
from schemas.table import Column

Booleans = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]
NOWHERE = -1
Kept = TypeVar("Kept")


class Aligned:
    """For each row of one table, the row of some table that belongs to it.

    Where several belong to it, a column on which they disagree is missing: none is chosen.
    """

    def __init__(
        self, frame: DataFrame, positions: Positions, groups: Positions | None = None
    ) -> None:
        self._frame = frame
        self._positions = positions
        self._groups = groups
        self._columns: dict[str, Series] = {}

    @property
    def found(self) -> Booleans:
        """Whether there is such a row."""
        return np.asarray(self._positions != NOWHERE)

    def __getitem__(self, column: str) -> Series:
        """Return one column of those rows, missing where there is none."""
        if column not in self._columns:
            values = pd.api.extensions.take(
                self._frame[column].array, self._agreed(column), allow_fill=True
            )
            self._columns[column] = Series(values)
        return self._columns[column]

    def _agreed(self, column: str) -> Positions:
        """Return the positions, nowhere for rows whose several partners disagree."""
        if self._groups is None:
            return self._positions
        codes = Series(pd.factorize(self._frame[column])[0])
        spread = codes.groupby(self._groups).transform(lambda held: held.max() - held.min())
        disagree = (spread.to_numpy() > 0) & (self._groups != NOWHERE)
        return np.where(disagree[self._positions] & self.found, NOWHERE, self._positions)


class Rows:
    """One return under judgement."""

    def __init__(self, read: ReadReturn, context: CheckContext) -> None:
        self.read = read
        self.context = context
        self.year_start = Timestamp(context.year_start)
        self.year_end = Timestamp(context.year_start.replace(year=context.year, month=3, day=31))
        self.last_day = Timestamp(context.last_day)
        self.lost: dict[str, Booleans] = {}
        self._kept: dict[tuple[str, ...], Any] = {}

    def __getitem__(self, table: str) -> DataFrame:
        """Return the frame of one table of the return."""
        return self.once(("frame", table), lambda: _numbered(self.read.frames, table))

    def previous(self, table: str) -> DataFrame:
        """Return what rests from the last submission before this quarter."""
        return self.once(("previous", table), lambda: _numbered(self.context.previous, table))

    def earlier(self, table: str) -> DataFrame:
        """Return what rests from the submission this one would replace."""
        return self.once(("earlier", table), lambda: _numbered(self.context.earlier, table))

    def without(self, lost: Mapping[str, Booleans]) -> Rows:
        """Return the same return under judgement, without the rows that are lost."""
        return Rows(_kept_of(self.read, lost), self.context)

    def is_sent(self, table: str) -> bool:
        """Return whether the authority sent the table, with or without rows."""
        return table in self.read.sent

    def unreadable(self, table: str, column: str) -> Booleans:
        """Return the rows whose text in the column could not be read as its type.

        Such a row is out of every rule that reads the column: nothing can be said of it.
        """
        return self.once(
            ("unreadable", table, column),
            lambda: _unreadable(self[table], self.read, table, column),
        )

    def is_uncoded(self, table: str, column: Column) -> Booleans:
        """Return the rows whose text is none of the codes that the column has in the year.

        Such a row is out of every comparison with another return: the code has its own finding.
        """
        values = self[table][column.name]
        return self.once(
            ("uncoded", table, column.name),
            lambda: as_booleans(values.notna() & ~values.isin(column.codes_in(self.context.year))),
        )

    def match(self, table: str, other: str, on: Sequence[str]) -> Aligned:
        """Return, for each row of `table`, the first row of `other` with the same values `on`."""
        key = ("match", table, other, *on)
        return self.once(key, lambda: _match(self[table], self[other], on))

    def child(self, table: str, other: str) -> Aligned:
        """Return, for each row of `table`, the first row of `other` about the same child."""
        return self.match(table, other, (CHILD_KEY,))

    def match_previous(self, table: str, on: Sequence[str]) -> Aligned:
        """Return, for each row of `table`, the row of the last submission with the same values."""
        key = ("match previous", table, *on)
        return self.once(key, lambda: _match(self[table], self.previous(table), on))

    def is_kept(self, table: str, on: Sequence[str]) -> Booleans:
        """Return, per row at rest of the last submission, whether a row now has its values."""
        return _match(self.previous(table), self[table], on).found

    def is_in(
        self, table: str, other: str, chosen: Booleans | Series, on: Sequence[str]
    ) -> Booleans:
        """Return, per row of `table`, whether a chosen row of `other` has the same values `on`."""
        return _match(self[table], self[other][as_booleans(chosen)], on).found

    def has(self, table: str, other: str, chosen: Booleans | Series | None = None) -> Booleans:
        """Return for each row of `table` whether its child has a (chosen) row in `other`."""
        if chosen is None:
            return self.child(table, other).found
        return self.is_in(table, other, chosen, (CHILD_KEY,))

    def repeats(self, table: str, columns: Sequence[str]) -> Positions:
        """Return the places of rows alike in every column named with another row."""
        return self.once(("repeats", table, *columns), lambda: _repeats(self.same(table, columns)))

    def earliest(self, table: str, other: str, day: str) -> Series:
        """Return, for each row of `table`, the first such day of its child in `other`."""
        return self._extreme(table, other, day, "min")

    def latest(self, table: str, other: str, day: str) -> Series:
        """Return, for each row of `table`, the last such day of its child in `other`."""
        return self._extreme(table, other, day, "max")

    def _extreme(self, table: str, other: str, day: str, which: str) -> Series:
        held = self[other]
        found = held[held[CHILD_KEY] != 0].groupby(CHILD_KEY)[day].agg(which)
        return Series(found.reindex(self[table][CHILD_KEY]).array)

    def match_dates(self, table: str, day: str, other: str, other_day: str) -> Booleans:
        """Return for each row whether its child has a row in `other` on that very day."""
        left = self[table][[CHILD_KEY, day]].set_axis([CHILD_KEY, "day"], axis=1)
        right = self[other][[CHILD_KEY, other_day]].set_axis([CHILD_KEY, "day"], axis=1)
        return _match(left, right, (CHILD_KEY, "day")).found

    def is_within(self, table: str, day: Series, spans: str, start: str, end: str) -> Booleans:
        """Return for each row whether its day falls inside a span of its child: start <= day < end.

        A span without an end runs on; the latest span that starts by the day is looked at.
        """
        span = self._latest_by(table, day, spans, start)
        runs = span[end].isna() | (day < span[end])
        return as_booleans(span.found & runs)

    def _latest_by(self, table: str, day: Series, spans: str, start: str) -> Aligned:
        """Return, for each row, its child's row of `spans` that starts last on or before `day`."""
        return Aligned(self[spans], _latest(self[table], day, self[spans], start))

    def before(self, table: str, order: Sequence[str], by: Sequence[str] = (CHILD_KEY,)) -> Aligned:
        """Return, for each row, the row just before it: same `by`, in the order of `order`."""
        return Aligned(self[table], self._neighbours(table, order, by)[0])

    def after(self, table: str, order: Sequence[str], by: Sequence[str] = (CHILD_KEY,)) -> Aligned:
        """Return, for each row, the row just after it: same `by`, in the order of `order`."""
        return Aligned(self[table], self._neighbours(table, order, by)[1])

    def is_last(self, table: str, order: Sequence[str]) -> Booleans:
        """Return which rows are the last of their child in the order of `order`."""
        placed = self[table][order[0]].notna().to_numpy() & (self[table][CHILD_KEY] != 0).to_numpy()
        return np.asarray(placed & ~self.after(table, order).found)

    def same(self, table: str, columns: Sequence[str]) -> Positions:
        """Return a number per row, the same for rows alike in every column named.

        -1 where one of the columns is missing: nothing is known to be the same.
        """
        return self.once(
            ("same", table, *columns), lambda: _joint_codes((self[table],), columns)[0]
        )

    def _neighbours(
        self, table: str, order: Sequence[str], by: Sequence[str]
    ) -> tuple[Positions, Positions]:
        key = ("neighbours", table, *order, "by", *by)
        return self.once(key, lambda: _neighbours(self[table], order, by))

    def once(self, key: tuple[str, ...], make: Callable[[], Kept]) -> Kept:
        """Return what `make` makes, made only the first time it is asked for under `key`."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept


def as_booleans(broken: Any, length: int | None = None) -> Booleans:
    """Return a condition's answer as plain booleans; what is unknown is not broken."""
    if isinstance(broken, Series):
        if broken.dtype == bool:
            return broken.to_numpy()
        return broken.fillna(value=False).to_numpy(dtype=bool)
    found = np.asarray(broken, dtype=bool)
    return found if length is None else np.broadcast_to(found, (length,))


def _kept_of(read: ReadReturn, lost: Mapping[str, Booleans]) -> ReadReturn:
    keep = {table: ~each for table, each in lost.items() if each.any()}
    frames = {
        table: read.frames[table][held].reset_index(drop=True) for table, held in keep.items()
    }
    raw = {
        table: read.raw[table].filter(pa.array(keep[table])) for table in keep if table in read.raw
    }
    unread = {
        table: tuple(_moved(cells, keep[table]) for cells in read.unread[table])
        for table in keep
        if table in read.unread
    }
    return replace(
        read,
        frames={**read.frames, **frames},
        raw={**read.raw, **raw},
        unread={**read.unread, **unread},
    )


def _moved(cells: Unread, keep: Booleans) -> Unread:
    """Return unread cells with the places that their rows have among those kept."""
    held = cells.positions[keep[cells.positions]]
    return replace(cells, positions=np.cumsum(keep)[held] - 1)


def _numbered(frames: Any, table: str) -> DataFrame:
    try:
        frame: DataFrame = frames[table]
    except KeyError as error:
        raise DeclarationError(f"there is no frame of {table}.") from error
    return frame if isinstance(frame.index, RangeIndex) else frame.reset_index(drop=True)


def _unreadable(frame: DataFrame, read: ReadReturn, table: str, column: str) -> Booleans:
    found = np.zeros(len(frame), dtype=bool)
    for cells in read.unread.get(table, ()):
        if cells.column == column:
            found[cells.positions] = True
    return found


def _joint_codes(frames: Iterable[DataFrame], columns: Sequence[str]) -> list[Positions]:
    """Return one number per row of every frame, equal where all the columns are equal.

    The numbers stay small, because they are numbered again after every column.
    """
    held = tuple(frames)
    first, *others = columns
    total, _ = _codes(held, first)
    for column in others:
        codes, count = _codes(held, column)
        missing = (codes == NOWHERE) | (total == NOWHERE)
        joined = np.where(missing, NOWHERE, total * max(count, 1) + codes)
        total = np.where(missing, NOWHERE, pd.factorize(joined)[0])
    return np.split(total, np.cumsum([len(frame) for frame in held])[:-1])


def _codes(frames: Sequence[DataFrame], column: str) -> tuple[Positions, int]:
    """Return one number per row of every frame, equal where the column is, and how many."""
    stacked = pd.concat([frame[column] for frame in frames], ignore_index=True)
    codes, found = pd.factorize(stacked)
    if column == CHILD_KEY:
        # 0 stands for an id that was not given: no two such rows are known to be of the same child.
        codes = np.where(stacked.eq(0).to_numpy(dtype=bool, na_value=False), NOWHERE, codes)
    return codes, len(found)


def _repeats(codes: Positions) -> Positions:
    counts = np.bincount(codes + 1, minlength=1)
    counts[0] = 0
    return np.flatnonzero(counts[codes + 1] > 1)


def _match(left: DataFrame, right: DataFrame, on: Sequence[str]) -> Aligned:
    asked, held = _joint_codes((left, right), on)
    keys, first = np.unique(held, return_index=True)
    if len(keys) == 0:
        return Aligned(right, np.full(len(left), NOWHERE, dtype="int64"))
    place = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    same = (keys[place] == asked) & (asked != NOWHERE)
    positions = np.where(same, first[place], NOWHERE).astype("int64")
    is_one_to_one = len(keys) - (keys[0] == NOWHERE) == np.count_nonzero(held != NOWHERE)
    return Aligned(right, positions, None if is_one_to_one else held)


def _latest(left: DataFrame, day: Series, right: DataFrame, start: str) -> Positions:
    asked, held = _joint_codes((left, right), (CHILD_KEY,))
    usable = np.flatnonzero((held != NOWHERE) & right[start].notna().to_numpy())
    # One sorted line of (child, day): the place found is the child's latest start by the day.
    line = held[usable] * _A_LONG_TIME + _day_numbers(right[start])[usable]
    order = np.argsort(line, kind="stable")
    wanted = asked * _A_LONG_TIME + _day_numbers(day)
    place = np.searchsorted(line[order], wanted, side="right") - 1
    if len(usable) == 0:
        return np.full(len(left), NOWHERE, dtype="int64")
    found = usable[order[place.clip(min=0)]]
    fits = (place >= 0) & (held[found] == asked) & (asked != NOWHERE) & day.notna().to_numpy()
    return np.where(fits, found, NOWHERE).astype("int64")


_A_LONG_TIME = 10_000_000
"""More days than lie between any two dates."""


def _day_numbers(column: Series) -> Positions:
    """Return days since the year 0, so that none is negative; 0 where missing."""
    days = column.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), 0, days.astype("int64") + 719_528)


def _neighbours(
    frame: DataFrame, order: Sequence[str], by: Sequence[str]
) -> tuple[Positions, Positions]:
    (groups,) = _joint_codes((frame,), by)
    placed = np.flatnonzero((groups != NOWHERE) & frame[order[0]].notna().to_numpy())
    sortable = [_sortable(frame[column])[placed] for column in reversed(order)]
    ordered = placed[np.lexsort((*sortable, groups[placed]))]
    same = groups[ordered[1:]] == groups[ordered[:-1]]
    before = np.full(len(frame), NOWHERE, dtype="int64")
    after = before.copy()
    before[ordered[1:][same]] = ordered[:-1][same]
    after[ordered[:-1][same]] = ordered[1:][same]
    return before, after


def _sortable(column: Series) -> Positions:
    """Return dates as numbers that sort, missing ones (still open) last."""
    values = column.to_numpy().astype("datetime64[s]")
    last = np.iinfo("int64").max
    return np.where(np.isnat(values), last, values.astype("int64"))
