"""Signed heads of the audit chain: what its newest entry was, kept where no ledger reaches.

A head names one entry of the chain by number and hash, signed with a key of its own (Ed25519). As
each entry seals the one before it, a head vouches for everything up to it: a chain that was
rewritten, however consistently, no longer agrees with the heads that were left before. One is
written at every cut and every edition to `heads/` under the root, and carried from there to the
second place that the settings name, a folder or a command. Whatever was not carried goes with the
next one.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Row, select

from schemas.errors import KeyMissingError
from warehouse import tables
from warehouse.database import reading
from warehouse.facts import TOMBSTONE, known_fact
from warehouse.root import Root, make_folder, write_bytes, write_once

_KEY_BYTES = 32
_COMMAND_SECONDS = 60.0
_CARRIED = "carried"
"""File that says up to which head the command of the settings took them."""


@dataclass(frozen=True)
class Head:
    """One entry of the chain, and who vouches for it.

    Attributes:
        number: the entry's number.
        sha256: its seal.
        at: moment it was made, UTC.
        previous: entry that the head before it names; 0 when it is the first.
        root: identity of the root, so that its heads are known under any key.
        key: public key, hexadecimal.
        signature: of the others, hexadecimal.
    """

    number: int
    previous: int
    root: str
    sha256: str
    at: str
    key: str
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether the signature is that of its key."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            public.verify(bytes.fromhex(self.signature), _signed_text(self))
        except (ValueError, InvalidSignature):
            return False
        return True


def _signed_text(head: Head) -> bytes:
    facts = {name: value for name, value in asdict(head).items() if name != "signature"}
    return b"sfpc audit head\n" + json.dumps(facts, sort_keys=True).encode()


def _head_bytes(head: Head) -> bytes:
    """Return the file of a head: one line of JSON, the same bytes for the same entry and key."""
    return json.dumps(asdict(head), sort_keys=True).encode() + b"\n"


def stored_heads(folder: Path) -> tuple[list[Head], list[str]]:
    """Return the heads in a folder by number, and the names of files that are none."""
    heads: list[Head] = []
    unreadable: list[str] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        head = _read(path)
        if head is None or path.name != _name(head.number):
            unreadable.append(path.name)
        else:
            heads.append(head)
    return heads, unreadable


def _read(path: Path) -> Head | None:
    try:
        data = path.read_bytes()
        found = json.loads(data)
        texts = (str(found[name]) for name in _TEXTS)
        head = Head(int(found["number"]), int(found["previous"]), *texts)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return head if _head_bytes(head) == data else None


_TEXTS = ("root", "sha256", "at", "key", "signature")


def _name(number: int) -> str:
    return f"{number:010d}.json"


def newest_head(root: Root) -> Head | None:
    """Return the newest head left under the root; None when there is none."""
    heads, _ = stored_heads(root.heads)
    return heads[-1] if heads else None


def make_head_key(root: Root) -> None:
    """Make the key that signs heads, if there is none and nothing was signed yet.

    It is as open as its folder: in production both workers sign (docs/operations.md).
    """
    path = root.head_key_file
    if path.exists() or newest_head(root) is not None:
        return
    make_folder(path.parent)
    write_once(path, Ed25519PrivateKey.generate().private_bytes_raw())


def _private_key(root: Root) -> Ed25519PrivateKey:
    path = root.head_key_file
    try:
        key = path.read_bytes()
    except OSError as error:
        raise KeyMissingError(
            f"the signing key cannot be read at {path} ({error.strerror}). Restore it from the "
            "copy of the keys."
        ) from None
    if len(key) != _KEY_BYTES:
        raise KeyMissingError(
            f"the signing key at {path} is not a key (needs {_KEY_BYTES} bytes, found "
            f"{len(key)}). Restore it from the copy of the keys."
        )
    return Ed25519PrivateKey.from_private_bytes(key)


def public_key(root: Root) -> str:
    """Return the public key of the root's heads, hexadecimal.

    Raises:
        KeyMissingError: the signing key is missing or cannot be used.
    """
    return _private_key(root).public_key().public_bytes_raw().hex()


def fingerprint(key: str) -> str:
    """Return a short name of a public key: its folder in a second place."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


def key_folder(place: Path, key: str) -> Path:
    """Return where a second place keeps the heads of one public key: several roots may share it."""
    return place / fingerprint(key)


def leave_head(root: Root) -> str:
    """Sign the chain's newest entry, and carry every head to the second place.

    Safe to repeat, and by several processes at once: the same entry makes the same bytes. Nothing
    that was recorded is undone when a head cannot be left; the next one carries what was not.

    Returns:
        What went wrong and what to do, in words; empty when every head is where it belongs.
    """
    try:
        _sign_newest(root)
        return _carry(root)
    except KeyMissingError as error:
        return f"heads: {error}"
    except OSError as error:
        return (
            f"heads: the audit chain's head could not be written ({error.strerror}). "
            "Make room or give the right to write; the next refresh writes it."
        )


def _sign_newest(root: Root) -> None:
    make_head_key(root)
    entry = tables.audit.c
    with reading(root) as connection:
        last = connection.execute(
            select(entry.number, entry.sha256, entry.at).order_by(entry.number.desc()).limit(1)
        ).first()
        identity = known_fact(connection, TOMBSTONE)
    if last is None or (root.heads / _name(last.number)).exists():
        return
    earlier = [head.number for head in stored_heads(root.heads)[0] if head.number < last.number]
    head = _signed(_private_key(root), last, identity, max(earlier, default=0))
    write_bytes(root.heads / _name(head.number), _head_bytes(head))


def _signed(key: Ed25519PrivateKey, entry: Row[Any], root: str, previous: int) -> Head:
    public = key.public_key().public_bytes_raw().hex()
    unsigned = Head(entry.number, previous, root, entry.sha256, entry.at, public)
    return replace(unsigned, signature=key.sign(_signed_text(unsigned)).hex())


def _carry(root: Root) -> str:
    settings = root.settings()
    heads, _ = stored_heads(root.heads)
    if settings.heads_folder and (words := _to_folder(Path(settings.heads_folder), heads)):
        return words
    return _to_command(root, settings.heads_command, heads) if settings.heads_command else ""


def uncarried(place: Path, heads: list[Head]) -> list[Head]:
    """Return the heads that a second place does not hold."""
    held: dict[str, set[str]] = {}
    for key in {head.key for head in heads}:
        folder = key_folder(place, key)
        held[key] = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return [head for head in heads if _name(head.number) not in held[head.key]]


def _to_folder(place: Path, heads: list[Head]) -> str:
    try:
        # Not made here: a place that is missing is one that is not mounted.
        if not place.is_dir():
            raise FileNotFoundError(2, "it is not there")
        for head in uncarried(place, heads):
            write_bytes(key_folder(place, head.key) / _name(head.number), _head_bytes(head))
    except OSError as error:
        return (
            f"heads: {place} could not be written ({error.strerror}). Mount it, or correct "
            "heads_folder in settings.toml; the next refresh carries what is missing."
        )
    return ""


def _to_command(root: Root, command: str, heads: list[Head]) -> str:
    for head in _after_mark(root, heads):
        try:
            done = subprocess.run(
                shlex.split(command),
                input=_head_bytes(head),
                capture_output=True,
                timeout=_COMMAND_SECONDS,
                cwd=root.heads,
                check=False,
            )
            failed = f"it ended with code {done.returncode}" if done.returncode else ""
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            failed = type(error).__name__
        if failed:
            return (
                f"heads: heads_command of settings.toml did not take entry {head.number} "
                f"({failed}). Correct it; the next refresh carries what is missing."
            )
        write_bytes(root.heads / _CARRIED, f"{head.number}\n".encode())
    return ""


def _after_mark(root: Root, heads: list[Head]) -> Iterator[Head]:
    mark = root.heads / _CARRIED
    text = mark.read_text("ascii", errors="replace").strip() if mark.exists() else ""
    carried = int(text) if text.isdigit() else 0
    return (head for head in heads if head.number > carried)
