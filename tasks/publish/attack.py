"""The attack on an edition's bytes: what its numbers say, whatever was meant to be shown.

Every number of the outcome tables is read from the files and tied to the sum that it is, of this
edition or repeated from an earlier one; what the files tell beyond what disclosure control let out
is given to the attack of `tasks.disclose`. Effects and costs are read by `tasks.publish.quotients`,
every other file by `tasks.publish.strays`. A number of an outcome table that is tied to nothing is
a leak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from schemas.arrays import Flags, Floats
from schemas.editions import TOTAL_ITEM, Symbol
from schemas.outcomes import OUTCOME_TABLES, PUBLISHED, OutcomeTable
from schemas.outcomes.publication import TimeSpan
from schemas.trial import MODEL_NAMES
from tasks.disclose.control import Controlled, attacked
from tasks.disclose.earlier import HELD, HELD_WITH, SIDES, Seen, with_earlier
from tasks.disclose.figures import KEY, LA, MODEL, NO_CELL
from tasks.disclose.primary import thresholds
from tasks.outcomes.reasons import reason_runs
from tasks.publish.ees import (
    IDENTIFIERS,
    MODEL_FILTER,
    OUTCOME_FILTER,
    csv_texts,
    places,
    time_period,
)
from tasks.publish.quotients import evaluation_leaks
from tasks.publish.strays import READ, SEVEN, Stray, number_count, stray_numbers

_Texts = NDArray[Any]
_PLACE: Final = (*IDENTIFIERS[:2], "new_la_code")
_LOOKUP: Final = ["outcome", "span", *_PLACE, MODEL_FILTER]
_NEW: Final = "now"
_REPEATED: Final = "then"
_UNTIED: Final = "untied"
_HAIR: Final = 1e-6
_PROGRAMME: Final = "programme"
"""Stands in `la_code` of training for all authorities together."""


@dataclass(frozen=True)
class Leak:
    """Something that the published files give away: the rule and how often, never a value."""

    rule: str
    count: int


@dataclass(frozen=True)
class AttackedFiles:
    """What the attack on the bytes of an edition found.

    Attributes:
        leaks: what is known more narrowly than declared.
        numbers: how many numbers of tables were read.
        untied: numbers made for people (page, workbook, lists) that are tied to nothing: no proof
            of a leak, and for a person to look at before the edition is final.
        not_read: files whose numbers were not read.
    """

    leaks: tuple[Leak, ...]
    numbers: int
    untied: tuple[Stray, ...]
    not_read: tuple[str, ...]


def attacked_files(
    public: Mapping[str, bytes],
    found: Controlled,
    seen: Sequence[Seen],
    *,
    before: Sequence[Mapping[str, bytes]] = (),
    training: DataFrame | None = None,
    outcomes: DataFrame | None = None,
    completeness: DataFrame | None = None,
) -> AttackedFiles:
    """Return what the files of an edition give away, all earlier editions at hand.

    Args:
        public: the files, by path.
        found: the figures they are made from.
        seen: earlier final editions, oldest first: what stood behind them, for the ranges in which
            a hidden number can lie.
        before: their files, in the same order: what they printed is read from these alone.
        training: figures of all authorities together, as `sfp training` has them.
        outcomes: the outcome table, for the reasons that it gives.
        completeness: what became of each return due, for how many that was so.
    """
    printed = printed_figures(public, found.figures.rows)
    then = [printed_figures(files, found.figures.rows) for files in before]
    ties = {side: _ties(printed, found, then, side) for side in SIDES}
    told = _told(found, ties)
    of_tables = _untied(public, printed, ties)
    strays = stray_numbers(
        public,
        before[-1:],
        training=_training_numbers(training),
        counts=_other_counts(found, outcomes, completeness),
    )
    leaks = [
        Leak("a number that must be hidden or held is printed", _forced(found, told)),
        Leak("hidden numbers can be worked out from what is printed", _narrow(found, told, seen)),
        Leak("a fraction of two editions is printed", _mixed(ties)),
        Leak("a value is printed that is not its fraction", _odd_values(printed, found)),
        Leak("a number shown before became c by a small change", _now_hidden(printed, found, then)),
        *(Leak(rule, count) for rule, count in evaluation_leaks(public).items()),
        *(Leak(f"numbers of {path} are {UNTIED}", count) for path, count in of_tables.items()),
    ]
    return AttackedFiles(
        leaks=tuple(leak for leak in leaks if leak.count),
        numbers=_count_numbers(_outcome_texts(public)) + number_count(public),
        untied=tuple(strays),
        not_read=tuple(path for path in sorted(public) if not path.endswith(READ)),
    )


UNTIED: Final = "tied to nothing that is published"


def _untied(
    public: Mapping[str, bytes], printed: DataFrame, ties: Mapping[str, _Texts]
) -> dict[str, int]:
    """Return how many numbers of outcomes are no edition's, for tables and the seven outcomes."""
    of_no_figure = _count_numbers(_outcome_texts(public)) - _count_numbers(printed)
    untied = sum(int((tie == _UNTIED).sum()) for tie in ties.values())
    return {"data": untied + of_no_figure, SEVEN: _seven_untied(public, printed)}


def _training_numbers(training: DataFrame | None) -> Floats | None:
    """Return every number of the training figures of all authorities together."""
    if training is None:
        return None
    mine = training[training["la_code"] == _PROGRAMME][["value", "n", "low", "high"]]
    return np.asarray(mine.astype(float).to_numpy().ravel())


def _other_counts(
    found: Controlled, outcomes: DataFrame | None, completeness: DataFrame | None
) -> list[int]:
    """Return counts of figures and returns: those that repeat a number, why not, what became."""
    is_held = [(found.rows[f"{side}_state"] == HELD).to_numpy() for side in SIDES]
    counts = [int(sum(one.sum() for one in is_held)), int(np.logical_or(*is_held).sum())]
    if completeness is not None and len(completeness):
        counts += map(int, completeness["state"].value_counts())
    if outcomes is None:
        return counts
    given = reason_runs(outcomes).groupby("reason")["figures"].sum()
    return [*counts, len(outcomes), *map(int, given)]


_READ_COLUMNS: Final = (*SIDES, "value")


def _count_numbers(texts: DataFrame) -> int:
    return sum(int(_numbers(texts[name]).notna().sum()) for name in _READ_COLUMNS)


def printed_figures(public: Mapping[str, bytes], rows: DataFrame) -> DataFrame:
    """Return numerator, denominator and value of each row as they stand in the files.

    Args:
        public: the files.
        rows: `KEY`; the figures that could stand there.

    Returns:
        `KEY` and the three texts, in the order and with the index of the rows; empty where there
        is none.
    """
    merged = _with_lookup(rows).merge(_outcome_texts(public), how="left", on=_LOOKUP)
    return merged.set_index(rows.index)[[*KEY, *_READ_COLUMNS, *_PLACE]].fillna("")


def _outcome_texts(public: Mapping[str, bytes]) -> DataFrame:
    """Return every row of the outcome tables as the files name it, with its texts."""
    parts = [
        _table_texts(table, public[path])
        for table in OUTCOME_TABLES
        if (path := f"data/{table.name}.csv") in public
    ]
    columns = [*_LOOKUP, *_READ_COLUMNS]
    return pd.concat([DataFrame(columns=columns), *parts], ignore_index=True)[columns]


def _table_texts(table: OutcomeTable, content: bytes) -> DataFrame:
    frame = csv_texts(content)
    names = {one.label: name for name, one in table.outcomes.items()}
    measures = {one.label: one.measure.value for one in table.outcomes.values()}
    column = frame[OUTCOME_FILTER].map(measures)
    value = Series("", index=frame.index, dtype=str)
    for name in sorted(set(column)):
        value = value.where(column != name, frame[name])
    return frame.assign(outcome=frame[OUTCOME_FILTER].map(names), span=str(table.span), value=value)


def _with_lookup(rows: DataFrame) -> DataFrame:
    """Return the keys of the rows with the columns by which the files name them."""
    pairs = zip(rows["span"], rows["time"], strict=True)
    times = {(span, time): time_period(TimeSpan(span), time) for span, time in set(pairs)}
    found = [times[pair] for pair in zip(rows["span"], rows["time"], strict=True)]
    where = {
        pair: places(*pair)[IDENTIFIERS.index("new_la_code") - 2]
        for pair in set(zip(rows["level"], rows["place"], strict=True))
    }
    codes = [where[pair] for pair in zip(rows["level"], rows["place"], strict=True)]
    models = rows["place"].map(MODEL_NAMES).where(rows["level"] == MODEL, TOTAL_ITEM)
    keys = DataFrame(found, columns=list(_PLACE[:2]), index=rows.index, dtype=str)
    more: dict[str, Any] = {
        "new_la_code": Series(codes, index=rows.index, dtype=str),
        MODEL_FILTER: models.astype(str),
    }
    return rows[list(KEY)].join(keys).assign(**more)


def _numbers(texts: Series[str]) -> Series[float]:
    return pd.to_numeric(texts, errors="coerce")


def _half_steps(texts: Series[str]) -> Floats:
    decimals = np.array([float(len(text.partition(".")[2])) for text in texts])
    return np.asarray(0.5 * 10.0**-decimals + _HAIR)


def _ties(printed: DataFrame, found: Controlled, then: Sequence[DataFrame], side: str) -> _Texts:
    """Return, for each row, whether its number is this edition's, an earlier one's, or neither.

    A number that is both is what disclosure control says it is.
    """
    numbers, half = _numbers(printed[side]), _half_steps(printed[side])
    cell = found.figures.rows[side].to_numpy()
    value = np.append(found.figures.values, np.nan)[cell]
    is_now = np.abs(numbers.to_numpy() - value) <= half
    is_then = np.zeros(len(numbers), dtype=bool)
    for edition in then:
        before = _numbers(edition[side]).to_numpy(dtype=float)
        is_then |= np.abs(numbers.to_numpy() - before) <= half
    is_held = found.rows[f"{side}_state"].isin([HELD, HELD_WITH]).to_numpy()
    return np.select(
        [numbers.isna(), is_now & ~(is_then & is_held), is_then], ["", _NEW, _REPEATED], _UNTIED
    )


def _told(found: Controlled, ties: Mapping[str, _Texts]) -> Flags:
    """Return whether each cell's number of this edition stands somewhere in the files."""
    told = np.zeros(len(found.figures.cells), dtype=bool)
    for side, tie in ties.items():
        cell = found.figures.rows[side].to_numpy()
        told[cell[(tie == _NEW) & (cell != NO_CELL)]] = True
    return told


def _beyond(found: Controlled, told: Flags) -> Flags:
    """Return whether each cell is told although disclosure control hid it."""
    return np.asarray(told & found.protection.hidden)


def _forced(found: Controlled, told: Flags) -> int:
    secret = found.sensitive | found.once_hidden | found.little_changed
    return int((_beyond(found, told) & secret).sum())


def _narrow(found: Controlled, told: Flags, seen: Sequence[Seen]) -> int:
    """Return how many targets are too narrow with what is told.

    What disclosure control let out was attacked when it was chosen: only more can make it narrower.
    """
    if not _beyond(found, told).any():
        return 0
    system = with_earlier(found.figures, seen, threshold=thresholds()).system
    open_to_all = replace(found.protection, hidden=found.protection.hidden & ~told)
    return int(attacked(system, open_to_all).unsafe.sum())


def _mixed(ties: Mapping[str, _Texts]) -> int:
    one, other = (ties[side] for side in SIDES)
    return int(
        (((one == _NEW) & (other == _REPEATED)) | ((one == _REPEATED) & (other == _NEW))).sum()
    )


def _odd_values(printed: DataFrame, found: Controlled) -> int:
    """Return how many values are not, to their digits, what their printed numbers come to."""
    is_ratio = (found.figures.rows["numerator"] != NO_CELL).to_numpy()
    value = _numbers(printed["value"]).to_numpy(dtype=float)
    scale = found.rows["outcome"].map({n: one.measure.scale for n, one in PUBLISHED.items()})
    low, high = _ratio_ends(printed, np.asarray(scale, dtype=float))
    half = _half_steps(printed["value"])
    inside = (value >= low - half) & (value <= high + half)
    return int((is_ratio & ~np.isnan(value) & ~inside).sum())


def _ratio_ends(printed: DataFrame, scale: Floats) -> tuple[Floats, Floats]:
    top, bottom = (_numbers(printed[side]).to_numpy(dtype=float) for side in SIDES)
    # Whole numbers are exact; those with decimals were rounded.
    off = [
        np.where(printed[side].str.contains(".", regex=False), _half_steps(printed[side]), 0.0)
        for side in SIDES
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        low = (top - off[0]) / (bottom + off[1]) * scale
        high = (top + off[0]) / (bottom - off[1]) * scale
    return low, high


def _now_hidden(printed: DataFrame, found: Controlled, then: Sequence[DataFrame]) -> int:
    """Return how many numbers shown last are hidden now although they changed by little."""
    if not then:
        return 0
    last, count = then[-1], 0
    for side in SIDES:
        cell = found.figures.rows[side].to_numpy()
        little = np.append(found.little_changed & ~found.once_hidden, False)[cell]
        was_shown = _numbers(last[side]).notna().to_numpy()
        is_hidden = (printed[side] == Symbol.HIDDEN.value).to_numpy()
        count += int((little & was_shown & is_hidden).sum())
    return count


def _seven_untied(public: Mapping[str, bytes], printed: DataFrame) -> int:
    """Return how many numbers of the seven outcomes stand in no data file."""
    if SEVEN not in public:
        return 0
    mine = printed[printed["level"] == LA]
    labels = mine["outcome"].map({name: one.label for name, one in PUBLISHED.items()})
    known = set(zip(mine["new_la_code"], labels, mine["time"], mine["value"], strict=True))
    return sum(key not in known for key in _seven_numbers(csv_texts(public[SEVEN])))


def _seven_numbers(seven: DataFrame) -> Iterator[tuple[str, str, str, str]]:
    for when in ("before", "after"):
        shown = seven[_numbers(seven[when]).notna()]
        columns = ["la_code", "outcome", f"{when}_time", when]
        yield from shown[columns].itertuples(index=False, name=None)
