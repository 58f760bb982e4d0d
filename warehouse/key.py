"""The keys of a root, held against those its ledger was made with. None is kept in the ledger.

`pseudonym.key` makes children's numbers, `storage.key` seals landing, quarantine and restricted
text, `tombstone.key` makes the marks of erased children. While the storage key is being changed the
old one lies alongside it as `storage.old.key`; while the pseudonym key is being changed the new one
waits as `pseudonym.next.key`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from schemas.errors import KeyMissingError
from warehouse.facts import TOMBSTONE, known_facts, remember_fact
from warehouse.heads import make_head_key
from warehouse.pseudonyms import key_id, make_key, read_key
from warehouse.root import Root, sync_folder
from warehouse.sealed import Ring, old_storage_key_file, storage_ring

PSEUDONYM, STORAGE = "key_id", "storage_key_id"
_WHAT = {
    PSEUDONYM: "pseudonym key",
    STORAGE: "storage key",
    TOMBSTONE: "tombstone key",
}


def open_key(root: Root) -> bytes:
    """Return the pseudonym key, after making sure all three keys are those of this ledger.

    Raises:
        KeyMissingError: one of the keys is missing, cannot be used or is another one. Nothing is
            read then.
    """
    return key_held_to(root, known_facts(root))


def key_held_to(root: Root, known: Mapping[str, str]) -> bytes:
    """Return the pseudonym key, as `open_key` does, where what the ledger knows was read before.

    Raises:
        KeyMissingError: one of the keys is missing, cannot be used or is another one.
    """
    _storage_ring_held_to(root, known.get(STORAGE))
    _held_to(root, TOMBSTONE, root.tombstone_key_file, known)
    if key_id(read_key(root.key_file, _WHAT[PSEUDONYM])) != known.get(PSEUDONYM):
        _finish_change(root, known.get(PSEUDONYM))
    return _held_to(root, PSEUDONYM, root.key_file, known)


def _held_to(root: Root, fact: str, path: Path, known: Mapping[str, str]) -> bytes:
    key = read_key(path, _WHAT[fact])
    found = key_id(key)
    needed = known.get(fact) or remember_fact(root, fact, found)
    if needed != found:
        raise _another(fact, needed, found)
    return key


def _another(fact: str, needed: str, found: str) -> KeyMissingError:
    return KeyMissingError(
        f"the {_WHAT[fact]} is not the one this ledger was made with (needs {needed}, "
        f"found {found}). Mount the right key."
    )


def unusable_keys(root: Root) -> Iterator[tuple[Path, str]]:
    """Yield the file of each key that is not the one the ledger was made with, and why.

    Nothing is changed: a change of key that was interrupted is finished by who opens them.
    """
    known = known_facts(root)
    for fact, paths in _files(root).items():
        there = [path for path in paths if path.exists()]
        unreadable = [(path, words) for path in there if (words := _unreadable(path, _WHAT[fact]))]
        yield from unreadable
        if not there:
            yield paths[0], f"The {_WHAT[fact]} is not there. Restore it from the copy of the keys."
        elif not unreadable and known.get(fact) not in _key_ids(there, _WHAT[fact]):
            yield paths[0], f"It is not the {_WHAT[fact]} that the ledger was made with."


def _unreadable(path: Path, what: str) -> str:
    """Return why a key file cannot be used, in words; empty when it can."""
    try:
        read_key(path, what)
    except KeyMissingError as error:
        return f"{str(error)[0].upper()}{str(error)[1:]}"
    return ""


def _key_ids(paths: Iterable[Path], what: str) -> list[str]:
    return [key_id(read_key(path, what)) for path in paths]


def _files(root: Root) -> Mapping[str, tuple[Path, ...]]:
    return {
        PSEUDONYM: (root.key_file, next_key_file(root)),
        STORAGE: (root.storage_key_file, old_storage_key_file(root)),
        TOMBSTONE: (root.tombstone_key_file,),
    }


def next_key_file(root: Root) -> Path:
    """Return where the new pseudonym key waits while everything is made again with it."""
    return root.key_file.with_name("pseudonym.next.key")


def _finish_change(root: Root, needed: str | None) -> None:
    """Give the new pseudonym key its name when the ledger already counts on it."""
    waiting = next_key_file(root)
    if waiting.exists() and key_id(read_key(waiting, _WHAT[PSEUDONYM])) == needed:
        waiting.replace(root.key_file)
        sync_folder(root.key_file.parent)


def tombstone_key(root: Root) -> bytes:
    """Return the key from which marks of erased children are made.

    Raises:
        KeyMissingError: it is missing or cannot be used.
    """
    return read_key(root.tombstone_key_file, _WHAT[TOMBSTONE])


def _storage_ring_held_to(root: Root, needed: str | None) -> Ring:
    ring = storage_ring(root)
    if needed is None:
        raise KeyMissingError(
            f"{root.path} is from before landing was sealed. Run `sfp init --root {root.path}`: it "
            "seals what lies open."
        )
    if needed not in ring.keys:
        raise _another(STORAGE, needed, ring.current)
    return ring


def make_keys(root: Root) -> None:
    """Make the keys that neither a file nor the ledger knows of yet.

    A key the ledger was made with is never made again: it must be mounted.
    """
    known = known_facts(root)
    for fact, path in (
        (PSEUDONYM, root.key_file),
        (STORAGE, root.storage_key_file),
        (TOMBSTONE, root.tombstone_key_file),
    ):
        if fact not in known:
            make_key(path)
    make_head_key(root)
