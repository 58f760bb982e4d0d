"""Work that lies under a root and that its ledger does not know: the ledger is gone, or older.

What a process leaves that is killed at any instant is never among it: returns are registered before
their rows and answers are written, entries of the audit chain committed before a head is signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from warehouse import tables
from warehouse.root import Root

_SUBMISSION = re.compile(r"[0-9a-f]{16}")


def held_work(root: Root) -> list[Path]:
    """Return every file that only work on this root can have left, landed ones included."""
    folders = (root.landing, root.outbox, root.heads, root.set_aside)
    return [*(path for folder in folders for path in _files(folder)), *_rows_and_editions(root)]


def _rows_and_editions(root: Root) -> Iterator[Path]:
    rows = (root.tables, root.quarantine, root.restricted_text)
    for folder in (*rows, root.editions, root.restricted):
        yield from _files(folder)


def _files(folder: Path) -> Iterator[Path]:
    # Folders that this user may not see are passed over.
    return (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))


def is_never_set_up(connection: Connection) -> bool:
    """Return whether a ledger has its tables and nothing that set-up or work puts into them."""
    found = (tables.facts, tables.audit, tables.submissions)
    return all(connection.execute(select(table).limit(1)).first() is None for table in found)


def later_work(root: Root, connection: Connection) -> list[Path]:
    """Return signed heads and packs that the ledger does not know, and rows while it knows nothing.

    None of them is there before the ledger knows of it, so that one is enough to tell that the
    ledger is older than the files, or another root's. Listed before the ledger is read: another
    process may be at work.
    """
    heads = {int(path.stem): path for path in root.heads.glob("*.json") if path.stem.isdecimal()}
    packs = [path for path in root.outbox.glob("*/*/*") if _SUBMISSION.fullmatch(path.name)]
    rows = next(_rows_and_editions(root), None)
    last = connection.execute(select(func.max(tables.audit.c.number))).scalar() or 0
    known = set(connection.execute(select(tables.submissions.c.id)).scalars())
    found = [heads[number] for number in sorted(heads) if number > last]
    found += sorted(path for path in packs if path.name not in known)
    has_cut = connection.execute(select(tables.cuts.c.id).limit(1)).first() is not None
    if rows is not None and not known and not has_cut:
        found += _rows_and_editions(root)
    return found


def gone_words(root: Root, address: str, found: Iterable[Path]) -> str:
    """Return in words that a root with work under it has no ledger, and the way back."""
    return (
        f"{root.path}: the ledger at {address} is gone or empty, and {_listed(root, found)} show "
        f"that it held work. {_way_back(root)}"
    )


def older_words(root: Root, address: str, found: Iterable[Path]) -> str:
    """Return in words that a ledger is older than the files of its root, and the way back."""
    return (
        f"{root.path}: the ledger at {address} does not know {_listed(root, found)}: it is older "
        f"than they are, or another root's. {_way_back(root)}"
    )


def _way_back(root: Root) -> str:
    return (
        "Nothing was changed. Restore it: correct ledger_url in settings.toml if that is wrong; "
        f"otherwise move {root.path} away and make it again with `sfp restore COPY --keys KEYS "
        f"--root {root.path}` (docs/operations.md, The ledger is lost)."
    )


def _listed(root: Root, found: Iterable[Path]) -> str:
    """Return how many of each folder there are, and from when to when they were written."""
    counts: dict[str, int] = {}
    days: list[str] = []
    for path in found:
        kind = path.relative_to(root.path).parts[0]
        counts[kind] = counts.get(kind, 0) + 1
        days.append(datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat())
    kinds = ", ".join(f"{count} in {kind}/" for kind, count in counts.items())
    return f"{sum(counts.values())} files or packs ({kinds}; {min(days)} to {max(days)})"
