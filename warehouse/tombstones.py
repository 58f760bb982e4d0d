"""Tombstones: marks of children that were erased, from which no one can tell who they were.

The mark is made with a key of its own that is never changed: pseudonyms change with their key, and
after an erasure no one knows the identifier any more from which to make the mark again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from sqlalchemy import Connection, insert, select

from schemas.identifiers import normal_identifier, whole_identifier
from warehouse import tables
from warehouse.database import now, reading
from warehouse.key import tombstone_key
from warehouse.pseudonyms import pseudonym
from warehouse.root import Root

_DOMAIN = "tombstone"


def marks_of(root: Root, la_code: str, identifiers: Iterable[str]) -> frozenset[int]:
    """Return the marks of children of one authority by the identifiers it knows them by.

    Raises:
        KeyMissingError: the tombstone key is not there.
    """
    key = tombstone_key(root)
    return frozenset(pseudonym(key, _DOMAIN, la_code, found) for found in identifiers if found)


def put_tombstones(connection: Connection, la_code: str, marks: Iterable[int]) -> int:
    """Put up the tombstones that do not stand yet; return how many those were."""
    standing = _standing(connection, la_code)
    new = sorted(set(marks) - standing)
    for mark in new:
        connection.execute(
            insert(tables.tombstones).values(la_code=la_code, mark=mark, erased_at=now())
        )
    return len(new)


def _standing(connection: Connection, la_code: str) -> set[int]:
    columns = tables.tombstones.c
    found = connection.execute(select(columns.mark).where(columns.la_code == la_code))
    return set(found.scalars())


def erased_marks(root: Root, la_code: str) -> frozenset[int]:
    """Return the marks of one authority's erased children."""
    with reading(root) as connection:
        return frozenset(_standing(connection, la_code))


def asks_for(root: Root, la_code: str, marks: frozenset[int]) -> Callable[[str], bool] | None:
    """Return what says of an identifier of the authority whether its mark is one of these.

    None where there are no marks: then nothing need be asked.
    """
    if not marks:
        return None
    key = tombstone_key(root)

    @cache
    def is_among(identifier: str) -> bool:
        spellings = {identifier, normal_identifier(identifier), whole_identifier(identifier)}
        return any(pseudonym(key, _DOMAIN, la_code, one) in marks for one in spellings - {""})

    return is_among
