"""Keyed pseudonyms: the same child has the same number, and no one without the key can find it.

BLAKE2b keyed with a secret from a file, over authority and identifier, cut to 63 bits so that it
fits a signed integer. At 10 million children two would share a number with probability 5e-6.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from schemas.errors import KeyMissingError
from warehouse.root import sync_folder

KEY_BYTES = 32
_MASK = (1 << 63) - 1
_UNKNOWN = 0


def make_key(path: Path) -> bool:
    """Make the key file if there is none; return whether it was made.

    Only its owner may read it. It is on disk for good before anything is made with the key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return True


def read_key(path: Path, what: str = "pseudonym key") -> bytes:
    """Return the key in a file; `what` names it in messages.

    Raises:
        KeyMissingError: there is no key file, it has another length, or others can read it. There
            is no fall-back: without a key nothing is read.
    """
    try:
        mode = path.stat().st_mode
        key = path.read_bytes()
    except OSError as error:
        raise KeyMissingError(
            f"the {what} cannot be read at {path} ({error.strerror}). Mount the key, or "
            "restore it from the copy of the keys."
        ) from None
    if len(key) != KEY_BYTES:
        raise KeyMissingError(
            f"the {what} at {path} is not a key (needs {KEY_BYTES} bytes, "
            f"found {len(key)}). Restore it from its backup."
        )
    if mode & 0o077:
        raise KeyMissingError(
            f"the {what} at {path} can be read by others (mode {mode & 0o777:04o}). "
            "Run chmod 0400 on it."
        )
    return key


def key_id(key: bytes) -> str:
    """Return a name for the key that reveals nothing about it, to recognise a wrong key by."""
    return hmac.new(key, b"sfpc key id", hashlib.sha256).hexdigest()[:16]


def pseudonym(key: bytes, domain: str, *parts: str) -> int:
    """Return the pseudonym of one identifier in one domain (`child`, `birth`, `participant`)."""
    digest = hashlib.blake2b(
        "\x1f".join(parts).encode(), key=key, digest_size=8, person=domain.encode()[:16]
    ).digest()
    return int.from_bytes(digest, "big") & _MASK or 1


def pseudonym_array(key: bytes, domain: str, texts: Iterable[str]) -> np.ndarray:
    """Return the pseudonym of each text of one part, as 64-bit numbers, in order.

    As `pseudonym` gives them, in a third of the time.
    """
    keyed = hashlib.blake2b(key=key, digest_size=8, person=domain.encode()[:16])

    def digest(text: str) -> bytes:
        one = keyed.copy()
        one.update(text.encode())
        return one.digest()

    numbers = np.frombuffer(b"".join(map(digest, texts)), ">u8").astype("uint64")
    found: np.ndarray = np.maximum(numbers & np.uint64(_MASK), np.uint64(1))
    return found


def pseudonyms(key: bytes, domain: str, la_code: str, ids: Iterable[str]) -> Mapping[str, int]:
    """Return the pseudonym of each distinct identifier of one authority.

    The empty identifier is 0, which no pseudonym is.
    """
    given = list(ids)
    numbers = pseudonym_array(key, domain, (f"{la_code}\x1f{each}" for each in given)).tolist()
    return {each: number if each else _UNKNOWN for each, number in zip(given, numbers, strict=True)}


def remembered(
    ask: Callable[[str, list[str]], Mapping[str, int]],
) -> Callable[[str, list[str]], Mapping[str, int]]:
    """Return the pseudonyms of an authority, each worked out once however often it is asked for.

    Eleven tables name the same children. What comes back may hold more than was asked for.
    """
    known: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def asked(domain: str, ids: list[str]) -> Mapping[str, int]:
        found = known[domain]
        if new := [each for each in ids if each not in found]:
            found.update(ask(domain, new))
        return found

    return asked
