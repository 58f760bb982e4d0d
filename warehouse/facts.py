"""What the ledger knows of its root by name, as the names of its keys."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from warehouse import tables
from warehouse.database import reading, writing
from warehouse.root import Root


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
        return known or value
