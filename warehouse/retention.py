"""What has been kept as long as it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from schemas.calendar import REFUSED, SUPERSEDED, Retention
from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.ledger import Actor, reading, writing
from warehouse.root import Root, sync_folder


@dataclass(frozen=True)
class Expired:
    """One landed file past its retention: its hash, the class, and the day it expired."""

    sha256: str
    retention: str
    expired_on: str


def expired(root: Root, *, moment: datetime) -> list[Expired]:
    """Return landed files past their retention, in order of hash.

    Bytes that any submission in force, or any submission still to be judged, is made of are never
    among them.
    """
    with reading(root) as connection:
        kept = _kept(connection, moment)
        rows = _decided(connection)
    found = {
        sha256: Expired(
            sha256, retention.name, (decided + timedelta(days=retention.days)).date().isoformat()
        )
        for sha256, retention, decided in rows
        if sha256 not in kept
        and decided + timedelta(days=retention.days) < moment
        and (root.landing / sha256).exists()
    }
    return [found[sha256] for sha256 in sorted(found)]


def _kept(connection: Connection, moment: datetime) -> set[str]:
    files, given, counts = tables.submission_files.c, tables.submissions.c, tables.in_force.c
    in_force = (
        select(files.sha256)
        .join_from(tables.submission_files, tables.submissions)
        .join(tables.in_force, counts.submission_id == given.id)
        .where(counts.until.is_(None))
    )
    unfinished = (
        select(files.sha256)
        .join_from(tables.submission_files, tables.submissions)
        .where(given.answered.is_(False))
    )
    young = {
        sha256
        for sha256, retention, decided in _decided(connection)
        if decided + timedelta(days=retention.days) >= moment
    }
    return {
        *young,
        *connection.execute(in_force).scalars(),
        *connection.execute(unfinished).scalars(),
    }


def _decided(connection: Connection) -> list[tuple[str, Retention, datetime]]:
    files, given = tables.submission_files.c, tables.submissions.c
    rows = connection.execute(
        select(files.sha256, given.state, given.decided_at)
        .join_from(tables.submission_files, tables.submissions)
        .where(given.decided_at.is_not(None))
    )
    return [
        (
            sha256,
            SUPERSEDED if State(state).is_accepted else REFUSED,
            datetime.fromisoformat(decided_at).astimezone(UTC),
        )
        for sha256, state, decided_at in rows
    ]


def remove_landed(root: Root, found: list[Expired], actor: Actor) -> None:
    """Remove landed files, and record in the audit chain how many."""
    for one in found:
        Path(root.landing / one.sha256).unlink(missing_ok=True)
    sync_folder(root.landing)
    with writing(root) as connection:
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="retain",
            subject="landing",
            counts={"removed": len(found)},
        )
