"""What has been kept as long as it may be, class by class.

Nothing of a submission that counts or is still to be judged is ever among it, and no accepted row:
what a final edition's cut holds can be computed again without the bytes that go. Final editions and
their cuts are never among it, nor the newest draft and the newest cut. The ledger forgets first and
the files go after: what a killed process leaves is named by nothing, and swept. Of drafts the files
go first, as the ledger alone may say which editions are to go; the next run finishes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Row, delete, select, update

from schemas.calendar import (
    CLASSES,
    CUTS,
    DRAFTS,
    KEPT_RESULTS,
    ORPHANS,
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
from warehouse.database import engine, give_back_pages, reading, writing
from warehouse.ledger import Actor, submission
from warehouse.orphans import set_aside_at, set_aside_folders
from warehouse.outbox import pack_folder
from warehouse.recorded import (
    NOW,
    WHOLE_LEDGER,
    Scope,
    changed_units,
    edition_units,
    of_removal,
)
from warehouse.removals import planned_removal
from warehouse.root import Root
from warehouse.store import QUARANTINE, RESTRICTED_TEXT
from warehouse.superseded import (
    forget_cuts,
    forget_drafts,
    superseded_cuts,
    superseded_drafts,
)

_LANDED = ("refused", "superseded", "zips")
_KINDS = {QUARANTINE: SET_ASIDE, RESTRICTED_TEXT: TEXTS}


@dataclass(frozen=True)
class Expired:
    """One file or pack past its retention.

    Attributes:
        path: relative to the root; a folder for a pack, a draft, or orphans set aside together;
            `cuts/` and its number, which is no file, for a cut.
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
        drafts, cuts = superseded_drafts(connection), superseded_cuts(connection)
    decided = {row.id: _time(row.decided_at) for row in rows if row.id not in kept}
    candidates = (
        *((f"landing/{sha256}", *found) for sha256, found in landed.items()),
        *((f"landing/{sha256}", ZIPS, seen) for sha256, seen in zips.items()),
        *_parts(parts, decided),
        *_packs(root, decided),
        *_results(root),
        *_set_aside(root),
    )
    # A draft or a cut is there as long as the ledger names it.
    named = (
        *((f"{root.editions.name}/{name}", DRAFTS, _time(since)) for name, since in drafts.items()),
        *((f"cuts/{number}", CUTS, _time(since)) for number, since in cuts.items()),
    )
    there = [one for one in candidates if (root.path / one[0]).exists()]
    return [
        Expired(relative, retention.name, _day(since, retention), _room(root, relative))
        for relative, retention, since in sorted((*there, *named), key=_order)
        if since + timedelta(days=retention.days) < moment
    ]


def _room(root: Root, relative: str) -> int:
    """Return what goes with a path, in bytes: with a draft what stands behind it."""
    folder, _, name = relative.partition("/")
    behind = _size(root.restricted / name) if folder == root.editions.name else 0
    return _size(root.path / relative) + behind


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


def _set_aside(root: Root) -> Iterator[tuple[str, Retention, datetime]]:
    for folder in set_aside_folders(root):
        yield str(folder.relative_to(root.path)), ORPHANS, set_aside_at(folder)


def remove_expired_files(root: Root, found: Collection[Expired], actor: Actor) -> None:
    """Remove what expired, and record in the audit chain how much of each class."""
    drafts, cuts = _names(found, DRAFTS), [int(number) for number in _names(found, CUTS)]
    for name in drafts:
        for folder in (root.restricted, root.editions):
            _remove(folder / name)
    with planned_removal(root, (one.path for one in found if (root.path / one.path).is_file())):
        _forget(root, found, drafts, cuts, actor)
    for one in found:
        if one.retention not in (DRAFTS.name, CUTS.name):
            _remove(root.path / one.path)
    give_back_pages(engine(root.ledger_url))


def _forget(
    root: Root, found: Collection[Expired], drafts: list[str], cuts: list[int], actor: Actor
) -> None:
    with writing(root, "retain", "editions", "cuts") as connection:
        with changed_units(connection, _scope(connection, found)) as changed:
            _forget_files(connection, found)
            forget_drafts(connection, drafts)
            forget_cuts(connection, cuts)
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="retain",
            subject="what was kept as long as it may be",
            counts=Counter(one.retention for one in found),
            detail={NOW: {**changed, **_folders_gone(found)}},
        )


def _scope(connection: Connection, found: Collection[Expired]) -> Scope:
    landed = [one.path.partition("/")[2] for one in found if one.retention in _LANDED]
    scope = dict(of_removal(connection, landed, [one.path for one in found]))
    return scope | {kind: WHOLE_LEDGER[kind] for kind in ("cut", "cut_submissions", "edition")}


def _folders_gone(found: Iterable[Expired]) -> dict[str, None]:
    """Return the units of the packs and drafts that go."""
    gone: dict[str, None] = {}
    for one in found:
        name = one.path.partition("/")[2]
        if one.retention == PACKS.name:
            gone[f"pack/{name}"] = None
        elif one.retention == DRAFTS.name:
            gone |= dict.fromkeys(edition_units(name))
    return gone


def _names(found: Iterable[Expired], retention: Retention) -> list[str]:
    """Return the last part of the path of everything of a class."""
    return [one.path.partition("/")[2] for one in found if one.retention == retention.name]


def _forget_files(connection: Connection, found: Iterable[Expired]) -> None:
    landed = [one.path.partition("/")[2] for one in found if one.retention in _LANDED]
    paths = [one.path for one in found]
    files, arrivals = tables.submission_files, tables.arrivals
    connection.execute(update(files).where(files.c.sha256.in_(landed)).values(removed=True))
    connection.execute(
        update(arrivals).where(arrivals.c.sha256.in_(landed)).values(sha256=None, size=None)
    )
    connection.execute(delete(tables.parts).where(tables.parts.c.path.in_(paths)))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
