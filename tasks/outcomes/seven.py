"""The seven outcomes of the programme: each authority and model before and after going live.

The restricted view (`RESTRICTED_SEVEN`), from unsuppressed figures; the public one, from figures
that have passed disclosure control, is in `tasks/publish/seven.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np
from pandas import DataFrame, Series, concat

from schemas.outcomes import OUTCOMES, outcomes_shown
from schemas.outcomes.outcome import FigureStatus, OutcomeKind
from schemas.outcomes.publication import SMALLEST_SET_SHARE
from schemas.outcomes.themes import RESTRICTED_SEVEN
from schemas.quarter import Quarter
from schemas.trial import MODELS, Cluster, analysed_clusters, clusters

BEFORE: Final = "before"
AFTER: Final = "after"
PERIODS: Final = (BEFORE, AFTER)
ALL_TOGETHER: Final = "all"
"""Stands in `la_code` for the authorities of a model that count in effect estimates."""

_KEY = ["subject", "outcome", "model", "la_code", "period"]
RESTRICTED_SEVEN_COLUMNS = [
    *(*_KEY, "authorities", "quarters", "numerator", "denominator", "value", "status")
]


def restricted_seven(outcomes: DataFrame) -> DataFrame:
    """Return each of the seven outcomes before and after going live, by authority and by model.

    Which is which: `before_or_after`. An annual figure speaks for its whole
    financial year, a cohort figure for its quarter of referral. Numerators and denominators of the
    quarters that are known are added up, so that a stock is the mean of its last days. A model is
    the sum of its authorities that count in effect estimates and have figures of both periods: the
    same before and after. Where those are fewer than half, where nothing is known, or no day of
    going live is, it is `x`; nothing but zeros below the line is `z`.

    Args:
        outcomes: rows as `authority_outcomes` returns them, of any authorities.

    Returns:
        subject, outcome, model, la_code (`all` for a model), period (before, after), authorities
        and quarters (how many are in it), numerator, denominator, value, status; every row there
        should be, in order.
    """
    placed = in_periods(outcomes[outcomes["status"] != FigureStatus.NOT_KNOWN])
    own = placed.assign(authority=placed["la_code"])
    together = _of_both_periods(own).assign(la_code=ALL_TOGETHER)
    sums = concat([own, together]).groupby(["outcome", "model", "la_code", "period"])
    added = sums.agg(
        authorities=("authority", "nunique"),
        quarters=("quarter", "nunique"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
    )
    asked = every_row().merge(added.reset_index(), how="left", on=_KEY[1:])
    none = dict.fromkeys(("authorities", "quarters"), 0)
    counted = _with_value(asked.fillna(none).astype(dict.fromkeys(none, np.int64)))
    return counted[RESTRICTED_SEVEN_COLUMNS]


def _of_both_periods(placed: DataFrame) -> DataFrame:
    """Return the rows of each model's set: the same authorities before and after.

    It is those that count in effect estimates and have a figure of both periods, where they are no
    fewer than the share that makes a total.
    """
    rows = placed[placed["la_code"].isin(_analysed())]
    has_both = rows.groupby(["outcome", "la_code"])["period"].transform("nunique") == len(PERIODS)
    rows = rows[has_both]
    inside = rows.groupby(["outcome", "model"])["la_code"].transform("nunique")
    needed = {model: len(analysed_clusters(model)) * SMALLEST_SET_SHARE for model in MODELS}
    return rows[inside >= rows["model"].map(needed).astype("float64")]


def in_periods(outcomes: DataFrame) -> DataFrame:
    """Return the rows of the seven outcomes that fall before or after going live, with `period`.

    The model is that of the authority, whatever the row says: monitoring outcomes belong to none.
    """
    shown = [name for names in outcomes_shown(RESTRICTED_SEVEN).values() for name in names]
    rows = outcomes[outcomes["outcome"].isin(shown)]
    known = {cluster.la_code: cluster for cluster in clusters()}
    rows = rows[rows["la_code"].isin(known)]
    period = [
        period_of(outcome, quarter, known[la_code].go_live)
        for outcome, quarter, la_code in rows[["outcome", "quarter", "la_code"]].to_numpy().tolist()
    ]
    model = rows["la_code"].map({code: cluster.model for code, cluster in known.items()})
    placed = rows.assign(model=model, period=Series(period, index=rows.index, dtype="str"))
    return placed[placed["period"].notna()]


def period_of(outcome: str, quarter: str, go_live: date | None) -> str | None:
    """Return the period a figure belongs to; None where it straddles the day, or none is known."""
    if go_live is None:
        return None
    own = Quarter.parse(quarter)
    begins = own.year_start if OUTCOMES[outcome].kind is OutcomeKind.ANNUAL else own.start
    return before_or_after(begins, own.last_day, go_live=go_live)


def before_or_after(first_day: date, last_day: date, *, go_live: date) -> str | None:
    """Return whether a time lies before or after going live; None where it straddles the day.

    It is before when it ends before the authority went live, and after when it begins on that day
    or later.
    """
    if last_day < go_live:
        return BEFORE
    return AFTER if first_day >= go_live else None


def every_row() -> DataFrame:
    """Return a row for every outcome, authority or model, and period, in order."""
    rows = [
        (RESTRICTED_SEVEN.names[theme], outcome, model, la_code, period)
        for model, la_code in _places(clusters())
        for theme, names in outcomes_shown(RESTRICTED_SEVEN).items()
        for outcome in names
        for period in PERIODS
    ]
    return DataFrame(rows, columns=_KEY)


def _places(all_clusters: Iterable[Cluster]) -> list[tuple[str, str]]:
    own = [(cluster.model, cluster.la_code) for cluster in all_clusters]
    models = dict.fromkeys(model for model, _ in own)
    return [
        place
        for model in models
        for place in [(model, ALL_TOGETHER), *sorted(one for one in own if one[0] == model)]
    ]


def _analysed() -> list[str]:
    return [cluster.la_code for cluster in clusters() if cluster.is_analysed]


def _with_value(rows: DataFrame) -> DataFrame:
    scale = rows["outcome"].map({name: outcome.scale for name, outcome in OUTCOMES.items()})
    known, counts = rows["quarters"] > 0, rows["denominator"] > 0
    value = (rows["numerator"] / rows["denominator"] * scale).where(known & counts)
    status = np.select([known & counts, known], [FigureStatus.OK, FigureStatus.NOT_APPLICABLE], "x")
    return rows.assign(value=value, status=status)
