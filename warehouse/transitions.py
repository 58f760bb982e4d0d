"""Which action of the audit chain may do what to which kind of unit: an entry outside it is named.

Replaying the chain lets the newest entry that names a unit win. What this table does not allow is
no work of the program, whatever the entry says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from warehouse import tables
from warehouse.discrepancy import Discrepancy
from warehouse.recorded import recorded_now

_RESTORE = "Find out who wrote to the ledger, and restore it from its last good copy."
_FINAL = frozenset({"edition", "published", "restricted"})
"""Kinds whose units stay as they are for good once their edition is final."""
_ADOPT, _PUBLISH, _ROTATE = "adopt", "publish", "rotate"
_PART, _PSEUDONYM_KEY = "part/", "fact/key_id"


def _actions(names: str) -> frozenset[str]:
    return frozenset(names.split())


@dataclass(frozen=True)
class _May:
    """Which actions may record a unit of a kind for the first time, alter it, or let it go."""

    record: frozenset[str]
    alter: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


_JUDGED = _actions("check load")
_MAY = {
    "submission": _May(_actions("receive"), _JUDGED | _actions("answer erase restate")),
    "states": _May(_actions("receive"), _JUDGED | _actions("erase restate")),
    "files": _May(_actions("receive"), _actions("erase retain")),
    "findings": _May(_JUDGED, remove=_actions("erase restate")),
    "part": _May(_JUDGED, _actions("rotate"), _actions("erase restate retain rotate")),
    "claim": _May(
        _JUDGED | _actions("claim"),
        _JUDGED | _actions("erase restate"),
        _JUDGED | _actions("erase restate"),
    ),
    "in_force": _May(_actions("load"), _JUDGED | _actions("erase reinstate restate")),
    "arrivals": _May(_actions("arrive"), _actions("arrive erase retain")),
    "tombstones": _May(_actions("erase"), _actions("erase")),
    "cut": _May(_actions("cut"), remove=_actions("retain")),
    "cut_submissions": _May(_actions("cut"), _actions("cut retain"), _actions("retain")),
    "edition": _May(_actions("publish"), _actions("publish"), _actions("retain")),
    "published": _May(_actions("publish"), _actions("publish"), _actions("retain")),
    "restricted": _May(_actions("publish"), _actions("publish"), _actions("retain")),
    "pack": _May(_actions("answer"), _actions("answer"), _actions("erase retain")),
    "fact": _May(_actions("fact"), _actions("fact rotate")),
    "settings": _May(_actions("settings"), _actions("settings")),
    "prices": _May(*(_actions("prices"),) * 3),
}
_KNOWN = frozenset({_ADOPT}).union(*(may.record | may.alter | may.remove for may in _MAY.values()))


@dataclass
class _Replay:
    """What stands so far, which editions are final, and between which entries all was adopted."""

    adopted: tuple[int, int]
    standing: dict[str, Any] = field(default_factory=dict)
    finals: set[str] = field(default_factory=set)


def undue_changes(connection: Connection, *, is_adopted: bool) -> Iterator[Discrepancy]:
    """Yield each change that an entry of the audit chain records and its action never makes.

    Args:
        connection: to the ledger.
        is_adopted: whether the chain is to know every unit; not so for an older ledger.
    """
    audit = tables.audit.c
    rows = connection.execute(
        select(audit.number, audit.action, audit.subject, audit.detail).order_by(audit.number)
    ).all()
    replay = _Replay(_adopted(rows, is_adopted=is_adopted))
    for row in rows:
        if words := list(_all_undue(replay, row)):
            yield _undue(row, "; ".join(words))
        _advance(replay, row)


def _all_undue(replay: _Replay, row: Row[Any]) -> Iterator[str]:
    if row.action not in _KNOWN:
        yield "the program knows no such action"
    now = recorded_now(row.detail)
    for unit, value in now.items():
        if words := _undue_words(replay, row, unit, value):
            yield words
    if row.action == _ROTATE and (words := _half_rotation(replay, now)):
        yield words


def _half_rotation(replay: _Replay, now: Mapping[str, Any]) -> str:
    """Return in words what a change of the pseudonym key left as it was; empty when it is whole.

    Only that change makes parts again: all that stand, with another key, in one entry.
    """
    changed = {unit for unit in now if unit.startswith(_PART)}
    if not changed:
        return ""
    if _PSEUDONYM_KEY not in now:
        return f"it changed {len(changed)} parts, and no key with them"
    left = sum(unit.startswith(_PART) and unit not in changed for unit in replay.standing)
    return f"it changed {len(changed)} parts and the key, and left {left} as they were" * bool(left)


def _adopted(rows: Sequence[Row[Any]], *, is_adopted: bool) -> tuple[int, int]:
    """Return the first and the last entry of the one time that an older ledger was recorded."""
    numbers = [row.number for row in rows if row.action == _ADOPT]
    if not numbers:
        return (0, 0) if is_adopted else (len(rows) + 1, len(rows) + 1)
    last = numbers[0]
    for number in numbers[1:]:
        last = number if number == last + 1 else last
    return numbers[0], last


def _advance(replay: _Replay, row: Row[Any]) -> None:
    for unit, value in recorded_now(row.detail).items():
        replay.standing[unit] = value
        if value is None:
            del replay.standing[unit]
    words = row.subject.split(" ")
    # `edition 2026-27Q1 of cut 4 final`
    if row.action == _PUBLISH and words[-1] == "final":
        replay.finals.add(words[1])


def _undue_words(replay: _Replay, row: Row[Any], unit: str, value: Any) -> str:
    """Return what an entry did to a unit and may not, in words; empty when it may."""
    was = replay.standing.get(unit)
    kind, _, key = unit.partition("/")
    if was == value:
        return ""
    if kind not in _MAY:
        return f"it names {unit}, of a kind that the program does not record"
    if kind in _FINAL and key in replay.finals and was is not None:
        return f"it changed {unit}, and the edition is final"
    return _not_allowed(replay, row, unit, (was, value))


def _not_allowed(replay: _Replay, row: Row[Any], unit: str, change: tuple[Any, Any]) -> str:
    may, (was, value) = _MAY[unit.partition("/")[0]], change
    verb, allowed = "changed", may.alter
    if value is None:
        verb, allowed = "removed", may.remove
    elif was is None:
        verb, allowed = "first recorded", _first(replay, row, may)
    if row.action in allowed:
        return ""
    who = ", ".join(f"`{name}`" for name in sorted(allowed - {_ADOPT}))
    return f"it {verb} {unit}, which only {who} does" if who else f"it {verb} {unit}: nothing does"


def _first(replay: _Replay, row: Row[Any], may: _May) -> frozenset[str]:
    first, last = replay.adopted
    if row.action == _ADOPT:
        return may.record | (frozenset({_ADOPT}) if first <= row.number <= last else frozenset())
    # Of an older ledger the chain may see a unit first when it is changed.
    return may.record | (may.alter if row.number < first else frozenset())


def _undue(row: Row[Any], words: str) -> Discrepancy:
    return Discrepancy(
        "altered",
        f"audit entry {row.number}",
        f"Entry {row.number}, of the action `{row.action}`, is no work of the program: {words}. "
        f"{_RESTORE}",
    )
