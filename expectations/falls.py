"""Rules on what was there last time and is not there now: tables, and rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from expectations.rows import Rows
from expectations.rule import Example, ExampleRow, Rule
from expectations.rule_set import example
from schemas.falls import FEWEST_ROWS, share_expected
from schemas.outcomes import OUTCOMES
from schemas.submission import Reach, Severity
from schemas.table import Coverage, Return, Table

_HUNDRED: list[ExampleRow] = [{}] * 100


def rules_of_falls(return_: Return) -> Iterator[Rule]:
    """Yield the queries about what a return holds less of than last time, table by table."""
    for table in return_.tables:
        if not table.required:
            yield _gone(return_, table)
        yield _fewer(return_, table)


def _gone(return_: Return, table: Table) -> Rule:
    is_of_one_quarter = return_.coverage is Coverage.QUARTER
    last_quarter = example(previous={table.name: [{}]})
    return _rule(
        "TABLE_GONE",
        f"{table.sent_as} had rows last time and was not sent. Send it, or with `nil return` in "
        f"its first row where there is nothing to report. {_what_becomes(table)}",
        table,
        partial(_is_gone, return_=return_, table=table.name),
        return_,
        fails=(example(earlier={table.name: [{}]}), *([] if is_of_one_quarter else [last_quarter])),
        passes=(
            *([last_quarter] if is_of_one_quarter else []),
            example({table.name: []}, previous={table.name: [{}]}),
            example(previous={table.name: []}),
            example(),
        ),
    )


def _fewer(return_: Return, table: Table) -> Rule:
    few = 94
    return _rule(
        "ROWS_FALL",
        f"{table.sent_as} has far fewer rows that can be used than last time. Check that nothing "
        "is missing, and send the return again if something is.",
        table,
        partial(_has_far_fewer, return_=return_, table=table),
        return_,
        fails=(
            example({table.name: _HUNDRED[:few]}, earlier={table.name: _HUNDRED}),
            example({table.name: []}, earlier={table.name: _HUNDRED[:FEWEST_ROWS]}),
            example(
                {table.name: _HUNDRED},
                earlier={table.name: _HUNDRED},
                lost={table.name: [True] * 6 + [False] * few},
            ),
        ),
        passes=(
            example({table.name: _HUNDRED[: few + 1]}, earlier={table.name: _HUNDRED}),
            example({table.name: []}, earlier={table.name: _HUNDRED[: FEWEST_ROWS - 1]}),
            example(earlier={table.name: _HUNDRED}),
        ),
    )


def _rule(
    code: str,
    words: str,
    table: Table,
    condition: Callable[[Rows], bool],
    return_: Return,
    *,
    fails: tuple[Example, ...],
    passes: tuple[Example, ...],
) -> Rule:
    return Rule(
        code=code,
        words=words,
        table=table.name,
        fields=(),
        condition=condition,
        found=partial(_counts, return_=return_, table=table.name),
        reach=Reach.NOTICE,
        severity=Severity.QUERY,
        since=table.since,
        until=table.until,
        table_level=True,
        run_when_table_missing=True,
        runs_last=True,
        fails=fails,
        passes=passes,
    )


def _is_gone(rows: Rows, *, return_: Return, table: str) -> bool:
    before = _before(rows, table)
    is_comparable = _share(rows, return_) is not None
    return is_comparable and before > 0 and not rows.is_sent(table)


def _has_far_fewer(rows: Rows, *, return_: Return, table: Table) -> bool:
    share, before = _share(rows, return_), _before(rows, table.name)
    if share is None or not rows.is_sent(table.name):
        return False
    expected, now = share * before, _now(rows, table.name)
    # Some tables are filled at the year's end alone: across years only those of every child tell,
    # and what had rows in a year's return of the same quarter, or an earlier one, and has none.
    if not table.required and _is_of_another_year(rows):
        return now == 0 and before >= FEWEST_ROWS and _is_as_late(rows)
    return now < expected and expected > FEWEST_ROWS - 1 and before - now >= FEWEST_ROWS


def _is_of_another_year(rows: Rows) -> bool:
    compared = rows.context.previous_quarter
    if rows.context.earlier or compared is None:
        return False
    return compared.financial_year != rows.context.quarter.financial_year


def _is_as_late(rows: Rows) -> bool:
    """Return whether the quarter is as late in its year as the one it is compared with."""
    compared = rows.context.previous_quarter
    return compared is not None and rows.context.quarter.number >= compared.number


def _now(rows: Rows, table: str) -> int:
    """Return the rows that no error takes out."""
    return len(rows[table]) - int(np.count_nonzero(rows.lost.get(table, ())))


def _before(rows: Rows, table: str) -> int:
    compared = rows.context.earlier or rows.context.previous
    return len(compared[table]) if table in compared else 0


def _share(rows: Rows, return_: Return) -> float | None:
    if not rows.context.earlier and not rows.context.previous:
        return None
    compared = None if rows.context.earlier else rows.context.previous_quarter
    return share_expected(rows.context.quarter, compared, return_.coverage)


def _counts(rows: Rows, *, return_: Return, table: str) -> str:
    when = "in the version before" if rows.context.earlier else "in the quarter before"
    return f"{_before(rows, table):,} rows {when}, {_now(rows, table):,} now"


def _what_becomes(table: Table) -> str:
    """Return what becomes of the outcomes that are made of a table."""
    labels = [
        outcome.publication.label for outcome in OUTCOMES.values() if table.name in outcome.tables
    ]
    if not labels:
        return "No figure is marked as missing for want of it."
    return f"Until it comes, these are shown as not available: {'; '.join(labels)}."
