"""The settings of one root: what an operator may set, read strictly and written whole."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from schemas.authorities import authorities
from schemas.calendar import CALENDARS, EVERY_QUARTER, DueCalendar
from schemas.errors import UsageError
from schemas.quarter import Quarter

_HEADER = """# Settings of this root, written by `sfp init`. Every key must be here.
# settle_seconds: how long a file must lie unchanged before it is taken in.
# ledger_url: SQLAlchemy address of the ledger; empty for ledger.sqlite under the root.
# authorities: lasting codes of the authorities that are expected to send returns; changed by
#   `sfp init --authorities` and `sfp init --unregister` alone.
# calendar: what authorities owe when (docs/operations.md): quarterly, or year_ends.
# last_quarter: the last quarter that anything is owed for, as "2024-25Q4"; empty while the
#   collection goes on.
# workers: where bursts of returns are judged (in processes, unless threads is said) and outcomes
#   worked out: processes, threads or dask (docs/scaling.md).
# notify: where notices go: a file's whole path, or a Prefect block as "slack-webhook/ops"; empty
#   for nowhere.
# dask_scheduler: address of a Dask scheduler, as tcp://host:8786; empty for a cluster of our own.
# heads_folder: whole path of a folder on another machine or disk to which signed heads of the audit
#   chain are carried at every cut and edition; empty for nowhere.
# heads_command: a program (with arguments, no shell) that takes each head on standard input; it may
#   be given besides the folder or in its place; empty for none.
# two_people_release: true where another person than the one who made a draft makes it final; false
#   for a root that one person runs (docs/privacy.md).
"""
PROCESSES, THREADS, DASK = "processes", "threads", "dask"
WORKERS = (PROCESSES, THREADS, DASK)
_ALWAYS_WRITTEN = frozenset({"settle_seconds", "ledger_url", "authorities"})
"""Keys that the first version of `sfp init` wrote: without them a file was emptied or cut short."""


@dataclass(frozen=True)
class Settings:
    """What an operator may set for one root."""

    settle_seconds: float = 60.0
    ledger_url: str = ""
    authorities: tuple[str, ...] = ()
    calendar: str = EVERY_QUARTER.name
    last_quarter: str = ""
    workers: str = PROCESSES
    dask_scheduler: str = ""
    notify: str = ""
    heads_folder: str = ""
    heads_command: str = ""
    two_people_release: bool = True


_KEYS = frozenset(field.name for field in fields(Settings))


def settings_of(file: Path, *, is_older: bool = False) -> Settings:
    """Return the settings in a file.

    Args:
        file: the settings file of a root.
        is_older: whether keys that earlier versions did not write may be missing.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: it cannot be read, is empty, cut short, misspelt or holds what cannot be.
    """
    read = _read(file)
    _require_keys(file, read, _ALWAYS_WRITTEN if is_older else _KEYS)
    for name, value in read.items():
        if not _IS_RIGHT[name](value):
            raise UsageError(f"{file}: {name} must be {_NEEDED[name]}. Correct it.")
    return Settings(
        **{
            **read,
            "settle_seconds": float(read["settle_seconds"]),
            "authorities": tuple(read["authorities"]),
        }
    )


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}. {_WAY_BACK}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}. {_WAY_BACK}") from None


_WAY_BACK = (
    "Put the file back from its copy (`sfp backup` keeps it). Without a copy, remove it and run "
    "`sfp init` with the settle window, the authorities and the address of the ledger that the "
    "root had before; then set in it what else it held, as notify and heads_folder."
)


def _require_keys(file: Path, read: Mapping[str, Any], needed: frozenset[str]) -> None:
    unknown, missing = sorted({*read} - _KEYS), sorted(needed - {*read})
    if unknown:
        raise UsageError(
            f"{file}: {', '.join(unknown)} is no setting (there are {', '.join(sorted(_KEYS))}). "
            "Correct it."
        )
    if missing and {*read} >= _ALWAYS_WRITTEN:
        raise UsageError(
            f"{file} lacks {', '.join(missing)}. Put the file back from its copy, or run "
            "`sfp init`: it adds them as they are by default."
        )
    if missing:
        raise UsageError(
            f"{file} lacks {', '.join(missing)}: it was emptied or cut short (needs {len(_KEYS)} "
            f"settings, found {len(read)}). {_WAY_BACK}"
        )


def _is_number(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0  # type: ignore[arg-type,operator]  # a number


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_codes(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(code, str) and code in authorities() for code in value)
    )


def _is_quarter_or_empty(value: object) -> bool:
    try:
        return value == "" or str(Quarter.parse(str(value))) == value
    except UsageError:
        return False


_IS_RIGHT: dict[str, Callable[[Any], bool]] = {name: _is_text for name in _KEYS} | {
    "settle_seconds": _is_number,
    "authorities": _are_codes,
    "calendar": lambda value: value in CALENDARS,
    "last_quarter": _is_quarter_or_empty,
    "workers": lambda value: value in WORKERS,
    "two_people_release": lambda value: isinstance(value, bool),
}
_NEEDED = dict.fromkeys(_KEYS, "a text between quotation marks, empty for none") | {
    "settle_seconds": "a number of seconds, 0 or more",
    "authorities": "a list of at least one nine-character ONS code, as "
    '["E08000030", "E10000017"], each of a local authority',
    "calendar": f"one of {', '.join(CALENDARS)}",
    "last_quarter": 'a quarter as "2024-25Q4", or "" while the collection goes on',
    "workers": f"one of {', '.join(WORKERS)}",
    "two_people_release": "true or false",
}


def settings_text(settings: Settings) -> str:
    """Return the settings as the file that `settings_of` reads, every key in it."""
    listed = ", ".join(f'"{code}"' for code in settings.authorities)
    return (
        f"{_HEADER}\nsettle_seconds = {settings.settle_seconds}\n"
        f'ledger_url = "{settings.ledger_url}"\nauthorities = [{listed}]\n'
        f'calendar = "{settings.calendar}"\nlast_quarter = "{settings.last_quarter}"\n'
        f'workers = "{settings.workers}"\ndask_scheduler = "{settings.dask_scheduler}"\n'
        f'notify = "{settings.notify}"\n'
        f'heads_folder = "{settings.heads_folder}"\n'
        f"heads_command = {json.dumps(settings.heads_command)}\n"
        f"two_people_release = {json.dumps(settings.two_people_release)}\n"
    )


def due_calendar(settings: Settings) -> DueCalendar:
    """Return what authorities owe when, as the settings say."""
    last = Quarter.parse(settings.last_quarter) if settings.last_quarter else None
    return replace(CALENDARS[settings.calendar], last=last)


def with_authorities(settings: Settings, codes: tuple[str, ...]) -> Settings:
    """Return the settings with `codes` registered besides those that already are."""
    return replace(settings, authorities=tuple(sorted({*settings.authorities, *codes})))
