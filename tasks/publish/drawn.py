"""What the coordinates of a page's drawings say, read back against the numbers on their axes.

A point of a drawing is a number with as many digits as the drawing has. Each is tied to a printed
number, or to the digits that are declared for what is drawn; one that is neither says more than is
published. Along an axis without numbers (quarters, names) a position says no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from lxml import html

from schemas.arrays import Flags, Floats
from schemas.digits import ESTIMATE

_AXES: Final = re.compile(r"(?:^|-)axes_\d+$")
_AXIS: Final = re.compile(r"matplotlib\.axis_\d+$")
_TICK: Final = re.compile(r"(?:^|-)([xy])tick_\d+$")
_DECIMAL: Final = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_PARTED: Final = ("path", "use", "circle", "rect", "line", "polyline", "polygon", "ellipse")
_RESIDUAL: Final = 1e-3
"""How far, as a share of the axis, a number on it may lie off a straight line."""
_STEPS: Final = 3.0
"""A position is as fine as its last decimal; this many of its halves are allowed for."""
_PLACES: Final = 4
_CLIP: Final = 6.0
"""Logarithms of odds ratios are drawn no further out than this."""


@dataclass(frozen=True)
class Drawn:
    """The numbers along one axis of one drawing.

    Attributes:
        kind: first word of the drawing's name.
        axis: `x` or `y`.
        values: one for each position that is no edge of the axes.
        off: how far each may lie from what was drawn, in the units of the axis (of its logarithm,
            where the axis is logarithmic).
        is_log: whether the axis is logarithmic: then values are logarithms.
        labels: the numbers on the axis.
    """

    kind: str
    axis: str
    values: Floats
    off: float
    is_log: bool
    labels: Floats


def drawn_leaks(page: bytes, printed: Floats) -> int:
    """Return how many positions of a page's drawings are tied to no printed number.

    Args:
        page: the page.
        printed: every number of the data files, in order and without sign.
    """
    every = np.unique(np.concatenate([-printed, printed]))
    found = [one for one in drawn_numbers(page) if one.axis in _rule(one.kind).axes]
    odd = sum(int((~_rule(one.kind).tied(one, every)).sum()) for one in found)
    return odd + sum(int(_has_fine_labels(one.labels)) for one in found)


def drawn_labels(page: bytes) -> frozenset[float]:
    """Return the numbers on the axes of a page's drawings."""
    return frozenset(float(label) for one in drawn_numbers(page) for label in one.labels)


def drawn_numbers(page: bytes) -> Iterator[Drawn]:
    """Yield the numbers along every numbered axis of every drawing of a page."""
    for svg in html.fromstring(page.decode()).iter("svg"):
        title = next(svg.iter("title"), None)
        kind = "" if title is None else str(title.get("id", "")).partition("-")[0]
        groups = [group for group in svg.iter("g") if _AXES.search(group.get("id", ""))]
        for group in groups:
            yield from _of_axes(group, kind)
        if not groups:
            yield from _of_grid(svg, kind)


@dataclass(frozen=True)
class _Scale:
    """A straight line from positions to numbers, or to their logarithms."""

    start: float
    slope: float
    is_log: bool
    labels: Floats
    edges: tuple[float, ...]

    def drawn(self, kind: str, axis: str, positions: Sequence[float], *, step: float) -> Drawn:
        """Return the numbers at the positions, edges left out."""
        at = np.array(positions, dtype=float)
        for edge in self.edges:
            at = at[np.abs(at - edge) > step]
        values = self.start + self.slope * at
        off = _STEPS * step / 2 * abs(self.slope)
        return Drawn(kind, axis, values, off, self.is_log, self.labels)


def _scale(ticks: Sequence[tuple[float, float]], edges: Sequence[float]) -> _Scale | None:
    """Return the scale of an axis from positions and numbers; None where there are not two."""
    at, numbers = (np.array(part, dtype=float) for part in zip(*ticks, strict=True))
    if len(set(at)) < 2 or len(set(numbers)) < 2:
        return None
    for is_log in (False, True):
        if is_log and (numbers <= 0).any():
            continue
        seen = np.log(numbers) if is_log else numbers
        first, last = int(at.argmin()), int(at.argmax())
        slope = (seen[last] - seen[first]) / (at[last] - at[first])
        start = seen[first] - slope * at[first]
        if np.abs(start + slope * at - seen).max() <= _RESIDUAL * np.ptp(seen):
            return _Scale(float(start), float(slope), is_log, numbers, tuple(edges))
    return None


def _of_axes(group: Any, kind: str) -> Iterator[Drawn]:
    """Yield the numbers along the axes of a drawing made by matplotlib."""
    points = [
        point
        for element in group.iter(*_PARTED)
        if not _inside(element, group)
        for point in _points(element)
    ]
    frame = _points(next(group.iter("path")))
    for place, axis in enumerate("xy"):
        ticks = list(_ticks(group, axis, place))
        edges = sorted({point[place] for point in frame})
        scale = _scale(ticks, edges) if len(ticks) > 1 else None
        if scale is not None:
            yield scale.drawn(kind, axis, [point[place] for point in points], step=1e-6)


def _inside(element: Any, group: Any) -> bool:
    """Return whether an element only numbers an axis, or is drawn where it is used."""
    for above in element.iterancestors():
        if above is group:
            return False
        if above.tag in ("defs", "clippath") or _AXIS.search(above.get("id", "")):
            return True
    return False


def _ticks(group: Any, axis: str, place: int) -> Iterator[tuple[float, float]]:
    """Yield position and number of every tick of one axis that has a number."""
    for tick in group.iter("g"):
        match = _TICK.search(tick.get("id", ""))
        mark, text = next(tick.iter("use"), None), next(tick.iter("text"), None)
        if match is None or match[1] != axis or mark is None or text is None:
            continue
        number = label_number(str(text.text_content()))
        if number is not None:
            yield _points(mark)[0][place], number


def label_number(text: str) -> float | None:
    """Return the number that a label is; None where it is no number alone."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-").replace(",", "").removesuffix("%")
    return float(plain) if _DECIMAL.fullmatch(plain) else None


def _points(element: Any) -> list[tuple[float, float]]:
    """Return the points of an element."""
    own = {name: float(element.get(name, 0)) for name in _OWN.get(element.tag, ())}
    if element.tag == "circle":
        return [(own["cx"], own["cy"])]
    if element.tag == "line":
        return [(own["x1"], own["y1"]), (own["x2"], own["y2"])]
    if element.tag == "rect":
        far = own["x"] + own["width"], own["y"] + own["height"]
        return [(own["x"], own["y"]), far]
    if element.tag == "use":
        return [(own["x"], own["y"])]
    drawn = element.get("d") or element.get("points", "")
    numbers = [float(text) for text in _DECIMAL.findall(drawn)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


_OWN: Final = {
    "circle": ("cx", "cy"),
    "line": ("x1", "x2", "y1", "y2"),
    "rect": ("x", "y", "width", "height"),
    "use": ("x", "y"),
}


def _of_grid(svg: Any, kind: str) -> Iterator[Drawn]:
    """Yield the heights of a chart whose numbered lines across are its axis."""
    ticks, lines = [], set()
    for line in svg.iter("line"):
        text = line.getnext()
        is_level = line.get("y1") is not None and line.get("y1") == line.get("y2")
        if is_level and text is not None and text.tag == "text":
            number = label_number(str(text.text_content()))
            if number is not None:
                ticks.append((float(line.get("y1")), number))
                lines.add(line)
    if len(ticks) < 2:
        return
    heights = [at for at, _ in ticks]
    scale = _scale(ticks, (min(heights), max(heights)))
    if scale is not None:
        elements = [e for e in svg.iter(*_PARTED) if e not in lines]
        positions = [y for e in elements for x, y in _points(e) if (x, y) != (0.0, 0.0)]
        yield scale.drawn(kind, "y", positions, step=0.1)


@dataclass(frozen=True)
class _Rule:
    """Which axes of a kind of drawing carry figures, and which of their numbers are tied."""

    axes: str
    tied: Callable[[Drawn, Floats], Flags]


def _rule(kind: str) -> _Rule:
    return _RULES.get(kind, _Rule("y", _tied_as_printed))


def _tied_as_printed(drawn: Drawn, printed: Floats) -> Flags:
    return _near(drawn.values, printed, drawn.off)


def _tied_as_share(drawn: Drawn, printed: Floats) -> Flags:
    return _near(drawn.values * 100, printed, drawn.off * 100)


def _tied_as_estimate(drawn: Drawn, printed: Floats) -> Flags:
    """Return whether numbers are odds ratios, points or means as coarse as the effects printed."""
    if drawn.is_log:
        ends = np.isclose(np.abs(drawn.values), _CLIP) | np.isclose(drawn.values, 0.0)
        return ends | _is_estimate(drawn.values, printed, drawn.off)
    plain = _is_estimate(drawn.values, printed, drawn.off)
    points = _is_estimate(drawn.values / 100, printed, drawn.off / 100)
    return plain | points | np.isclose(drawn.values, 0.0)


def _is_estimate(values: Floats, printed: Floats, off: float) -> Flags:
    coarse = ESTIMATE.rounded(values)
    is_printed = _near(coarse, printed, 0.5 * 10.0**-_PLACES)
    return np.asarray((np.abs(values - coarse) <= off + 1e-9) & is_printed)


def _tied_by_digits(drawn: Drawn, printed: Floats) -> Flags:
    """Return whether numbers are as coarse as results of the costs are printed."""
    values = np.exp(drawn.values) if drawn.is_log else drawn.values
    return np.asarray(np.abs(values - ESTIMATE.rounded(values)) <= drawn.off + 1e-9)


_RULES: Final = {
    "forest": _Rule("x", _tied_as_estimate),
    "exposure": _Rule("y", _tied_as_estimate),
    "wedge": _Rule("y", _tied_as_share),
    "tornado": _Rule("x", _tied_by_digits),
    "plane": _Rule("xy", _tied_by_digits),
    "acceptability": _Rule("xy", _tied_by_digits),
}
"""By the first word of a drawing's name. Of charts, the heights are printed numbers."""


def _near(values: Floats, known: Floats, off: float) -> Flags:
    """Return whether each value lies no further than `off` from some number of an ordered list."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    at = np.clip(np.searchsorted(known, values), 1, max(len(known) - 1, 1))
    below, above = known[at - 1], known[np.minimum(at, len(known) - 1)]
    nearest = np.minimum(np.abs(values - below), np.abs(values - above))
    return np.asarray(nearest <= off + 1e-9)


def _has_fine_labels(labels: Floats) -> bool:
    """Return whether the numbers on an axis are more than round steps of it.

    Two digits at most, or as far from their neighbours as two digits say.
    """
    coarse = np.array([float(f"{label:.1e}") for label in labels])
    steps = np.diff(np.sort(labels))
    even = len(steps) > 1 and np.allclose(steps, steps[0])
    is_round = even and np.isclose(steps[0], float(f"{steps[0]:.1e}"))
    return bool(not is_round and not np.allclose(labels, coarse))
