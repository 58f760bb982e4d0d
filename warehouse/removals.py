"""Files that are about to go, written down first, so that a removal cut off by a kill is finished.

The ledger forgets files and then they are removed. A process that dies between the two would leave
many files that no ledger row names, which look like the work of a ledger that was lost.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from warehouse.orphans import named_files
from warehouse.root import Root, sync_folder, write_bytes
from warehouse.store import FOLDERS

_PLANS = "removal-*.json"


@contextmanager
def planned_removal(root: Root, paths: Iterable[str]) -> Iterator[None]:
    """Write down files that the block lets the ledger forget, and remove them when it ends.

    Only what the ledger names no more by then is removed. When the block fails, or its process is
    killed, the list stays for `finish_removals`. Call both with the root to yourself.
    """
    plan = root.path / f"removal-{secrets.token_hex(8)}.json"
    write_bytes(plan, json.dumps(sorted(paths)).encode())
    yield
    _finish(root, plan)


def unfinished_removals(root: Root) -> list[Path]:
    """Return the lists of removals that were cut off."""
    return sorted(root.path.glob(_PLANS))


def finish_removals(root: Root) -> None:
    """Remove what a removal that was cut off left, as far as the ledger names it no more."""
    for plan in unfinished_removals(root):
        _finish(root, plan)


def _finish(root: Root, plan: Path) -> None:
    named = named_files(root)
    for relative in json.loads(plan.read_bytes()):
        path = root.path / relative
        if relative not in named and _is_at_rest(root, relative) and path.exists():
            path.unlink()
            sync_folder(path.parent)
    plan.unlink()
    sync_folder(plan.parent)


def _is_at_rest(root: Root, relative: str) -> bool:
    """Return whether a path is one of landing or of a table: nothing else is ever listed."""
    parts = PurePosixPath(relative).parts
    return ".." not in parts and parts[0] in (root.landing.name, *FOLDERS.values())
