"""Two roots with the same key and the same files: one is hurt, the other left alone."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.outcomes.authority import outcome_csv
from tasks.publish.publish_cut import publish_now
from warehouse.cuts import stored_edition_files
from warehouse.ledger import all_in_force, all_submissions
from warehouse.root import Root

EDITION = "soak"
_RETURNS, _ROOT, _UNFINISHED = "samples", "undisturbed", "unfinished"


@dataclass(frozen=True)
class Size:
    """How much a proof invents.

    Attributes:
        authorities: how many.
        children: referrals of each in a year.
        first: quarter that the returns begin with.
        faults: how many of those that returns have, as `sfp samples` takes it.
    """

    authorities: str
    children: int
    first: str = "2022-23Q1"
    faults: str = "realistic"


PROPER, TOY_SIZE = Size("3", 60), Size("1", 12)
DEMO_SIZE = Size("17", 900, first="2019-20Q1", faults="none")
"""As large as what `make demo` invents."""


@dataclass(frozen=True)
class Ground:
    """What proofs of one size share, each made when a first one asks for it.

    Attributes:
        folder: where it is kept; what is there already is used again.
        size: how much is invented.
    """

    folder: Path
    size: Size

    @cached_property
    def folders(self) -> list[Path]:
        """Invented returns: a folder for each authority and quarter."""
        with self._alone():
            if not (self.folder / _RETURNS).exists():
                made = invented(self.folder / _UNFINISHED, self.size)
                made[0].parents[2].rename(self.folder / _RETURNS)
        return sorted((self.folder / _RETURNS / "drop").glob("*/*"))

    @cached_property
    def undisturbed(self) -> Root:
        """A root through which they went, down to an edition: to be looked at, never changed."""
        folders, path = self.folders, self.folder / _ROOT
        with self._alone():
            if not path.exists():
                calm(self.folder / _UNFINISHED, folders).path.rename(path)
        return Root.at(path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from making the same."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            shutil.rmtree(self.folder / _UNFINISHED, ignore_errors=True)
            yield


def invented(folder: Path, size: Size) -> list[Path]:
    """Write the year-ends of a few authorities; return the folders of authority and quarter."""
    write_samples(
        folder / "samples",
        authorities=chosen_authorities(size.authorities),
        first=Quarter.parse(size.first),
        last=Quarter.parse("2023-24Q4"),
        children=size.children,
        seed=1,
        faults=size.faults,
        year_end_only=True,
    )
    return sorted((folder / "samples" / "drop").glob("*/*"))


def twin(
    first: Root, path: Path, *, ledger_url: str = "", settle_seconds: float | None = None
) -> Root:
    """Return a new root with the pseudonym key of the first, so that both give equal bytes."""
    root = Root.at(path)
    root.key_file.parent.mkdir(parents=True)
    shutil.copy2(first.key_file, root.key_file)
    seconds = first.settings().settle_seconds if settle_seconds is None else settle_seconds
    return set_up(root, settle_seconds=seconds, ledger_url=ledger_url, two_people=False)


def drop(root: Root, folders: Sequence[Path]) -> None:
    """Put folders of authority and quarter into a root's drop folder."""
    for folder in folders:
        shutil.copytree(folder, root.drop / folder.parent.name / folder.name, dirs_exist_ok=True)


def calm(path: Path, folders: Sequence[Path]) -> Root:
    """Return a root through which everything went undisturbed, down to an edition."""
    root = set_up(Root.at(path), settle_seconds=0.0, two_people=False)
    drop(root, folders)
    sweep_once(root, wait=True, progress=_quiet)
    refresh_now(root, everything=False, progress=_quiet)
    publish_now(root, name=EDITION, is_final=True, cut="latest")
    return root


def settled_state(root: Root) -> dict[str, Any]:
    """Return everything at rest that must not depend on how often the work was interrupted."""
    return {
        "in force": [(row.id, row.version) for row in all_in_force(root)],
        "states": [(row.id, row.state) for row in all_submissions(root)],
        "parquet": {
            str(path.relative_to(root.path)): path.read_bytes()
            for path in sorted(root.tables.rglob("*.parquet"))
        },
        "packs": {
            str(path.relative_to(root.path)): without_times(path)
            for path in sorted(root.outbox.rglob("receipt.json"))
        },
    }


def published_state(root: Root) -> dict[str, Any]:
    """Return the settled state, and what was computed and published from it."""
    return settled_state(root) | {
        "outcomes": outcome_csv(tables_of_cut(root, "latest").outcomes),
        "edition": stored_edition_files(root, EDITION),
    }


def differing(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """Return the parts of two states that are not equal."""
    return [name for name in first if first[name] != second[name]]


def without_times(path: Path) -> dict[str, Any]:
    """Return a receipt without the moments in it."""
    receipt = json.loads(path.read_text())
    return {name: value for name, value in receipt.items() if not name.endswith("_at")}


def _quiet(_: str) -> None:
    return
