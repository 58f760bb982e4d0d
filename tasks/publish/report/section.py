"""What the chapters of the report are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup
from pandas import DataFrame

from tasks.publish.ees import DataFile

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

RowTexts = tuple[str, ...]


@dataclass(frozen=True)
class ReportInputs:
    """What the report is written from.

    Attributes:
        inputs: what the edition is made from.
        shown: figures after disclosure control.
        tables: the published tables, by name.
        moved: figures that moved since the edition before.
        previous: name of the edition before; None for the first.
        totals: which authorities each total adds up (`tasks.publish.totals.totals_table`).
        seven: the seven outcomes, value for money with them.
        definitions: what changed in them since the edition before, as sentences.
    """

    inputs: EditionInputs
    shown: DataFrame
    tables: dict[str, DataFile]
    moved: DataFrame
    previous: str | None
    totals: DataFrame
    seven: DataFrame
    definitions: Sequence[str] = ()


@dataclass(frozen=True)
class Listing:
    """A table: title, headings, rows of texts; the first `words` columns are no figures."""

    title: str
    headings: RowTexts
    rows: tuple[RowTexts, ...]
    words: int = 1

    @property
    def numeric(self) -> tuple[int, ...]:
        """Places of the columns that hold figures: those after the words."""
        return tuple(range(self.words, len(self.headings)))


@dataclass(frozen=True, kw_only=True)
class Chart(Listing):
    """A chart, and the table of its figures."""

    svg: Markup


@dataclass(frozen=True)
class Drawing:
    """A drawing made elsewhere; `description` is what it shows, in words."""

    title: str
    svg: Markup
    description: str


@dataclass(frozen=True)
class Section:
    """One chapter: words, cautions, tables, charts, drawings; `more` is folded away on a screen."""

    anchor: str
    title: str
    words: Sequence[str] = ()
    cautions: Sequence[str] = ()
    tables: Sequence[Listing] = ()
    charts: Sequence[Chart] = ()
    drawings: Sequence[Drawing] = ()
    more: Sequence[Listing] = ()


def rows_of(frame: DataFrame, columns: Sequence[str]) -> tuple[RowTexts, ...]:
    """Return columns of a frame as rows of texts."""
    return tuple(frame[list(columns)].astype(str).itertuples(index=False, name=None))
