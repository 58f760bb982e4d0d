"""The lasting identity of a root, by which its work pool and its server are known."""

from __future__ import annotations

from schemas.errors import UsageError
from warehouse.facts import TOMBSTONE, known_facts
from warehouse.root import Root


def root_identity(root: str) -> str:
    """Return the identity of a root: the name of its one key that is never changed, 16 hex digits.

    It is drawn at random by `sfp init` and rests in the ledger, so that every copy of the root has
    it; a ledger alongside the key of another root opens nothing (warehouse/key.py).

    Raises:
        UsageError: the ledger does not know it.
    """
    identity = known_facts(Root.at(root)).get(TOMBSTONE)
    if not identity:
        raise UsageError(
            f"the ledger of {root} does not know its own root. Run `sfp init --root {root}` first."
        )
    return identity
