"""Where a command runs: in the folder of the code, never in the one it was typed in.

Anyone may have put files there: an authority's drop folder is such a place. Python would import
modules from it, and libraries would read settings from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from flows.service import HOME
from schemas.environment import EVERY_PROCESS


def isolate() -> None:
    """Let this process and all it starts import from where Python and the code are installed."""
    os.environ.update(EVERY_PROCESS)
    with suppress(FileNotFoundError):  # the folder was deleted: nothing can be imported from it
        here = Path.cwd()
        sys.path[:] = [
            place for place in sys.path if Path(place).absolute() != here or here == HOME
        ]


def at_home(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command as one that leaves the folder it was typed in before it does anything.

    The paths it is given count from that folder.
    """

    @wraps(command)
    def run(**given: Any) -> None:
        whole = {name: _absolute(value) for name, value in given.items()}
        os.chdir(HOME)
        command(**whole)

    return run


def _absolute(value: Any) -> Any:
    return value.absolute() if isinstance(value, Path) else value
