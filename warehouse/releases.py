"""Who made each draft and who made it final: written into the audit chain, and read from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from warehouse import tables
from warehouse.database import reading
from warehouse.ledger import Actor
from warehouse.recorded import NOW, edition_units
from warehouse.root import Root

_PUBLISH: Final = "publish"


@dataclass(frozen=True)
class Draft:
    """One draft edition, as the audit chain recorded it when it was made.

    Attributes:
        name: of the edition.
        cut_id, cut_number: of the cut it was made from.
        made_at: moment, UTC.
        made_by: who made it.
        public, restricted: digest of each of its files, by name: the first 32 hexadecimal digits
            of its SHA-256.
    """

    name: str
    cut_id: str
    cut_number: int
    made_at: str
    made_by: Actor
    public: Mapping[str, str]
    restricted: Mapping[str, str]


def edition_subject(name: str, cut_number: int, *, is_final: bool) -> str:
    """Return the subject of the entry that records an edition."""
    return f"edition {name} of cut {cut_number} {'final' if is_final else 'draft'}"


def publication_detail(actor: Actor, release: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what the entry of an edition says of people: who made it, and of which draft.

    Args:
        actor: who makes it.
        release: what `release_detail` returned; None of a draft.
    """
    by = {"account": actor.person} | ({"sudo_user": actor.sudo_user} if actor.sudo_user else {})
    return {"by": by} | ({} if release is None else {"release": dict(release)})


def release_detail(draft: Draft | None, *, report: str, two_people: bool) -> dict[str, Any]:
    """Return what the entry of a final edition says of the draft that was read.

    Args:
        draft: which; None where one person releases without one.
        report: digest of its disclosure report, as it was confirmed.
        two_people: whether the settings asked for a second person.
    """
    if draft is None:
        return {"two_people": two_people}
    return {
        "two_people": two_people,
        "draft": draft.name,
        "report": report,
        "drafted_by": draft.made_by.name,
        "drafted_account": draft.made_by.person,
    }


def drafts(root: Root) -> list[Draft]:
    """Return every draft edition of the ledger, the newest first."""
    editions, cuts = tables.editions.c, tables.cuts.c
    query = (
        select(editions.name, editions.cut_id, editions.made_at, cuts.number)
        .join_from(tables.editions, tables.cuts)
        .where(editions.is_final.is_(False))
        .order_by(editions.made_at.desc(), editions.name.desc())
    )
    with reading(root) as connection:
        entries = _entries(connection)
        rows = connection.execute(query).all()
    named = ((row, edition_subject(row.name, row.number, is_final=False)) for row in rows)
    return [_draft(row, entries[subject]) for row, subject in named if subject in entries]


def published_by(root: Root) -> dict[str, dict[str, str]]:
    """Return by edition who made it, and of a final one who made the draft that was read."""
    with reading(root) as connection:
        entries = _entries(connection)
    return {
        subject.split(" ")[1]: {
            "made_by": entry.actor,
            "drafted_by": json.loads(entry.detail).get("release", {}).get("drafted_by", ""),
        }
        for subject, entry in entries.items()
    }


def _entries(connection: Connection) -> dict[str, Row[Any]]:
    """Return the newest entry of each edition that was published, by subject, oldest first."""
    audit = tables.audit.c
    rows = connection.execute(
        select(audit.number, audit.subject, audit.actor, audit.run, audit.detail)
        .where(audit.action == _PUBLISH)
        .order_by(audit.number)
    )
    found: dict[str, Row[Any]] = {}
    for row in rows:
        found.pop(row.subject, None)
        found[row.subject] = row
    return found


def _draft(row: Row[Any], entry: Row[Any]) -> Draft:
    detail = json.loads(entry.detail)
    public, restricted = (detail.get(NOW, {}).get(unit) or {} for unit in edition_units(row.name))
    # Entries of earlier versions name the user alone.
    account = detail.get("by", {}).get("account", entry.actor)
    return Draft(
        name=row.name,
        cut_id=row.cut_id,
        cut_number=row.number,
        made_at=row.made_at,
        made_by=Actor(entry.actor, entry.run, account),
        public=public,
        restricted=restricted,
    )
