"""Why a figure is not given, or needs a word with it: a closed list.

Every `x` and `z` of the outcome table has exactly one of these, and so has a figure that is given
with a word: it stands on an earlier version of a return than the newest one sent, or on a table of
which rows were set aside. Where several hold of one figure, the first in order of declaration is
named. All of them are about what was sent, and four about how many rows or ids of it could be
used, one about numbers of staff that are no figure; none is about a number that is published or
suppressed, so that naming one discloses nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

SET_ASIDE_SHARE: Final = 0.10
SET_ASIDE_ROWS: Final = 5
"""A table that loses more than this share of its rows, and at least so many, speaks for too few: no
figure is made of it. Up to a tenth, what is lost is about what late entries change from one year's
return to the next; fewer rows than five make counts that are not published."""
TOO_MANY_SHARE: Final = 0.05
TOO_MANY_ROWS: Final = 20
"""A table that loses more than this share, and at least so many rows, is not fit to be used: its
return is refused (`TOO_MANY_ERRORS`)."""


class FigureReason(StrEnum):
    """Why a figure is `x` or `z`, or what it rests on though it is given."""

    NOT_RETURNED = "NOT_RETURNED"
    RETURN_REFUSED = "RETURN_REFUSED"
    RETURN_HELD = "RETURN_HELD"
    PERIOD_MISMATCH = "PERIOD_MISMATCH"
    NOT_MATURE = "NOT_MATURE"
    TABLE_NOT_SENT = "TABLE_NOT_SENT"
    IDS_DO_NOT_MATCH = "IDS_DO_NOT_MATCH"
    TOO_MANY_SET_ASIDE = "TOO_MANY_SET_ASIDE"
    TOO_MANY_CONTRADICT = "TOO_MANY_CONTRADICT"
    NUMBER_NOT_MEANT = "NUMBER_NOT_MEANT"
    NUMBER_NOT_SENT = "NUMBER_NOT_SENT"
    NO_ONE_TO_COUNT = "NO_ONE_TO_COUNT"
    LATER_VERSION_REFUSED = "LATER_VERSION_REFUSED"
    LATER_VERSION_HELD = "LATER_VERSION_HELD"
    ROWS_SET_ASIDE = "ROWS_SET_ASIDE"

    @property
    def goes_with_a_figure(self) -> bool:
        """Whether the figure is given, with this word."""
        return self in _WITH_A_FIGURE

    @property
    def words(self) -> str:
        """The reason as one sentence."""
        return _WORDS[self][0]

    @property
    def advice(self) -> str:
        """What to do about it, as one sentence."""
        return _WORDS[self][1]


_WORDS: Final = {
    FigureReason.NOT_RETURNED: (
        "A return that the figure is made of was not sent for a quarter it needs.",
        "Ask the authority for the return.",
    ),
    FigureReason.RETURN_REFUSED: (
        "A return that the figure is made of was sent and refused, and nothing else counts for "
        "that quarter.",
        "Ask the authority to correct it as its report says, and to send it again.",
    ),
    FigureReason.RETURN_HELD: (
        "A return that the figure is made of was sent and is held, and nothing else counts for "
        "that quarter.",
        "Settle what it is held for: the authority's receipt says what.",
    ),
    FigureReason.PERIOD_MISMATCH: (
        "What was sent for a quarter the figure needs is the return of another period.",
        "Ask the authority for the return of the quarter that is named.",
    ),
    FigureReason.NOT_MATURE: (
        "The quarters that the figure follows up or looks back on are not all among those that "
        "returns have been collected for so far.",
        "Wait: later returns complete it. What lies before the first return stays unknown.",
    ),
    FigureReason.TABLE_NOT_SENT: (
        "The return came without the table that the figure is made of.",
        "Ask the authority for the table; it can be sent on its own.",
    ),
    FigureReason.IDS_DO_NOT_MATCH: (
        "The returns behind the figure do not name the same children: some were left out of one of "
        "them, or are there under other ids.",
        "Ask the authority to send the return whole, with the ids of its other returns.",
    ),
    FigureReason.TOO_MANY_SET_ASIDE: (
        "So many rows of a table that the figure is made of were set aside that the rest does not "
        "speak for the authority.",
        "Ask the authority to correct the errors of its report, and to send the table again.",
    ),
    FigureReason.TOO_MANY_CONTRADICT: (
        "So many rows of a table that the figure is made of contradict each other that they tell "
        "no history.",
        "Ask the authority to check the table against the year before, and to send it again.",
    ),
    FigureReason.NUMBER_NOT_MEANT: (
        "A number that the figure is made of cannot be meant: it does not fit the other numbers of "
        "its return, or is thirty times and more out against the authority's other quarters.",
        "Ask the authority to check the number, and to send the return again.",
    ),
    FigureReason.NUMBER_NOT_SENT: (
        "The return came, and one of the numbers that the figure is made of is not in it (or, of "
        "children aged 0 to 17, not in the published series).",
        "Ask the authority for the number.",
    ),
    FigureReason.NO_ONE_TO_COUNT: (
        "Everything came in, and there was no one or nothing to count.",
        "Nothing needs doing.",
    ),
    FigureReason.LATER_VERSION_REFUSED: (
        "The figure is that of an earlier version: a later one was sent and refused.",
        "Ask the authority to correct it as its report says, and to send it again.",
    ),
    FigureReason.LATER_VERSION_HELD: (
        "The figure is that of an earlier version: a later one was sent and is held.",
        "Settle what it is held for: the authority's receipt says what.",
    ),
    FigureReason.ROWS_SET_ASIDE: (
        "The figure is given, and made of a table of which a few rows were set aside: whom they "
        "tell of may be missing from it.",
        "Ask the authority to correct the errors of its report, and to send the table again.",
    ),
}
"""Of every reason, what it is and what to do."""

_WITH_A_FIGURE: Final = (
    FigureReason.LATER_VERSION_REFUSED,
    FigureReason.LATER_VERSION_HELD,
    FigureReason.ROWS_SET_ASIDE,
)

_IN_ORDER: Final = tuple(FigureReason)


def first_reason(found: Iterable[FigureReason]) -> FigureReason | None:
    """Return the reason to be named where several hold, the first in order; None without any."""
    return min(found, key=_IN_ORDER.index, default=None)
