"""Two charts of a module report, as SVG with attributes alone: the page's policy allows no style.

Each has a title and a description for those who cannot see it, and stands alongside its figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from tasks.page.figure import described_svg

_WIDTH: Final = 720
_LABEL_WIDTH: Final = 330
END_WIDTH: Final = 60
ROW: Final = 30
BAR: Final = 20
_TOP: Final = 26
_GREY: Final = "#6f777b"
_BLUE: Final = "#12436d"
ANSWER_COLOURS: Final = ("#801650", "#c79bb4", "#d2d2d2", "#7fb3d5", "#12436d")
"""From least to most favourable; their order and the table say the same without colour."""

_PLOT: Final = _WIDTH - _LABEL_WIDTH - END_WIDTH


@dataclass(frozen=True)
class AnswerShares:
    """One bar: shares of the five answers, least favourable first, and what stands at its end."""

    label: str
    shares: tuple[float, ...]
    end: str


@dataclass(frozen=True)
class Change:
    """One dot: a mean change and its interval, nan where there is none."""

    label: str
    value: float
    low: float
    high: float


def distributions(
    rows: Sequence[AnswerShares], *, title: str, description: str, name: str
) -> Markup:
    """Return stacked bars from 0 to 100 %, one for each item."""
    drawn = [_bar(row, place) for place, row in enumerate(rows)]
    return _framed([_key(), *drawn], len(rows), title=title, description=description, name=name)


def _key() -> Markup:
    words = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
    starts = (0, 148, 240, 318, 390)
    return Markup("").join(
        Markup('<rect x="{}" y="4" width="12" height="12" fill="{}"/><text x="{}" y="15">{}</text>')
        .format(place + _LABEL_WIDTH - 150, colour, place + _LABEL_WIDTH - 132, word)
        for place, colour, word in zip(starts, ANSWER_COLOURS, words, strict=True)
    )  # fmt: skip


def _bar(row: AnswerShares, place: int) -> Markup:
    top, across, parts = _TOP + place * ROW, float(_LABEL_WIDTH), []
    for part, colour in zip(row.shares, ANSWER_COLOURS, strict=True):
        long = round(_PLOT * part, 1)
        parts.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
                round(across, 1), top, long, BAR, colour
            )
        )
        across += long
    end = _text(_WIDTH - END_WIDTH + 8, top, row.end)
    return _label(row.label, top) + Markup("").join(parts) + end


def changes_chart(rows: Sequence[Change], *, title: str, description: str, name: str) -> Markup:
    """Return a dot for each mean change with a line for its interval, and a line at no change."""
    known = [each for row in rows for each in (row.value, row.low, row.high) if each == each]
    reach = max(1.0, math.ceil(max((abs(each) for each in known), default=1.0)))
    zero = _across(0, reach)
    height = _TOP + len(rows) * ROW
    frame = Markup(
        '<line x1="{z}" x2="{z}" y1="{t}" y2="{h}" stroke="{g}" stroke-width="1"/>'
        '<text x="{z}" y="15" text-anchor="middle">no change</text>'
        '<text x="{l}" y="15" text-anchor="middle">{low:g}</text>'
        '<text x="{r}" y="15" text-anchor="middle">+{high:g}</text>'
    ).format(z=zero, t=_TOP - 4, h=height, g=_GREY, l=_across(-reach, reach),
             r=_across(reach, reach), low=-reach, high=reach)  # fmt: skip
    drawn = [_dot(row, place, reach) for place, row in enumerate(rows)]
    return _framed([frame, *drawn], len(rows), title=title, description=description, name=name)


def _across(value: float, reach: float) -> float:
    return round(_LABEL_WIDTH + 10 + (_PLOT - 20) * (value + reach) / (2 * reach), 1)


def _dot(row: Change, place: int, reach: float) -> Markup:
    top = _TOP + place * ROW
    middle = top + BAR / 2
    drawn = _label(row.label, top)
    if row.low == row.low:
        drawn += Markup(
            '<line x1="{}" x2="{}" y1="{m}" y2="{m}" stroke="{}" stroke-width="2.5"/>'
        ).format(_across(row.low, reach), _across(row.high, reach), _BLUE, m=middle)
    drawn += Markup('<circle cx="{}" cy="{}" r="5" fill="{}"/>').format(
        _across(row.value, reach), middle, _BLUE
    )
    return drawn + _text(_WIDTH - END_WIDTH + 8, top, f"{row.value:+.1f}")


def _label(words: str, top: float) -> Markup:
    return _text(0, top, words)


def _text(across: float, top: float, words: str) -> Markup:
    return Markup('<text x="{}" y="{}">{}</text>').format(across, top + BAR * 0.75, words)


def _framed(
    drawn: Sequence[Markup], rows: int, *, title: str, description: str, name: str
) -> Markup:
    return described_svg(
        Markup("").join(drawn),
        width=_WIDTH,
        height=_TOP + rows * ROW,
        title=title,
        description=description,
        name=name,
    )
