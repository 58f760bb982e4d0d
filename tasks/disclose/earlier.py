"""What earlier editions gave away: every figure shown stays known, every hidden one stays hidden.

An atom that has changed since an earlier edition is another atom: the attacker may subtract one
from the other. One that has not changed is the same one, which supposes an attacker who knows whose
returns changed; the revision table says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_matrix, vstack

from schemas.arrays import Flags, Floats, Ints
from tasks.disclose.figures import KEY, NO_CELL, Figures, figures_over, signatures
from tasks.disclose.linked import linked
from tasks.disclose.primary import (
    cell_limits,
    is_printed,
    is_small,
    people_behind,
    people_of_atoms,
    quantity_limits,
)
from tasks.disclose.system import System, public_atoms

SIDES: Final = ("numerator", "denominator")
ATOM: Final = ["quantity", "la_code", "quarter", "value"]
SHOWN: Final = "shown"
HELD: Final = "held"
HELD_WITH: Final = "held with"
HIDDEN: Final = "c"


@dataclass(frozen=True)
class Seen:
    """An earlier edition, as far as disclosure control needs it.

    Attributes:
        name: of the edition.
        outcomes: the outcome table it was made from, not suppressed.
        states: `KEY`; for numerator and denominator, the number as shown and its `_state`: shown,
            held (an older number repeated), held with (repeated because the other of its fraction
            is), c, x or z; value; authorities, set, since.
        sets: which authorities its totals add up, as `Figures.sets`; None where it says nothing of
            them, as editions did whose totals added up whichever had a value.
    """

    name: str
    outcomes: DataFrame
    states: DataFrame
    sets: DataFrame | None


@dataclass(frozen=True)
class _Then:
    """An earlier edition worked out again.

    Attributes:
        figures, system: as it was made from.
        atoms: joint number of each of its atoms.
        shown, hidden: for each of its cells.
    """

    figures: Figures
    system: System
    atoms: Ints
    shown: Flags
    hidden: Flags


@dataclass(frozen=True)
class Compared:
    """This edition's figures with what earlier editions gave away.

    Attributes:
        system: one system of all editions.
        once_hidden: whether each cell is a figure that some earlier edition hid.
        little_changed: whether each cell differs by little from the same figure once shown.
    """

    system: System
    once_hidden: Flags
    little_changed: Flags


def with_earlier(now: Figures, seen: Sequence[Seen], *, threshold: Mapping[str, int]) -> Compared:
    """Return this edition's figures as one system with those of all earlier editions.

    Args:
        now: figures of this edition; its cells are the cells of the system, in order.
        seen: earlier editions, oldest first.
        threshold: by quantity.
    """
    base = linked(now, threshold=threshold)
    if not seen:
        none = np.zeros(len(now.cells), dtype=bool)
        return Compared(base, none, none)
    then = [figures_over(edition.outcomes, edition.sets) for edition in seen]
    numbers = _joint_numbers([now.atoms, *(found.atoms for found in then)])
    count = int(max(number.max(initial=-1) for number in numbers)) + 1
    editions = [
        _worked_out(found, edition, number, threshold)
        for found, edition, number in zip(then, seen, numbers[1:], strict=True)
    ]
    changed = _little_changed(now, seen, then, widths=base.widths, threshold=threshold)
    hidden = _once_hidden(now, seen)
    whole = _joined(
        base,
        now,
        editions,
        forced=base.forced | hidden | changed,
        count=count,
        threshold=threshold,
    )
    return Compared(whole, hidden, changed)


def _joint_numbers(tables: Sequence[DataFrame]) -> list[Ints]:
    """Return, for each table of atoms, their joint numbers: those of the first table come first."""
    every = pd.concat([table[ATOM] for table in tables], ignore_index=True)
    number = every.groupby(ATOM, sort=False).ngroup().to_numpy(dtype=np.int64)
    return np.split(number, np.cumsum([len(table) for table in tables])[:-1])


def _worked_out(found: Figures, edition: Seen, atoms: Ints, threshold: Mapping[str, int]) -> _Then:
    shown, hidden, held = (_in_state(found, edition, state) for state in (SHOWN, HIDDEN, HELD))
    public = is_printed(found)
    system = linked(found, threshold=threshold)
    secret = hidden | (held & ~shown & system.forced)
    return _Then(found, system, atoms, shown & ~public, secret & ~public)


def _in_state(found: Figures, edition: Seen, state: str) -> Flags:
    """Return whether each cell stands in the edition in a state, in some row."""
    rows = found.rows.merge(edition.states, on=KEY, how="inner", suffixes=("", "_shown"))
    flags = np.zeros(len(found.cells), dtype=bool)
    for side in SIDES:
        cell = rows[side].to_numpy()
        flags[cell[(cell != NO_CELL) & (rows[f"{side}_state"] == state)]] = True
    return flags


def _once_hidden(now: Figures, seen: Sequence[Seen]) -> Flags:
    """Return whether each cell of now is a figure that some earlier edition hid."""
    flags = np.zeros(len(now.cells), dtype=bool)
    for edition in seen:
        flags |= _in_state(now, edition, HIDDEN)
    # What was not always printed may be declared so since.
    return flags & ~is_printed(now)


def _little_changed(
    now: Figures,
    seen: Sequence[Seen],
    then: Sequence[Figures],
    *,
    widths: Floats,
    threshold: Mapping[str, int],
) -> Flags:
    """Return whether each cell of now differs by little from the same figure once shown.

    Little is up to the width that hides a number. An amount also differs by little when few people
    more, or fewer, stand behind it, or as many as before, and so few could have made the change.
    """
    flags = np.zeros(len(now.cells), dtype=bool)
    limits, people = cell_limits(now, threshold), people_behind(now)
    for edition, found in zip(seen, then, strict=True):
        rows = now.rows.merge(found.rows, on=KEY, suffixes=("", "_then"))
        rows = rows.merge(edition.states, on=KEY, suffixes=("", "_shown"))
        behind = people_behind(found)
        for side in SIDES:
            both = (rows[side] != NO_CELL) & (rows[f"{side}_then"] != NO_CELL)
            mine = rows[both & (rows[f"{side}_state"] == SHOWN)]
            cell, old = mine[side].to_numpy(), mine[f"{side}_then"].to_numpy()
            gap = np.abs(now.values[cell] - found.values[old])
            few = np.abs(people[cell] - behind[old]) <= limits.people[cell]
            few &= is_small(gap, limits.change[cell])
            flags[cell[is_small(gap, widths[cell]) | few]] = True
    return flags & ~is_printed(now)


def _joined(
    base: System,
    now: Figures,
    editions: Sequence[_Then],
    *,
    forced: Flags,
    count: int,
    threshold: Mapping[str, int],
) -> System:
    """Return the system of now with the atoms, knowledge and secrets of earlier editions."""
    cells = _widened(base.cells, count)
    known = _stacked([_placed(e.figures.members[e.shown], e.atoms, count) for e in editions], count)
    known = _once(known)
    public = base.fixed | np.isin(signatures(cells), signatures(known))
    known = known[~np.isin(signatures(known), signatures(cells))]
    orders = [_widened(base.orders, count)]
    orders += [_placed(e.system.orders, e.atoms, count) for e in editions]
    secrets = [_secrets(edition, len(now.atoms), count) for edition in editions]
    secrets += [_small_changes(base, now, edition, count, threshold) for edition in editions]
    above = _once(_stacked(orders, count))
    atoms = _values(now, editions, count)
    return replace(
        base,
        atoms=atoms,
        cells=cells,
        forced=forced,
        fixed=public,
        orders=above,
        room=np.maximum(np.asarray(above @ atoms), 0.0),
        known=known,
        extras=_stacked([_widened(base.extras, count), *(rows for rows, _ in secrets)], count),
        extra_widths=np.concatenate([base.extra_widths, *(widths for _, widths in secrets)]),
    )


def _values(now: Figures, editions: Sequence[_Then], count: int) -> Floats:
    values = np.zeros(count)
    for edition in editions:
        values[edition.atoms] = edition.figures.atoms["value"].to_numpy(dtype=float)
    values[: len(now.atoms)] = now.atoms["value"].to_numpy(dtype=float)
    return values


def _secrets(edition: _Then, current: int, count: int) -> tuple[csr_matrix, Floats]:
    """Return what the edition kept hidden, and is no sum of today's atoms: it must stay hidden."""
    system = edition.system
    rows = csr_matrix(vstack([system.cells[edition.hidden], system.extras]))
    widths = np.concatenate([system.widths[edition.hidden], system.extra_widths])
    is_old = (edition.atoms >= current).astype(float)
    at = np.flatnonzero(np.asarray(abs(rows) @ is_old))
    return _placed(rows[at], edition.atoms, count), widths[at]


def _small_changes(
    base: System, now: Figures, edition: _Then, count: int, threshold: Mapping[str, int]
) -> tuple[csr_matrix, Floats]:
    """Return the small changes of single atoms since the edition: they must not be found out."""
    public = public_atoms(base)
    numbers = np.arange(len(now.atoms))
    mine = now.atoms.assign(number=numbers, people=people_of_atoms(now))[~public]
    theirs = edition.figures.atoms.assign(
        old=edition.atoms, people=people_of_atoms(edition.figures)
    )
    pairs = mine.merge(theirs, on=ATOM[:3])
    width = dict(zip(now.cells["quantity"], base.widths, strict=True))
    widths = pairs["quantity"].map(width).to_numpy(dtype=float)
    gap = np.abs(pairs["value_x"].to_numpy(dtype=float) - pairs["value_y"].to_numpy(dtype=float))
    limits = quantity_limits(pairs["quantity"], threshold)
    moved = np.abs((pairs["people_x"] - pairs["people_y"]).to_numpy(dtype=float))
    small = is_small(gap, widths) | ((moved <= limits.people) & is_small(gap, limits.change))
    new, old = pairs["number"].to_numpy()[small], pairs["old"].to_numpy()[small]
    place = np.arange(len(new))
    signs = np.concatenate([np.ones(len(new)), -np.ones(len(new))])
    rows = csr_matrix(
        (signs, (np.concatenate([place, place]), np.concatenate([new, old]))),
        shape=(len(new), count),
    )
    return rows, widths[small]


def _placed(rows: csr_matrix, atoms: Ints, count: int) -> csr_matrix:
    """Return the rows over joint atoms."""
    coo = csr_matrix(rows).tocoo()
    return csr_matrix((coo.data, (coo.row, atoms[coo.col])), shape=(coo.shape[0], count))


def _widened(rows: csr_matrix, count: int) -> csr_matrix:
    return csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], count))


def _stacked(parts: Sequence[csr_matrix], count: int) -> csr_matrix:
    return csr_matrix(vstack([csr_matrix((0, count)), *parts]))


def _once(rows: csr_matrix) -> csr_matrix:
    """Return the rows, each once."""
    _, first = np.unique(signatures(rows), return_index=True)
    return rows[np.sort(first)]
