"""The audit chain replayed, and what it says stands held against the ledger and the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from warehouse import tables
from warehouse.adoption import ADOPT
from warehouse.cuts import altered_cuts
from warehouse.database import reading
from warehouse.discrepancy import Discrepancy
from warehouse.facts import known_fact
from warehouse.on_disk import place_of, units_on_disk, value_on_disk
from warehouse.recorded import OF_SUBMISSION, PRICES, SETTINGS, WHOLE_LEDGER, replayed, unit_digests
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock
from warehouse.rule_books import altered_rule_books
from warehouse.transitions import undue_changes

_RESTORE_LEDGER = "Find out who wrote to the ledger, and restore it from its last good copy."
_RESTORE_FILES = "Restore it from its backup."
_RECORD_SETTINGS = (
    "The settings are not those that were recorded. Correct them, or, if it was meant, run "
    "`sfp init` to record it."
)
_RECORD_PRICES = (
    "The prices are not those that the newest cut was made with. Put them back as they were, or, "
    "if it was meant, run `sfp refresh` for a cut with these."
)
_OF_ROOT_WORDS = {SETTINGS: _RECORD_SETTINGS, PRICES: _RECORD_PRICES}
_WHAT = {
    "submission": "Who sent it for what, its state, its reasons or its counts",
    "states": "The list of the states it went through",
    "files": "The list of its files",
    "findings": "What the rules found in it",
    "part": "The path, size, row count or hash of this Parquet file",
    "claim": "The marks of the children it is about",
    "in_force": "What counts here, or since when",
    "arrivals": "The list of what arrived",
    "tombstones": "The list of marks of erased children",
    "cut": "Its moment, code, configuration, key or authorities",
    "cut_submissions": "The list of the submissions that cuts hold",
    "edition": "Its cut, its hash or whether it is final",
    "fact": "What the ledger knows of this root",
}


@dataclass(frozen=True)
class _Standing:
    """One consistent look at the ledger.

    Attributes:
        recorded: what the chain says stands, by unit.
        held: what the ledger holds, by unit.
        is_adopted: whether the chain is to know every unit; not so for an older ledger.
        undue: changes that the chain records under an action that never makes them.
    """

    recorded: Mapping[str, Any]
    held: Mapping[str, str]
    is_adopted: bool
    undue: Sequence[Discrepancy]


def replay_discrepancies(root: Root) -> Iterator[Discrepancy]:
    """Yield each way in which the ledger is not as the chain says."""
    standing = _standing(root)
    if not standing.is_adopted:
        words = (
            "The ledger is from an earlier version: its chain does not hold yet what stands. Run "
            "`sfp init` to record it."
        )
        yield Discrepancy("unfinished", "audit chain", words)
    yield from _in_ledger(standing)
    yield from standing.undue
    yield from _named_by_content(root)


def _named_by_content(root: Root) -> Iterator[Discrepancy]:
    """Yield the cuts and rule books whose ids, which are made from what they hold, do not fit."""
    with reading(root) as connection:
        cuts, books = list(altered_cuts(connection)), list(altered_rule_books(connection))
    for name in (*(f"cut {number}" for number in cuts), *(f"rule book {book}" for book in books)):
        words = f"What it holds is not what its id was made from. {_RESTORE_LEDGER}"
        yield Discrepancy("altered", name, words)


def _standing(root: Root) -> _Standing:
    with reading(root) as connection:
        is_adopted = not known_fact(connection, ADOPT)
        return _Standing(
            replayed(connection),
            unit_digests(connection, WHOLE_LEDGER),
            is_adopted,
            list(undue_changes(connection, is_adopted=is_adopted)),
        )


def _in_ledger(standing: _Standing) -> Iterator[Discrepancy]:
    recorded = {
        unit: value
        for unit, value in standing.recorded.items()
        if unit.partition("/")[0] in WHOLE_LEDGER
    }
    for unit in sorted(recorded.keys() | standing.held.keys()):
        was, found = recorded.get(unit), standing.held.get(unit)
        if was != found and (was is not None or standing.is_adopted):
            yield _ledger_discrepancy(unit, was, found)


def _ledger_discrepancy(unit: str, was: str | None, found: str | None) -> Discrepancy:
    kind, _, key = unit.partition("/")
    what = _WHAT[kind]
    if found is None:
        words = f"{what}: the audit chain recorded it, the ledger has lost it. {_RESTORE_LEDGER}"
        return Discrepancy("missing", _subject(kind, key), words)
    if was is None:
        words = f"{what}: it is in the ledger, and was never recorded. {_RESTORE_LEDGER}"
        return Discrepancy("extra", _subject(kind, key), words)
    if kind == "in_force":
        what = f"{what} (recorded {_counting(was)}, found {_counting(found)})"
    words = f"{what}: it is not what the audit chain recorded. {_RESTORE_LEDGER}"
    return Discrepancy("altered", _subject(kind, key), words)


def _counting(value: str) -> str:
    return value.split(" ", maxsplit=1)[0].replace("-", "nothing")


def _subject(kind: str, key: str) -> str:
    if kind in OF_SUBMISSION:
        submission_id, *rest = key.split("/")
        return " ".join((f"submission {submission_id}", *rest))
    name = {"cut_submissions": "cuts", "in_force": "in force"}.get(kind, kind)
    return f"{name} {key.replace('/', ' ')}".strip()


def differing_on_disk(root: Root) -> list[str]:
    """Return the units on disk that are not as the chain says, or are being put in place."""
    recorded, is_adopted = _recorded_on_disk(root)
    there = set(units_on_disk(root)) if is_adopted else set()
    return _differing(root, recorded, recorded.keys() | there)


def disk_discrepancies(root: Root, units: Iterable[str]) -> list[Discrepancy]:
    """Return the units that still differ while no process is at work."""
    listed = list(units)
    if not listed:
        return []
    with exclusive_lock(root):
        recorded, _ = _recorded_on_disk(root)
        return [
            _disk_discrepancy(root, unit, recorded.get(unit))
            for unit in _differing(root, recorded, listed)
        ]


def _recorded_on_disk(root: Root) -> tuple[dict[str, Any], bool]:
    """Return what the chain says lies on disk, and whether it knows everything that does.

    The pack of a submission that is not answered yet may be there or not: it counts as it lies.
    """
    given = tables.submissions
    with reading(root) as connection:
        standing = replayed(connection)
        is_adopted = not known_fact(connection, ADOPT)
        waiting = connection.execute(select(given).where(given.c.answered.is_(False))).all()
    recorded = {unit: value for unit, value in standing.items() if place_of(root, unit) is not None}
    for row in waiting:
        unit = f"pack/{row.la_code}/{row.quarter}/{row.id}"
        if (found := value_on_disk(root, unit)) is not None:
            recorded.setdefault(unit, found)
    return recorded, is_adopted


def _differing(root: Root, recorded: Mapping[str, Any], units: Iterable[str]) -> list[str]:
    return [unit for unit in sorted(units) if value_on_disk(root, unit) != recorded.get(unit)]


def _disk_discrepancy(root: Root, unit: str, was: Any) -> Discrepancy:
    place = place_of(root, unit)
    subject = str(place.relative_to(root.path)) if place else unit
    if unit in _OF_ROOT_WORDS:
        return Discrepancy("altered", subject, _OF_ROOT_WORDS[unit])
    found = value_on_disk(root, unit)
    if was is None:
        words = (
            "The audit chain does not know it. If a process was killed, do again what it did "
            "(`sfp publish`, `sfp retain`, `sfp sweep`); otherwise remove it."
        )
        return Discrepancy("extra", subject, words)
    if found is None:
        words = f"The audit chain recorded it, the disk lacks it. {_RESTORE_FILES}"
        return Discrepancy("missing", subject, words)
    words = f"It is not what the audit chain recorded{_which(was, found)}. {_RESTORE_FILES}"
    return Discrepancy("altered", subject, words)


def _which(was: Any, found: Any) -> str:
    """Return which files of an edition differ, in words; empty for a pack."""
    if not isinstance(was, dict) or not isinstance(found, dict):
        return ""
    names = sorted(name for name in was.keys() | found.keys() if was.get(name) != found.get(name))
    return f" ({', '.join(names)})"
