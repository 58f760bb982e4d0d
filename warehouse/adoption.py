"""What no single transaction tells the audit chain: settings, prices, and all of an older ledger.

A ledger from before entries had details holds submissions, cuts and editions of which its chain
says too little to rebuild them. The migration notes that (`facts`), and the next `sfp init` records
once what stands then. What was changed before that moment cannot be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from warehouse import tables
from warehouse.audit import append
from warehouse.database import writing
from warehouse.facts import known_fact
from warehouse.ledger import Actor
from warehouse.on_disk import file_digest, place_of, units_on_disk, value_on_disk
from warehouse.recorded import (
    NOW,
    OF_SUBMISSION,
    PRICES,
    SETTINGS,
    WHOLE_LEDGER,
    recorded_now,
    replayed,
    unit_digests,
)
from warehouse.root import Root

ADOPT = "adopt"
"""Name of the fact that an older ledger waits for its chain to record what stands."""


def record_settings(root: Root, actor: Actor) -> None:
    """Record the digest of the settings, unless it is the one recorded last."""
    _record_file(root, SETTINGS, actor)


def record_prices(root: Root, actor: Actor) -> None:
    """Record the digest of the root's own prices, or that it has none any more.

    Nothing is recorded of what was recorded last, nor of a root that never had any.
    """
    _record_file(root, PRICES, actor)


def _record_file(root: Root, unit: str, actor: Actor) -> None:
    found, place = file_digest(root, unit), place_of(root, unit)
    with writing(root, unit) as connection:
        last = connection.execute(
            select(tables.audit.c.detail)
            .where(tables.audit.c.action == unit)
            .order_by(tables.audit.c.number.desc())
            .limit(1)
        ).scalar()
        if (recorded_now(last).get(unit) if last else None) != found:
            _append(connection, actor, unit, place.name if place else unit, {unit: found})


def adopt(root: Root, actor: Actor) -> int:
    """Record once what stands in an older ledger; return how many units its chain now holds more.

    What the chain holds already is left as it is. Zero for a ledger that was never older.
    """
    with writing(root, ADOPT) as connection:
        if not known_fact(connection, ADOPT):
            return 0
        connection.execute(tables.facts.delete().filter_by(name=ADOPT))
        new = _not_recorded(connection, root)
        for subject, units in groupby(sorted(new, key=_subject), key=_subject):
            _append(connection, actor, ADOPT, subject, {unit: new[unit] for unit in units})
    return len(new)


def _not_recorded(connection: Connection, root: Root) -> dict[str, Any]:
    recorded = replayed(connection)
    on_disk = {unit: value_on_disk(root, unit) for unit in units_on_disk(root) if unit != SETTINGS}
    found: dict[str, Any] = {**unit_digests(connection, WHOLE_LEDGER), **on_disk}
    return {
        unit: value for unit, value in found.items() if value is not None and unit not in recorded
    }


def _subject(unit: str) -> str:
    """Return what a unit is recorded with: its submission, or all others of its kind."""
    kind, _, key = unit.partition("/")
    return f"submission {key.split('/')[0]}" if kind in OF_SUBMISSION else kind


def _append(
    connection: Connection, actor: Actor, action: str, subject: str, units: Mapping[str, Any]
) -> None:
    append(
        connection,
        actor=actor.name,
        run=actor.run,
        action=action,
        subject=subject,
        counts={"units": len(units)},
        detail={NOW: units},
    )
