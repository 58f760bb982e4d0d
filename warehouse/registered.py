"""Which authorities are registered: those of the settings, held against what the ledger knows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from schemas.errors import UsageError
from warehouse import tables
from warehouse.database import reading
from warehouse.facts import change_fact, known_fact
from warehouse.root import Root

_REGISTERED = "registered"
_NAMED = 20
"""Codes named in a message."""


def registered_authorities(root: Root) -> tuple[str, ...]:
    """Return the lasting codes of the registered authorities, in order.

    Raises:
        UsageError: the settings leave out one that `sfp init` registered or that sent returns. A
            cut without it would take what it sent out of every figure.
    """
    found = root.settings().authorities
    known = authorities_in_ledger(root)
    if lost := sorted(known - {*found}):
        listed = ", ".join(lost[:_NAMED]) + (", …" if len(lost) > _NAMED else "")
        raise UsageError(
            f"{root.settings_file}: authorities leaves out {len(lost)} that were registered or "
            f"sent returns: {listed} (needs {len(known)}, found {len({*found} & known)}). Run "
            f"`sfp init --root {root.path}`: it puts them back. One that never sent anything is "
            "taken out by `sfp init --unregister CODE`."
        )
    return tuple(sorted(found))


def authorities_in_ledger(root: Root) -> frozenset[str]:
    """Return the authorities the ledger knows: registered by `sfp init`, or of a submission."""
    with reading(root) as connection:
        registered = known_fact(connection, _REGISTERED).split()
        senders = connection.execute(select(tables.submissions.c.la_code).distinct())
        return frozenset((*registered, *senders.scalars()))


def authorities_with_submissions(root: Root) -> frozenset[str]:
    """Return the authorities that a submission was ever registered of."""
    with reading(root) as connection:
        senders = connection.execute(select(tables.submissions.c.la_code).distinct())
        return frozenset(senders.scalars())


def remember_registered(root: Root, codes: Collection[str]) -> None:
    """Let the ledger know which authorities are registered from now on."""
    change_fact(root, _REGISTERED, " ".join(sorted(codes)))
