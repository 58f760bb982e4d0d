"""Charts as SVG: attributes only, no script, no style, so that the page's policy lets them be.

Every chart has a title and a description for those who cannot see it, and stands alongside a table
of its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from tasks.page.figure import described_svg

_WIDTH: Final = 720
HEIGHT: Final = 300
LEFT: Final = 60
RIGHT: Final = 20
_TOP: Final = 20
BOTTOM: Final = 50
_GREY: Final = "#b1b4b6"
_SHADE: Final = "#f3f2f1"
SHADE_WORDS: Final = "shaded: not every authority of the set has a figure, so no total"
_COLOURS: Final = ("#12436d", "#801650", "#28a197", "#f46a25")
"""Analysis Function categorical colours, in their order."""
GRID_LINES: Final = 4
LABELS_ACROSS: Final = 7


@dataclass(frozen=True)
class ChartLine:
    """One line of a chart; a missing value (None) leaves a gap.

    Attributes:
        label: what it is of.
        values: one for each time.
        sets: the set of authorities each value is over: the line breaks where it changes.
        earlier: places of values over an earlier set, drawn hollow.
    """

    label: str
    values: tuple[float | None, ...]
    sets: tuple[str, ...]
    earlier: frozenset[int] = frozenset()


def line_chart(
    lines: Sequence[ChartLine],
    times: Sequence[str],
    *,
    incomplete: Sequence[int],
    title: str,
    description: str,
    name: str,
) -> Markup:
    """Return a line chart over time, its vertical axis from zero.

    Args:
        lines: each as long as `times`.
        times: labels of the horizontal axis.
        incomplete: places of the times for which not every authority has a figure: shaded, and
            without a value.
        title: of the chart, for screen readers.
        description: what it shows, in a sentence or two.
        name: unique in the page.
    """
    highest = _ceiling([v for line in lines for v in line.values if v is not None])
    drawn = [
        _shading(incomplete, len(times)),
        _grid(highest),
        _time_axis(times),
        *(
            _line(line, highest, len(times), _COLOURS[place % len(_COLOURS)])
            for place, line in enumerate(lines)
        ),
    ]
    return described_svg(
        Markup("").join(drawn),
        width=_WIDTH,
        height=HEIGHT,
        title=title,
        description=description,
        name=name,
    )


def _ceiling(values: Sequence[float]) -> float:
    """Return a round number at or above every value, to be the top of the axis."""
    highest = max(values, default=1.0) or 1.0
    step = 10.0 ** np.floor(np.log10(highest))
    for factor in (1, 2, 4, 5, 8, 10):
        if factor * step >= highest:
            return float(f"{factor * step:.3g}")
    return highest


def _across(place: int, count: int) -> float:
    return round(LEFT + (_WIDTH - LEFT - RIGHT) * (place + 0.5) / count, 1)


def _down(value: float, highest: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - _TOP - BOTTOM) * value / highest, 1)


def _shading(incomplete: Sequence[int], count: int) -> Markup:
    """Return a shade behind each incomplete time, and what the shade means."""
    if not incomplete:
        return Markup("")
    width = round((_WIDTH - LEFT - RIGHT) / count, 1)
    shades = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
            round(_across(place, count) - width / 2, 1), _TOP, width, HEIGHT - _TOP - BOTTOM, _SHADE
        )
        for place in incomplete
    )
    return shades + Markup('<text x="{}" y="{}" text-anchor="end" font-size="12">{}</text>').format(
        _WIDTH - RIGHT, _TOP - 7, SHADE_WORDS
    )


def _grid(highest: float) -> Markup:
    lines = []
    for place in range(GRID_LINES + 1):
        value = highest * place / GRID_LINES
        down = _down(value, highest)
        lines.append(
            Markup(
                '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="1"/>'
                '<text x="{}" y="{}" text-anchor="end">{:g}</text>'
            ).format(LEFT, _WIDTH - RIGHT, down, down, _GREY, LEFT - 8, down + 5, value)
        )
    return Markup("").join(lines)


def _time_axis(times: Sequence[str]) -> Markup:
    every = -(-len(times) // LABELS_ACROSS)
    return Markup("").join(
        Markup('<text x="{}" y="{}" text-anchor="middle" font-size="12">{}</text>').format(
            _across(place, len(times)), HEIGHT - BOTTOM + 20, time
        )
        for place, time in enumerate(times)
        if place % every == 0
    )


def _line(line: ChartLine, highest: float, count: int, colour: str) -> Markup:
    """Return the points of a line, joined to the one before where that is over the same set."""
    points = [
        None if value is None else (_across(place, count), _down(value, highest))
        for place, value in enumerate(line.values)
    ]
    steps, before = [], None
    for point, over in zip(points, line.sets, strict=True):
        if point is not None:
            steps.append(f"{'L' if before == over else 'M'}{point[0]} {point[1]}")
        before = None if point is None else over
    dots = Markup("").join(
        _dot(point, colour, is_hollow=place in line.earlier)
        for place, point in enumerate(points)
        if point is not None
    )
    path = Markup('<path d="{}" fill="none" stroke="{}" stroke-width="2.5"/>')
    return path.format(" ".join(steps) or "M0 0", colour) + dots


def _dot(point: tuple[float, float], colour: str, *, is_hollow: bool) -> Markup:
    if is_hollow:
        ring = '<circle cx="{}" cy="{}" r="3.5" fill="#ffffff" stroke="{}" stroke-width="1.5"/>'
        return Markup(ring).format(*point, colour)
    return Markup('<circle cx="{}" cy="{}" r="3.5" fill="{}"/>').format(*point, colour)
