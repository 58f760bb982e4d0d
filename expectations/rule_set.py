"""How rules are written down: a sheet per table, a decorated condition per rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from expectations.rule import Condition, Example, ExampleRow, Rule
from schemas.submission import Reach, Severity
from schemas.table import Table

_ExampleRows = ExampleRow | Sequence[ExampleRow] | Example
"""Example rows: one row of the sheet's table, several in order, or rows of several tables."""


def example(
    several: Mapping[str, Sequence[ExampleRow]] | None = None,
    /,
    *,
    previous: Mapping[str, Sequence[ExampleRow]] | None = None,
    earlier: Mapping[str, Sequence[ExampleRow]] | None = None,
    quarter: str | None = None,
    header: Mapping[str, Any] | None = None,
    lost: Mapping[str, Sequence[bool]] | None = None,
    **tables: Sequence[ExampleRow],
) -> Example:
    """Return example rows of several tables, by the name of the table."""
    return Example(
        tables=_tuples({**(several or {}), **tables}),
        previous=_tuples(previous or {}),
        earlier=_tuples(earlier or {}),
        quarter=quarter,
        header=header or {},
        lost={name: tuple(places) for name, places in (lost or {}).items()},
    )


def _tuples(tables: Mapping[str, Sequence[ExampleRow]]) -> dict[str, tuple[ExampleRow, ...]]:
    return {name: tuple(rows) for name, rows in tables.items()}


class RuleSet:
    """The rules written for one table, in the order in which they are written."""

    def __init__(self, table: Table) -> None:
        self.table = table.name
        self.rules: list[Rule] = []

    def error(self, code: str, words: str, *fields: str, **more: Any) -> Decorator:
        """Declare what must be corrected; see `Rule` for the other arguments."""
        return self._rule(code, words, fields, Severity.ERROR, more)

    def query(self, code: str, words: str, *fields: str, **more: Any) -> Decorator:
        """Declare what must be corrected or explained."""
        return self._rule(code, words, fields, Severity.QUERY, more)

    def notice(self, code: str, words: str, *fields: str, **more: Any) -> Decorator:
        """Declare what the authority is informed of, without being asked anything."""
        return self._rule(code, words, fields, Severity.NOTICE, more)

    def _rule(
        self,
        code: str,
        words: str,
        fields: tuple[str, ...],
        severity: Severity,
        more: dict[str, Any],
    ) -> Decorator:
        fails = _examples(self.table, more.pop("fails"))
        passes = _examples(self.table, more.pop("passes"))
        reach = more.pop("reach", Reach.NOTICE)

        def declared(condition: Condition) -> Condition:
            self.rules.append(
                Rule(
                    code=code,
                    words=words,
                    table=self.table,
                    fields=fields,
                    condition=condition,
                    reach=reach,
                    severity=severity,
                    fails=fails,
                    passes=passes,
                    **more,
                )
            )
            return condition

        return declared


Decorator = Callable[[Condition], Condition]


def _examples(table: str, examples: _ExampleRows | tuple[_ExampleRows, ...]) -> tuple[Example, ...]:
    several = examples if isinstance(examples, tuple) else (examples,)
    return tuple(_as_example(table, one) for one in several)


def _as_example(table: str, one: _ExampleRows) -> Example:
    if isinstance(one, Example):
        return one
    rows = [one] if isinstance(one, Mapping) else list(one)
    return example({table: rows})
