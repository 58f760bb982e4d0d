"""Ledgers of every earlier revision, with a row in every table, are brought up to date."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, create_engine, func, insert, select, text

from schemas.errors import LedgerError
from warehouse import database
from warehouse.migrations.upgrade import upgrade

EARLIER = ("0001", "0002")
ROWS = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_ledger")
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def made(url, revision):
    """A ledger at a revision, with rows in all its tables; return how many, by table."""
    old = create_engine(url)
    upgrade(old, revision)
    tables = MetaData()
    tables.reflect(old)
    with old.begin() as connection:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                for number in range(1, ROWS + 1):
                    connection.execute(insert(table).values(row(table, number)))
    old.dispose()
    return {table.name: ROWS for table in tables.sorted_tables if table.name != "alembic_version"}


def row(table, number):
    return {column.name: value(column, number) for column in table.columns}


def value(column, number):
    kind = column.type.python_type
    if column.name == "until":
        return None
    if column.name.endswith("_at") or column.name in ("at", "since"):
        return datetime(2025, 1, number, tzinfo=UTC).isoformat()
    return {int: number, bool: False}.get(kind, f"{number}" * 9)


@pytest.mark.parametrize("revision", EARLIER)
def test_every_row_is_kept_and_every_reference_holds(url, revision):
    before = made(url, revision)
    now = database.engine(url)
    tables = MetaData()
    tables.reflect(now)
    with now.connect() as connection:
        after = {
            name: connection.execute(
                select(func.count()).select_from(tables.tables[name])
            ).scalar_one()
            for name in before
        }
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if now.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert found == database.HEAD
    assert after == before


def test_a_ledger_with_rows_that_refer_to_nothing_is_left_as_it_was(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made(url, "0002")
    old = create_engine(url)
    with old.begin() as connection:
        connection.execute(text("DELETE FROM submissions WHERE id = '111111111'"))
    with pytest.raises(LedgerError, match=r"refer to nothing\. It is as it was"):
        upgrade(old)
    with old.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0002"
        )
