"""What the ledger knows of its root by name, as the names of its keys."""

from __future__ import annotations

import os

from sqlalchemy import Connection, delete, insert, select

from warehouse import tables
from warehouse.audit import append
from warehouse.database import reading, writing
from warehouse.recorded import NOW, of_fact, unit_digests
from warehouse.root import Root

TOMBSTONE = "tombstone_key_id"
"""Fact that names the one key of a root that never changes, and by it the root."""


def known_facts(root: Root) -> dict[str, str]:
    """Return what the ledger knows of its root by name, as the names of its keys."""
    with reading(root) as connection:
        rows = connection.execute(select(tables.facts.c.name, tables.facts.c.value))
        return {row.name: row.value for row in rows}


def known_fact(connection: Connection, name: str) -> str:
    """Return one thing the ledger knows of its root; empty when it does not."""
    found = connection.execute(
        select(tables.facts.c.value).where(tables.facts.c.name == name)
    ).scalar()
    return str(found or "")


def remember_fact(root: Root, name: str, value: str) -> str:
    """Record a fact that is not known yet; return what is known of it from now on."""
    with writing(root, "facts") as connection:
        known = known_fact(connection, name)
        if not known:
            connection.execute(insert(tables.facts).values(name=name, value=value))
            _append(connection, name, value)
        return known or value


def change_fact(root: Root, name: str, value: str) -> None:
    """Record a fact in place of what was known by its name."""
    with writing(root, "facts") as connection:
        put_fact(connection, name, value)


def put_fact(connection: Connection, name: str, value: str) -> None:
    """Record a fact in place of what was known by its name, within a transaction."""
    if known_fact(connection, name) == value:
        return
    connection.execute(delete(tables.facts).where(tables.facts.c.name == name))
    connection.execute(insert(tables.facts).values(name=name, value=value))
    _append(connection, name, value)


def _append(connection: Connection, name: str, value: str) -> None:
    append(
        connection,
        actor=f"uid{os.getuid()}",
        run=f"pid{os.getpid()}",
        action="fact",
        subject=f"{name} {value}",
        counts={},
        detail={NOW: unit_digests(connection, of_fact(name))},
    )
