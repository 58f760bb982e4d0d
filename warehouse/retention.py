"""What has been kept as long as it may be, class by class.

Nothing of a submission that counts or is still to be judged is ever among it, and no accepted row:
what a final edition's cut holds can be computed again without the bytes that go. The ledger forgets
first and the files go after: what a killed process leaves is named by nothing, and swept.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Row, delete, select, update

from schemas.calendar import (
    CLASSES,
    KEPT_RESULTS,
    PACKS,
    REFUSED,
    SET_ASIDE,
    SUPERSEDED,
    TEXTS,
    ZIPS,
    Retention,
)
from schemas.submission import State
from warehouse import tables
from warehouse.audit import append
from warehouse.database import reading, writing
from warehouse.ledger import Actor, submission
from warehouse.outbox import pack_folder
from warehouse.root import Root
from warehouse.store import QUARANTINE, RESTRICTED_TEXT

_LANDED = ("refused", "superseded", "zips")
_KINDS = {QUARANTINE: SET_ASIDE, RESTRICTED_TEXT: TEXTS}


@dataclass(frozen=True)
class Expired:
    """One file or pack past its retention.

    Attributes:
        path: relative to the root; a folder for a pack.
        retention: name of its class.
        expired_on: the day.
        size: in bytes.
    """

    path: str
    retention: str
    expired_on: str
    size: int


def expired(root: Root, *, moment: datetime) -> list[Expired]:
    """Return what is past its retention, in order of class and path."""
    with reading(root) as connection:
        kept = _kept(connection)
        rows = _decided(connection)
        landed = _landed_moments(connection, rows, kept)
        zips = _zip_moments(connection)
        parts = list(connection.execute(select(tables.parts)))
    decided = {row.id: _time(row.decided_at) for row in rows if row.id not in kept}
    candidates = (
        *((f"landing/{sha256}", *found) for sha256, found in landed.items()),
        *((f"landing/{sha256}", ZIPS, seen) for sha256, seen in zips.items()),
        *_parts(parts, decided),
        *_packs(root, decided),
        *_results(root),
    )
    return [
        Expired(relative, retention.name, _day(since, retention), _size(root.path / relative))
        for relative, retention, since in sorted(candidates, key=_order)
        if since + timedelta(days=retention.days) < moment and (root.path / relative).exists()
    ]


def _order(candidate: tuple[str, Retention, datetime]) -> tuple[int, str]:
    return CLASSES.index(candidate[1]), candidate[0]


def _day(since: datetime, retention: Retention) -> str:
    return (since + timedelta(days=retention.days)).date().isoformat()


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [found for found in path.rglob("*") if found.is_file()]
    return sum(found.stat().st_size for found in files)


def _kept(connection: Connection) -> set[str]:
    """Return the submissions that count, and those that are still to be judged or answered."""
    given, force = tables.submissions.c, tables.in_force.c
    counting = select(force.submission_id).where(force.until.is_(None))
    unfinished = select(given.id).where(given.answered.is_(False) | (given.state == State.LANDED))
    return {*connection.execute(counting).scalars(), *connection.execute(unfinished).scalars()}


def _decided(connection: Connection) -> list[Row[tuple[str, str, str]]]:
    given = tables.submissions.c
    return list(
        connection.execute(
            select(given.id, given.state, given.decided_at)
            .where(given.decided_at.is_not(None), given.state != State.ERASED)
            .order_by(given.id)
        )
    )


def _landed_moments(
    connection: Connection, rows: Iterable[Row[tuple[str, str, str]]], kept: Collection[str]
) -> dict[str, tuple[Retention, datetime]]:
    """Return the class and moment of each landed file that nothing needs: those that last longest.

    A file that several submissions hold stays as long as the one that needs it longest.
    """
    files = tables.submission_files.c
    held = list(
        connection.execute(
            select(files.submission_id, files.sha256).where(files.removed.is_(False))
        )
    )
    needed = {row.sha256 for row in held if row.submission_id in kept}
    by_id = {row.id: row for row in rows}
    found: dict[str, tuple[Retention, datetime]] = {}
    for row in held:
        if row.sha256 in needed or row.submission_id not in by_id:
            continue
        judged = by_id[row.submission_id]
        retention = SUPERSEDED if State(judged.state).is_accepted else REFUSED
        one = (retention, _time(judged.decided_at))
        found[row.sha256] = max(found.get(row.sha256, one), one, key=_ends)
    return found


def _ends(one: tuple[Retention, datetime]) -> datetime:
    return one[1] + timedelta(days=one[0].days)


def _zip_moments(connection: Connection) -> dict[str, datetime]:
    """Return when each landed file that no submission holds was last seen: zips, and repeats."""
    arrivals, files = tables.arrivals.c, tables.submission_files.c
    held = select(files.sha256).where(files.removed.is_(False))
    rows = connection.execute(
        select(arrivals.sha256, arrivals.seen_at)
        .where(arrivals.sha256.is_not(None), arrivals.sha256.not_in(held))
        .order_by(arrivals.seen_at)
    )
    return {sha256: _time(seen_at) for sha256, seen_at in rows}


def _parts(
    parts: Iterable[Row[tuple[str]]], decided: dict[str, datetime]
) -> Iterator[tuple[str, Retention, datetime]]:
    for part in parts:
        if part.kind in _KINDS and part.submission_id in decided:
            yield part.path, _KINDS[part.kind], decided[part.submission_id]


def _packs(root: Root, decided: dict[str, datetime]) -> Iterator[tuple[str, Retention, datetime]]:
    for submission_id, moment in decided.items():
        folder = pack_folder(root, submission(root, submission_id))
        if folder.exists():
            yield str(folder.relative_to(root.path)), PACKS, moment


def _results(root: Root) -> Iterator[tuple[str, Retention, datetime]]:
    for path in root.cache.rglob("*"):
        if path.is_file():
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield str(path.relative_to(root.path)), KEPT_RESULTS, made


def remove_expired_files(root: Root, found: Collection[Expired], actor: Actor) -> None:
    """Remove what expired, and record in the audit chain how much of each class."""
    landed = [one.path.partition("/")[2] for one in found if one.retention in _LANDED]
    paths = [one.path for one in found]
    counts = {name: 0 for name in (retention.name for retention in CLASSES)}
    for one in found:
        counts[one.retention] += 1
    files, arrivals = tables.submission_files, tables.arrivals
    with writing(root, "retain") as connection:
        connection.execute(update(files).where(files.c.sha256.in_(landed)).values(removed=True))
        connection.execute(
            update(arrivals).where(arrivals.c.sha256.in_(landed)).values(sha256=None, size=None)
        )
        connection.execute(delete(tables.parts).where(tables.parts.c.path.in_(paths)))
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="retain",
            subject="what was kept as long as it may be",
            counts={name: count for name, count in counts.items() if count},
        )
    for relative in paths:
        path = root.path / relative
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
