"""Figures of the cost-benefit page as SVG text: the same input gives the same bytes.

Each carries a title and a description in words, so that nothing is only in the picture. Ids are
unique to the figure and no style reaches outside it, because several stand in one page.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from pandas import DataFrame

from schemas.trial import MODEL_NAMES
from tasks.costs.words import plain_words, variable_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE: Final = "#1d70b8"
ORANGE: Final = "#b5520b"
_GREY: Final = "#505a5f"
_SALT: Final = "sfpc-costs"
_SIZE: Final = (7.5, 4.2)
_BARS: Final = 10
_LABEL_WIDTH: Final = 34
"""Characters: longer names of variables go on, so that the drawing keeps room for its bars."""
_MILLIONS_FROM: Final = 2e6
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)')
_METADATA: Final = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
# Matplotlib writes this as a rule for every element of the page; on the root it is inherited.
_STYLE: Final = re.compile(r"\s*<defs>\s*<style[^>]*>\*\{[^<]*</style>\s*</defs>")
_JOINS: Final = 'stroke-linejoin="round" stroke-linecap="butt"'


def tornado_svg(tornado: DataFrame, *, model: str, perspective: str) -> str:
    """Return the tornado of one model: NPV at P10 and P90 of each variable, widest at the top."""
    rows = _of(tornado, model, perspective).head(_BARS)
    title = f"What moves the net present value: {_named(model)}, {_words(perspective)}"
    bars = [
        f"{variable_words(row['variable'])}: {_pounds(row['npv_at_p10'])} at its 10th percentile, "
        f"{_pounds(row['npv_at_p90'])} at its 90th"
        for row in rows.to_dict("records")
    ]
    words = ". ".join(bars) or "Nothing to show"
    return _svg(lambda axes: _tornado(axes, rows), title, words, f"tornado-{model}-{perspective}")


def plane_svg(plane: DataFrame, *, model: str, perspective: str) -> str:
    """Return the cost-effectiveness plane: children kept from care against net cost, by draw."""
    rows = _of(plane, model, perspective)
    title = f"Cost-effectiveness plane: {_named(model)}, {_words(perspective)}"
    kept, cost = rows["children_kept_from_care"], rows["net_cost_gbp"]
    words = (
        f"{len(rows)} draws. {_share(kept.gt(0) & cost.lt(0))} fewer children in care at a saving; "
        f"{_share(kept.gt(0) & cost.ge(0))} fewer children at a cost; "
        f"{_share(kept.le(0) & cost.lt(0))} no fewer children at a saving; "
        f"{_share(kept.le(0) & cost.ge(0))} no fewer children at a cost"
    )
    return _svg(lambda axes: _plane(axes, rows), title, words, f"plane-{model}-{perspective}")


def acceptability_svg(acceptability: DataFrame, *, model: str, perspective: str) -> str:
    """Return the acceptability curve: probability of paying by value of a child kept from care."""
    rows = _of(acceptability, model, perspective)
    title = f"Probability that the programme pays: {_named(model)}, {_words(perspective)}"
    words = "Nothing to show"
    if len(rows):
        first, last = rows.to_dict("records")[0], rows.to_dict("records")[-1]
        words = (
            f"{first['probability']:.0%} when a child kept from care counts for "
            f"{_pounds(first['threshold_gbp'])} beyond the savings priced, "
            f"{last['probability']:.0%} at {_pounds(last['threshold_gbp'])}"
        )
    name = f"acceptability-{model}-{perspective}"
    return _svg(lambda axes: _acceptability(axes, rows), title, words, name)


def _of(table: DataFrame, model: str, perspective: str) -> DataFrame:
    return table[table["model"].eq(model) & table["perspective"].eq(perspective)]


def _named(model: str) -> str:
    return MODEL_NAMES.get(model, "All models together")


def _words(perspective: str) -> str:
    return f"{plain_words(perspective)} case"


def _pounds(value: float) -> str:
    return f"{'-' if value < 0 else ''}£{abs(value):,.0f}"


def _share(which: Any) -> str:
    return f"{float(which.mean()) if len(which) else 0.0:.0%}"


def _tornado(axes: Axes, rows: DataFrame) -> None:
    for place, bar in enumerate(rows.iloc[::-1].to_dict("records")):
        for column, colour in (("npv_at_p10", _BLUE), ("npv_at_p90", ORANGE)):
            axes.barh(place, bar[column] - bar["npv"], left=bar["npv"], color=colour, height=0.6)
    names = [variable_words(str(name)) for name in rows["variable"].iloc[::-1]]
    axes.set_yticks(range(len(rows)), [fill(name, _LABEL_WIDTH) for name in names])
    axes.axvline(0, color=_GREY, linewidth=1)
    unit = _money_axis(axes.xaxis, rows[["npv_at_p10", "npv_at_p90"]])
    axes.set_xlabel(f"Net present value, {unit} (blue: low value, orange: high value, P10 and P90)")


def _plane(axes: Axes, rows: DataFrame) -> None:
    axes.scatter(rows["children_kept_from_care"], rows["net_cost_gbp"], s=4, color=_BLUE, alpha=0.4)
    axes.axhline(0, color=_GREY, linewidth=1)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.set_xlabel("Children kept from care")
    unit = _money_axis(axes.yaxis, rows[["net_cost_gbp"]])
    axes.set_ylabel(f"Cost less benefit, {unit}")


def _acceptability(axes: Axes, rows: DataFrame) -> None:
    axes.plot(rows["threshold_gbp"], rows["probability"], color=_BLUE, marker="o", markersize=3)
    axes.set_ylim(0, 1)
    unit = _money_axis(axes.xaxis, rows[["threshold_gbp"]])
    axes.set_xlabel(f"Value of a child kept from care beyond the savings priced, {unit}")
    axes.set_ylabel("Probability of paying")


def _money_axis(axis: Any, amounts: DataFrame) -> str:
    """Number an axis of money sparingly and return the unit it is in."""
    largest = float(amounts.abs().max().max()) if len(amounts) else 0.0
    unit, size = ("£ million", 1e6) if largest >= _MILLIONS_FROM else ("£ thousand", 1e3)
    axis.set_major_formatter(lambda value, _: f"{value / size:,g}")
    axis.get_major_locator().set_params(nbins=6)
    return unit


def _svg(draw: Callable[[Axes], None], title: str, words: str, name: str) -> str:
    # Imported here: the pure arithmetic must not wait for a plotting library.
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": f"{_SALT}-{name}", "svg.fonttype": "none"}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return _labelled(text.getvalue(), title, words, name)


def _labelled(svg: str, title: str, words: str, name: str) -> str:
    """Return the picture alone, with its text alternatives and ids of its own."""
    bare = _STYLE.sub("", _METADATA.sub("", svg[svg.index("<svg") :]))
    opening, _, rest = _ID.sub(rf"\g<1>{name}-", bare).partition(">")
    labels = f' {_JOINS} role="img" aria-labelledby="{name}-title {name}-desc">'
    alternatives = (
        f'\n <title id="{name}-title">{html.escape(title)}</title>'
        f'\n <desc id="{name}-desc">{html.escape(words)}.</desc>'
    )
    return f"{opening}{labels}{alternatives}{rest}"
