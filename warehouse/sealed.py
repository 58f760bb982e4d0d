"""Sealed files: what may be read only with the storage key, in chunks, without a copy in the open.

Form, version 1. A header of 40 bytes: `SFPSEAL`, the version, the name of the key (16 hexadecimal
letters), a random salt of 16 bytes. Then chunks of 1 MiB, each encrypted with AES-256-GCM and 16
bytes longer for it; the last chunk may be shorter. The key of a file is derived from the storage
key, the salt and what the file is; its nonces count the chunks and mark the last, so that no nonce
is used twice under one key. Header and purpose are authenticated with every chunk. So a file that
was cut short, changed in any byte, put together from two files or moved to another name does not
open.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.errors import DamagedFileError
from warehouse.pseudonyms import key_id, read_key
from warehouse.root import PRIVATE_FILE, Root, make_folder, sync_folder

MAGIC = b"SFPSEAL\x01"
CHUNK = 1 << 20
_KEY_NAME = 16
_SALT = 16
HEADER = len(MAGIC) + _KEY_NAME + _SALT
_TAG = 16
_COUNTER = 11


@dataclass(frozen=True)
class Ring:
    """The storage keys at hand.

    Attributes:
        current: name of the key that new files are sealed with.
        keys: every key by its name; two while the key is being changed.
    """

    current: str
    keys: Mapping[str, bytes]


def old_storage_key_file(root: Root) -> Path:
    """Return where the old storage key stays until nothing is sealed with it any more."""
    return root.storage_key_file.with_name("storage.old.key")


def storage_ring(root: Root) -> Ring:
    """Return the storage keys at hand: the one that seals, and the old one while it is changed.

    Raises:
        KeyMissingError: there is no usable storage key.
    """
    key = read_key(root.storage_key_file, "storage key")
    keys = {key_id(key): key}
    old = old_storage_key_file(root)
    if old.exists():
        former = read_key(old, "storage key")
        keys[key_id(former)] = former
    return Ring(key_id(key), keys)


def is_sealed(path: Path) -> bool:
    """Return whether a file begins as a sealed one does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def key_name_of(path: Path) -> str:
    """Return the name of the key that a sealed file says it was sealed with."""
    with path.open("rb") as file:
        return file.read(HEADER)[len(MAGIC) : len(MAGIC) + _KEY_NAME].decode("ascii", "replace")


class Sealer:
    """Writes one sealed file, chunk by chunk; a reader meets nothing before `place`."""

    def __init__(self, ring: Ring, draft: Path, purpose: str) -> None:
        salt = secrets.token_bytes(_SALT)
        self._header = MAGIC + ring.current.encode() + salt
        self._bound = _bound(self._header, purpose)
        self._cipher = _cipher(ring.keys[ring.current], salt, purpose)
        self._number = 0
        self._held = bytearray()
        self._draft = draft
        make_folder(draft.parent)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._file.write(self._header)

    def write(self, data: bytes) -> None:
        """Add bytes; the last chunk is held back until it is known to be the last."""
        self._held += data
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, chunk, self._bound))
        self._number += 1

    def finish(self) -> None:
        """Seal what is left and force the file to disk, still under its draft name."""
        self._seal(bytes(self._held), is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def place(self, path: Path) -> None:
        """Give the finished file its name."""
        self._draft.replace(path)

    def drop(self) -> None:
        """Remove the draft."""
        with suppress(OSError):  # what is left to write finds no room either
            self._file.close()
        self._draft.unlink(missing_ok=True)


def write_sealed(ring: Ring, path: Path, purpose: str, chunks: Iterable[bytes]) -> None:
    """Write a sealed file so that a reader meets either nothing or the whole of it."""
    sealer = Sealer(ring, path.parent / f".{path.name}.{os.getpid()}.draft", purpose)
    try:
        for chunk in chunks:
            sealer.write(chunk)
        sealer.finish()
    except OSError:
        sealer.drop()
        raise
    sealer.place(path)
    sync_folder(path.parent)


def opened_chunks(ring: Ring, path: Path, purpose: str, *, name: str) -> Iterator[bytes]:
    """Yield what is in a sealed file, chunk by chunk; each was proved before it is handed out.

    Nothing may be made of the chunks before the last has come: only then is it sure that none is
    missing.

    Args:
        ring: keys at hand.
        path: of the file.
        purpose: what the file was sealed as.
        name: of the file relative to the root, for messages.

    Raises:
        DamagedFileError: the file is not there, is not sealed, was cut short or changed, belongs
            under another name, or was sealed with a key that is not here.
    """
    try:
        with path.open("rb") as file:
            yield from _opened(ring, file, purpose, name)
    except FileNotFoundError:
        raise DamagedFileError(
            f"{name} is in the ledger but not on disk. Run `sfp verify`; restore the file from its "
            "backup, or send the return again."
        ) from None


def _opened(ring: Ring, file: BinaryIO, purpose: str, name: str) -> Iterator[bytes]:
    header = file.read(HEADER)
    key = ring.keys.get(header[len(MAGIC) : len(MAGIC) + _KEY_NAME].decode("ascii", "replace"))
    if not header.startswith(MAGIC) or len(header) < HEADER:
        raise _torn(name, "it does not begin as a sealed file does")
    if key is None:
        raise _torn(name, "it names a storage key that is not here")
    cipher = _cipher(key, header[-_SALT:], purpose)
    bound = _bound(header, purpose)
    number, sealed = 0, file.read(CHUNK + _TAG)
    while True:
        after = file.read(CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not after), sealed, bound)
        except (InvalidTag, ValueError):
            raise _torn(name, f"part {number + 1} of it is not what was sealed") from None
        if not after:
            return
        number, sealed = number + 1, after


def _torn(name: str, why: str) -> DamagedFileError:
    return DamagedFileError(
        f"{name} cannot be opened: {why}. It was cut short or changed. Restore it from its backup, "
        "or send the return again."
    )


def _cipher(key: bytes, salt: bytes, purpose: str) -> AESGCM:
    info = b"sfpc sealed file 1\x1f" + purpose.encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key))


def _bound(header: bytes, purpose: str) -> bytes:
    return header + purpose.encode()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + bytes([is_last])
