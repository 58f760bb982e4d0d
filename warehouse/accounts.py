"""Who is at work, as the operating system knows: never what a variable of the environment says.

The account that logged in comes first: the kernel notes it once for a session, and neither `sudo`
nor `su` nor `runuser` changes it. Where no one logged in (a service, a container) it is the account
that the process runs as.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Final

LOGIN_FILE: Final = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN: Final = 2**32 - 1


def account_at_work() -> str:
    """Return the name of the account that logged in, or that this process runs as."""
    uid = _login_uid()
    return _account_name(os.getuid() if uid is None else uid)


def sudo_caller() -> str:
    """Return who `sudo` says called it; empty without it.

    Only to be noted alongside the account: anyone may set the variable it stands in.
    """
    return os.environ.get("SUDO_USER", "")


def _login_uid() -> int | None:
    try:
        uid = int(LOGIN_FILE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        # A kernel without it.
        return None
    return None if uid == _NOBODY_LOGGED_IN else uid


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid{uid}"
