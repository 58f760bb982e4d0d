"""What else to hide, so that what must be hidden stays hidden, at the least loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from schemas.arrays import Flags, Ints
from tasks.disclose.exact import exact_hiding
from tasks.disclose.repair import repaired
from tasks.disclose.system import System, unlinked_parts

EXACT_CELLS: Final = 60
"""Largest part, in cells that may or may not be hidden, that is solved exactly."""
UNTOUCHED: Final = "nothing more to hide"
EXACT: Final = "mixed-integer programme, proved cheapest"
STEPWISE: Final = "linear programmes, one step at a time"


@dataclass(frozen=True)
class Protection:
    """What is hidden, and how it was found.

    Attributes:
        hidden: for each cell.
        hopeless: numbers of the cells and extras that what is public already gives away.
        methods: how many parts each method solved.
    """

    hidden: Flags
    hopeless_cells: Ints
    hopeless_extras: Ints
    methods: dict[str, int]


def protected(whole: System) -> Protection:
    """Return the cells to hide under which the attack fails on every target."""
    hidden = whole.forced.copy()
    cells: list[Ints] = [np.empty(0, dtype=np.int64)]
    extras: list[Ints] = [np.empty(0, dtype=np.int64)]
    methods = dict.fromkeys((UNTOUCHED, EXACT, STEPWISE), 0)
    for part in unlinked_parts(whole):
        mine, hopeless, method = _solved(part.system)
        hidden[part.cells] |= mine
        count = len(part.cells)
        cells.append(part.cells[hopeless[:count]])
        extras.append(part.extras[hopeless[count:]])
        methods[method] += 1
    return Protection(hidden, np.concatenate(cells), np.concatenate(extras), methods)


def _solved(part: System) -> tuple[Flags, Flags, str]:
    """Return what one part hides, which targets are beyond help, and the method."""
    forced = part.forced & ~part.fixed
    if int((~forced & ~part.fixed).sum()) <= EXACT_CELLS:
        found = exact_hiding(part)
        if found is not None:
            nothing = np.zeros(len(forced) + len(part.extra_widths), dtype=bool)
            return found, nothing, EXACT if (found & ~forced).any() else UNTOUCHED
    hiding = repaired(part, _staged(part) if part.ranks.any() else forced)
    more = (hiding.hidden & ~forced).any() or hiding.hopeless.any()
    return hiding.hidden, hiding.hopeless, STEPWISE if more else UNTOUCHED


def _staged(part: System) -> Flags:
    """Return what each depth of nesting hides by itself, outermost first.

    What an outer quantity shows then stays shown: its cells are the denominators of many rates.
    Linked by nothing but numbers that are shown, inner quantities fall into smaller parts.
    """
    hidden = part.forced & ~part.fixed
    for rank in np.unique(part.ranks).tolist():
        stage = _stage(part, hidden, rank)
        for small in unlinked_parts(stage):
            hidden[small.cells] |= _solved(small.system)[0]
    return hidden


def _stage(part: System, hidden: Flags, rank: int) -> System:
    """Return the part with only the cells of one rank left to decide.

    Deeper cells are taken as known, outer ones are as decided.
    """
    inside = part.ranks == rank
    return replace(
        part,
        forced=hidden & (part.ranks <= rank),
        fixed=part.fixed | (part.ranks > rank) | (~inside & ~hidden),
        ranks=np.zeros_like(part.ranks),
        extras=part.extras[:0],
        extra_widths=part.extra_widths[:0],
    )
