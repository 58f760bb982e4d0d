"""Training of all authorities together, fit for an edition: no figure of few people or authorities.

The edition shows a few measures per module, all cohorts and roles together, and never an authority
by itself: feedback of one authority goes to that authority. What is added up is a total as every
other of an edition (docs/decisions/0022-totals-over-sets.md): of a named set of authorities, at
least half of those that took part in the module.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Floats
from schemas.outcomes.publication import SMALLEST_SET_SHARE
from schemas.training import COMPOSITE, EVERY, FEW_FORMS, TABLE_COLUMNS

FEWEST_AUTHORITIES: Final = 3
"""With two, either could work out the other from its own figures."""

_PROGRAMME: Final = "programme"
"""Stands in `la_code` for all authorities together."""

SUPPRESSED: Final = "c"
NOT_A_TOTAL: Final = "x"
"""Status of a figure that fewer than half of the authorities that took part would make."""

PROGRAMME_COLUMNS: Final = (*TABLE_COLUMNS, "la_codes", "left_out")
"""`la_codes` are the authorities that a figure adds up, `left_out` those that took part in the
module and sent nothing of it: codes with spaces between. Both are empty where it is hidden."""

SHARE_MEASURES: Final = (
    "reaction_relevant_top_two",
    "reaction_expectations_top_two",
    "reaction_facilitator_top_two",
    f"learning_{COMPOSITE}_improved",
    f"retention_{COMPOSITE}_above_start",
    "review_applied_top_two",
    "review_tools_any",
    "audit_workings_out_before_good_share",
    "audit_workings_out_after_good_share",
)
MEANS: Final = (
    "nps",
    f"learning_{COMPOSITE}_mean_change",
    f"retention_{COMPOSITE}_mean_change",
)
_COUNTS: Final = ("attended",)


def programme_training(table: DataFrame, *, threshold: int) -> DataFrame:
    """Return the published training figures of all authorities together (`PROGRAMME_COLUMNS`).

    A figure adds up the authorities that sent forms it is made of. It is `x` where they are fewer
    than half of those that took part in the module, which are those with any row of it. Shares and
    means are weighted by the forms behind them. An interval is given where every authority had one:
    variances of independent authorities add up. A figure is hidden (`c`) when fewer than three
    authorities or ten forms stand behind it, or when the people it counts, or the rest of them, are
    1 to the threshold.

    Args:
        table: training table of every authority.
        threshold: of disclosure control.
    """
    own = table[
        (table["cohort"] == EVERY) & table["measure"].isin([*_COUNTS, *MEANS, *SHARE_MEASURES])
    ]
    took_part = {
        str(module): frozenset(group["la_code"])
        for module, group in table[table["cohort"] == EVERY].groupby("module")
    }
    groups = own[own["n"] > 0].groupby(["module", "measure"])
    found = [
        (
            *(_PROGRAMME, module, EVERY, measure),
            *_pooled(str(measure), group, threshold, took_part[str(module)]),
        )
        for (module, measure), group in groups
    ]
    return DataFrame(found, columns=list(PROGRAMME_COLUMNS))


def _pooled(
    measure: str, group: DataFrame, threshold: int, took_part: frozenset[str]
) -> tuple[float, int, float, float, str, str, str]:
    """Return value, forms, interval and status, the authorities behind them and those left out."""
    inside = frozenset(group["la_code"])
    n = group["n"].to_numpy(dtype="float64")
    values = group["value"].to_numpy(dtype="float64")
    if _is_hidden(measure, values, n, len(inside), threshold):
        return (*_NO_FIGURE, SUPPRESSED, "", "")
    left_out = " ".join(sorted(took_part - inside))
    if len(inside) < SMALLEST_SET_SHARE * len(took_part):
        return (*_NO_FIGURE, NOT_A_TOTAL, "", left_out)
    whole = _whole(measure, group, n, values)
    return (*whole, " ".join(sorted(inside)), left_out)


_NO_FIGURE: Final = (math.nan, 0, math.nan, math.nan)
"""Value, forms and both ends of the interval of a figure that is not shown."""


def _whole(
    measure: str, group: DataFrame, n: Floats, values: Floats
) -> tuple[float, int, float, float, str]:
    total = int(n.sum())
    value = float(values.sum()) if measure in _COUNTS else float((n * values).sum() / n.sum())
    margin = math.nan if measure in _COUNTS else _margin(group, n)
    status = "ok" if measure in _COUNTS or margin == margin else "described"
    return value, total, value - margin, value + margin, status


def _is_hidden(
    measure: str,
    values: Floats,
    n: Floats,
    authorities: int,
    threshold: int,
) -> bool:
    if authorities < FEWEST_AUTHORITIES or n.sum() < FEW_FORMS:
        return True
    if measure not in SHARE_MEASURES:
        return False
    hits = round(float((values * n).sum()))
    return any(1 <= part <= threshold for part in (hits, int(n.sum()) - hits))


def _margin(group: DataFrame, n: Floats) -> float:
    """Return half the width of the interval of the weighted mean; nan where some had none.

    Half widths of authorities come from t or Wilson; over the normal quantile they overstate the
    standard error a little, so the pooled interval is on the safe side.
    """
    halves = ((group["high"] - group["low"]) / 2).to_numpy(dtype="float64")
    return float(np.sqrt(((n / n.sum() * halves) ** 2).sum()))
