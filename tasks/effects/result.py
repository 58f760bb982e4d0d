"""What every estimator returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf, isfinite, nan
from typing import Final

from scipy.special import ndtri, stdtr, stdtrit

from tasks.effects.cells import Cells

LEVEL: Final = 0.95
# Below four degrees of freedom Satterthwaite's approximation is itself unreliable (Tipton 2015).
FEWEST_DF: Final = 4.0
# A standard error at or below this is what rounding leaves of zero.
_NOTHING: Final = 1e-10


class EffectStatus(StrEnum):
    """What stands behind an estimate, or in the place of one."""

    OK = "ok"
    FEW_CLUSTERS = "few clusters"
    BOUNDARY = "boundary"
    PARTIAL = "partial"
    NO_VARIANCE = "no variance"
    NO_DATA = "no data"
    TOO_FEW_CLUSTERS = "too few clusters"
    NO_EXPOSED = "no exposed cells"
    NO_UNEXPOSED = "no unexposed cells"
    NO_EVENTS = "no events"
    ALL_EVENTS = "all events"
    NOT_IDENTIFIED = "not identified"
    SEPARATED = "separated"
    NOT_CONVERGED = "not converged"
    NOT_APPLICABLE = "not applicable"
    NOT_MATURE = "not mature"

    @property
    def has_estimate(self) -> bool:
        """Whether a number may stand alongside this status."""
        return self in _WITH_ESTIMATE


_WITH_ESTIMATE: Final = frozenset(
    {
        EffectStatus.OK,
        EffectStatus.FEW_CLUSTERS,
        EffectStatus.BOUNDARY,
        EffectStatus.PARTIAL,
        EffectStatus.NO_VARIANCE,
    }
)


class Scale(StrEnum):
    """Unit of an estimate."""

    LOG_ODDS_RATIO = "log_odds_ratio"
    RISK_DIFFERENCE = "risk_difference"
    MEAN_DIFFERENCE = "mean_difference"


# Standard errors from here on bound nothing: an odds ratio of e^20, a risk of 1.
_BOUNDLESS: Final = {Scale.LOG_ODDS_RATIO: 20.0, Scale.RISK_DIFFERENCE: 1.0}


@dataclass(frozen=True)
class Result:
    """One estimate with what it rests on.

    Attributes:
        estimate: the effect of exposure on `scale`; NaN where the status has no estimate.
        se: standard error; NaN where there is none.
        df: degrees of freedom of the t reference; NaN for a normal or a permutation reference.
        ci_low, ci_high: 95 % interval.
        p: two-sided.
        scale: unit of the estimate.
        clusters, children, events: what the estimate was computed from.
        status: named state; `reason` says in words why it is not simply ok.
        extras: further numbers by name, as `cluster_variance`.
        points: results of the parts this one is made of, by name, as the points of a curve.
    """

    estimate: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p: float
    scale: Scale
    clusters: int
    children: int
    events: float
    status: EffectStatus
    reason: str = ""
    extras: Mapping[str, float] = field(default_factory=dict)
    points: Mapping[str, Result] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Status and reason as one text; empty for a plain estimate."""
        named = "" if self.status is EffectStatus.OK else self.status.value
        return ": ".join(part for part in (named, self.reason) if part)


def no_result(cells: Cells, status: EffectStatus, reason: str, *, scale: Scale) -> Result:
    """Return a result that holds no estimate, only why there is none."""
    return bare_result(cells, nan, status, reason, scale=scale)


def bare_result(
    cells: Cells, estimate: float, status: EffectStatus, reason: str, *, scale: Scale
) -> Result:
    """Return an estimate without standard error, interval and p value, and why it has none."""
    return Result(
        estimate=estimate,
        se=nan,
        df=nan,
        ci_low=nan,
        ci_high=nan,
        p=nan,
        scale=scale,
        clusters=cells.cluster_count,
        children=cells.child_count,
        events=cells.event_count,
        status=status,
        reason=reason,
    )


def t_result(
    cells: Cells,
    *,
    estimate: float,
    se: float,
    df: float,
    scale: Scale,
    reason: str = "",
    extras: Mapping[str, float] | None = None,
) -> Result:
    """Return an estimate with its t interval; `df` NaN takes the normal reference.

    Without a usable standard error there is no result at all: zero but for rounding claims no
    uncertainty, and one beyond the scale means a variance divided by all but nothing. Below four
    degrees of freedom the status says that the interval rests on few clusters.
    """
    if not (isfinite(estimate) and _NOTHING < se < _BOUNDLESS.get(scale, inf) and not df <= 0):
        why = "the standard error is zero, boundless or no number: nothing is known of the effect"
        return no_result(
            cells, EffectStatus.NOT_IDENTIFIED, joined_reasons(reason, why), scale=scale
        )
    half = critical_value(df) * se
    return Result(
        estimate=estimate,
        se=se,
        df=df,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=p_value(estimate / se, df=df),
        scale=scale,
        clusters=cells.cluster_count,
        children=cells.child_count,
        events=cells.event_count,
        status=EffectStatus.FEW_CLUSTERS if df < FEWEST_DF else EffectStatus.OK,
        reason=joined_reasons(reason, _few(df)),
        extras=extras or {},
    )


def _few(df: float) -> str:
    if not df < FEWEST_DF:
        return ""
    return f"{df:.1f} degrees of freedom, so interval and p value are approximate"


def critical_value(df: float, *, level: float = LEVEL) -> float:
    """Return the two-sided critical value of t, or of the normal where `df` is NaN."""
    upper = 0.5 + level / 2
    return float(stdtrit(df, upper)) if isfinite(df) else float(ndtri(upper))


def p_value(ratio: float, *, df: float) -> float:
    """Return the two-sided p value of estimate / se."""
    size = -abs(ratio)
    if isfinite(df):
        return float(2 * stdtr(df, size))
    return float(2 * stdtr(1e12, size))


def with_status(result: Result, status: EffectStatus, reason: str) -> Result:
    """Return the result under another status, the reason added to those it has."""
    if not result.status.has_estimate:
        return result
    return replace(result, status=status, reason=joined_reasons(reason, result.reason))


def with_reason(result: Result, reason: str) -> Result:
    """Return the result with one more reason, its status kept."""
    return replace(result, reason=joined_reasons(result.reason, reason))


def joined_reasons(*reasons: str) -> str:
    """Return the reasons that say something, one after the other."""
    return "; ".join(reason for reason in reasons if reason)
