"""What may be shown of an outcome table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from schemas.arrays import Flags, Floats
from schemas.editions import Symbol
from schemas.outcomes import PUBLISHED
from tasks.disclose.attack import Ranges, attack
from tasks.disclose.earlier import HELD, HELD_WITH, HIDDEN, SHOWN, SIDES, Seen, with_earlier
from tasks.disclose.figures import KEY, LA, NO_CELL, Figures, printable_figures
from tasks.disclose.primary import sensitive_cells, thresholds
from tasks.disclose.protect import Protection, protected
from tasks.disclose.system import System, unlinked_parts

_Texts = NDArray[Any]
STATES: Final = (*KEY, "numerator", "denominator", "value", "authorities", "set", "since")
_OVER: Final = ("authorities", "set", "since")
"""What a figure is over: a number that is repeated is over what it was over then."""


@dataclass(frozen=True)
class Controlled:
    """Figures after disclosure control.

    Attributes:
        rows: `KEY`; numerator, denominator and value as numbers to show, missing where none is;
            their `_symbol`: empty, c, x or z; numerator_state, denominator_state: shown, held (an
            earlier edition's number repeated, because the new one would give something away), held
            with (repeated because the other of its fraction is), c, x or z; authorities, set and
            since as of `Figures.rows`, or of the earlier edition whose number is repeated; members,
            returned.
        figures: what could have been printed, restricted.
        sensitive: for each cell, whether it is sensitive in itself.
        protection: for each cell whether it is hidden, and how that was found.
        ranges: how uncertain the attack leaves every hidden cell and sensitive difference.
        once_hidden: for each cell, whether an earlier edition hid it.
        little_changed: for each cell, whether it differs by little from what one showed.
    """

    rows: DataFrame
    figures: Figures
    sensitive: Flags
    protection: Protection
    ranges: Ranges
    once_hidden: Flags
    little_changed: Flags

    @property
    def is_safe(self) -> bool:
        """Whether the attack fails on everything that earlier editions did not give away."""
        return not self.ranges.unsafe.any()


def controlled(
    outcomes: DataFrame, *, seen: Sequence[Seen], threshold: Mapping[str, int] | None = None
) -> Controlled:
    """Return the figures of the outcome table with everything hidden that must be.

    Args:
        outcomes: columns of `sfp outcomes`, not suppressed.
        seen: earlier editions, oldest first.
        threshold: by quantity; as declared when not given.
    """
    limit = threshold or thresholds()
    found = printable_figures(outcomes)
    compared = with_earlier(found, seen, threshold=limit)
    protection = protected(compared.system)
    sensitive = sensitive_cells(found, threshold=limit)
    # A small number hidden after a number near it was shown would say where it lies.
    secret = (sensitive & ~compared.little_changed) | compared.once_hidden
    return Controlled(
        rows=_shown(found, protection.hidden, secret, seen),
        figures=found,
        sensitive=sensitive,
        protection=protection,
        ranges=attacked(compared.system, protection),
        once_hidden=compared.once_hidden,
        little_changed=compared.little_changed,
    )


def attacked(system: System, protection: Protection) -> Ranges:
    """Return how uncertain every target stays, those left out that are public already."""
    given_up = np.zeros(len(system.extra_widths), dtype=bool)
    given_up[protection.hopeless_extras] = True
    lost = np.zeros(len(system.forced), dtype=bool)
    lost[protection.hopeless_cells] = True
    found = []
    for part in unlinked_parts(system):
        ranges = attack(part.system, protection.hidden[part.cells])
        cells = part.cells[protection.hidden[part.cells] & ~part.system.fixed]
        kept = ~np.concatenate([lost[cells], given_up[part.extras]])
        found.append(Ranges(ranges.lower[kept], ranges.upper[kept], ranges.widths[kept]))
    return Ranges(
        *(
            np.concatenate([np.empty(0), *(getattr(r, name) for r in found)])
            for name in ("lower", "upper", "widths")
        )
    )


def _shown(found: Figures, hidden: Flags, secret: Flags, seen: Sequence[Seen]) -> DataFrame:
    """Return the figures' rows with numbers and symbols to print."""
    last = _last_numbers(found.rows, seen)
    sides = {side: _side(found, side, hidden, secret, last) for side in SIDES}
    whole = _held_whole(found, sides, last)
    # A total with one number of then and one of now would be over two sets: only the first stays.
    is_mixed = ~whole & _is_held(sides) & (found.rows["level"] != LA).to_numpy()
    columns: dict[str, Any] = {}
    for side, (number, state) in sides.items():
        again = whole & (state != Symbol.NOT_APPLICABLE.value)
        number = np.where(again, last[side].to_numpy(dtype=float), number)
        state = np.where(again, np.where(state == SHOWN, HELD_WITH, HELD), state)
        state = np.where(is_mixed & (state == SHOWN), Symbol.NOT_AVAILABLE.value, state)
        number = np.where(state == Symbol.NOT_AVAILABLE.value, np.nan, number)
        symbol = np.where(np.isin(state, [SHOWN, HELD, HELD_WITH]), "", state)
        columns |= {side: number, f"{side}_state": state, f"{side}_symbol": symbol}
    rows = found.rows[list(KEY)].assign(**columns)
    value, symbol = _values(found.rows, rows, last)
    is_held = (rows["numerator_state"] == HELD) | (rows["denominator_state"] == HELD)
    over = {name: found.rows[name].where(~is_held, last[name]) for name in _OVER}
    same = found.rows[["members", "returned"]]
    return rows.assign(value=value, value_symbol=symbol, **over).join(same)


def _is_held(sides: Mapping[str, tuple[Floats, _Texts]]) -> Flags:
    """Return whether one number of each row is held."""
    return np.asarray(np.any([state == HELD for _, state in sides.values()], axis=0), dtype=bool)


def _held_whole(
    found: Figures, sides: Mapping[str, tuple[Floats, _Texts]], last: DataFrame
) -> Flags:
    """Return whether each row repeats the whole fraction that was shown last.

    A row of which one number is held would else set a number of one edition over one of another.
    """
    is_known = np.ones(len(found.rows), dtype=bool)
    for side in sides:
        is_known &= (found.rows[side] == NO_CELL).to_numpy() | last[side].notna().to_numpy()
    return _is_held(sides) & is_known


def _last_numbers(rows: DataFrame, seen: Sequence[Seen]) -> DataFrame:
    """Return, for each row, the numbers the last earlier edition showed; missing for none."""
    if not seen:
        nothing = DataFrame(np.nan, index=rows.index, columns=list(STATES[len(KEY) :]))
        return nothing.assign(set="", since="")
    last = rows[list(KEY)].merge(seen[-1].states, on=KEY, how="left").set_index(rows.index)
    return last.assign(set=last["set"].fillna(""), since=last["since"].fillna(""))


def _side(
    found: Figures, side: str, hidden: Flags, secret: Flags, last: DataFrame
) -> tuple[Floats, _Texts]:
    """Return the numbers and states of the numerators, or of the denominators.

    What is hidden for others' sake, though a number was shown before, repeats that number; a total
    does so only where the edition before named the authorities it adds up.
    """
    cell = found.rows[side].to_numpy()
    is_hidden, is_secret = np.append(hidden, False)[cell], np.append(secret, False)[cell]
    before = last[side].to_numpy(dtype=float)
    is_unnamed = ((found.rows["level"] != LA) & (last["set"] == "")).to_numpy()
    state = np.select(
        [
            found.rows["status"].to_numpy() == Symbol.NOT_AVAILABLE.value,
            cell == NO_CELL,
            is_hidden & (is_secret | np.isnan(before)),
            is_hidden & is_unnamed,
            is_hidden,
        ],
        [
            Symbol.NOT_AVAILABLE.value,
            Symbol.NOT_APPLICABLE.value,
            HIDDEN,
            Symbol.NOT_AVAILABLE.value,
            HELD,
        ],
        SHOWN,
    )
    number = np.append(found.values, np.nan)[cell]
    return np.where(state == SHOWN, number, np.where(state == HELD, before, np.nan)), state


def _values(found: DataFrame, rows: DataFrame, last: DataFrame) -> tuple[Floats, _Texts]:
    """Return the values, made from the numbers shown, and why each is not shown."""
    scale = found["outcome"].map({name: shown.measure.scale for name, shown in PUBLISHED.items()})
    numerator, denominator = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = numerator / denominator * scale.to_numpy(dtype=float)
    is_held = rows["denominator_state"].isin([HELD, HELD_WITH]).to_numpy()
    median = np.where(is_held, last["value"].to_numpy(dtype=float), found["value"].to_numpy())
    value = np.where((found["numerator"] == NO_CELL).to_numpy(), median, ratio).astype(float)
    one_is_hidden = (rows["numerator_state"] == HIDDEN) | (rows["denominator_state"] == HIDDEN)
    one_is_missing = (rows[[f"{side}_state" for side in SIDES]] == Symbol.NOT_AVAILABLE.value).any(
        axis=1
    )
    states = np.sort(rows[["numerator_state", "denominator_state"]].to_numpy(dtype=str), axis=1)
    one_is_hidden |= (states == sorted([HELD, SHOWN])).all(axis=1)
    symbol = np.select(
        [
            one_is_missing,
            one_is_hidden,
            (found["status"] == Symbol.NOT_APPLICABLE) | pd.isna(value) | np.isinf(value),
        ],
        [Symbol.NOT_AVAILABLE.value, Symbol.HIDDEN.value, Symbol.NOT_APPLICABLE.value],
        "",
    )
    return np.where(symbol == "", value, np.nan), symbol
