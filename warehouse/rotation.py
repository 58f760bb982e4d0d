"""Keys changed: the storage key file by file, the pseudonym key in one ledger transaction.

Either can be killed at any moment and run again. While the storage key is being changed both keys
lie side by side and every file opens with one of them. While the pseudonym key is being changed the
old one counts until the ledger counts on the new one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.database import reading, writing
from warehouse.key import PSEUDONYM, STORAGE, next_key_file, open_key
from warehouse.landing import PURPOSE
from warehouse.ledger import Actor
from warehouse.orphans import set_aside_files, set_aside_folders, set_aside_purpose
from warehouse.pseudonyms import key_id, make_key, read_key
from warehouse.recorded import NOW, WHOLE_LEDGER, changed_units, of_fact
from warehouse.root import Root, sync_folder
from warehouse.sealed import (
    is_sealed,
    key_name_of,
    old_storage_key_file,
    opened_chunks,
    storage_ring,
    write_sealed,
)
from warehouse.store import SEALED, Part

PartRow = Row[Any]


@dataclass(frozen=True)
class Rekeyed:
    """One part made again with another pseudonym key."""

    submission_id: str
    old_path: str
    part: Part


def rotate_storage_key(root: Root, actor: Actor) -> int:
    """Seal everything with a new storage key; return how many files were sealed again.

    A run that was killed is finished by the next one, with the key it had made.

    Raises:
        LedgerError: a file does not open. Both keys stay, and so does everything else.
    """
    _begin_storage(root)
    ring = storage_ring(root)
    _put_fact(root, STORAGE, ring.current, actor)
    count = 0
    for path, purpose in _sealed_files(root):
        if key_name_of(path) != ring.current:
            name = str(path.relative_to(root.path))
            write_sealed(ring, path, purpose, opened_chunks(ring, path, purpose, name=name))
            count += 1
    with writing(root) as connection:
        _record(connection, actor, "storage key changed", {"files": count}, {})
    old_storage_key_file(root).unlink(missing_ok=True)
    sync_folder(root.storage_key_file.parent)
    return count


def _begin_storage(root: Root) -> None:
    """Make the new key, unless an earlier run did: the old one stays under its own name."""
    current, old = root.storage_key_file, old_storage_key_file(root)
    if not old.exists():
        os.link(current, old)
        sync_folder(old.parent)
    if current.read_bytes() == old.read_bytes():
        fresh = current.with_name("storage.next.key")
        make_key(fresh)
        fresh.replace(current)
        sync_folder(current.parent)


def _sealed_files(root: Root) -> Iterator[tuple[Path, str]]:
    for path in sorted(root.landing.iterdir()):
        if not path.name.startswith("."):
            yield path, PURPOSE
    for folder in SEALED:
        for path in sorted((root.path / folder).rglob("*.parquet")):
            yield path, str(path.relative_to(root.path))
    for aside in set_aside_folders(root):
        for one in set_aside_files(aside):
            path = aside / one.path
            if path.exists() and is_sealed(path):
                yield path, set_aside_purpose(root, one)


def _put_fact(root: Root, name: str, value: str, actor: Actor) -> None:
    with writing(root, "facts") as connection:
        facts = tables.facts
        known = connection.execute(select(facts.c.value).filter_by(name=name)).scalar()
        if known == value:
            return
        with changed_units(connection, of_fact(name)) as changed:
            connection.execute(update(facts).where(facts.c.name == name).values(value=value))
        _record(connection, actor, f"{name} {known} to {value}", {}, changed)


def _record(
    connection: Connection,
    actor: Actor,
    subject: str,
    counts: Mapping[str, int],
    changed: Mapping[str, str | None],
) -> None:
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action="rotate",
        subject=subject,
        counts=counts,
        detail={NOW: changed},
    )


def new_pseudonym_key(root: Root) -> bytes:
    """Return the new pseudonym key, made now or by a run that was killed before it was used."""
    waiting = next_key_file(root)
    make_key(waiting)
    return read_key(waiting, "new pseudonym key")


def all_parts(root: Root) -> list[Row[Any]]:
    """Return every part with la_code of its submission and whether that counts (`counts`)."""
    parts, given, force = tables.parts.c, tables.submissions.c, tables.in_force.c
    counting = select(force.submission_id).where(force.until.is_(None))
    with reading(root) as connection:
        return list(
            connection.execute(
                select(
                    tables.parts, given.la_code, parts.submission_id.in_(counting).label("counts")
                )
                .join_from(tables.parts, tables.submissions)
                .order_by(given.la_code, parts.path)
            )
        )


def judged_submissions(root: Root, la_code: str) -> list[str]:
    """Return the ids of an authority's submissions from whose files identifiers can be read."""
    given = tables.submissions.c
    with reading(root) as connection:
        rows = connection.execute(
            select(given.id)
            .where(given.la_code == la_code, given.return_name != "unrecognised")
            .where(given.state.not_in([State.LANDED, State.ERASED]))
            .order_by(given.id)
        )
        return list(rows.scalars())


def swap_parts(
    root: Root, new_key: bytes, made: Sequence[Rekeyed], lost: Sequence[str], actor: Actor
) -> None:
    """Let the ledger count on the new key and the parts made with it, in one transaction.

    Args:
        root: where.
        new_key: that the parts were made with.
        made: the parts, each with the one it takes the place of.
        lost: paths of parts of superseded submissions that could not be made again.
        actor: who does it.
    """
    parts, facts = tables.parts.c, tables.facts
    with writing(root, "facts") as connection:
        with changed_units(
            connection, {kind: WHOLE_LEDGER[kind] for kind in ("part", "fact")}
        ) as changed:
            connection.execute(delete(tables.parts).where(parts.path.in_(list(lost))))
            for one in made:
                _swap(connection, one, key_id(new_key))
            connection.execute(delete(facts).where(facts.c.name == PSEUDONYM))
            connection.execute(insert(facts).values(name=PSEUDONYM, value=key_id(new_key)))
        counts = {"parts": len(made), "lost": len(lost)}
        _record(connection, actor, "pseudonym key changed", counts, changed)
    open_key(root)


def _swap(connection: Connection, one: Rekeyed, made_with: str) -> None:
    part = one.part
    connection.execute(
        update(tables.parts)
        .where(tables.parts.c.path == one.old_path)
        .values(path=part.path, size=part.size, sha256=part.sha256, key_id=made_with)
    )
