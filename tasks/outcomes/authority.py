"""Every outcome of one authority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pandas import DataFrame

from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import EVERY_MODEL, RESULT_COLUMNS, OutcomeKind
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.histories.dates import quarter_names
from tasks.histories.history import History, history_of
from tasks.outcomes.children import cohort_table
from tasks.outcomes.conflicts import conflicts_by_kind
from tasks.outcomes.exposure import exposed_children
from tasks.outcomes.figures import applies, outcome_figures
from tasks.outcomes.maturity import covered_by
from tasks.outcomes.measures import measure_functions

_MEASURES = measure_functions()
_ORDER = ["outcome", "model", "la_code", "quarter"]


@dataclass(frozen=True)
class AuthorityResult:
    """What one authority's rows amount to.

    Attributes:
        outcomes: one row per outcome and quarter (`RESULT_COLUMNS`), numbers float64.
        cohort: one row per child of the trial's cohort (restricted; `COHORT` in schemas/derived).
        exposure: children exposed by financial year (`EXPOSURE_COLUMNS`), missing where not known.
        conflicts: kind, count: what was met while histories were put together, every kind.
    """

    outcomes: DataFrame
    cohort: DataFrame
    exposure: DataFrame
    conflicts: DataFrame


def authority_outcomes(rows: AuthorityRows, *, first: Quarter, last: Quarter) -> AuthorityResult:
    """Return every outcome of one authority, for every quarter from first to last.

    An authority of which nothing has come in has every row it should have, none of them known.
    """
    history = history_of(rows, first=first, last=last)
    covered = covered_by(rows, first=first, last=last)
    units = {
        name: measure(history, OUTCOMES[name])
        for name, measure in _MEASURES.items()
        if applies(history, OUTCOMES[name])
    }
    found = {
        name: outcome_figures(history, OUTCOMES[name], units[name], covered=covered)
        for name in units
    }
    cohort = cohort_table(history, units, covered=covered)
    return AuthorityResult(
        outcomes=outcome_table(history, found),
        cohort=cohort,
        exposure=exposed_children(history.la_code, cohort, covered=covered),
        conflicts=conflicts_by_kind(history),
    )


def outcome_table(history: History, found: Mapping[str, DataFrame]) -> DataFrame:
    """Return the figures of every outcome as one table, in order."""
    # Arrays first and one frame last: forty small frames cost more than all that is in them.
    sizes = [len(rows) for rows in found.values()]
    columns = {
        name: np.concatenate([rows[name].to_numpy() for rows in found.values()])
        for name in ("quarter", "numerator", "denominator", "value", "status", "reason")
    }
    table = DataFrame(
        {
            **columns,
            "outcome": np.repeat(list(found), sizes),
            "model": np.repeat([_model_shown(history, name) for name in found], sizes),
            "la_code": history.la_code,
            "quarter": quarter_names(columns["quarter"]),
        }
    )
    typed = table.astype(dict.fromkeys((*_ORDER, "status", "reason"), "str"))
    return typed[list(RESULT_COLUMNS)].sort_values(_ORDER, ignore_index=True)


def _model_shown(history: History, name: str) -> str:
    of_a_model = OUTCOMES[name].kind is OutcomeKind.COHORT and history.model is not None
    return str(history.model) if of_a_model else EVERY_MODEL


def outcome_csv(table: DataFrame) -> str:
    """Return outcomes as text that is the same, byte for byte, for the same figures.

    Sorted by outcome, model, authority and quarter; whole numbers without a point, others to ten
    significant digits; empty where there is no number.
    """
    ordered = table[list(RESULT_COLUMNS)].sort_values(_ORDER)
    text: str = ordered.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return text
