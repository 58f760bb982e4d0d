"""Why a figure is not shown as it is: a code for each, for the restricted files alone."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any, Final

import numpy as np
from pandas import DataFrame, Series

from schemas.arrays import Flags
from tasks.disclose.control import Controlled
from tasks.disclose.earlier import HELD, HELD_WITH, HIDDEN, SIDES
from tasks.disclose.figures import NO_CELL


class Reason(StrEnum):
    """Why a number is hidden, or an earlier one repeated."""

    SMALL = "SDC_SMALL"
    RATE = "SDC_RATE"
    LINKED = "SDC_LINKED"
    TEMPORAL = "SDC_TEMPORAL"


REASON_COLUMNS: Final = (*(f"{side}_reason" for side in SIDES), "value_reason")


def reasons(found: Controlled) -> DataFrame:
    """Return, for each row of the figures, why numerator, denominator and value are not shown.

    `SDC_SMALL`: it is about few children by itself. `SDC_LINKED`: it is not small, but others, in
    this table or in one that shares its sums, could be worked out from it. `SDC_TEMPORAL`: with an
    earlier edition it would give a small change away (held back, and the rest of its fraction with
    it), or an earlier edition hid it.
    `SDC_RATE`: a value made from a number that is hidden or held back.

    Returns:
        `REASON_COLUMNS`, texts, empty where the number is shown or there is none.
    """
    told: dict[str, Any] = {f"{side}_reason": _side(found, side) for side in SIDES}
    of_sides = np.array([told[f"{side}_reason"] != "" for side in SIDES]).any(axis=0)
    is_hidden = (found.rows["value_symbol"] == HIDDEN).to_numpy()
    has_value = found.rows["value"].notna().to_numpy()
    told["value_reason"] = np.where(is_hidden | (of_sides & has_value), str(Reason.RATE), "")
    return DataFrame(told, index=found.rows.index)


def reason_counts(found: Controlled) -> dict[str, int]:
    """Return how many numbers each reason keeps back, every reason named."""
    counts = Counter(reasons(found).to_numpy().ravel().tolist())
    return {str(reason): counts[str(reason)] for reason in Reason}


def _side(found: Controlled, side: str) -> Series:
    cell = found.figures.rows[side].to_numpy()
    state = found.rows[f"{side}_state"].to_numpy()
    hidden, held = state == HIDDEN, np.isin(state, [HELD, HELD_WITH])
    return Series(
        np.select(
            [
                hidden & _of_cells(found.sensitive, cell),
                held | (hidden & _of_cells(found.once_hidden, cell)),
                hidden,
            ],
            [str(Reason.SMALL), str(Reason.TEMPORAL), str(Reason.LINKED)],
            "",
        ),
        index=found.rows.index,
    )


def _of_cells(flags: Flags, cell: np.ndarray) -> Flags:
    known: Flags = np.append(flags, False)[cell] & (cell != NO_CELL)
    return known
