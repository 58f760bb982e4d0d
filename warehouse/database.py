"""The ledger's database: opened, brought up to date, read and written in short transactions.

On SQLite a transaction begins IMMEDIATE, with a write-ahead log forced to disk; on PostgreSQL it
takes advisory locks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from schemas.errors import OutageError
from warehouse.root import Root, make_private_file

HEAD = "0003"
"""Revision the code needs; a test keeps it the newest of the migrations."""
_BUSY_SECONDS = 60
_SQLITE_FILE = "sqlite:///"
_READS = "sfpc_reads"


def now() -> str:
    """Return this moment in UTC, to the microsecond, so that times sort as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@cache
def engine(url: str) -> Engine:
    """Return the engine for a ledger, its tables brought up to date."""
    if url.startswith(_SQLITE_FILE):
        # SQLite gives its log files the mode of the database: made here, not by its own umask.
        make_private_file(Path(url.removeprefix(_SQLITE_FILE)))
    made = create_engine(
        url,
        poolclass=NullPool,
        connect_args=_connect_args(url),
        # Parameters may hold names of files: they stay out of error texts.
        hide_parameters=True,
    )
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_immediate)
    _bring_up_to_date(made)
    return made


def _connect_args(url: str) -> dict[str, Any]:
    return {"timeout": _BUSY_SECONDS} if url.startswith("sqlite") else {}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: BEGIN IMMEDIATE below does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A reader must not queue behind writers; a writer must not begin as a reader and then fail.
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _bring_up_to_date(ledger: Engine) -> None:
    if _revision(ledger) == HEAD:
        return
    # Alembic takes 0.2 s to import, and is needed once in the life of a ledger.
    from warehouse.migrations.upgrade import upgrade

    upgrade(ledger)


def _revision(ledger: Engine) -> str | None:
    try:
        with ledger.connect() as connection:
            if not ledger.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        raise OutageError(
            f"the ledger at {ledger.url.render_as_string()} cannot be opened "
            f"({type(error.orig).__name__}). Check that it is running and may be written."
        ) from None


@contextmanager
def writing(root: Root, *locks: str) -> Iterator[Connection]:
    """Open one transaction that holds the locks named, and commit it when the block ends."""
    ledger = engine(root.ledger_url)
    with ledger.begin() as connection:
        if ledger.dialect.name == "postgresql":
            for lock in sorted(locks):
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 903))"),
                    {"lock": lock},
                )
        yield connection


@contextmanager
def reading(root: Root) -> Iterator[Connection]:
    """Open a connection for reading one consistent state."""
    ledger = engine(root.ledger_url)
    options: dict[str, Any] = {_READS: True}
    if ledger.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with ledger.connect().execution_options(**options) as connection:
        yield connection


def ledger_file(root: Root) -> Path | None:
    """Return the file of an SQLite ledger; None when the ledger is a server's."""
    url = root.ledger_url
    return Path(url.removeprefix(_SQLITE_FILE)) if url.startswith(_SQLITE_FILE) else None
