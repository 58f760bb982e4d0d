"""Figures of the effects as SVG text: the same bytes for the same table, with words alongside them.

Each figure carries a title and a description that says what it shows to who cannot see it. Ids are
prefixed with the figure's name, so that several can stand on one page. Matplotlib is imported where
it is used: it costs a second, and estimating does without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Floats
from schemas.outcomes import PUBLISHED
from schemas.plan import PLAN
from schemas.quarter import Quarter
from schemas.trial import Cluster, analysed_clusters
from tasks.effects.registry import ESTIMATORS
from tasks.effects.result import Scale
from tasks.effects.words import model_name

# Colours told apart by any eye (Wong 2011), and never the only sign.
_INK, _FAINT, _STRONG, _SHADE = "#1a1a1a", "#6b6b6b", "#0072b2", "#dbe9f4"
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "sfp",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NO_METADATA: Final = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_POINT: Final = re.compile(r"exposure_time_curve_(\d+)")
_ROW_HEIGHT: Final = 0.34
_TICKS_ACROSS: Final = 5
_TICKS_UP: Final = 7


@dataclass(frozen=True)
class Words:
    """What a figure is called and what it shows.

    Attributes:
        id: prefix of every id in the drawing.
        title: short.
        description: everything a reader takes from the drawing.
    """

    id: str
    title: str
    description: str


def forest_plot(effects: DataFrame, *, outcome: str, model: str) -> str:
    """Return every estimator's interval for one outcome and model, the primary on top.

    Odds ratios stand on a logarithmic axis, differences alongside them on their own. A row without
    an estimate keeps its place and says so.

    Args:
        effects: columns as `EFFECT_COLUMNS`.
        outcome: id of the outcome.
        model: of the effects table, or `pooled`.
    """
    rows = effects[(effects["outcome"] == outcome) & (effects["model"] == model)]
    rows = rows[~rows["estimator"].str.fullmatch(_POINT.pattern)]
    odds = rows[rows["scale"] == Scale.LOG_ODDS_RATIO.value]
    others = rows[rows["scale"] != Scale.LOG_ODDS_RATIO.value]
    panels = [panel for panel in (odds, others) if len(panel)]
    title = f"{_outcome_name(outcome)}, {model_name(model)}: effect by every estimator"
    described = [_interval_words(row) for row in rows.to_dict("records")]
    words = Words(f"forest-{outcome}-{model}", title, "; ".join(described) or "No estimate.")
    return _drawn(words, lambda figure: _forest(figure, panels), height=1.4 + _height(panels))


def _outcome_name(outcome: str) -> str:
    """Return what an outcome is called; its id where it is not published."""
    return PUBLISHED[outcome].label if outcome in PUBLISHED else outcome


def _height(panels: Sequence[DataFrame]) -> float:
    return _ROW_HEIGHT * max((len(panel) for panel in panels), default=1)


def _forest(figure: Any, panels: Sequence[DataFrame]) -> None:
    for place, rows in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), place)
        _forest_panel(axes, rows.reset_index(drop=True))


def _forest_panel(axes: Any, rows: DataFrame) -> None:
    scale = str(rows["scale"].iloc[0])
    is_odds = scale == Scale.LOG_ODDS_RATIO.value
    numbers = _shown(rows[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=np.float64), scale)
    axes.axvline(1.0 if is_odds else 0.0, color=_FAINT, linewidth=1, linestyle=":")
    for place, name in enumerate(rows["estimator"]):
        _interval(axes, place, numbers[place], is_primary=_is_primary(str(name), scale))
    if is_odds:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.set_xticks(odds_ticks(numbers, most=_TICKS_ACROSS))
    axes.set_yticks(range(len(rows)), [_label(name) for name in rows["estimator"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(_axis_words(scale))


def _shown(numbers: Floats, scale: str) -> Floats:
    """Return numbers of the effects table as a reader sees them: odds ratios, points, means."""
    if scale == Scale.LOG_ODDS_RATIO.value:
        # Odds ratios beyond e^6 either way would leave the rest of a figure without room.
        return np.exp(np.clip(numbers, -6, 6))
    return numbers * (100.0 if scale == Scale.RISK_DIFFERENCE.value else 1.0)


def odds_ticks(seen: Floats, *, most: int) -> list[float]:
    """Return at most so many round odds ratios that span what is shown, no change among them."""
    low, high = (np.nanmin(seen), np.nanmax(seen)) if np.isfinite(seen).any() else (0.5, 2.0)
    low, high = min(low, 0.5), max(high, 2.0)
    for ticks in _ODDS_TICKS:
        found = [tick for tick in ticks if low <= tick <= high]
        if len(found) <= most:
            return found
    return [1.0]


_ODDS_TICKS: Final = (
    (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    (0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0),
    (0.01, 0.1, 1.0, 10.0, 100.0),
    (0.01, 1.0, 100.0),
)
"""Rows of ticks, each with fewer than the one before: labels must not run into each other."""


def _interval(axes: Any, place: int, numbers: Floats, *, is_primary: bool) -> None:
    """Draw estimate, low and high (3,) on the row at `place`."""
    colour = _STRONG if is_primary else _INK
    estimate, low, high = numbers
    if not np.isfinite(estimate):
        across = axes.get_yaxis_transform()
        axes.text(0.02, place, "no estimate", color=_FAINT, va="center", transform=across)
        return
    if np.isfinite(low):
        axes.plot([low, high], [place, place], color=colour, linewidth=1.6)
    marker, size = ("s", 6) if is_primary else ("o", 4)
    axes.plot([estimate], [place], marker, color=colour, markersize=size)


def _is_primary(estimator: str, scale: str) -> bool:
    is_amount = scale == Scale.MEAN_DIFFERENCE.value
    return estimator == (PLAN.primary_amount if is_amount else PLAN.primary_event)


def _label(estimator: str) -> str:
    base, _, variation = estimator.partition(":")
    label = ESTIMATORS[base].label if base in ESTIMATORS else base
    return f"Primary, {variation.replace('_', ' ')}" if variation else label


def _axis_words(scale: str) -> str:
    return {
        Scale.LOG_ODDS_RATIO.value: "Odds ratio",
        Scale.RISK_DIFFERENCE.value: "Percentage points",
    }.get(scale, "Difference in means")


def _interval_words(row: dict[Any, Any]) -> str:
    label = _label(str(row["estimator"])).strip()
    if not np.isfinite(row["estimate"]):
        return f"{label}: no estimate"
    numbers = np.array([row["estimate"], row["ci_low"], row["ci_high"]], dtype=np.float64)
    shown = _shown(numbers, str(row["scale"]))
    unit = "odds ratio " if row["scale"] == Scale.LOG_ODDS_RATIO.value else "difference "
    interval = f" ({shown[1]:.3g} to {shown[2]:.3g})" if np.isfinite(shown[1]) else ""
    return f"{label}: {unit}{shown[0]:.3g}{interval}"


def wedge_plot(outcomes: DataFrame, *, outcome: str, model: str) -> str:
    """Return an outcome by authority and quarter, one strip each, shaded from go-live on.

    Authorities stand in order of go-live, so that the shade draws the wedge. A quarter without a
    value (not mature, not returned, suppressed) is a gap.

    Args:
        outcomes: la_code, quarter, value (and outcome, model), as they may be shown.
        outcome: id of the outcome.
        model: practice model whose authorities are shown.
    """
    rows = outcomes[(outcomes["outcome"] == outcome) & (outcomes["model"] == model)]
    clusters = [c for c in analysed_clusters(model) if c.la_code in set(rows["la_code"])]
    title = f"{_outcome_name(outcome)}, {model_name(model)}: by authority and quarter of referral"
    described = "; ".join(_strip_words(rows, cluster) for cluster in clusters)
    words = Words(f"wedge-{outcome}-{model}", title, described or "No authority has a value.")
    height = 0.8 + 0.9 * max(len(clusters), 1)
    return _drawn(words, lambda figure: _strips(figure, rows, clusters), height=height)


def _strips(figure: Any, rows: DataFrame, clusters: Sequence[Cluster]) -> None:
    places = _places(rows)
    values = rows["value"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    ticks = [0, float(f"{top:.2g}")] if top else [0]
    for place, cluster in enumerate(clusters, start=1):
        axes = figure.add_subplot(len(clusters), 1, place)
        _strip(axes, _series(rows, cluster, places), cluster, places=places)
        axes.set_ylim(0, top * 1.1 or 1.0)
        axes.set_yticks(ticks, [f"{tick:.2g}" for tick in ticks])
        is_last = place == len(clusters)
        axes.set_xticks(range(0, len(places), 2), places[::2] if is_last else [], rotation=45)


def _places(rows: DataFrame) -> list[str]:
    """Return every quarter from the first to the last in the rows."""
    if rows.empty:
        return []
    quarters = sorted(Quarter.parse(text) for text in set(rows["quarter"]))
    return [str(quarter) for quarter in quarters[0].through(quarters[-1])]


def _series(rows: DataFrame, cluster: Cluster, places: Sequence[str]) -> Series:
    own = rows[rows["la_code"] == cluster.la_code].drop_duplicates("quarter").set_index("quarter")
    values = own["value"].reindex(list(places)).astype("Float64")
    return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _strip(axes: Any, values: Series, cluster: Cluster, *, places: Sequence[str]) -> None:
    live = _go_live_place(cluster, places)
    axes.axvspan(live, len(places) - 0.5, color=_SHADE, linewidth=0)
    axes.axvline(live, color=_STRONG, linewidth=1.5)
    axes.plot(values.index, values, "o-", color=_INK, markersize=3, linewidth=1.2)
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.set_title(cluster.la_name, loc="left", fontsize=9, pad=2)


def _go_live_place(cluster: Cluster, places: Sequence[str]) -> float:
    """Return where go-live falls on the axis, whose quarters are centred on whole numbers."""
    if cluster.go_live is None or not places:
        return float(len(places))
    quarter = Quarter.containing(cluster.go_live)
    days = (quarter.end - quarter.start).days
    first = Quarter.parse(places[0]).index
    return quarter.index - first - 0.5 + (cluster.go_live - quarter.start).days / days


def _strip_words(rows: DataFrame, cluster: Cluster) -> str:
    own = rows[(rows["la_code"] == cluster.la_code) & rows["value"].notna()].sort_values("quarter")
    live = f"{cluster.la_name}, live from {cluster.go_live}"
    if own.empty:
        return f"{live}: no value"
    values = ", ".join(
        f"{quarter} {float(value):.3g}"
        for quarter, value in zip(own["quarter"], own["value"], strict=True)
    )
    return f"{live}: {values}"


def exposure_time_plot(effects: DataFrame, *, outcome: str, model: str) -> str:
    """Return the effect by quarters since go-live, with the average over the planned window.

    Args:
        effects: columns as `EFFECT_COLUMNS`.
        outcome: id of the outcome.
        model: of the effects table, or `pooled`.
    """
    rows = effects[(effects["outcome"] == outcome) & (effects["model"] == model)]
    points = rows[rows["estimator"].str.fullmatch(_POINT.pattern)]
    average = rows[rows["estimator"] == "exposure_time_average"]
    described = [_point_words(row) for row in points.to_dict("records")]
    described += [_interval_words(row) for row in average.to_dict("records")]
    title = f"{_outcome_name(outcome)}, {model_name(model)}: effect by quarters since go-live"
    words = Words(f"exposure-{outcome}-{model}", title, "; ".join(described) or "No estimate.")
    return _drawn(words, lambda figure: _curve(figure, points, average), height=3.2)


def _point_words(row: dict[Any, Any]) -> str:
    return _interval_words(row).replace(_label(str(row["estimator"])), f"quarter {_time(row)}", 1)


def _time(row: dict[Any, Any]) -> int:
    match = _POINT.fullmatch(str(row["estimator"]))
    return int(match[1]) if match else 0


def _curve(figure: Any, points: DataFrame, average: DataFrame) -> None:
    axes = figure.add_subplot(1, 1, 1)
    axes.axhline(1.0, color=_FAINT, linewidth=1, linestyle=":")
    for row in points.to_dict("records"):
        if np.isfinite(row["estimate"]):
            low, middle, high = np.exp(
                np.clip([row["ci_low"], row["estimate"], row["ci_high"]], -6.0, 6.0)
            )
            axes.plot([_time(row)] * 2, [low, high], color=_INK, linewidth=1.4)
            axes.plot([_time(row)], [middle], "o", color=_INK, markersize=5)
    for row in average.to_dict("records"):
        if np.isfinite(row["estimate"]):
            first, last = PLAN.exposure_window
            height = float(np.exp(row["estimate"]))
            axes.plot([first - 0.3, last + 0.3], [height] * 2, color=_STRONG, linewidth=2.5)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    ends = points[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=np.float64)
    axes.set_yticks(odds_ticks(np.exp(np.clip(ends, -6.0, 6.0)), most=_TICKS_UP))
    axes.set_xticks(sorted(_time(row) for row in points.to_dict("records")))
    axes.set_xlabel("Quarters since go-live (1 = the first); line: planned average")
    axes.set_ylabel("Odds ratio")


def _drawn(words: Words, draw: Any, *, height: float) -> str:
    """Return the SVG of one drawing, without date, with title and description."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    out = StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.0, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(out, format="svg", metadata=_NO_METADATA)
    return _with_words(out.getvalue(), words)


def _with_words(svg: str, words: Words) -> str:
    """Return the drawing from `<svg` on, ids prefixed, title and description in first place."""
    stem = re.sub(r"[^a-z0-9]+", "-", words.id.lower())
    body = svg[svg.index("<svg") :]
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{stem}-", body)
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # The drawing's own style must not reach the rest of a page.
    body = body.replace("*{stroke-linejoin", f"#{stem}-figure_1 *{{stroke-linejoin")
    opening, rest = body.split(">", 1)
    described = (
        f'\n <title id="{stem}-title">{escape(words.title)}</title>'
        f'\n <desc id="{stem}-desc">{escape(words.description)}</desc>'
    )
    labelled = f' role="img" aria-labelledby="{stem}-title {stem}-desc"'
    return f"{opening}{labelled}>{described}{rest}"
