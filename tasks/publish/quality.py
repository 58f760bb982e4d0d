"""What an edition says of its own quality: coverage, known faults, what is not shown, definitions.

Every number here is a count of returns, of figures or of cells that anyone can count again in the
published files; none is a count of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pandas import DataFrame, Series

from schemas.editions import Symbol
from schemas.outcomes.reason import FigureReason
from tasks.costs.words import plain_words
from tasks.disclose.earlier import HELD, SIDES
from tasks.outcomes.reasons import reason_runs
from tasks.publish.ees import DataFile, Filter, Indicator
from tasks.publish.tables import national_file, return_title

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

QUALITY: Final = "quality"
COVERAGE: Final = "Coverage"
KNOWN_FAULTS: Final = "Known faults"
NOT_SHOWN: Final = "Not shown"
_STATEMENT: Final = "statement"
_INDICATORS: Final = (Indicator("number", "Number"), Indicator("out_of", "Out of"))
SHORT_REASONS: Final[Mapping[FigureReason, str]] = {
    FigureReason.NOT_RETURNED: "not known: a return was not sent",
    FigureReason.RETURN_REFUSED: "not known: a return was refused",
    FigureReason.RETURN_HELD: "not known: a return is held",
    FigureReason.PERIOD_MISMATCH: "not known: the return of another period was sent",
    FigureReason.NOT_MATURE: "not known: follow-up is not over, or begins before the first return",
    FigureReason.TABLE_NOT_SENT: "not known: a table is missing from a return",
    FigureReason.IDS_DO_NOT_MATCH: "not known: two returns do not name the same children",
    FigureReason.TOO_MANY_SET_ASIDE: "not known: too many rows were set aside",
    FigureReason.TOO_MANY_CONTRADICT: "not known: too many rows contradict each other",
    FigureReason.NUMBER_NOT_MEANT: "not known: a number cannot be meant",
    FigureReason.NUMBER_NOT_SENT: "not known: a number is missing from a return",
    FigureReason.NO_ONE_TO_COUNT: "not applicable: there was no one to count",
    FigureReason.LATER_VERSION_REFUSED: "given from an earlier version: a later one was refused",
    FigureReason.LATER_VERSION_HELD: "given from an earlier version: a later one is held",
    FigureReason.ROWS_SET_ASIDE: "given, though a few rows were set aside",
}
"""Each reason in a few words, of the figures of authorities that it stands for."""
SYMBOLS_COUNTED: Final = {
    Symbol.HIDDEN: "hidden",
    Symbol.NOT_AVAILABLE: "not available",
    Symbol.UNRELIABLE: "unreliable",
    Symbol.LOW: "low",
}
"""Symbols in place of a number that could have stood there; what does not apply is no loss."""


@dataclass(frozen=True)
class QualityRow:
    """One statement: its topic, what is counted, how many, and out of how many (None for none)."""

    topic: str
    what: str
    number: int
    out_of: int | None = None

    @property
    def statement(self) -> str:
        """The statement as the data file names it."""
        return f"{self.topic}: {self.what}"


def quality_rows(
    inputs: EditionInputs, tables: Sequence[DataFile], shown: DataFrame
) -> list[QualityRow]:
    """Return everything the edition says of its quality in numbers.

    Args:
        inputs: what the edition is made from.
        tables: its other data files.
        shown: figures after disclosure control.
    """
    return [
        *_coverage(inputs.completeness),
        *_faults(inputs.outcomes),
        *_symbols(tables),
        _held(shown),
    ]


def quality_file(rows: Sequence[QualityRow], *, time: str) -> DataFile:
    """Return the statements as a data file.

    Args:
        rows: as `quality_rows`.
        time: quarter of the cut.
    """
    statements = Series([row.statement for row in rows], dtype=str)
    out_of = ["z" if row.out_of is None else str(row.out_of) for row in rows]
    indicators = {
        "number": Series([str(row.number) for row in rows], dtype=str),
        "out_of": Series(out_of, dtype=str),
    }
    first = str(statements.iloc[0])
    labels = (Filter(_STATEMENT, "Statement", "Choose a statement", first),)
    title = "Quality of this edition"
    return national_file(
        QUALITY, title, {_STATEMENT: statements}, indicators, labels, _INDICATORS, time
    )


def _coverage(table: DataFrame) -> Iterator[QualityRow]:
    received = table["received"].astype(bool)
    by_authority = received.groupby(table["la_code"])
    whole, some = int(by_authority.all().sum()), int(by_authority.any().sum())
    count = len(by_authority)
    yield QualityRow(COVERAGE, "authorities with a return that is counted", some, count)
    yield QualityRow(COVERAGE, "authorities of which every return due is counted", whole, count)
    yield QualityRow(COVERAGE, "returns counted", int(received.sum()), len(table))
    for name, mine in received.groupby(table["return_name"]):
        what = f"returns counted, {return_title(str(name))}"
        yield QualityRow(COVERAGE, what, int(mine.sum()), len(mine))
    for state, words in (("rejected", "was refused"), ("held", "is held")):
        count = int(table["unsettled"].eq(state).sum())
        yield QualityRow(
            COVERAGE, f"returns of which the newest version {words}", count, len(table)
        )


def _faults(outcomes: DataFrame) -> Iterator[QualityRow]:
    counts = reason_runs(outcomes).groupby("reason")["figures"].sum()
    for reason in FigureReason:
        if reason in counts.index and reason is not FigureReason.NO_ONE_TO_COUNT:
            yield QualityRow(
                KNOWN_FAULTS, SHORT_REASONS[reason], int(counts[reason]), len(outcomes)
            )


def _symbols(tables: Sequence[DataFile]) -> Iterator[QualityRow]:
    for table in tables:
        cells = table.frame[[indicator.name for indicator in table.indicators]].to_numpy().ravel()
        counts = Series(cells[cells != Symbol.NOT_APPLICABLE.value], dtype=str).value_counts()
        for symbol, words in SYMBOLS_COUNTED.items():
            count = int(counts.get(symbol.value, 0))
            if count:
                what = f"cells {words}, {plain_words(table.name)}"
                yield QualityRow(NOT_SHOWN, what, count, int(counts.sum()))


def _held(shown: DataFrame) -> QualityRow:
    held = sum(int((shown[f"{side}_state"] == HELD).sum()) for side in SIDES)
    return QualityRow(NOT_SHOWN, "numbers of an earlier edition that are repeated", held)


def definition_changes(before: DataFrame | None, now: DataFrame) -> list[str]:
    """Return what changed in the definitions of outcomes since the edition before, as sentences.

    Args:
        before: `outcome_definitions` of then, every cell a text; None for the first edition.
        now: the same of this edition.
    """
    if before is None:
        return []
    was, new = (_by_id(table) for table in (before, now))
    return [
        *(f"{one['outcome']} is new." for name, one in new.items() if name not in was),
        *(f"{one['outcome']} is left out." for name, one in was.items() if name not in new),
        *(
            f"{one['outcome']}: {_changed(was[name], one)} changed."
            for name, one in new.items()
            if name in was and _changed(was[name], one)
        ),
    ]


def _by_id(table: DataFrame) -> dict[str, dict[str, str]]:
    """Return the definition of each outcome by its id, by column."""
    return {
        str(row["id"]): {str(name): str(text) for name, text in row.items()}
        for row in table.to_dict("records")
    }


def _changed(was: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Return which parts of a definition are not what they were, in words."""
    return ", ".join(plain_words(name) for name in new if was.get(name, new[name]) != new[name])
