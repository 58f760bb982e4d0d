"""A new root: folders, key, settings, ledger, one drop folder per authority."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemas.authorities import authorities as known_authorities
from schemas.authorities import lasting_code
from schemas.errors import UsageError
from schemas.trial import adopters
from warehouse.adoption import adopt, record_settings
from warehouse.database import make_ledger, require_ledger
from warehouse.drop_place import mark_drop_folder, require_marked
from warehouse.key import make_keys, open_key
from warehouse.ledger import Actor
from warehouse.lost_work import held_work
from warehouse.registered import (
    authorities_in_ledger,
    authorities_with_submissions,
    remember_registered,
)
from warehouse.root import PRIVATE_DIR, Root, make_folders, write_settings
from warehouse.settings import Settings, settings_of, with_authorities
from warehouse.unsealed import seal_what_lies_open

_FOLDER = re.compile(r"([A-Z]\d{8})(?:-.*)?")


def set_up(
    root: Root,
    *,
    authorities: tuple[str, ...] = (),
    settle_seconds: float | None = None,
    ledger_url: str | None = None,
    unregister: tuple[str, ...] = (),
    is_new_drop: bool = False,
    two_people: bool | None = None,
) -> Root:
    """Make everything a root needs that is not there yet, and return the root.

    The 17 adopters are registered when the root is new, and at any time the authorities named,
    those that already have a drop folder and those the ledger knows. Nothing that is there is
    changed, except settings that are given.

    Args:
        root: which.
        authorities: codes to register.
        settle_seconds: the settle window, where it is to change.
        ledger_url: address of the ledger, where it is to change.
        unregister: codes to take out that never sent anything.
        is_new_drop: whether the drop folder was moved or made again for good.
        two_people: whether another person than the one who made a draft makes it final, where
            that is to change.

    Raises:
        UsageError: a code is not that of a local authority, or of one that sent returns and is to
            be taken out; the settings are not whole, or are gone from a root that holds work.
        LedgerError: the ledger is gone, empty or older than what lies under the root.
        KeyMissingError: the ledger was made with another key.
        DropFolderError: the drop folder is not the one that was marked.
    """
    gone = _known(unregister)
    given = _given(settle_seconds, ledger_url, two_people)
    _require_settings(root, is_given=settle_seconds is not None)
    make_ledger(root, _ledger_url(root, ledger_url))
    if root.settings_file.exists():
        write_settings(root, _settings(root, (), given))
        _require_silent(root, gone)
        if not is_new_drop:
            require_marked(root)
    make_folders(root)
    _remove_drop_folders(root, gone)
    registered = ({*_registered(root), *_known(authorities), *_with_folder(root)}) - {*gone}
    write_settings(root, _settings(root, tuple(registered), given, gone))
    make_keys(root)
    seal_what_lies_open(root)
    actor = Actor.here()
    adopt(root, actor)
    open_key(root)
    record_settings(root, actor)
    for code in root.settings().authorities:
        _make_drop_folder(root, code)
    remember_registered(root, root.settings().authorities)
    mark_drop_folder(root, is_new=is_new_drop)
    return root


def _require_settings(root: Root, *, is_given: bool) -> None:
    """Refuse to write settings as they are by default over those that a root with work has lost.

    The window being given is how an operator says that there is no copy.
    """
    if is_given or root.settings_file.exists() or not held_work(root):
        return
    raise UsageError(
        f"init: {root.path} holds work and has lost its settings.toml. Nothing was changed. Put "
        "the file back from its copy (`sfp backup` keeps it). Without a copy, run `sfp init "
        f"--settle-seconds SECONDS --root {root.path}` with the window it had (and --ledger-url, "
        "where the ledger was on a server), then set the others in the new file as they were: "
        "workers, dask_scheduler, two_people_release, notify, heads_folder and heads_command are "
        "at their defaults "
        "there."
    )


def refuse_lost_ledger(root: Root) -> None:
    """Refuse a root whose ledger is gone, empty or older, before a service starts on it."""
    require_ledger(root)


def _ledger_url(root: Root, given: str | None) -> str:
    """Return the address that the ledger is to have from now on."""
    if given is None and root.settings_file.exists():
        given = settings_of(root.settings_file, is_older=True).ledger_url
    return root.ledger_address(given or "")


def _registered(root: Root) -> frozenset[str]:
    """Return who is registered already: of a new root the adopters."""
    if not root.settings_file.exists():
        return frozenset(adopters())
    return authorities_in_ledger(root)


def _require_silent(root: Root, codes: tuple[str, ...]) -> None:
    if codes and (sent := sorted(authorities_with_submissions(root) & {*codes})):
        raise UsageError(
            f"init: {', '.join(sent)} sent returns, which cuts and editions count. It stays "
            "registered."
        )


def _remove_drop_folders(root: Root, codes: tuple[str, ...]) -> None:
    """Remove the empty drop folders of authorities that are taken out."""
    for path in sorted(root.drop.iterdir()):
        match = _FOLDER.fullmatch(path.name)
        if match is None or match[1] not in codes:
            continue
        try:
            path.rmdir()
        except OSError:
            raise UsageError(
                f"init: the drop folder of {match[1]} is not empty. Take its files away first."
            ) from None


def _settings(
    root: Root,
    registered: tuple[str, ...],
    given: Mapping[str, Any],
    gone: tuple[str, ...] = (),
) -> Settings:
    file = root.settings_file
    known = settings_of(file, is_older=True) if file.exists() else Settings()
    known = replace(known, authorities=tuple(sorted({*known.authorities} - {*gone})), **given)
    return with_authorities(known, registered)


def _given(
    settle_seconds: float | None, ledger_url: str | None, two_people: bool | None
) -> dict[str, Any]:
    """Return the settings that are to change, by name."""
    asked = {
        "settle_seconds": settle_seconds,
        "ledger_url": ledger_url,
        "two_people_release": two_people,
    }
    return {name: value for name, value in asked.items() if value is not None}


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
