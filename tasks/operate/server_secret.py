"""The secret of a root's Prefect server.

Anyone who has it may set off runs as the user of the service, so it is made for one root, written
nowhere else, and handed on in the environment alone, which no other user can see.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from schemas.errors import KeyMissingError
from warehouse.root import Root, write_once

_USER = "sfp"
_BYTES = 32
_FORM = re.compile(rf"{_USER}:[\w-]{{43,}}", re.ASCII)
"""As Prefect wants it: a name, a colon and what only a chosen few know."""
_CLOSED_TO = 0o027
"""Others may do nothing with the file, its group may read it."""


def server_secret(root: str) -> str:
    """Return the secret of this root's server, made now where there is none yet.

    Raises:
        KeyMissingError: the file cannot be read, holds something else, or is open to others.
    """
    file = Root.at(root).server_secret_file
    if not file.exists():
        write_once(file, f"{_USER}:{secrets.token_urlsafe(_BYTES)}\n".encode())
    return _read(file)


def known_server_secret(root: str) -> str:
    """Return the secret of this root's server; empty where `sfp serve` never made one.

    Raises:
        KeyMissingError: as for `server_secret`.
    """
    file = Root.at(root).server_secret_file
    return _read(file) if file.exists() else ""


def _read(file: Path) -> str:
    try:
        mode = file.stat().st_mode
        secret = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(file, f"cannot be read ({type(error).__name__})") from None
    if mode & _CLOSED_TO:
        raise _unusable(file, f"is open to others (needs 0600 or 0640, found {mode & 0o777:04o})")
    if _FORM.fullmatch(secret) is None:
        raise _unusable(file, "is not a secret")
    return secret


def _unusable(file: Path, why: str) -> KeyMissingError:
    return KeyMissingError(
        f"the server's secret at {file} {why}. Stop the service and remove the file: `sfp serve` "
        "makes another."
    )
