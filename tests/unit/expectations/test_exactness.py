"""Read exactly and told exactly: the values by which other pipelines were misled, by name."""

import pytest

from expectations.book import rule_book
from expectations.rows import Rows
from expectations.rule import broken_cells
from schemas.returns import RETURNS
from tests.support.returned import read_return, sent_for

BOUNDED = [
    pytest.param(found.name, table.name, column, id=f"{table.name}.{column.name}")
    for found in RETURNS.values()
    for table in found.tables
    for column in table.columns
    if column.minimum is not None and column.maximum is not None and column.sent_as
]


def at_fault(return_name, table, name, values):
    """Return the values of a column at fault by what its declaration alone implies."""
    read = read_return(return_name, **{table: [{name: value} for value in values]})
    rows = Rows(read, sent_for("2024-25Q4"))
    found = set()
    for rule in rule_book():
        is_declared = rule.condition.__module__ == "expectations.from_schema"
        if not (is_declared and rule.table == table and name in rule.fields) or rule.table_level:
            continue
        cells = broken_cells(rule, rows)
        broken = cells.get((name,))
        if broken is not None and rule.code not in ("SFP-COPY", "SFP-KEY", "SFP-BLANK"):
            found |= {value for value, bad in zip(values, broken, strict=True) if bad}
    return found


def test_there_are_bounds_to_hold():
    assert len(BOUNDED) > 40


@pytest.mark.parametrize(("return_name", "table", "column"), BOUNDED)
def test_bounds_hold_at_both_ends(return_name, table, column):
    low, high = column.minimum, column.maximum
    assert at_fault(return_name, table, column.name, [low, high]) == set()
    outside = [low - 1, high + 1]
    assert at_fault(return_name, table, column.name, outside) == set(outside)
