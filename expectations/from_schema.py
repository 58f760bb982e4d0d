"""Rules that follow from the declarations: what must be there, which codes, what bounds, which key.

A column DfE has a code for gets one rule under that code for everything the declaration asks of it;
other columns get one rule for each thing asked, under codes of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from expectations.falls import rules_of_falls
from expectations.rows import Booleans, Positions, Rows
from expectations.rule import Example, Rule
from expectations.rule_set import example
from schemas.authorities import authorities, lasting_code
from schemas.outcomes import TABLES_BEHIND
from schemas.outcomes.reason import (
    SET_ASIDE_ROWS,
    SET_ASIDE_SHARE,
    TOO_MANY_ROWS,
    TOO_MANY_SHARE,
    FigureReason,
)
from schemas.rows import BLOCK_UNKNOWN, Tolerance
from schemas.submission import Reach, Severity
from schemas.table import AtRest, Column, Form, Return, Table

EARLIEST = pd.Timestamp("1900-01-01")
LATEST_YEARS_AHEAD = 5
"""A date before the one or so many years after the quarter is a slip of the pen."""

BY_ITSELF = {
    "DATE_INVALID": "The date cannot be true: it is before 1900 or years ahead. Correct it.",
    "VALUE_RANGE": "The number is smaller or larger than it can be. Correct it.",
}
"""Codes that stand for one check on many columns."""

Official = Mapping[tuple[str, str], str]
"""DfE's code for the validity of a column, by table and column."""


@dataclass(frozen=True)
class Ask:
    """One thing a declaration asks of a column.

    Attributes:
        kind: last part of our code for it, or a code by itself (`BY_ITSELF`).
        words: what is wrong when it is not so.
        broken: True where it is not so.
        wrong, right: cells that break it and cells that do not, among them those at a bound.
    """

    kind: str
    words: str
    broken: Callable[[Rows, Series], Any]
    wrong: tuple[Any, ...]
    right: tuple[Any, ...]


def declared_rules(
    return_: Return,
    *,
    official: Official,
    essential: frozenset[tuple[str, str]],
    conditional: frozenset[tuple[str, str]],
) -> tuple[Rule, ...]:
    """Return every rule that follows from the declaration of a return.

    Args:
        return_: the return.
        official: DfE's codes for columns.
        essential: columns besides keys and dates without which a row would mislead an outcome, so
            that a fault in one takes the row out.
        conditional: columns that are required of some rows only, as a rule by hand says.
    """
    rules = [
        *_rules_of_origin(return_),
        *_rules_of_blocks(return_),
        *_rules_of_emptiness(return_),
        *rules_of_falls(return_),
    ]
    for table in return_.tables:
        rules += _rules_of_table(table)
        rules += _rules_of_key(table, official)
        rules += _rules_of_each_field(table, official)
        for column in table.columns:
            asked = _asked_always(column, (table.name, column.name) in conditional)
            if column.sent_as is not None:
                rules += _rules_of_column(table, asked, official, essential)
    return tuple(rules)


def _asked_always(column: Column, is_conditional: bool) -> Column:
    return replace(column, required=False) if is_conditional else column


def _rules_of_origin(return_: Return) -> Iterator[Rule]:
    main = return_.tables[0].name
    yield Rule(
        code="AUTHORITY_MISMATCH",
        words="The return names another authority than the folder it was put in. "
        "Put it in the right folder, or correct the authority code inside it.",
        table=main,
        fields=(),
        condition=_is_of_another_authority,
        found=_authorities_named,
        reach=Reach.SUBMISSION,
        severity=Severity.ERROR,
        table_level=True,
        run_when_table_missing=True,
        fails=(example(header={"old_la_code": "330"}), example(header={"la_code": "E08000025"})),
        passes=(example(header={"old_la_code": "335"}), example(header={"la_code": "E08000030"})),
    )
    yield Rule(
        code="YEAR_MISMATCH",
        words="The return says it is for another collection year than the quarter it was sent "
        "for. Put it in the right quarter's folder, or correct the year inside it.",
        table=main,
        fields=(),
        condition=lambda rows: rows.read.claimed_year not in (None, rows.context.year),
        reach=Reach.SUBMISSION,
        severity=Severity.ERROR,
        table_level=True,
        run_when_table_missing=True,
        fails=(example(header={"claimed_year": 2019}, quarter="2023-24Q4"),),
        passes=(example(header={"claimed_year": 2024}, quarter="2023-24Q4"),),
    )


def _rules_of_blocks(return_: Return) -> Iterator[Rule]:
    """A part of an XML return under a name we do not know: its rows are in no figure."""
    if Form.XML not in return_.forms:
        return
    yield Rule(
        code=BLOCK_UNKNOWN,
        words="A block of the file has a name that is not known, and nothing in it was read. Ask "
        "your supplier for the name of the collection year, or ask us to add it.",
        table=return_.tables[0].name,
        fields=(),
        condition=_has_unknown_blocks,
        found=lambda rows: " ".join(used.words for used in _unknown_blocks(rows)),
        reach=Reach.NOTICE,
        severity=Severity.QUERY,
        table_level=True,
        run_when_table_missing=True,
        fails=(example(header={"tolerances": (Tolerance(BLOCK_UNKNOWN, "a.xml", "One."),)}),),
        passes=(example(header={"tolerances": ()}),),
    )


def _unknown_blocks(rows: Rows) -> list[Tolerance]:
    return [used for used in rows.read.tolerances if used.code == BLOCK_UNKNOWN]


def _has_unknown_blocks(rows: Rows) -> bool:
    return bool(_unknown_blocks(rows))


def _rules_of_emptiness(return_: Return) -> Iterator[Rule]:
    """Yield the refusal of a return without a row, where no table of it is required."""
    if any(table.required for table in return_.tables):
        return
    main = return_.tables[0].name
    yield Rule(
        code="NO_ROWS",
        words="No table of the return has a row. Send the return with its rows, or with "
        "`nil return` in the first row where there is nothing to report.",
        table=main,
        fields=(),
        condition=lambda rows: not any(map(len, rows.read.frames.values())) and not _says_nil(rows),
        reach=Reach.SUBMISSION,
        severity=Severity.ERROR,
        table_level=True,
        run_when_table_missing=True,
        fails=(example({main: []}),),
        passes=(
            example({main: [{}]}),
            example({main: []}, header={"tolerances": (Tolerance("NIL_RETURN", "a.csv", "Nil."),)}),
        ),
    )


def _says_nil(rows: Rows) -> bool:
    """Return whether the authority wrote that there is nothing to report."""
    return any(found.code == "NIL_RETURN" for found in rows.read.tolerances)


def _is_of_another_authority(rows: Rows) -> bool:
    ours = rows.context.la_code
    named, old = rows.read.la_code, rows.read.old_la_code
    old_codes = {each.old_la_code for each in authorities().values() if _lasts_as(each, ours)}
    is_other = named is not None and lasting_code(named) != lasting_code(ours)
    return is_other or (old is not None and old not in old_codes)


def _authorities_named(rows: Rows) -> str:
    """Return the code inside the return and that of the folder, neither of which is secret."""
    inside = rows.read.la_code or rows.read.old_la_code or ""
    known = [each for each in authorities().values() if inside in each.codes]
    name = f"{inside} ({known[0].la_name})" if known else "another code"
    ours = authorities()[rows.context.la_code]
    return f"{name} in a folder of {ours.old_la_code}, {ours.la_code} ({ours.la_name})"


def _lasts_as(each: Any, ours: str) -> bool:
    return lasting_code(each.la_code) == lasting_code(ours)


def _rules_of_table(table: Table) -> Iterator[Rule]:
    if table.required:
        yield from _rules_of_required(table)
    yield _table_rule(
        table,
        "NOTHING_LEFT",
        f"Every row of {table.sent_as} has an error that takes it out. "
        "Correct the errors listed and send the return again.",
        partial(_loses_every_row, table=table.name),
        fails=example({table.name: [{}]}, lost={table.name: [True]}),
        passes=(
            example({table.name: [{}, {}]}, lost={table.name: [True, False]}),
            example({table.name: []}, lost={table.name: []}),
        ),
        runs_last=True,
    )
    yield _table_rule(
        table,
        "TOO_MANY_ERRORS",
        f"More than {TOO_MANY_SHARE:.0%} of the rows of {table.sent_as} have an error that takes "
        "them out. Correct the errors listed and send the return again.",
        lambda rows: _loses_too_many(rows.lost[table.name]),
        fails=example({table.name: [{}] * 100}, lost={table.name: [True] * 20 + [False] * 80}),
        passes=(
            example({table.name: [{}] * 20}, lost={table.name: [True] * 19 + [False]}),
            example({table.name: [{}] * 400}, lost={table.name: [True] * 20 + [False] * 380}),
        ),
        runs_last=True,
    )
    if table.name in TABLES_BEHIND:
        yield _rule_of_set_aside(table)
        yield _rule_of_few_set_aside(table)


def _rule_of_set_aside(table: Table) -> Rule:
    rule = _table_rule(
        table,
        FigureReason.TOO_MANY_SET_ASIDE.value,
        f"More than {SET_ASIDE_SHARE:.0%} of the rows of {table.sent_as} have an error that takes "
        "them out, so no figure is made of it. Correct the errors listed and send it again.",
        lambda rows: _loses_many(rows.lost[table.name]),
        fails=example({table.name: [{}] * 40}, lost={table.name: [True] * 5 + [False] * 35}),
        passes=(
            example({table.name: [{}] * 50}, lost={table.name: [True] * 5 + [False] * 45}),
            example({table.name: [{}] * 20}, lost={table.name: [True] * 4 + [False] * 16}),
            example({table.name: [{}] * 100}, lost={table.name: [True] * 20 + [False] * 80}),
        ),
        runs_last=True,
    )
    return replace(rule, reach=Reach.NOTICE, severity=Severity.QUERY)


def _rule_of_few_set_aside(table: Table) -> Rule:
    rule = _table_rule(
        table,
        FigureReason.ROWS_SET_ASIDE.value,
        f"Some rows of {table.sent_as} have an error that takes them out, so figures made of it "
        "are given with a note. Correct the errors listed and send it again.",
        lambda rows: _loses_few(rows.lost[table.name]),
        fails=example({table.name: [{}] * 20}, lost={table.name: [True] + [False] * 19}),
        passes=(
            example({table.name: [{}] * 20}, lost={table.name: [False] * 20}),
            example({table.name: [{}] * 40}, lost={table.name: [True] * 5 + [False] * 35}),
        ),
        runs_last=True,
    )
    return replace(rule, reach=Reach.NOTICE, severity=Severity.NOTICE, is_told=False)


def _rules_of_required(table: Table) -> Iterator[Rule]:
    yield _table_rule(
        table,
        "TABLE_MISSING",
        f"{table.sent_as} was not sent. Send the return again with it.",
        lambda rows: not rows.is_sent(table.name),
        fails=example(),
        passes=(example({table.name: [{}]}),),
        run_when_table_missing=True,
    )
    yield _table_rule(
        table,
        "NO_ROWS",
        f"{table.sent_as} has no rows. Send the return again with its rows.",
        lambda rows: len(rows[table.name]) == 0 and not _says_nil(rows),
        fails=example({table.name: []}),
        passes=(example({table.name: [{}]}),),
    )


def _loses_every_row(rows: Rows, *, table: str) -> bool:
    return len(rows[table]) > 0 and bool(rows.lost[table].all())


def _loses_too_many(lost: Booleans) -> bool:
    count = int(lost.sum())
    return count >= TOO_MANY_ROWS and count > TOO_MANY_SHARE * len(lost)


def _loses_many(lost: Booleans) -> bool:
    """Return whether a table that is not refused for its errors lost too many rows to count."""
    count = int(lost.sum())
    is_many = count >= SET_ASIDE_ROWS and count > SET_ASIDE_SHARE * len(lost)
    return is_many and not _loses_too_many(lost)


def _loses_few(lost: Booleans) -> bool:
    """Return whether a table that still counts lost a row."""
    return bool(lost.any()) and not (lost.all() or _loses_too_many(lost) or _loses_many(lost))


def _table_rule(
    table: Table,
    code: str,
    words: str,
    condition: Callable[[Rows], bool],
    *,
    fails: Example,
    passes: tuple[Example, ...],
    run_when_table_missing: bool = False,
    runs_last: bool = False,
) -> Rule:
    return Rule(
        code=code,
        words=words,
        table=table.name,
        fields=(),
        condition=condition,
        reach=Reach.SUBMISSION,
        severity=Severity.ERROR,
        since=table.since,
        until=table.until,
        table_level=True,
        run_when_table_missing=run_when_table_missing,
        runs_last=runs_last,
        fails=(fails,),
        passes=passes,
    )


def _rules_of_key(table: Table, official: Official) -> Iterator[Rule]:
    """Yield what is asked of rows with one key: no copies, no blank twins, no disagreement."""
    key, other = _example_key(table), _example_rest(table)
    yield _key_rule(
        table,
        official.get((table.name, "copy"), "SFP-COPY"),
        f"The row of {table.sent_as} repeats an earlier row exactly. The first is kept.",
        lambda rows: _is_copy(rows, table),
        severity=Severity.NOTICE,
        fails=example({table.name: [key, key]}),
        passes=example({table.name: [key, {**key, **other}]})
        if other
        else example({table.name: [key]}),
    )
    if not other:
        return
    yield _key_rule(
        table,
        "SFP-BLANK",
        f"The row of {table.sent_as} is blank, and another row says more. The other is kept.",
        lambda rows: _is_blank_twin(rows, table),
        severity=Severity.NOTICE,
        fails=example({table.name: [{**key, **other}, key]}),
        passes=example({table.name: [key]}),
    )
    yield _key_rule(
        table,
        official.get((table.name, "key"), "SFP-KEY"),
        f"Rows of {table.sent_as} with the same {_and(_headings(table))} disagree. "
        "None is chosen: keep the right one and send the return again.",
        lambda rows: _disagrees(rows, table),
        severity=Severity.ERROR,
        fails=example({table.name: [{**key, **other}, {**key, **_example_rest(table, 1)}]}),
        passes=example({table.name: [{**key, **other}, {**key, **other}]}),
    )


def _key_rule(
    table: Table,
    code: str,
    words: str,
    condition: Callable[[Rows], Booleans],
    *,
    severity: Severity,
    fails: Example,
    passes: Example,
) -> Rule:
    return Rule(
        code=code,
        words=words,
        table=table.name,
        fields=table.key,
        condition=condition,
        reach=Reach.RECORD,
        severity=severity,
        needs=(table.name,),
        since=table.since,
        until=table.until,
        fails=(fails,),
        passes=(passes,),
    )


def _headings(table: Table) -> list[str]:
    return [table[name].sent_as or name for name in table.key]


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _repeated(rows: Rows, table: Table) -> tuple[Positions, DataFrame]:
    """Return where rows share a key with another, and those rows without the key."""
    keys = rows.same(table.name, table.key)
    places = rows.repeats(table.name, table.key)
    rest = [column.name for column in table.columns if column.name not in table.key]
    held = rows[table.name].iloc[places][rest]
    return places, held.assign(key=keys[places])


def _marked(rows: Rows, table: Table, places: Any, marked: Any) -> Booleans:
    broken = np.zeros(len(rows[table.name]), dtype=bool)
    broken[places] = marked
    return broken


def _is_copy(rows: Rows, table: Table) -> Booleans:
    places, held = _repeated(rows, table)
    return _marked(rows, table, places, held.duplicated(keep="first").to_numpy())


def _blank(held: DataFrame) -> Series:
    """Return which rows hold nothing but their key though another row of the key holds more."""
    empty = held.drop(columns="key").isna().all(axis=1)
    return empty & ~empty.groupby(held["key"]).transform("all")


def _is_blank_twin(rows: Rows, table: Table) -> Booleans:
    return rows.once(("blank twins", table.name), lambda: _blank_twins(rows, table))


def _blank_twins(rows: Rows, table: Table) -> Booleans:
    places, held = _repeated(rows, table)
    if len(places) == 0 or held.shape[1] == 1:
        return np.zeros(len(rows[table.name]), dtype=bool)
    return _marked(rows, table, places, _blank(held).to_numpy())


def _disagrees(rows: Rows, table: Table) -> Booleans:
    places, held = _repeated(rows, table)
    if len(places) == 0:
        return np.zeros(len(rows[table.name]), dtype=bool)
    weighty = ~_blank(held)
    distinct = (weighty & ~held.duplicated(keep="first")).astype("int64")
    several = distinct.groupby(held["key"]).transform("sum") > 1
    return _marked(rows, table, places, (several & weighty).to_numpy())


def _rules_of_column(
    table: Table, column: Column, official: Official, essential: frozenset[tuple[str, str]]
) -> Iterator[Rule]:
    asks = list(_asks_of(column))
    code = official.get((table.name, column.name))
    reach = Reach.RECORD if _is_essential(table, column, essential) else Reach.NOTICE
    if code is None:
        for ask in asks:
            if ask.kind not in BY_ITSELF:
                yield _column_rule(table, column, _own_code(column, ask), (ask,), reach)
    elif asks:
        yield _column_rule(table, column, code, tuple(asks), reach)


def _own_code(column: Column, ask: Ask) -> str:
    """Return our code: by the authority's heading, or by our name where that is a sentence."""
    heading = column.sent_as or ""
    return f"SFP-{heading if heading.isidentifier() else column.name}-{ask.kind}"


def _rules_of_each_field(table: Table, official: Official) -> Iterator[Rule]:
    """Yield the rules that have one code for every column DfE has none for."""
    for kind, words in BY_ITSELF.items():
        asked = {
            column.name: ask
            for column in table.columns
            if column.sent_as is not None and (table.name, column.name) not in official
            for ask in _asks_of(column)
            if ask.kind == kind
        }
        if asked:
            yield _each_field_rule(table, kind, words, asked)


def _each_field_rule(table: Table, kind: str, words: str, asked: Mapping[str, Ask]) -> Rule:
    return Rule(
        code=kind,
        words=words,
        table=table.name,
        fields=tuple(asked),
        condition=_each_ask(table, asked),
        reach=Reach.RECORD,
        severity=Severity.ERROR,
        since=table.since,
        until=table.until,
        each_field=True,
        fails=tuple(_cell(table, name, cell) for name, ask in asked.items() for cell in ask.wrong),
        passes=tuple(_cell(table, name, cell) for name, ask in asked.items() for cell in ask.right),
    )


def _each_ask(table: Table, asked: Mapping[str, Ask]) -> Callable[[Rows], dict[str, Any]]:
    def broken(rows: Rows) -> dict[str, Any]:
        frame = rows[table.name]
        return {name: ask.broken(rows, frame[name]) for name, ask in asked.items()}

    return broken


def _is_essential(table: Table, column: Column, essential: frozenset[tuple[str, str]]) -> bool:
    is_kept_date = pa.types.is_date(column.type) and column.at_rest is not AtRest.DROPPED
    return column.name in table.key or is_kept_date or (table.name, column.name) in essential


def _column_rule(
    table: Table, column: Column, code: str, asks: tuple[Ask, ...], reach: Reach
) -> Rule:
    return Rule(
        code=code,
        words=" ".join(dict.fromkeys(ask.words for ask in asks)),
        table=table.name,
        fields=(column.name,),
        condition=_any_ask(table, column, asks),
        # Whole rows, to tell a blank row from a full one of the same key.
        needs=(table.name,) if column.required else (),
        reach=reach,
        severity=Severity.ERROR,
        since=max(filter(None, (table.since, column.since)), default=None),
        until=min(filter(None, (table.until, column.until)), default=None),
        fails=tuple(_cell(table, column.name, cell) for ask in asks for cell in ask.wrong),
        passes=tuple(_cell(table, column.name, cell) for ask in asks for cell in ask.right),
    )


def _cell(table: Table, name: str, cell: Any) -> Example:
    return example({table.name: [{name: cell}]})


def _any_ask(table: Table, column: Column, asks: tuple[Ask, ...]) -> Callable[[Rows], Any]:
    def broken(rows: Rows) -> Any:
        values = rows[table.name][column.name]
        found = asks[0].broken(rows, values)
        for ask in asks[1:]:
            found = found | ask.broken(rows, values)
        # A blank row with a full one of its key is reported once, not for every cell it lacks.
        return found & ~_is_blank_twin(rows, table) if column.required else found

    return broken


def _asks_of(column: Column) -> Iterator[Ask]:
    name, right = column.sent_as, _right(column)
    if column.required:
        yield Ask(
            "MISSING",
            f"{name} is empty. Fill it in.",
            lambda _rows, values: values.isna(),
            (None,),
            (right,),
        )
    if column.codes:
        yield Ask(
            "CODE",
            f"{name} is not one of the codes allowed in the year. Use a code of the guide.",
            lambda rows, values: values.notna() & ~values.isin(column.codes_in(rows.context.year)),
            ("?!",),
            (right,),
        )
    if pa.types.is_date(column.type):
        yield Ask(
            "DATE_INVALID",
            f"{name} cannot be a true date: it is before 1900 or years ahead. Correct it.",
            _is_impossible_date,
            ("0001-01-01", "1899-12-31"),
            (right, "1900-01-01", *_latest_right(column)),
        )
    yield from _asks_of_size(column)


def _asks_of_size(column: Column) -> Iterator[Ask]:
    low, high, longest = column.minimum, column.maximum, column.max_length
    if low is not None and high is not None:
        yield Ask(
            "VALUE_RANGE",
            f"{column.sent_as} must lie between {low:g} and {high:g}. Correct it.",
            partial(_is_outside, low=low, high=high),
            (low - 1, high + 1),
            (low, high),
        )
    if longest is not None:
        yield Ask(
            "LONG",
            f"{column.sent_as} is longer than {longest} characters. Check what was put there.",
            partial(_is_longer, longest=longest),
            ("x" * (longest + 1),),
            ("x" * longest,),
        )


def _is_impossible_date(rows: Rows, values: Series) -> Series:
    return (values < EARLIEST) | (values > _latest(rows))


def _is_outside(_rows: Rows, values: Series, *, low: float, high: float) -> Series:
    return (values < low) | (values > high)


def _is_longer(_rows: Rows, values: Series, *, longest: int) -> Series:
    return values.str.len() > longest


def _latest(rows: Rows) -> pd.Timestamp:
    return rows.last_day + pd.DateOffset(years=LATEST_YEARS_AHEAD)


def _latest_right(column: Column) -> tuple[str, ...]:
    """Return the last right day of an example sent for 2023-24, for columns of every year."""
    is_of_every_year = column.since is None and column.until is None
    return (f"{2024 + LATEST_YEARS_AHEAD}-03-31",) if is_of_every_year else ()


def _right(column: Column) -> Any:
    """Return a cell that is right in the years the examples are sent for."""
    if column.codes:
        year = max(2024, column.since or 0)
        return min(column.codes_in(min(year, column.until or year)))
    if pa.types.is_date(column.type):
        return "2023-05-01"
    if pa.types.is_boolean(column.type):
        return True
    return "x" if pa.types.is_string(column.type) else (column.minimum or 0) + 1


def _example_key(table: Table) -> dict[str, Any]:
    return {name: _right(table[name]) for name in table.key}


def _example_rest(table: Table, which: int = 0) -> dict[str, Any]:
    """Return one column outside the key with a value; another value for another `which`."""
    for column in table.columns:
        if column.name not in table.key and column.sent_as is not None:
            return {column.name: _values(column)[which]}
    return {}


def _values(column: Column) -> tuple[Any, Any]:
    if pa.types.is_date(column.type):
        return "2023-05-01", "2023-05-02"
    if pa.types.is_boolean(column.type):
        return True, False
    return ("x", "y") if pa.types.is_string(column.type) else (1, 2)
