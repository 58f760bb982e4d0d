"""The ledger's tables, columns, keys, triggers and views held against what the migrations make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import (
    Column,
    Connection,
    DefaultClause,
    Dialect,
    Inspector,
    Table,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.engine.interfaces import ReflectedColumn

from warehouse import tables
from warehouse.database import reading
from warehouse.discrepancy import Discrepancy
from warehouse.root import Root

_REVISION_TABLE = "alembic_version"
_ACTING = {
    "sqlite": {"trigger": "SELECT name FROM sqlite_master WHERE type = 'trigger'"},
    "postgresql": {
        "trigger": (
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        ),
        "rule": "SELECT rulename FROM pg_rules WHERE schemaname = current_schema()",
        # Those of deploy/ledger-rights.sql, word for word, are of the program.
        "row policy": (
            "SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND "
            "concat_ws('|', tablename, policyname, cmd, qual, with_check) NOT IN ("
            "'facts|read_all|SELECT|true', "
            "'facts|remove_head|DELETE|((name)::text = ''audit_head''::text)', "
            "'facts|put_head|INSERT|((name)::text = ''audit_head''::text)')"
        ),
    },
}
"""What acts by itself on rows that are read or written, and how each database lists it."""
_LITERAL = re.compile(r"'(?P<value>.*)'(?:::[\w ]+)?")
"""A default as the databases give it back: quoted, PostgreSQL's with its type."""


def schema_discrepancies(root: Root) -> Iterator[Discrepancy]:
    """Yield one discrepancy where the ledger's schema is not the one the migrations make."""
    with reading(root) as connection:
        found = sorted(_expected(connection.dialect) ^ _found(connection))
    if found:
        words = (
            f"These are in the ledger and not of the program, or the other way round: "
            f"{', '.join(found)}. Find out who changed it, and restore the ledger from its last "
            "good copy."
        )
        yield Discrepancy("altered", "ledger schema", words)


def _expected(dialect: Dialect) -> set[str]:
    """Return what the migrations make in this database, each as words."""
    made = {f"table {_REVISION_TABLE}"}
    for table in tables.metadata.sorted_tables:
        made |= {f"table {table.name}", *_keys(table)}
        made |= {_column_words(dialect, table, column) for column in table.columns}
    return made


def _column_words(dialect: Dialect, table: Table, column: Column[object]) -> str:
    default = ""
    if isinstance(column.server_default, DefaultClause):
        default = str(column.server_default.arg)
    elif dialect.name == "postgresql" and column is table.autoincrement_column:
        default = f"nextval('{table.name}_{column.name}_seq'::regclass)"
    kind = column.type.compile(dialect)
    return _words(f"{table.name}.{column.name}", kind, default, is_empty=bool(column.nullable))


def _words(name: str, kind: str, default: str, *, is_empty: bool) -> str:
    return f"column {name} {kind}{'' if is_empty else ' not null'} default {default or 'none'!r}"


def _keys(table: Table) -> Iterator[str]:
    yield f"primary key {table.name} {_listed([column.name for column in table.primary_key])}"
    for key in table.foreign_key_constraints:
        to = [element.column.name for element in key.elements]
        yield _foreign_words(table.name, list(key.column_keys), key.referred_table.name, to)
    for index in table.indexes:
        yield _index_words(index.name, [column.name for column in index.columns], index.unique)
    for one in table.constraints:
        if isinstance(one, UniqueConstraint):
            yield f"unique {table.name} {_listed([column.name for column in one.columns])}"


def _foreign_words(table: str, columns: list[str], referred: str, to: list[str]) -> str:
    return f"foreign key {table} {_listed(columns)} to {referred} {_listed(to)}"


def _index_words(name: object, columns: list[str], is_unique: object) -> str:
    return f"{'unique ' if is_unique else ''}index {name} {_listed(columns)}"


def _listed(columns: list[str]) -> str:
    return f"({', '.join(sorted(columns))})"


def _found(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    found = {f"view {name}" for name in inspector.get_view_names()}
    if connection.dialect.name == "postgresql":
        found |= {f"view {name}" for name in inspector.get_materialized_view_names()}
    for kind, query in _ACTING[connection.dialect.name].items():
        found |= {f"{kind} {name}" for name in connection.execute(text(query)).scalars()}
    for name in inspector.get_table_names():
        found |= {f"table {name}", *(_in_table(inspector, name))}
    return found


def _in_table(inspector: Inspector, table: str) -> Iterator[str]:
    if table == _REVISION_TABLE:
        return
    for column in inspector.get_columns(table):
        yield _found_column_words(inspector.dialect, table, column)
    key = inspector.get_pk_constraint(table)["constrained_columns"]
    yield f"primary key {table} {_listed(key)}"
    yield from _found_keys(inspector, table)


def _found_column_words(dialect: Dialect, table: str, column: ReflectedColumn) -> str:
    default = str(column.get("computed") or column.get("default") or "")
    literal = _LITERAL.fullmatch(default)
    value = literal["value"] if literal else default
    kind = column["type"].compile(dialect)
    return _words(f"{table}.{column['name']}", kind, value, is_empty=column["nullable"])


def _found_keys(inspector: Inspector, table: str) -> Iterator[str]:
    for key in inspector.get_foreign_keys(table):
        to = (key["referred_table"], key["referred_columns"])
        yield _foreign_words(table, key["constrained_columns"], *to)
    for index in inspector.get_indexes(table):
        if not index.get("duplicates_constraint"):
            columns = [str(name) for name in index["column_names"]]
            yield _index_words(index["name"], columns, index["unique"])
    for one in inspector.get_unique_constraints(table):
        yield f"unique {table} {_listed(one['column_names'])}"
    for check in inspector.get_check_constraints(table):
        yield f"check {table} {check['sqltext']}"
