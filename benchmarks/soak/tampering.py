"""Rows and bytes changed at random behind the ledger's back: how many does `sfp verify` not see?"""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.soak.twins import Ground, calm, drop
from schemas.errors import PipelineError
from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.reconcile import verified
from tasks.publish.publish_cut import publish_now
from warehouse.root import Root

NOT_OURS = ("drop", "logs", "notices", "prefect", "staging", "gate", "ledger.sqlite")
"""Names under the root that verification does not vouch for: what authorities put there and take
away, logs and lists that are made again all the time, what is being written; the ledger is changed
row by row."""
_TO_DO = "is_settled"
"""Column that says what is still to be done: whatever it holds, the same verdicts come of it."""
_LEDGER = "ledger.sqlite"
_ROWS = 0.5
"""Share of changes that are made to rows of the ledger; the others are made to files."""

Change = Callable[[], str]


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Change one thing after another; return whether verification saw each."""
    root = _filled(folder, ground.folders)
    clean = verified(root)
    if clean:
        print(f"  the root is not clean to begin with: {clean[0]}")
        return False
    seen: Counter[str] = Counter()
    unseen: list[str] = []
    began = time.monotonic()
    while seen.total() + len(unseen) < times:
        what = _row_change if chance.random() < _ROWS else _file_change
        with what(root, chance) as label:
            if label and _is_seen(root):
                seen[label.split(":")[0]] += 1
            elif label:
                unseen.append(label)
                print(f"  UNSEEN: {label}", flush=True)
    each = ", ".join(f"{count} {name}" for name, count in sorted(seen.items()))
    print(
        f"{times} changes in {time.monotonic() - began:.0f} s, seen: {each}; unseen: {len(unseen)}"
    )
    return not unseen


def _filled(folder: Path, folders: Sequence[Path]) -> Root:
    """Return a root with two cuts, a final edition, and a draft."""
    root = calm(folder / "root", folders[:-1] or folders)
    drop(root, folders[-1:])
    sweep_once(root, wait=True, progress=_quiet)
    refresh_now(root, everything=False, progress=_quiet)
    publish_now(root, name="", is_final=False, cut="latest")
    return root


def _quiet(_words: object) -> None:
    return


def _is_seen(root: Root) -> bool:
    try:
        return bool(verified(root))
    except PipelineError:
        return True


@contextmanager
def _row_change(root: Root, chance: random.Random) -> Iterator[str]:
    """Change one row of the ledger, hand over which, and put the ledger back."""
    saved = root.path.parent / _LEDGER
    _checkpoint(root)
    shutil.copy2(root.path / _LEDGER, saved)
    try:
        with closing(sqlite3.connect(root.path / _LEDGER, isolation_level=None)) as ledger:
            label = _change_row(ledger, chance)
        yield label
    finally:
        for path in root.path.glob(f"{_LEDGER}-*"):
            path.unlink()
        shutil.copy2(saved, root.path / _LEDGER)


def _checkpoint(root: Root) -> None:
    with closing(sqlite3.connect(root.path / _LEDGER)) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _change_row(ledger: sqlite3.Connection, chance: random.Random) -> str:
    ledger.row_factory = sqlite3.Row
    names = [
        row["name"]
        for row in ledger.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        if not row["name"].startswith(("sqlite_", "alembic"))
    ]
    table = chance.choice(names)
    rows = ledger.execute(f"SELECT rowid AS at, * FROM {table}").fetchall()
    if not rows:
        return ""
    row = chance.choice(rows)
    if chance.random() < 0.2:
        ledger.execute(f"DELETE FROM {table} WHERE rowid = ?", (row["at"],))
        return f"row removed: {table} {dict(row)}"
    column = chance.choice([name for name in dict(row) if name not in ("at", _TO_DO)])
    value = _other(row[column], chance)
    try:
        ledger.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row["at"]))
    except sqlite3.IntegrityError:
        return ""
    return f"row changed: {table}.{column} {row[column]!r} -> {value!r}"


def _other(value: Any, chance: random.Random) -> Any:
    if value is None:
        return "2020-01-01T00:00:00"
    if isinstance(value, bytes):
        return value[::-1] + b"7"
    if isinstance(value, int):
        return 1 - value if value in (0, 1) else value + chance.choice((-1, 1, 7))
    at = chance.randrange(len(value) + 1)
    return (
        f"{value[:at]}7{value[at + 1 :]}"
        if value[at : at + 1] != "7"
        else f"{value[:at]}8{value[at + 1 :]}"
    )


@contextmanager
def _file_change(root: Root, chance: random.Random) -> Iterator[str]:
    """Change, cut short or remove one file, hand over which, and put it back."""
    files = [
        path
        for path in sorted(root.path.rglob("*"))
        if path.is_file() and not path.relative_to(root.path).parts[0].startswith(NOT_OURS)
    ]
    # One folder after another: the cache would be nearly all of them.
    folder = chance.choice(sorted({path.relative_to(root.path).parts[0] for path in files}))
    path = chance.choice([one for one in files if one.relative_to(root.path).parts[0] == folder])
    data, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o600)
    how = _damage(path, data, chance, is_cache=folder == "cache")
    try:
        yield f"file {how}: {path.relative_to(root.path)}" if how else ""
    finally:
        path.write_bytes(data)
        path.chmod(mode)


def _damage(path: Path, data: bytes, chance: random.Random, *, is_cache: bool) -> str:
    how = chance.choice(("changed", "cut short", "made longer", "removed"))
    if how == "removed":
        if is_cache:  # which may be deleted at any time
            return ""
        path.unlink()
        return how
    at = chance.randrange(len(data)) if data else 0
    changed = {
        "changed": data[:at] + bytes([(data[at] + 1) % 256 if data else 1]) + data[at + 1 :],
        "cut short": data[:at],
        "made longer": data + b"\n",
    }[how]
    path.write_bytes(changed)
    return how if changed != data else ""
