"""What was open at the end of the last return and is not in this one: no share is too small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pandas import DataFrame

from expectations.rows import Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.endings import SPELLS, Spell
from schemas.quarter import Quarter
from schemas.rows import CHILD_KEY, SOURCE_ROW

_SHOWN = 200
_DAY, _LATER = "2023-05-01", "2023-06-01"


def query_gone(sheet: RuleSet) -> None:
    """Declare the query of a table of `SPELLS`: its open rows must stand in the next return."""
    table, spell = sheet.table, SPELLS[sheet.table]
    was_open: Mapping[str, Any] = {spell.start: _DAY, **_counts_as_open(spell)}
    sheet.query(
        "SFP-GONE",
        f"Some {spell.words} open at the end of the last return are not in this one, neither open "
        "nor ended. Add them with the same start; or correct their start, or send a note. Until "
        "then they count as ended on the day after the last that return covers, or as what this "
        "return has in their place (docs/definitions.md).",
        spell.start,
        table_level=True,
        needs=tuple(f"previous.{table}.{name}" for name in _read(spell)),
        found=lambda rows: _rows_in_words(_gone(rows, table), rows.context.previous_quarter),
        fails=example(
            {table: [{"child_id": "B", spell.start: _DAY}]}, previous={table: [was_open]}
        ),
        passes=(
            example({table: [{spell.start: _DAY}]}, previous={table: [was_open]}),
            example(
                {table: [{spell.start: _LATER}]},
                previous={table: [{**was_open, spell.end: _LATER}]},
            ),
        ),
    )(lambda rows: len(_gone(rows, table)) > 0)


def _read(spell: Spell) -> tuple[str, ...]:
    names = (spell.start, spell.end, spell.status[0], spell.over_at_once)
    return tuple(name for name in names if name)


def _counts_as_open(spell: Spell) -> dict[str, Any]:
    known: dict[str, Any] = {spell.status[0]: "C2"} if spell.status[0] else {}
    return {**known, spell.over_at_once: False} if spell.over_at_once else known


def _gone(rows: Rows, table: str) -> DataFrame:
    """Return the rows at rest of the last return that were open, and are not here."""
    before, spell = rows.previous(table), SPELLS[table]
    is_open = before[spell.end].isna()
    if spell.status[0]:
        is_open &= ~before[spell.status[0]].isin(spell.status[1])
    if spell.over_at_once:
        is_open &= ~before[spell.over_at_once].astype("boolean").fillna(value=False)
    named = before[CHILD_KEY].ne(0) & before[spell.start].notna()
    return before[as_booleans(is_open & named) & ~rows.is_kept(table, (CHILD_KEY, spell.start))]


def _rows_in_words(gone: DataFrame, quarter: Quarter | None) -> str:
    """Return where the last return has them: ids do not rest here, row numbers do."""
    if SOURCE_ROW not in gone or quarter is None:
        return f"{len(gone)} in all"
    places = sorted(gone[SOURCE_ROW].tolist())
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    listed = ", ".join(str(place) for place in places[:_SHOWN])
    return f"{len(places)} in all: rows {listed}{more} of the return for {quarter}"
