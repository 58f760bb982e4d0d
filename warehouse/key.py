"""The pseudonym key of a root, held against the one its ledger was made with."""

from __future__ import annotations

from warehouse.ledger import remember_key
from warehouse.pseudonyms import key_id, read_key
from warehouse.root import Root


def open_key(root: Root) -> bytes:
    """Return the pseudonym key, after making sure it is the one this ledger was made with.

    Raises:
        KeyMissingError: there is no usable key, or it is another one. Nothing is read then.
    """
    key = read_key(root.key_file)
    remember_key(root, key_id(key))
    return key
