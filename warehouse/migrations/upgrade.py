"""Bring a ledger up to the newest revision, under a lock, from inside the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text


def upgrade(ledger: Engine) -> None:
    """Run every migration the ledger has not had; safe when several processes begin at once."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with ledger.begin() as connection:
        if ledger.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(903001)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
