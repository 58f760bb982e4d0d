"""What the ledger holds, unit by unit, each as one digest: what entries of the audit chain record.

A unit is what changes together: a submission, its files, one part of it, what counts for a return
and quarter. Its digest covers every column of its rows. An entry of the chain has, under `now`, the
digests of the units that its transaction changed, and None for those that are gone: replaying the
chain gives what the ledger should hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DefaultClause,
    Row,
    Table,
    select,
    true,
    tuple_,
)

from schemas.submission import Submission
from warehouse import tables
from warehouse.audit import HEAD_FACT, digest

NOW = "now"
"""Name, in the detail of an entry, of the units it changed."""
Scope = Mapping[str, ColumnElement[bool]]
"""Which units are looked at: for each kind, which rows of its table."""
_LENGTH = 32
"""Letters of a digest: 128 bits, which nobody can find a second set of rows for."""


@dataclass(frozen=True)
class _Kind:
    """One kind of unit: the rows of one table with equal keys.

    Attributes:
        table: the table.
        key: its columns that name the unit.
        unsealed: a column that says what is still to be done, and not what is so.
    """

    table: Table
    key: tuple[str, ...]
    unsealed: str = ""


_KINDS = {
    "submission": _Kind(tables.submissions, ("id",)),
    "states": _Kind(tables.submission_states, ("submission_id",)),
    "files": _Kind(tables.submission_files, ("submission_id",)),
    "findings": _Kind(tables.finding_counts, ("submission_id",)),
    "part": _Kind(tables.parts, ("submission_id", "kind", "table_name")),
    "claim": _Kind(tables.claims, ("submission_id",), unsealed="is_settled"),
    "in_force": _Kind(tables.in_force, ("la_code", "return_name", "quarter")),
    "arrivals": _Kind(tables.arrivals, ("la_code", "quarter")),
    "tombstones": _Kind(tables.tombstones, ("la_code",)),
    "cut": _Kind(tables.cuts, ("id",)),
    "cut_submissions": _Kind(tables.cut_submissions, ()),
    "edition": _Kind(tables.editions, ("name",)),
    "fact": _Kind(tables.facts, ("name",)),
}
OF_SUBMISSION = ("submission", "states", "files", "findings", "part", "claim")
"""Kinds whose units belong to one submission: its id follows the name of the kind."""
SETTINGS = "settings"
"""Unit of the file of settings."""
PRICES = "prices"
"""Unit of the file of prices that a root may have of its own."""
WHOLE_LEDGER: Scope = {kind: true() for kind in _KINDS}


def pack_unit(given: Submission) -> str:
    """Return the unit of a submission's pack in the outbox: named by where it lies."""
    return f"pack/{given.la_code}/{given.quarter}/{given.id}"


def edition_units(name: str) -> tuple[str, str]:
    """Return the units of an edition's published files, and of the restricted ones behind it."""
    return f"published/{name}", f"restricted/{name}"


def of_submissions(
    submission_ids: Collection[str], kinds: Collection[str] = (*OF_SUBMISSION, "in_force")
) -> Scope:
    """Return the scope of some submissions, and of what counts where they were sent for."""
    ids, given, force = list(submission_ids), tables.submissions.c, tables.in_force.c
    places = select(given.la_code, given.return_name, given.quarter).where(given.id.in_(ids))
    scope: dict[str, ColumnElement[bool]] = {
        kind: _KINDS[kind].table.c[_KINDS[kind].key[0]].in_(ids) for kind in OF_SUBMISSION
    }
    scope["in_force"] = tuple_(force.la_code, force.return_name, force.quarter).in_(places)
    return {kind: scope[kind] for kind in kinds}


def of_cut(cut_id: str) -> Scope:
    """Return the scope of one cut, and of what all cuts hold: it is kept as differences."""
    return {"cut": tables.cuts.c.id == cut_id, "cut_submissions": true()}


def of_edition(name: str) -> Scope:
    """Return the scope of one edition."""
    return {"edition": tables.editions.c.name == name}


def of_fact(name: str) -> Scope:
    """Return the scope of one thing the ledger knows of its root."""
    return {"fact": tables.facts.c.name == name}


def of_authority(la_code: str) -> Scope:
    """Return the scope of what the erasure of a child flags: an authority's files, its marks."""
    given, files = tables.submissions.c, tables.submission_files.c
    return {
        "files": files.submission_id.in_(select(given.id).where(given.la_code == la_code)),
        "tombstones": tables.tombstones.c.la_code == la_code,
    }


def of_arrivals(places: Collection[tuple[str, str]]) -> Scope:
    """Return the scope of what arrived from authorities for quarters: (la_code, quarter)."""
    arrivals = tables.arrivals.c
    return {"arrivals": tuple_(arrivals.la_code, arrivals.quarter).in_(list(places))}


def of_removal(connection: Connection, hashes: Collection[str], paths: Collection[str]) -> Scope:
    """Return the scope of landed files, by hash, and of parts, by path, that are to be removed."""
    files, parts = tables.submission_files.c, tables.parts.c
    landed = select(files.submission_id).where(files.sha256.in_(list(hashes)))
    resting = select(parts.submission_id).where(parts.path.in_(list(paths)))
    ids = connection.execute(landed.union(resting)).scalars()
    scope = dict(of_submissions(list(ids), ("files", "part")))
    return scope | dict(of_arrivals(places_of_hashes(connection, hashes)))


def places_of_hashes(connection: Connection, hashes: Collection[str]) -> list[tuple[str, str]]:
    """Return for which authorities and quarters files with these hashes arrived."""
    arrivals = tables.arrivals.c
    rows = connection.execute(
        select(arrivals.la_code, arrivals.quarter)
        .where(arrivals.sha256.in_(list(hashes)))
        .distinct()
    )
    return [(row.la_code, row.quarter) for row in rows]


def file_digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the digest of each file of a folder by its name: the value of an edition's units."""
    return {
        name: hashlib.sha256(data).hexdigest()[:_LENGTH] for name, data in sorted(files.items())
    }


@contextmanager
def changed_units(connection: Connection, scope: Scope) -> Iterator[dict[str, str | None]]:
    """Hand over what is empty now and holds, once the block ends, the units it changed."""
    before = unit_digests(connection, scope)
    changed: dict[str, str | None] = {}
    yield changed
    after = unit_digests(connection, scope)
    changed.update((unit, None) for unit in before if unit not in after)
    changed.update((unit, value) for unit, value in after.items() if before.get(unit) != value)


def unit_digests(connection: Connection, scope: Scope) -> dict[str, str]:
    """Return the digest of every unit within a scope that has any row."""
    return {
        "/".join((kind, *key)): _value(kind, rows)
        for kind, where in scope.items()
        for key, rows in _units(connection, _KINDS[kind], where)
    }


def _units(
    connection: Connection, kind: _Kind, where: ColumnElement[bool]
) -> Iterator[tuple[tuple[str, ...], list[Row[Any]]]]:
    columns = [kind.table.c[name] for name in kind.key]
    query = select(kind.table).where(where).order_by(*columns)
    if kind.table is tables.facts:
        # The chain's own head moves with every entry, and is checked with the chain.
        query = query.where(tables.facts.c.name != HEAD_FACT)
    rows = connection.execute(query)
    for key, group in groupby(rows, lambda row: tuple(getattr(row, name) for name in kind.key)):
        yield key, list(group)


def _value(kind: str, rows: Iterable[Row[Any]]) -> str:
    """Return the digest of a unit's rows; of what counts, also which submission does."""
    listed = list(rows)
    found = digest(sorted(_text(_KINDS[kind], row) for row in listed))[:_LENGTH]
    if kind != "in_force":
        return found
    counting = [row.submission_id for row in listed if row.until is None]
    return f"{counting[0] if counting else '-'} {found}"


def _text(kind: _Kind, row: Row[Any]) -> str:
    """Return a row as text, without columns that hold what they hold by default.

    So a column that is added later, and not used, changes no digest.
    """
    defaults = _defaults(kind.table)
    values = {
        name: value
        for name, value in row._mapping.items()
        if value != defaults[name] and name != kind.unsealed
    }
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=bytes.hex)


@cache
def _defaults(table: Table) -> dict[str, Any]:
    return {column.name: _default(column) for column in table.columns}


def _default(column: Column[Any]) -> Any:
    if not isinstance(column.server_default, DefaultClause):
        return None
    stated = str(getattr(column.server_default.arg, "text", column.server_default.arg))
    kind = column.type.python_type
    return stated == "true" if kind is bool else kind(stated)


def replayed(connection: Connection) -> dict[str, Any]:
    """Return what the audit chain says stands now, by unit, from its first entry to its last."""
    standing: dict[str, Any] = {}
    entries = select(tables.audit.c.detail).order_by(tables.audit.c.number)
    for detail in connection.execute(entries).scalars():
        for unit, value in recorded_now(detail).items():
            if value is None:
                standing.pop(unit, None)
            else:
                standing[unit] = value
    return standing


def recorded_now(detail: str) -> dict[str, Any]:
    """Return the units of one entry; none where it was altered so that it cannot be read."""
    try:
        found = json.loads(detail)[NOW]
    except (ValueError, TypeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}
