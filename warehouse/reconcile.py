"""Files and ledger held against each other: what nothing names, what is missing, what differs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from warehouse import tables
from warehouse.audit import breaks
from warehouse.cuts import all_editions, edition_files, manifest_hash
from warehouse.ledger import reading
from warehouse.root import Root
from warehouse.store import parquet_files

DRAFT = ".draft"
_BESIDE = ("quarantine", "restricted_text")


@dataclass(frozen=True)
class Discrepancy:
    """One thing in which files, ledger and audit chain do not agree.

    Attributes:
        kind: `missing`, `altered`, `chain`.
        subject: file relative to the root, edition or entry number.
        words: what is wrong and what to do.
    """

    kind: str
    subject: str
    words: str


def discrepancies(root: Root) -> list[Discrepancy]:
    """Return everything in which landing, Parquet, editions, ledger and chain do not agree."""
    return [*_parts(root), *_landing(root), *_editions(root), *_chain(root)]


def _parts(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        rows = list(connection.execute(select(tables.parts.c.path, tables.parts.c.sha256)))
    for relative, sha256 in rows:
        yield from _compared(root, relative, sha256, "Restore it from its backup.")


def _landing(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        files, given = tables.submission_files.c, tables.submissions.c
        rows = connection.execute(
            select(files.sha256, files.size)
            .join_from(tables.submission_files, tables.submissions)
            .join(tables.in_force, tables.in_force.c.submission_id == given.id)
            .where(tables.in_force.c.until.is_(None))
            .distinct()
        ).all()
    for sha256, _ in rows:
        yield from _compared(root, f"landing/{sha256}", sha256, "Ask the authority to send it.")


def _compared(root: Root, relative: str, sha256: str, remedy: str) -> Iterator[Discrepancy]:
    path = root.path / relative
    if not path.exists():
        yield Discrepancy("missing", relative, f"The ledger names it, the disk lacks it. {remedy}")
    elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        yield Discrepancy("altered", relative, f"It is not what the ledger recorded. {remedy}")


def _editions(root: Root) -> Iterator[Discrepancy]:
    for row in all_editions(root):
        if not (root.path / row.folder).is_dir():
            yield Discrepancy("missing", row.folder, "Publish the edition again from its cut.")
        elif manifest_hash(edition_files(root, row.name)) != row.sha256:
            yield Discrepancy("altered", row.folder, "A published file was changed. Restore it.")


def _chain(root: Root) -> Iterator[Discrepancy]:
    with reading(root) as connection:
        for number in breaks(connection):
            yield Discrepancy(
                "chain", f"audit entry {number}", "It does not follow from the one before it."
            )


def orphans(root: Root, *, older_than_seconds: float) -> list[Path]:
    """Return files that no ledger row names and no process can still be writing."""
    moment = time.time()
    with reading(root) as connection:
        named = {str(path) for (path,) in connection.execute(select(tables.parts.c.path))}
    candidates: Iterable[Path] = (*parquet_files(root), *root.path.rglob(f".*{DRAFT}"))
    return [
        path
        for path in candidates
        if moment - path.stat().st_ctime > older_than_seconds
        and (path.name.endswith(DRAFT) or _is_orphan(root, path, named))
    ]


def _is_orphan(root: Root, path: Path, named: set[str]) -> bool:
    relative = path.relative_to(root.path)
    # Quarantine and free text carry the submission's id; they stay as long as its accepted rows do.
    accepted = str(relative).replace("quarantine/", "warehouse/", 1)
    return accepted not in named and not _has_sibling(relative, named)


def _has_sibling(relative: Path, named: set[str]) -> bool:
    return relative.parts[0] in _BESIDE and any(relative.name in path for path in named)


def remove(paths: Iterable[Path]) -> int:
    """Remove files; return how many."""
    count = 0
    for path in paths:
        path.unlink(missing_ok=True)
        count += 1
    return count
