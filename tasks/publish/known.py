"""The numbers that a word, a cell or a chart of an edition may repeat: those of its data files.

Figures are the cells of data files, by what they count. Counts are what anyone can make of files
that count no people: authorities, returns, rows, symbols, figures that moved.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Floats
from schemas.authorities import authorities
from schemas.digits import MONEY
from schemas.editions import SYMBOL_MEANINGS, Symbol
from schemas.outcomes.reason import FigureReason
from tasks.publish.ees import IDENTIFIERS
from tasks.publish.package import (
    IDENTIFIER_MEANINGS,
    INDICATOR_MEANINGS,
    outcome_definitions,
)
from tasks.publish.tokens import NumberKind, Token, counts_people, tokens

DATA: Final = re.compile(r"data/(?!.*\.meta\.csv).*\.csv|cost_inputs\.csv|seven_outcomes\.csv")
"""Files whose cells are figures."""
_TOTALS: Final = "totals.csv"
_COUNTED: Final = ("completeness", "quality", "not_available", "totals", "revisions")
"""Files that count no people."""
_NO_FIGURES: Final = frozenset(IDENTIFIERS) | {"authorities_counted"}
_SIDES: Final = ("numerator", "denominator", "children", "events", "forms")
_DECIMALS: Final = 9
_HAIR: Final = 1e-9
_SLACK: Final = 1e-4
"""Odds ratios are worked out from estimates before these lose their fifth decimal."""
_POINT_SLACK: Final = 0.005
"""So are percentage points, a hundred times as large."""
_SIGNIFICANT: Final = 0.005
"""Half a step of the third significant digit, at most, as a share of the number."""
_CLIPPED: Final = 6.0
"""Logarithms of odds ratios are drawn no further out than this."""
_FURTHEST: Final = 20.0
"""Nor is a larger one an estimate that is published."""
_SPLIT: Final = re.compile(r"; |, ")


@dataclass(frozen=True)
class Known:
    """Numbers that may be repeated, each list in order and without signs.

    Attributes:
        figures: cells of data files.
        people: those that count people, or what happened to them.
        odds: odds ratios that the effects come to.
        points: percentage points that they come to.
        counts: what anyone can count in files that count no people.
        labels: texts of data files and declarations.
    """

    figures: Floats
    people: Floats
    odds: Floats
    points: Floats
    counts: Floats
    labels: frozenset[str]

    def ties(self, token: Token, *, counts: bool) -> bool:
        """Return whether a number of a text is one of these.

        Args:
            token: the number.
            counts: whether the words around it speak of what is no people.
        """
        value = abs(token.value)
        if token.kind is NumberKind.PEOPLE:
            return _is_in(self.people, value, token.half)
        if _is_in(self.figures, value, token.half):
            return True
        if token.kind is NumberKind.MONEY:
            return bool(abs(float(MONEY.rounded(value)) - value) < _HAIR)
        if token.kind is NumberKind.SHARE:
            return _is_in(self.figures, value / 100, token.half / 100) or self._is_point(token)
        if token.half and (self._is_odds(token) or self._is_point(token)):
            return True
        if token.half and _is_in(self.figures, value * 100, token.half * 100):
            return True
        return counts and _is_in(self.counts, value, token.half)

    def _is_few(self, token: Token) -> bool:
        """Return whether a number is of no people and no larger than authorities are many.

        There are as many authorities, quarters, years and settings, and words tell of them in too
        many ways to list.
        """
        is_whole = token.kind is NumberKind.OTHER and token.value == int(token.value)
        return is_whole and 0 <= token.value <= len(authorities())

    def is_effect(self, text: str) -> bool:
        """Return whether an estimate comes to a number, as an odds ratio or in points."""
        number, decimals = abs(float(text)), len(text.partition(".")[2])
        half = max(_SIGNIFICANT * number, 0.5 * 10.0**-decimals if decimals else 0.0)
        near = Token(number, half, NumberKind.OTHER)
        return self._is_odds(near) or self._is_point(near)

    def _is_odds(self, token: Token) -> bool:
        return _is_in(self.odds, abs(token.value), token.half + _SLACK * abs(token.value))

    def _is_point(self, token: Token) -> bool:
        return _is_in(self.points, abs(token.value), token.half + _POINT_SLACK)

    def strays(self, text: str, *, heading: str = "", counts: bool = False) -> int:
        """Return how many numbers of a text are tied to nothing.

        Args:
            text: of a paragraph or a cell.
            heading: what stands above it.
            counts: whether any number may be a count of what is no people.
        """
        if text in self.labels or not any(char.isdigit() for char in text):
            return 0
        is_people = counts_people(heading)
        speaks = counts or bool(THINGS.search(f"{heading} {text}"))
        found = 0
        # An odds ratio beyond 100 has no decimals, and is rounded all the same.
        half = 0.5 if _ROUNDED.search(text) else 0.0
        for token in tokens(text):
            kind = NumberKind.PEOPLE if is_people and token.kind is NumberKind.OTHER else token.kind
            meant = Token(token.value, token.half or half, kind)
            is_tied = self.ties(meant, counts=speaks) or self._is_few(meant)
            found += not is_tied
        return found


_ROUNDED: Final = re.compile(r"odds ratio|\bdifference -?\d")
THINGS: Final = re.compile(
    r"authorit|return|quarter|figure|row|table|file|submission|outcome|estimate|reason|state"
    r"|counted|edition|set\b|sets\b",
    re.IGNORECASE,
)
"""Words of what is counted and is no people."""


def known_numbers(frames: Mapping[str, DataFrame], *, counts: Iterable[int] = ()) -> Known:
    """Return the numbers of the files of an edition.

    Args:
        frames: every table, by path, each cell a text.
        counts: further counts of what is no people.
    """
    data = {path: frame for path, frame in frames.items() if DATA.fullmatch(path)}
    figures = [numbers_in(_figure_columns(f)) for path, f in data.items() if not _counts_none(path)]
    people = [part for path, frame in data.items() for part in _people(path, frame)]
    effects = [numbers_in(_figure_columns(f)) for path, f in data.items() if "effects" in path]
    return Known(
        figures=_joined(figures),
        people=_joined(people),
        odds=_odds(_joined(effects)),
        points=_joined(effects) * 100,
        counts=_joined([np.array([*counts], dtype=float), *_counts(frames)]),
        labels=declared_texts() | _labels(frames),
    )


def _counts_none(path: str) -> bool:
    """Return whether a file counts no people."""
    return path.removeprefix("data/").removesuffix(".csv") in _COUNTED


def both(one: Known, other: Known) -> Known:
    """Return the numbers of two editions."""
    lists = {
        name: _joined([getattr(one, name), getattr(other, name)])
        for name in ("figures", "people", "odds", "points", "counts")
    }
    return Known(**lists, labels=one.labels | other.labels)


def numbers_in(cells: DataFrame | Series[Any]) -> Floats:
    """Return every number among texts, each once, without sign."""
    texts = pd.unique(cells.to_numpy().ravel())
    found = pd.to_numeric(Series(texts, dtype=str), errors="coerce").to_numpy(dtype=float)
    return np.unique(np.abs(found[np.isfinite(found)]).round(_DECIMALS))


def _joined(parts: Iterable[Floats]) -> Floats:
    return np.unique(np.concatenate([np.empty(0), *parts]))


def _is_in(known: Floats, value: float, half: float) -> bool:
    """Return whether a number of an ordered list lies no further than half a step from a value."""
    at = int(np.searchsorted(known, value - half - _HAIR * max(1.0, value)))
    return at < len(known) and bool(known[at] <= value + half + _HAIR * max(1.0, value))


def _figure_columns(frame: DataFrame) -> DataFrame:
    """Return the columns that hold figures, one of units and origins apart."""
    kept = [name for name in frame.columns if name not in _NO_FIGURES]
    return frame[kept]


def _people(path: str, frame: DataFrame) -> Iterator[Floats]:
    """Yield the numbers of a data file that count people, or what happened to them."""
    yield from (numbers_in(frame[name]) for name in _SIDES if name in frame.columns)
    for name in ("measure", "unit", "input"):
        if name in frame.columns:
            is_count = frame[name].map(counts_people).astype(bool)
            is_count |= frame[name].astype(str).str.startswith("People")
            values = [n for n in frame.columns if n.startswith(("central", "interval", "value"))]
            yield numbers_in(frame.loc[is_count, values])


def _odds(estimates: Floats) -> Floats:
    """Return the odds ratios that estimates come to, as far out as they are drawn, and printed."""
    logarithms = estimates[estimates <= _FURTHEST]
    ends = np.clip(logarithms, 0.0, _CLIPPED)
    return np.unique(np.exp(np.concatenate([logarithms, -logarithms, ends, -ends])))


def _counts(frames: Mapping[str, DataFrame]) -> Iterator[Floats]:
    """Yield what anyone can count: authorities, rows, symbols, returns, figures that moved."""
    yield np.array([len(frame) for frame in frames.values()], dtype=float)
    yield np.array([float(len(frames))])
    for frame in frames.values():
        # Numbers, and symbols by kind, in each column and in all: of what counts no people too.
        is_number = frame.apply(pd.to_numeric, errors="coerce").notna()
        symbols = [(frame == symbol.value).sum() for symbol in Symbol]
        shown = (is_number | frame.isin(_SHOWN)).sum()
        figures = [name for name in frame.columns if name not in IDENTIFIERS]
        yield np.concatenate([one.to_numpy(dtype=float) for one in (*symbols, shown)])
        yield np.array([float(one[figures].sum()) for one in (*symbols, shown)])
        yield numbers_in(frame["authorities_counted"]) if "authorities_counted" in frame else _NONE
    for path, frame in frames.items():
        if _counts_none(path) and len(frame):
            yield from _sums(frame)


_NONE: Final = np.empty(0)
_SHOWN: Final = [symbol.value for symbol in Symbol if symbol is not Symbol.NOT_APPLICABLE]
_GROUPS: Final = (
    *(["table"], ["kind"], ["why"], ["headline"], ["table", "kind"], ["table", "kind", "why"]),
    *(["reason"], ["la_name"], ["outcome"], ["collection"], ["new_la_code", "collection"]),
    *(["new_la_code"], ["practice_model"], ["set_of"], ["time_period"]),
)
_SUMMED: Final = re.compile(r"returns_\w+|figures")


def _sums(frame: DataFrame) -> Iterator[Floats]:
    """Yield rows and sums of a file that counts no people, in all and by what it is divided by."""
    summed = [name for name in frame.columns if _SUMMED.fullmatch(name)]
    values = frame[summed].apply(pd.to_numeric, errors="coerce")
    if "returns_due" in values:
        pairs = itertools.permutations(summed, 2)
        less = {f"{one} less {other}": values[one] - values[other] for one, other in pairs}
        values = values.assign(**less)
    yield values.to_numpy(dtype=float).ravel()
    yield values.sum().to_numpy(dtype=float)
    for keys in _GROUPS:
        if set(keys) <= set(frame.columns):
            groups = values.groupby([frame[key] for key in keys])
            yield groups.size().to_numpy(dtype=float)
            yield groups.sum().to_numpy(dtype=float).ravel()
    if "submissions" in frame.columns:
        behind = frame["submissions"].str.split("; ").explode()
        yield np.asarray(behind.value_counts(), dtype=float)


@cache
def declared_texts() -> frozenset[str]:
    """Return the texts in which declarations speak: what an outcome, a column or a symbol means."""
    found = {str(text) for text in outcome_definitions().to_numpy().ravel()}
    found |= set(SYMBOL_MEANINGS.values()) | set(INDICATOR_MEANINGS.values())
    found |= set(IDENTIFIER_MEANINGS.values())
    return frozenset(found | {reason.words for reason in FigureReason})


def _labels(frames: Mapping[str, DataFrame]) -> frozenset[str]:
    """Return the items of filters, and the times that `totals.csv` says are not complete."""
    names = ("outcome", "practice_model", "estimator", "measure", "perspective", "module")
    columns = [
        frame[name]
        for path, frame in frames.items()
        if path.startswith("data/") and not path.endswith(".meta.csv")
        for name in names
        if name in frame.columns
    ]
    if _TOTALS in frames:
        columns.append(frames[_TOTALS]["incomplete"])
    return reduce(lambda found, column: found | frozenset(column), columns, frozenset[str]())
