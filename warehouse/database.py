"""The ledger's database: opened, brought up to date, read and written in short transactions.

Opening it never makes it: `make_ledger` does, for a root that holds no work. What lies under a root
is held against its ledger when a process first opens it, and an older or other one is refused.

On SQLite a transaction begins IMMEDIATE, with a write-ahead log forced to disk; on PostgreSQL it
takes advisory locks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from schemas.errors import LedgerError, OutageError, UsageError
from warehouse.lost_work import gone_words, held_work, is_never_set_up, later_work, older_words
from warehouse.outage import is_disk_full, outage_words
from warehouse.root import Root, make_folders, make_private_file

HEAD = "0007"
"""Revision the code needs; a test keeps it the newest of the migrations."""
_BUSY_SECONDS = 60
_SQLITE_FILE = "sqlite:///"
_READS = "sfpc_reads"
_PART_FREE = 4
"""One page in so many may lie free before the file is made smaller."""


def now() -> str:
    """Return this moment in UTC, to the microsecond, so that times sort as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@cache
def engine(url: str) -> Engine:
    """Return the engine for a ledger, its tables brought up to date.

    Raises:
        LedgerError: there is no ledger, or none was ever made in the database.
    """
    made = _connecting(url)
    if not _is_there(url) or _revision(made) is None:
        raise LedgerError(f"there is no ledger at {made.url.render_as_string()}. Restore it.")
    _bring_up_to_date(made)
    return made


def _connecting(url: str) -> Engine:
    made = create_engine(
        url,
        poolclass=NullPool,
        # Parameters may hold names of files: they stay out of error texts.
        hide_parameters=True,
        **_how_opened(url),
    )
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_immediate)
    return made


def _how_opened(url: str) -> dict[str, Any]:
    if not url.startswith(_SQLITE_FILE):
        return {}
    # A file that is not there is never made by opening it.
    address = f"file:{quote(url.removeprefix(_SQLITE_FILE))}?mode=rw"
    connect = partial(
        sqlite3.connect, address, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False
    )
    return {"creator": connect}


def _is_there(url: str) -> bool:
    return not url.startswith(_SQLITE_FILE) or Path(url.removeprefix(_SQLITE_FILE)).exists()


def make_ledger(root: Root, url: str) -> None:
    """Make the ledger of a root that has none and holds no work; one that is there stays as it is.

    Raises:
        LedgerError: the ledger is gone, empty or older than what lies under the root.
    """
    made = _connecting(url)
    if _is_there(url) and _revision(made) is not None:
        require_ledger(root, url)
        return
    _refuse_gone(root, made)
    make_folders(root)
    if url.startswith(_SQLITE_FILE):
        # SQLite gives its log files the mode of the database: made here, not by its own umask.
        make_private_file(Path(url.removeprefix(_SQLITE_FILE)))
    _bring_up_to_date(made)


def require_ledger(root: Root, url: str = "") -> None:
    """Refuse a ledger that is gone, empty or older than what lies under the root.

    Args:
        root: whose ledger.
        url: its address, where it is not the one of the settings.

    Raises:
        LedgerError: it is; the words name what lies there and the way back.
        UsageError: the root was never set up.
    """
    if words := ledger_age_words(root, url):
        raise LedgerError(words)
    _opened_before.add((root.path, url or root.ledger_url))


def ledger_age_words(root: Root, url: str = "") -> str:
    """Return in words what lies under the root and is later than the ledger; empty when nothing is.

    Raises:
        LedgerError: the ledger is gone or empty, and files show that it held work.
        UsageError: the root was never set up.
    """
    made = _connecting(url or root.ledger_url)
    if not _is_there(url or root.ledger_url) or _revision(made) is None:
        _refuse_gone(root, made)
        raise UsageError(f"{root.path} has no ledger yet. Run `sfp init --root {root.path}` first.")
    with _read_alone(engine(url or root.ledger_url)) as connection:
        if is_never_set_up(connection):
            _refuse_gone(root, made)
    # Another read: files are listed before what they are held against is fixed.
    with _read_alone(engine(url or root.ledger_url)) as connection:
        found = later_work(root, connection)
    return older_words(root, made.url.render_as_string(), found) if found else ""


def _refuse_gone(root: Root, ledger: Engine) -> None:
    if found := held_work(root):
        raise LedgerError(gone_words(root, ledger.url.render_as_string(), found))


_opened_before: set[tuple[Path, str]] = set()
"""Roots and ledgers that this process has held against each other."""


@contextmanager
def any_age(root: Root) -> Iterator[None]:
    """Let the ledger be read although it may be older than the files, as to say in what it is."""
    key = (root.path, root.ledger_url)
    is_new = key not in _opened_before
    _opened_before.add(key)
    try:
        yield
    finally:
        if is_new:
            _opened_before.discard(key)


def _opened(root: Root) -> Engine:
    url = root.ledger_url
    if (root.path, url) not in _opened_before or not _is_there(url):
        require_ledger(root)
    return engine(url)


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
    give_back_pages(ledger)


def give_back_pages(ledger: Engine) -> None:
    """Give pages that nothing rests on any more back to the disk, once a quarter of them is so.

    SQLite keeps them for later rows otherwise; PostgreSQL sees to its own. Where another process
    is at the ledger, or the disk has no room for the copy this takes, it waits for the next time.
    """
    if ledger.dialect.name != "sqlite":
        return
    connection = ledger.raw_connection()
    try:
        cursor = connection.cursor()
        free, pages = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("freelist_count", "page_count")
        )
        if free * _PART_FREE > pages:
            with suppress(sqlite3.OperationalError):
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _revision(ledger: Engine) -> str | None:
    try:
        with ledger.connect() as connection:
            if not ledger.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        if is_disk_full(error):
            raise OutageError(outage_words(error)) from None
        raise OutageError(
            f"the ledger at {ledger.url.render_as_string()} cannot be opened "
            f"({type(error.orig).__name__}). Check that it is running and may be written."
        ) from None


@contextmanager
def writing(root: Root, *locks: str) -> Iterator[Connection]:
    """Open one transaction that holds the locks named, and commit it when the block ends."""
    ledger = _opened(root)
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
    with _read_alone(_opened(root)) as connection:
        yield connection


@contextmanager
def _read_alone(ledger: Engine) -> Iterator[Connection]:
    options: dict[str, Any] = {_READS: True}
    if ledger.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with ledger.connect().execution_options(**options) as connection:
        yield connection


def ledger_file(root: Root) -> Path | None:
    """Return the file of an SQLite ledger; None when the ledger is a server's."""
    url = root.ledger_url
    return Path(url.removeprefix(_SQLITE_FILE)) if url.startswith(_SQLITE_FILE) else None
