"""A new root: folders, key, settings, ledger, one drop folder per authority."""

from __future__ import annotations

import re
from dataclasses import replace

from schemas.authorities import authorities as known_authorities
from schemas.authorities import lasting_code
from schemas.errors import UsageError
from schemas.trial import adopters
from warehouse.key import make_keys, open_key
from warehouse.root import (
    PRIVATE_DIR,
    Root,
    Settings,
    make_folders,
    with_authorities,
    write_settings,
)
from warehouse.unsealed import seal_what_lies_open

_FOLDER = re.compile(r"([A-Z]\d{8})(?:-.*)?")


def set_up(
    root: Root,
    *,
    authorities: tuple[str, ...] = (),
    settle_seconds: float | None = None,
    ledger_url: str | None = None,
) -> Root:
    """Make everything a root needs that is not there yet, and return the root.

    The 17 adopters are registered, and with them the authorities named and those that already
    have a drop folder. Nothing that is there is changed, except settings that are given.

    Raises:
        UsageError: a code is not that of a local authority.
        KeyMissingError: the ledger was made with another key.
    """
    make_folders(root)
    registered = (*adopters(), *_known(authorities), *_with_folder(root))
    write_settings(root, _settings(root, registered, settle_seconds, ledger_url))
    make_keys(root)
    seal_what_lies_open(root)
    open_key(root)
    for code in root.settings().authorities:
        _make_drop_folder(root, code)
    return root


def _settings(
    root: Root, registered: tuple[str, ...], settle_seconds: float | None, ledger_url: str | None
) -> Settings:
    known = root.settings() if root.settings_file.exists() else Settings()
    if settle_seconds is not None:
        known = replace(known, settle_seconds=settle_seconds)
    if ledger_url is not None:
        known = replace(known, ledger_url=ledger_url)
    return with_authorities(known, registered)


def _known(codes: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [code for code in codes if code not in known_authorities()]
    if unknown:
        raise UsageError(
            f"init: {', '.join(unknown)} is not the code of a local authority. Use nine-character "
            "ONS codes, as E08000030."
        )
    return tuple(lasting_code(code) for code in codes)


def _with_folder(root: Root) -> tuple[str, ...]:
    names = (_FOLDER.fullmatch(path.name) for path in root.drop.iterdir() if path.is_dir())
    codes = (match[1] for match in names if match is not None)
    return tuple(lasting_code(code) for code in codes if code in known_authorities())


def _make_drop_folder(root: Root, code: str) -> None:
    if any(path.name.split("-")[0] == code for path in root.drop.iterdir()):
        return
    slug = re.sub(r"[^a-z]+", "-", known_authorities()[code].la_name.lower()).strip("-")
    (root.drop / f"{code}-{slug}").mkdir(mode=PRIVATE_DIR, exist_ok=True)
