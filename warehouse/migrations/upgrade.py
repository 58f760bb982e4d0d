"""Bring a ledger up to the newest revision, under a lock, from inside the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from schemas.errors import LedgerError


def upgrade(ledger: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` that the ledger has not had.

    All or none of them are done; safe when several processes begin at once.

    Raises:
        LedgerError: rows would be left that refer to nothing, or the ledger is of a revision that
            this program does not know; it is as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with ledger.connect() as connection:
        is_sqlite = ledger.dialect.name == "sqlite"
        if is_sqlite:
            _let_tables_be_made_anew(connection)
        with connection.begin():
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(903001)"))
            config.attributes["connection"] = connection
            _refuse_unknown(connection, config)
            command.upgrade(config, revision)
            if is_sqlite:
                _refuse_lost_references(connection)


def _let_tables_be_made_anew(connection: Connection) -> None:
    # SQLite changes a column by copying the table and dropping the old one, which would take the
    # rows that refer to it along. The setting cannot be changed within a transaction, so it is
    # changed on the driver's own connection, which ends with this upgrade.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute("PRAGMA foreign_keys=OFF")


def _refuse_unknown(connection: Connection, config: Config) -> None:
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    if not inspect(connection).has_table("alembic_version"):
        return
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if unknown := sorted({*found} - known):
        raise LedgerError(
            f"the ledger is of revision {', '.join(unknown)}, which this program does not know (it "
            f"knows {min(known)} to {max(known)}). It is as it was. If a newer version of the "
            "program was at it, install that one; otherwise find out who wrote to the ledger, and "
            "restore it from its last good copy."
        )


def _refuse_lost_references(connection: Connection) -> None:
    lost = {str(row[0]) for row in connection.execute(text("PRAGMA foreign_key_check"))}
    if lost:
        raise LedgerError(
            f"the ledger cannot be brought up to date: rows of {', '.join(sorted(lost))} refer to "
            "nothing. It is as it was; restore it from its copy, or ask the engineers."
        )
