"""Outcomes added up to every figure a table could print, and what each is the sum of.

A total is over one set of authorities (`tasks/disclose/sets.py`), all of which have a value; where
one of them has none there is no total.

The attacker's view needs sums, not tables: every published number is a sum of *atoms*, one quantity
of one authority in one quarter. Two figures that are the sum of the same atoms are the same number
wherever they are printed, so they are one *cell*, hidden or shown together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series
from scipy.sparse import csr_matrix

from schemas.arrays import Ints
from schemas.editions import TOTAL_ITEM
from schemas.errors import DeclarationError
from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import FigureStatus, Outcome, OutcomeKind
from schemas.outcomes.publication import TimeSpan
from schemas.quarter import Quarter
from schemas.trial import model_of
from tasks.disclose.sets import SET_COLUMNS, Members, members_of, set_name, total_sets

QUARTERS_A_YEAR: Final = 4
LA: Final = "la"
MODEL: Final = "model"
ALL: Final = "total"

KEY: Final = ["outcome", "level", "place", "span", "time"]
"""Columns that name a figure: outcome; level (la, model, total); place (authority code, model, or
Total); span; time (quarter as 2025-26Q1, or financial year as 2025-26)."""

NO_CELL: Final = -1
_SEED: Final = 20250401


@dataclass(frozen=True)
class Figures:
    """Every figure a table could print.

    Attributes:
        rows: `KEY`, then numerator and denominator (cell numbers, -1 for none), value (of a
            median; missing elsewhere), status (ok, x, z), authorities (how many it adds up), set
            (the name of a total's set; empty for an authority and where there is none), members
            (how many are in the set), returned (how many of them have a value) and since (the
            first year of a cumulative figure; empty elsewhere).
        cells: quantity, value; one row per cell, in order of number.
        atoms: quantity, la_code, quarter, value; one row per atom.
        members: cells by atoms, 1 where the atom is part of the cell.
        sets: `SET_COLUMNS`: which authorities each total adds up.
    """

    rows: DataFrame
    cells: DataFrame
    atoms: DataFrame
    members: csr_matrix
    sets: DataFrame

    @property
    def values(self) -> NDArray[np.float64]:
        """The value of each cell."""
        return self.cells["value"].to_numpy(dtype=float)


@dataclass(frozen=True)
class _Sums:
    """Figures of one outcome, and the positions of the outcome rows that each adds up."""

    rows: DataFrame
    figure: Ints
    position: Ints


_FIGURE_COLUMNS: Final = [
    *(*KEY, "numerator", "denominator", "value", "status", "authorities"),
    *("set", "members", "returned", "since"),
]


def printable_figures(outcomes: DataFrame) -> Figures:
    """Return every figure the outcome table adds up to, with its atoms.

    A total has a value where every authority of its set has one: else it is `x`, or `z` where one
    of them cannot have one. An authority's year counts when the year is over and every quarter of
    it has a value; a cumulative figure when every year does since the first in which the whole set
    of Total does.

    Args:
        outcomes: columns of `sfp outcomes`, not suppressed, one row per outcome, authority and
            quarter.

    Raises:
        DeclarationError: an outcome is not declared for publication.
    """
    known = _with_places(outcomes)
    return _figures(known, total_sets(known))


def figures_over(outcomes: DataFrame, sets: DataFrame | None) -> Figures:
    """Return the same figures over sets that are given: those that an edition was made with.

    Args:
        outcomes: as of `printable_figures`.
        sets: `SET_COLUMNS`; None for an edition from before sets were declared, whose totals added
            up whichever authorities had a value.
    """
    return _figures(_with_places(outcomes), sets)


def _figures(known: DataFrame, sets: DataFrame | None) -> Figures:
    if known.empty:
        return _nothing()
    members = None if sets is None else members_of(sets)
    last = int(known["index"].max())
    groups = [(OUTCOMES[str(name)], rows) for name, rows in known.groupby("outcome", sort=True)]
    atoms = _Atoms()
    parts = [
        _outcome_part(outcome, rows, atoms, last=last, adds=_Adds(outcome.id, members))
        for outcome, rows in groups
    ]
    return _joined(parts, atoms.frame(), DataFrame(columns=SET_COLUMNS) if sets is None else sets)


def _nothing() -> Figures:
    """Return no figures at all."""
    cells = DataFrame({"quantity": Series(dtype=str), "value": Series(dtype=float)})
    whole = dict.fromkeys(("numerator", "denominator", "members", "returned"), "int64")
    rows = DataFrame(columns=_FIGURE_COLUMNS).astype(whole)
    sets = DataFrame(columns=SET_COLUMNS)
    return Figures(rows, cells, _Atoms().frame(), csr_matrix((0, 0)), sets)


@dataclass(frozen=True)
class _Adds:
    """Which authorities the totals of one outcome add up.

    Attributes:
        outcome: its id.
        members: by outcome and place; None where every authority with a value is in.
    """

    outcome: str
    members: Members | None

    def inside(self, rows: DataFrame) -> NDArray[np.bool_]:
        """Return whether each row's authority is in the set of the row's place."""
        if self.members is None:
            return np.ones(len(rows), dtype=bool)
        found = np.zeros(len(rows), dtype=bool)
        place, la_code = rows["place"], rows["la_code"]
        for name in place.unique():
            codes = self.members.get((self.outcome, str(name)), frozenset())
            found |= ((place == name) & la_code.isin(codes)).to_numpy()
        return found

    def of(self, places: Series[str]) -> tuple[Series[str], Series[int]]:
        """Return the name of the set of each place, and how many authorities are in it."""
        sets = {
            str(place): (self.members or {}).get((self.outcome, str(place)), frozenset())
            for place in places.unique()
        }
        names = {place: set_name(codes) for place, codes in sets.items()}
        sizes = {place: len(codes) for place, codes in sets.items()}
        return places.map(names).astype(str), places.map(sizes).astype("int64")


def _with_places(outcomes: DataFrame) -> DataFrame:
    """Return the outcome rows with numbers as numbers, their model, quarter index and year."""
    unknown = sorted(set(outcomes["outcome"]) - OUTCOMES.keys())
    if unknown:
        raise DeclarationError(f"schemas/outcomes does not say how to publish {unknown}.")
    rows = outcomes.reset_index(drop=True)
    quarters = {text: Quarter.parse(text) for text in rows["quarter"].unique()}
    return rows.assign(
        numerator=pd.to_numeric(rows["numerator"]),
        denominator=pd.to_numeric(rows["denominator"]),
        value=pd.to_numeric(rows["value"]),
        model=rows["la_code"].map({la: model_of(la) or "" for la in rows["la_code"].unique()}),
        index=rows["quarter"].map({text: q.index for text, q in quarters.items()}),
        year=rows["quarter"].map({text: q.year for text, q in quarters.items()}),
        is_known=rows["status"].isin([FigureStatus.OK, FigureStatus.NOT_APPLICABLE]),
    )


class _Atoms:
    """Atoms met so far, numbered in the order in which they were met."""

    def __init__(self) -> None:
        self._parts: list[DataFrame] = []
        self._numbers: dict[str, Series[int]] = {}
        self._values: dict[str, Series[float]] = {}
        self._count = 0

    def numbers(self, quantity: str, rows: DataFrame, values: Series[float], outcome: str) -> Ints:
        """Return the atom number of each row, adding those not met before.

        Outcomes that should share a quantity but disagree on a value get atoms of their own.
        """
        keys = pd.MultiIndex.from_frame(rows[["la_code", "quarter"]])
        mine = pd.Series(values.to_numpy(dtype=float), index=keys)
        name = quantity if self._agrees(quantity, mine) else f"{quantity} of {outcome}"
        self._add(name, mine)
        return np.asarray(self._numbers[name].reindex(keys), dtype=np.int64)

    def _agrees(self, quantity: str, mine: Series[float]) -> bool:
        met = self._values.get(quantity)
        if met is None:
            return True
        both = mine.index.intersection(met.index)
        return bool(np.allclose(mine[both], met[both], rtol=1e-9, atol=1e-9))

    def _add(self, name: str, mine: Series[float]) -> None:
        met = self._values.get(name)
        new = mine if met is None else mine[~mine.index.isin(met.index)]
        numbers = pd.Series(range(self._count, self._count + len(new)), index=new.index)
        self._count += len(new)
        self._values[name] = new if met is None else pd.concat([met, new])
        self._numbers[name] = numbers if met is None else pd.concat([self._numbers[name], numbers])
        part = new.rename("value").rename_axis(["la_code", "quarter"]).reset_index()
        self._parts.append(part.assign(quantity=name)[["quantity", "la_code", "quarter", "value"]])

    def frame(self) -> DataFrame:
        """Return quantity, la_code, quarter and value of every atom, in order of number."""
        if not self._parts:
            return DataFrame(columns=["quantity", "la_code", "quarter", "value"])
        return pd.concat(self._parts, ignore_index=True)


@dataclass(frozen=True)
class _Part:
    """One outcome's figures with the atoms of numerator and denominator."""

    sums: _Sums
    numerator: Ints | None
    denominator: Ints
    quantities: tuple[str, str]


def _outcome_part(
    outcome: Outcome, rows: DataFrame, atoms: _Atoms, *, last: int, adds: _Adds
) -> _Part:
    rows = rows.sort_values(["la_code", "index"]).reset_index(drop=True)
    known = rows[rows["is_known"]]
    numerator = None
    top, bottom = outcome.publication.numerator, outcome.publication.denominator
    if top is not None:
        found = atoms.numbers(top.name, known, known["numerator"], outcome.id)
        numerator = _at_positions(found, known.index, len(rows))
    found = atoms.numbers(bottom.name, known, known["denominator"], outcome.id)
    denominator = _at_positions(found, known.index, len(rows))
    sums = _stacked(_spans(outcome, rows, last=last, adds=adds))
    return _Part(sums, numerator, denominator, ("" if top is None else top.name, bottom.name))


def _at_positions(numbers: Ints, positions: Any, count: int) -> Ints:
    placed = np.full(count, NO_CELL, dtype=np.int64)
    placed[positions] = numbers
    return placed


def _spans(outcome: Outcome, rows: DataFrame, *, last: int, adds: _Adds) -> Iterable[_Sums]:
    """Yield the figures of each span and level of one outcome."""
    if TimeSpan.QUARTER in outcome.publication.spans:
        quarter = rows.assign(time=rows["quarter"], entry=rows.index)
        yield from _levels(TimeSpan.QUARTER, quarter, adds)
    years = _years(outcome, rows, last=last)
    if TimeSpan.YEAR in outcome.publication.spans:
        yield from _levels(TimeSpan.YEAR, years, adds)
    if TimeSpan.CUMULATIVE in outcome.publication.spans:
        first = _first_year(years, adds)
        for part in _levels(TimeSpan.CUMULATIVE, _running(years, first), adds):
            since = "" if first is None else _year_text(first)
            yield _Sums(part.rows.assign(since=since), part.figure, part.position)


def _years(outcome: Outcome, rows: DataFrame, *, last: int) -> DataFrame:
    """Return the rows of years that are over, `is_known` where the authority's year is whole."""
    over = rows[rows["year"] * QUARTERS_A_YEAR + QUARTERS_A_YEAR - 1 <= last]
    group = over.groupby(["la_code", "year"])["is_known"]
    needed = QUARTERS_A_YEAR if outcome.kind is OutcomeKind.QUARTER else 1
    whole = group.transform("all") & (group.transform("size") >= needed)
    return over.assign(is_known=whole, time=over["year"].map(_year_text), entry=over.index)


def _year_text(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def _first_year(years: DataFrame, adds: _Adds) -> int | None:
    """Return the first year of cumulative figures: one for every place; None where there is none.

    It is the first in which the whole set of Total has a value; where there is no such year, the
    set of some practice model; else any authority.
    """
    for level in (ALL, MODEL):
        rows = _placed(years, level)
        rows = rows[adds.inside(rows)]
        whole = rows[rows["is_known"]].groupby(["place", "year"])["la_code"].nunique()
        found = whole.rename("count").reset_index()
        needed = 1 if adds.members is None else adds.of(found["place"])[1]
        first = found.loc[found["count"] >= needed, "year"].min()
        if first == first:
            return int(first)
    first = years.loc[years["is_known"], "year"].min()
    return int(first) if first == first else None


def _running(years: DataFrame, first: int | None) -> DataFrame:
    """Return, for each year, the rows of every year up to it, from the first on."""
    if first is None:
        return years.assign(is_known=False)
    since = years[years["year"] >= first]
    ends = DataFrame({"end": sorted(since["year"].unique())})
    pairs = since.merge(ends, how="cross")
    pairs = pairs[pairs["year"] <= pairs["end"]]
    sent: DataFrame = pairs.assign(time=pairs["end"].map(_year_text))
    whole = sent.groupby(["la_code", "end"])["is_known"].transform("all")
    # An authority that first reports later than others has no row for the first years.
    begun = sent.groupby(["la_code", "end"])["year"].transform("min")
    return sent.assign(is_known=whole & (begun == first))


def _placed(rows: DataFrame, level: str) -> DataFrame:
    """Return the rows that figures of one level add up, each with its place."""
    if level == LA:
        return rows.assign(place=rows["la_code"])
    if level == MODEL:
        return rows[rows["model"] != ""].assign(place=rows["model"])
    return rows.assign(place=TOTAL_ITEM)


def _levels(span: TimeSpan, rows: DataFrame, adds: _Adds) -> Iterable[_Sums]:
    yield _of_authorities(span, _placed(rows, LA), adds.outcome)
    for level in (MODEL, ALL):
        yield _added_up(span, level, _placed(rows, level), adds)


def _of_authorities(span: TimeSpan, rows: DataFrame, outcome: str) -> _Sums:
    """Return one figure per authority and time: the sum of its rows, where they are known."""
    group = rows.groupby(["place", "time"], sort=True)
    figure = group.ngroup().to_numpy(dtype=np.int64)
    known = rows["is_known"].to_numpy(dtype=bool)
    is_known = group["is_known"].any()
    found = DataFrame(
        {
            "is_known": is_known,
            "applies": True,
            "authorities": is_known.astype("int64"),
            "value": group["value"].first() if span is TimeSpan.QUARTER else np.nan,
            "set": "",
            "members": 1,
            "returned": is_known.astype("int64"),
        }
    ).reset_index()
    found = found.assign(outcome=outcome, level=LA, span=str(span), since="")
    return _Sums(found, figure[known], rows["entry"].to_numpy(dtype=np.int64)[known])


def _added_up(span: TimeSpan, level: str, rows: DataFrame, adds: _Adds) -> _Sums:
    """Return one figure per place and time: the sum over its set, where all of it is known."""
    group = rows.groupby(["place", "time"], sort=True)
    figure = np.asarray(group.ngroup(), dtype=np.int64)
    inside = adds.inside(rows)
    known = rows["is_known"].to_numpy(dtype=bool) & inside
    found = group.size().reset_index()[["place", "time"]]
    name, members = adds.of(found["place"])
    code = np.asarray(pd.factorize(rows["la_code"])[0], dtype=np.int64)
    returned = _distinct_counts(figure[known], code[known], len(found))
    there = _distinct_counts(figure[inside], code[inside], len(found))
    needed = 1 if adds.members is None else np.maximum(members.to_numpy(), 1)
    is_whole = returned >= needed
    found = found.assign(
        is_known=is_whole,
        applies=(there >= needed) | (members.to_numpy() == 0),
        authorities=np.where(is_whole, returned, 0),
        value=np.nan,
        set=name,
        members=members,
        returned=returned,
        outcome=adds.outcome,
        level=level,
        span=str(span),
        since="",
    )
    entry = np.asarray(rows["entry"], dtype=np.int64)
    added = known & is_whole[figure]
    return _Sums(found, figure[added], entry[added])


def _distinct_counts(figure: Ints, code: Ints, count: int) -> Ints:
    """Return how many different codes each of `count` figures has."""
    most = int(code.max(initial=0)) + 1
    pairs = np.unique(figure * most + code)
    return np.bincount(pairs // most, minlength=count).astype(np.int64)


def _stacked(parts: Iterable[_Sums]) -> _Sums:
    parts = list(parts)
    starts = np.cumsum([0, *(len(part.rows) for part in parts)])
    return _Sums(
        rows=pd.concat([part.rows for part in parts], ignore_index=True),
        figure=np.concatenate([p.figure + s for p, s in zip(parts, starts, strict=False)]),
        position=np.concatenate([part.position for part in parts]),
    )


def _joined(parts: list[_Part], atoms: DataFrame, sets: DataFrame) -> Figures:
    """Return all outcomes' figures, with cells numbered once for equal sums."""
    stacked = _stacked(part.sums for part in parts)
    starts = np.cumsum([0, *(len(part.sums.rows) for part in parts)])
    sides = [_side(parts, starts, name) for name in ("numerator", "denominator")]
    shape = (len(stacked.rows), len(atoms))
    matrix = csr_matrix(
        (
            np.ones(sum(len(figure) for figure, _ in sides)),
            (
                np.concatenate([sides[0][0], sides[1][0] + shape[0]]),
                np.concatenate([sides[0][1], sides[1][1]]),
            ),
        ),
        shape=(2 * shape[0], shape[1]),
    )
    cell, members = _distinct(matrix)
    values = np.asarray(members @ atoms["value"].to_numpy(dtype=float))
    first = members.indices[members.indptr[:-1]]
    cells = DataFrame({"quantity": atoms["quantity"].to_numpy()[first], "value": values})
    rows = stacked.rows.assign(numerator=cell[: shape[0]], denominator=cell[shape[0] :])
    return Figures(_with_status(rows, values), cells, atoms, members, sets)


def _side(parts: list[_Part], starts: Ints, name: str) -> tuple[Ints, Ints]:
    """Return figure and atom numbers of every membership of the numerators, or denominators."""
    figure, atom = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for part, start in zip(parts, starts, strict=False):
        numbers: Ints | None = getattr(part, name)
        if numbers is not None:
            figure.append(part.sums.figure + start)
            atom.append(numbers[part.sums.position])
    return np.concatenate(figure), np.concatenate(atom)


def _distinct(matrix: csr_matrix) -> tuple[Ints, csr_matrix]:
    """Return the cell number of each row (-1 for an empty one) and one row per distinct cell."""
    filled = np.flatnonzero(np.diff(matrix.indptr))
    signature = signatures(matrix)[filled]
    _, first, inverse = np.unique(signature, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    cell = np.full(matrix.shape[0], NO_CELL, dtype=np.int64)
    cell[filled] = order[inverse.ravel()]
    return cell, matrix[filled[np.sort(first)]].tocsr()


def signatures(rows: csr_matrix) -> NDArray[np.complex128]:
    """Return a number for each row that only equal rows share.

    It is the sum of two random numbers drawn for each atom, kept as one complex number: for
    different rows to agree, some 100 bits would have to by chance.
    """
    draw = np.random.default_rng(_SEED).integers(1, 2**38, size=(rows.shape[1], 2))
    sums = [np.asarray(rows @ draw[:, side].astype(float)) for side in (0, 1)]
    return np.asarray(sums[0] + 1j * sums[1])


def _with_status(rows: DataFrame, values: NDArray[np.float64]) -> DataFrame:
    """Return the rows in order of `KEY` columns, with their status."""
    denominator = np.append(values, np.nan)[rows["denominator"].to_numpy()]
    known, applies = (rows[name].to_numpy(dtype=bool) for name in ("is_known", "applies"))
    status = np.select(
        [~known & applies, ~known | (denominator == 0)],
        [FigureStatus.NOT_KNOWN.value, FigureStatus.NOT_APPLICABLE.value],
        FigureStatus.OK.value,
    )
    return rows.assign(status=status)[_FIGURE_COLUMNS]
