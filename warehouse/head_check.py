"""The audit chain held against the signed heads that were left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from schemas.errors import KeyMissingError
from warehouse import tables
from warehouse.database import reading
from warehouse.discrepancy import Discrepancy
from warehouse.facts import TOMBSTONE, known_fact
from warehouse.heads import Head, key_folder, public_key, stored_heads
from warehouse.root import Root

_REWRITTEN = (
    "Someone who may write the ledger changed what it had recorded up to that moment, or an older "
    "copy was restored and went on from there. Compare the ledger with its copies of that day."
)
_LEFT_AT = ("cut", "publish")


@dataclass(frozen=True)
class _Place:
    """A folder of heads.

    Attributes:
        name: as messages call it.
        folder: where the heads of this root's key lie in it.
        is_second: whether it is one that heads are carried to.
    """

    name: str
    folder: Path
    is_second: bool


def head_discrepancies(root: Root, place: Path | None = None) -> Iterator[Discrepancy]:
    """Yield each way in which the chain and the signed heads of it do not agree.

    Held against the heads under the root, in the folder that the settings name and in `place`:
    every one must be signed by this root's key and name an entry that the chain still holds as it
    was. A chain that was rewritten since any head is found, however well it hangs together.
    """
    try:
        key = public_key(root)
    except KeyMissingError as error:
        yield Discrepancy("missing", "signing key", str(error))
        return
    chain = _chain(root)
    own, _ = stored_heads(root.heads)
    for one in _places(root, key, place):
        heads, unreadable = stored_heads(one.folder)
        yield from (_unreadable(one, name) for name in unreadable)
        yield from _disagreements(one, key, heads, chain)
        if one.is_second:
            yield from _uncarried(one, own, heads)
            yield from _under_other_keys(root, one)
    yield from _gaps(own)
    yield from _unsigned(root, own)


def actions_after(root: Root, number: int) -> Counter[str]:
    """Return how many entries of each action the chain has after the one with this number."""
    entry = tables.audit.c
    with reading(root) as connection:
        actions = connection.execute(select(entry.action).where(entry.number > number)).scalars()
        return Counter(actions)


def _places(root: Root, key: str, place: Path | None) -> list[_Place]:
    folder = root.settings().heads_folder
    second = dict.fromkeys(filter(None, (Path(folder) if folder else None, place)))
    return [
        _Place("heads", root.heads, is_second=False),
        *(_Place(str(one), key_folder(one, key), is_second=True) for one in second),
    ]


def _chain(root: Root) -> dict[int, str]:
    entry = tables.audit.c
    with reading(root) as connection:
        return {
            row.number: row.sha256 for row in connection.execute(select(entry.number, entry.sha256))
        }


def _unreadable(place: _Place, name: str) -> Discrepancy:
    return Discrepancy(
        "altered", f"{place.name}/{name}", "It is not a head. Restore it from another place."
    )


def _disagreements(
    place: _Place, key: str, heads: Iterable[Head], chain: Mapping[int, str]
) -> Iterator[Discrepancy]:
    last = max(chain, default=0)
    for head in heads:
        subject = f"{place.name}, head of audit entry {head.number}"
        if head.key != key or not head.is_signed:
            words = "It is not signed with this root's key. Restore it from another place."
            yield Discrepancy("altered", subject, words)
        elif head.number > last:
            words = (
                f"The ledger ends with entry {last}; this one was recorded at {head.at}. The "
                "ledger is older than the head: restore its newest copy."
            )
            yield Discrepancy("chain", subject, words)
        elif chain.get(head.number) != head.sha256:
            words = f"The entry is not what it was at {head.at}. {_REWRITTEN}"
            yield Discrepancy("chain", subject, words)


def _uncarried(place: _Place, own: list[Head], heads: list[Head]) -> Iterator[Discrepancy]:
    if not heads:
        words = (
            "It holds no head that this root's signing key signed. If the place was named just "
            "now, run `sfp refresh`. Otherwise mount it, or find out who changed the key or "
            "emptied it."
        )
        yield Discrepancy("missing", place.name, words)
        return
    held = {head.number for head in heads}
    missing = [head for head in own if head.number not in held]
    if missing:
        words = (
            f"{len(missing)} heads have not arrived there. See what the last refresh or edition "
            "said; the next one carries them."
        )
        yield Discrepancy("unfinished", place.name, words)
    kept = {head.number for head in own}
    gone = [head for head in heads if head.number not in kept]
    if gone:
        words = (
            f"{len(gone)} heads of entries up to {gone[-1].number} lie there and not under the "
            "root. Copy them back, and find out who removed them."
        )
        yield Discrepancy("missing", "heads", words)


def _under_other_keys(root: Root, place: _Place) -> Iterator[Discrepancy]:
    """Yield each other key under which heads of this root were left: its key was changed."""
    with reading(root) as connection:
        identity = known_fact(connection, TOMBSTONE)
    for folder in sorted(place.folder.parent.iterdir()) if place.folder.parent.is_dir() else ():
        heads, _ = stored_heads(folder) if folder != place.folder else ([], [])
        if any(head.root == identity and head.is_signed for head in heads):
            words = (
                f"It holds {len(heads)} heads of this root under another signing key. Find out who "
                "changed the key: what was recorded before can have been rewritten."
            )
            yield Discrepancy("chain", f"{place.name}/{folder.name}", words)


def _gaps(own: list[Head]) -> Iterator[Discrepancy]:
    """Yield each head that a later one names and that is gone."""
    kept = {head.number for head in own} | {0}
    for number in sorted({head.previous for head in own} - kept):
        words = "A later head names it. Copy it back from the second place, or from a backup."
        yield Discrepancy("missing", f"heads, head of audit entry {number}", words)


def _unsigned(root: Root, own: list[Head]) -> Iterator[Discrepancy]:
    """Yield that the newest cut or edition has no head: removed, or its process was killed."""
    entry = tables.audit.c
    with reading(root) as connection:
        newest = connection.execute(
            select(entry.number)
            .where(entry.action.in_(_LEFT_AT))
            .order_by(entry.number.desc())
            .limit(1)
        ).scalar()
    if newest is not None and not any(head.number >= newest for head in own):
        words = "The newest cut or edition has no signed head. The nightly sweep leaves one."
        yield Discrepancy("unfinished", "heads", words)
