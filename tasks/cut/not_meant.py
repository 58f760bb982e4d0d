"""Numbers of workforce returns that cannot be meant: they do not fit, or are far out of scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns.workforce import (
    FITS,
    LEAST_IN_SCALE,
    OUT_BY,
    OUT_OF_SCALE,
    RETURN,
    SHARES,
    WORKFORCE,
)
from schemas.rows import AuthorityRows, Bar

Sent = Mapping[str, float]
"""One quarter's numbers, by column; those that are missing or zero left out."""

_AMOUNTS: Final = [column.name for column in WORKFORCE.columns if column.name not in WORKFORCE.key]


def not_meant_bars(rows: AuthorityRows) -> Iterator[Bar]:
    """Yield a bar for each number of a workforce return that cannot be meant."""
    by_quarter = _numbers(rows)
    unfit = {quarter: unfit_numbers(sent) for quarter, sent in by_quarter.items()}
    for column in _AMOUNTS:
        fitting = {
            quarter: sent[column]
            for quarter, sent in by_quarter.items()
            if column in sent and column not in unfit[quarter]
        }
        found = {quarter for quarter, names in unfit.items() if column in names}
        if quarters := found | out_of_scale(fitting):
            told = frozenset(map(Quarter.parse, quarters))
            reason = FigureReason.NUMBER_NOT_MEANT
            yield Bar(reason, RETURN.name, told, table=WORKFORCE.name, column=column)


def _numbers(rows: AuthorityRows) -> dict[str, Sent]:
    """Return the numbers of each quarter; one sent twice over has the larger ones."""
    frame = rows.frames.get(WORKFORCE.name)
    if frame is None or frame.empty:
        return {}
    names = [name for name in _AMOUNTS if name in frame]
    largest = frame.groupby("quarter", observed=True)[names].max()
    return {
        str(quarter): {str(name): float(amount) for name, amount in sent.items() if amount > 0}
        for quarter, sent in largest.to_dict("index").items()
    }


def unfit_numbers(sent: Sent) -> frozenset[str]:
    """Return which numbers of a return cannot be meant beside the others.

    Of two that do not fit, the one that fits a third may be meant. A share above its most is never.
    """
    fits = {pair: _fits(sent, pair) for pair in FITS if set(pair) <= sent.keys()}
    doubted = {name for pair, is_fit in fits.items() if not is_fit for name in pair}
    vouched = {name for pair, is_fit in fits.items() if is_fit for name in pair}
    above = {
        top
        for (top, bottom), most in SHARES.items()
        if {top, bottom} <= sent.keys() and sent[top] > most * sent[bottom]
    }
    return frozenset(doubted - vouched | above)


def _fits(sent: Sent, pair: tuple[str, str]) -> bool:
    least, most = FITS[pair]
    top, bottom = (sent[name] for name in pair)
    return most * bottom < top * OUT_BY and top < least * bottom * OUT_BY


def out_of_scale(amounts: Mapping[str, float]) -> set[str]:
    """Return the quarters whose amount is out of scale against more than half of the others."""
    return {
        quarter
        for quarter, amount in amounts.items()
        if 2 * sum(_is_far(amount, other) for other in amounts.values()) > len(amounts) - 1
    }


def _is_far(amount: float, other: float) -> bool:
    low, high = sorted((amount, other))
    return high >= LEAST_IN_SCALE and high >= low * OUT_OF_SCALE
