"""Results as rows of the effects table, and `sfp estimate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp, isfinite
from typing import Any, Final

from pandas import DataFrame

from tasks.effects.cells import cells_from_frame
from tasks.effects.registry import chosen, estimates
from tasks.effects.result import Result, Scale, joined_reasons

EFFECT_COLUMNS: Final = (
    "outcome",
    "model",
    "estimator",
    "scale",
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "p",
    "clusters",
    "children",
    "events",
    "note",
)


def estimate_cells(cells: DataFrame, *, estimator: str) -> DataFrame:
    """Return the effects columns for one estimator, or `all`, on any table of cells.

    Args:
        cells: columns cluster, period, exposed, children, events; optionally exposure_time,
            stratum (what the order of go-live was drawn within), model (pooled over models); every
            other column is a covariate.
        estimator: an id of the registry, or `all`.

    Raises:
        UsageError: the table cannot be read as cells, or no estimator is called so.
    """
    picked = chosen(estimator)
    return effect_rows(estimates(cells_from_frame(cells), picked), outcome="events", model="all")


def effect_rows(
    results: Mapping[str, Result], *, outcome: str, model: str, note: str = ""
) -> DataFrame:
    """Return one row per result, and one per point of a curve, in `EFFECT_COLUMNS`.

    An empty `df` alongside a standard error means the normal reference.
    """
    rows = [
        {"outcome": outcome, "model": model, "estimator": name, **_numbers(result, note)}
        for name, result in _flat(results)
    ]
    return DataFrame(rows, columns=list(EFFECT_COLUMNS))


def _flat(results: Mapping[str, Result]) -> Iterator[tuple[str, Result]]:
    for name, result in results.items():
        yield name, result
        for point, part in result.points.items():
            yield f"{name}_{int(point):02d}", part


def _numbers(result: Result, note: str) -> dict[str, Any]:
    return {
        "scale": result.scale.value,
        "estimate": result.estimate,
        "se": result.se,
        "df": result.df,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "p": result.p,
        "clusters": result.clusters,
        "children": result.children,
        "events": result.events,
        "note": joined_reasons(result.note, odds_ratio_words(result), note),
    }


def odds_ratio_words(result: Result) -> str:
    """Return a log odds ratio as an odds ratio with its interval; empty for other scales."""
    if result.scale is not Scale.LOG_ODDS_RATIO or not isfinite(result.estimate):
        return ""
    return odds_words(result.estimate, result.ci_low, result.ci_high)


def odds_words(estimate: float, low: float, high: float) -> str:
    """Return a log odds ratio and the ends of its interval as odds ratios, in words."""
    return f"odds ratio {_odds(estimate)} ({_odds(low)} to {_odds(high)})"


def _odds(log_odds: float) -> str:
    # Beyond this an odds ratio is no longer worth its digits.
    return f"{exp(log_odds):.3g}" if log_odds < 20 else "above a million"
