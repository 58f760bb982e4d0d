"""Charts as SVG that a page without scripts, and with a strict policy, may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

BAR_HEIGHT = 26
BAR_GAP = 8
_LABEL_WIDTH = 95
PLOT_WIDTH = 300
NUMBER_WIDTH = 75
_BLUE = "#1d70b8"
INK: Final = "#0b0c0c"


def described_svg(
    drawn: Markup, *, width: int, height: int, title: str, description: str, name: str
) -> Markup:
    """Return a chart with a title and a description for those who cannot see it.

    Args:
        drawn: elements of the chart.
        width: in pixels.
        height: in pixels.
        title: what the chart is of.
        description: what it shows, in a sentence or two.
        name: unique in the page.
    """
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'role="img" aria-labelledby="{n}-title {n}-desc" font-family="arial,sans-serif" '
        'font-size="14" fill="{ink}"><title id="{n}-title">{title}</title>'
        '<desc id="{n}-desc">{description}</desc>{drawn}</svg>'
    ).format(
        w=width,
        h=height,
        n=name,
        ink=INK,
        title=title,
        description=description,
        drawn=drawn,
    )


def bars(labels: Sequence[str], values: Sequence[int], *, title: str) -> Markup:
    """Return horizontal bars, one per label, with its number at the end.

    Attributes only, no style: the page's policy refuses styles it does not know.
    """
    longest = max([*values, 1])
    height = len(labels) * (BAR_HEIGHT + BAR_GAP) + BAR_GAP
    width = _LABEL_WIDTH + PLOT_WIDTH + NUMBER_WIDTH
    drawn = Markup("").join(
        _bar(label, value, longest, top=BAR_GAP + place * (BAR_HEIGHT + BAR_GAP))
        for place, (label, value) in enumerate(zip(labels, values, strict=True))
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" '
        'role="img" aria-label="{}" font-family="arial,sans-serif" font-size="16" fill="{}">'
        "{}</svg>"
    ).format(width, height, width, height, title, INK, drawn)


def _bar(label: str, value: int, longest: int, *, top: int) -> Markup:
    length = round(PLOT_WIDTH * value / longest, 1)
    middle = top + BAR_HEIGHT * 0.7
    return Markup(
        '<text x="0" y="{}">{}</text><rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>'
        '<text x="{}" y="{}">{}</text>'
    ).format(
        middle,
        escape(label),
        _LABEL_WIDTH,
        top,
        length,
        BAR_HEIGHT,
        _BLUE,
        _LABEL_WIDTH + length + 8,
        middle,
        f"{value:,}",
    )
