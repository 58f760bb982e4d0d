"""What stays on the disk when one authority sends a little again: in the ledger, and in files.

    python -m benchmarks.growth
    python -m benchmarks.growth --toy

First a ledger of 36,480 submissions (152 authorities, 40 quarters, six returns, every rule of each
recorded), without rows at rest: a hundred times one authority sends a return again and a cut is
recorded. Then one authority of national size over ten years of year-end returns, through the whole
pipeline: one file of a return is sent again a row shorter, outcomes are refreshed and a draft is
made. Counted are files of ours that were not there before, by their bytes on disk: a file that
shares its bytes with an earlier one counts nothing. Of the draft only what it adds for good would
count, which is nothing: the next takes its place, and `sfp retain` removes it a week later.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.national_root import LAST, SENT, Size, submission, write_ledger
from benchmarks.toy import TOY
from expectations.book import rules_of
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import State, Submission
from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.listing import cut_rows
from tasks.operate.set_up import set_up
from tasks.publish.publish_cut import publish_now
from warehouse import database
from warehouse.cuts import all_cuts, read_cut, record_cut
from warehouse.ledger import Actor, Decision, decide, register
from warehouse.root import Root
from warehouse.rule_books import RuleCount, record_rule_counts
from warehouse.store import Part

GOAL_CUT_KB, GOAL_FILES_KB, GOAL_READ_S = 20.0, 400.0, 2.0
ACTOR = Actor("benchmark", "growth")
BROKEN = 3
"""Rules that each submission of the ledger has broken."""
LASTING = (
    *("landing", "warehouse", "quarantine", "restricted_text", "outbox", "cache"),
    *("notices", "heads"),
)
"""Folders whose new files stay; the drop folder is the authority's, logs are measured in days."""
DRAFT = ("editions", "restricted")


@dataclass(frozen=True)
class _Size:
    """How large: authorities, quarters and cuts of the ledger; years and children of the other."""

    authorities: int
    quarters: int
    cuts: int
    first: str
    children: int


PROPER = _Size(152, 40, 100, "2015-16Q1", 4000)
SMALL = _Size(2, 4, 3, "2024-25Q1", 12)


def main(arguments: Sequence[str] = ()) -> int:
    """Return 1 when a goal is missed; at toy size only those that do not depend on size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(TOY, action="store_true", help="two authorities, one year, three cuts")
    asked = parser.parse_args(arguments)
    size = SMALL if asked.toy else PROPER
    with tempfile.TemporaryDirectory(prefix="sfpc-growth-") as folder:
        missed = [_ledger(Path(folder) / "ledger", size), _files(Path(folder) / "files", size)]
    return int(any(missed))


# The ledger


def _ledger(folder: Path, size: _Size) -> bool:
    """Print how much a ledger grows with each cut, and how long reading takes; return if missed."""
    given = Size(size.authorities, size.quarters, children=0, distinct=0)
    root = _filled(folder, given)
    before, began = _ledger_bytes(root), time.process_time()
    print(f"  ledger: {before / 1e6:,.1f} MB for {_count(given):,} submissions", flush=True)
    for number in range(size.cuts):
        _send_again(root, given, number)
        record_cut(root, code_version="c", config_hash="p", key_id="k", actor=ACTOR)
        if number == 0:
            # The first cut of a ledger holds everything for the first time.
            first, before = _ledger_bytes(root) - before, _ledger_bytes(root)
    spent = (time.process_time() - began) / size.cuts
    each = (_ledger_bytes(root) - before) / (size.cuts - 1) / 1000
    print(
        f"  first cut {first / 1000:,.0f} kB; each later cut, with the return sent again before "
        f"it: {each:.1f} kB (goal {GOAL_CUT_KB:g}), {spent:.2f} CPU s"
    )
    return _is_slow(root, size) or each > GOAL_CUT_KB


def _filled(folder: Path, size: Size) -> Root:
    root = set_up(Root.at(folder), settle_seconds=0.0, authorities=size.codes)
    settled = {
        code: [
            (given, list(_parts(given)))
            for given in (submission(code, name, quarter) for name in SENT for quarter in size.span)
        ]
        for code in size.codes
    }
    write_ledger(root, settled)
    with database.writing(root) as connection:
        for given, _ in (one for found in settled.values() for one in found):
            record_rule_counts(connection, given.id, _counts(given.return_name))
    return root


def _parts(given: Submission) -> Iterator[Part]:
    """Yield what the ledger knows of the files of a submission that brought every table."""
    for table in RETURNS[given.return_name].tables:
        folder = f"warehouse/{table.name}/la_code={given.la_code}/quarter={given.quarter}"
        yield Part(table.name, f"{folder}/{given.id}.parquet", 1000, 10_000, "0" * 64)


def _count(size: Size) -> int:
    return len(size.codes) * len(size.span) * len(SENT)


def _counts(return_name: str) -> list[RuleCount]:
    """Return every rule of a return as passed, but for a few that were broken."""
    return [
        RuleCount(rule.code, rule.table, *(("failed", 1) if place < BROKEN else ("passed", 0)), "")
        for place, rule in enumerate(rules_of(return_name))
    ]


def _send_again(root: Root, size: Size, number: int) -> None:
    code, name = size.codes[number % len(size.codes)], SENT[number % len(SENT)]
    version = 2 + number // len(size.codes)
    first = submission(code, name, LAST)
    given = replace(first, id=f"{number:016x}", version=version)
    parts = tuple(_parts(given))
    with database.writing(root) as connection:
        register(connection, given, ACTOR)
    statuses = tuple(tuple(vars(one).values()) for one in _counts(name))
    decide(root, given, Decision(State.ACCEPTED, parts=parts, statuses=statuses), ACTOR)


def _ledger_bytes(root: Root) -> int:
    """Return the bytes of the ledger's pages in use, once everything stands in its file."""
    with database.reading(root) as connection:
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def _is_slow(root: Root, size: _Size) -> bool:
    oldest, newest = all_cuts(root)[0], all_cuts(root)[-1]
    asked: dict[str, Callable[[], Any]] = {
        "the oldest cut": lambda: read_cut(root, oldest.id),
        "the newest cut": lambda: read_cut(root, newest.id),
        "the list of cuts": lambda: all_cuts(root),
        "sfp cuts": lambda: cut_rows(root),
    }
    taken = {name: _seconds(ask) for name, ask in asked.items()}
    words = ", ".join(f"{name} {seconds:.2f}" for name, seconds in taken.items())
    print(f"  with {size.cuts} cuts, CPU s: {words} (goal {GOAL_READ_S:g} each)", flush=True)
    return max(taken.values()) > GOAL_READ_S


def _seconds(ask: Callable[[], Any]) -> float:
    began = time.process_time()
    ask()
    return time.process_time() - began


# Files


def _files(folder: Path, size: _Size) -> bool:
    """Print what one small file sent again leaves, by folder; return whether the goal is missed."""
    root = _taken_in(folder, size)
    before = _inodes(root)
    _shorten(root)
    _through(root)
    new = _new_bytes(root, before)
    lasting = sum(new[name] for name in LASTING) / 1000
    by_folder = ", ".join(f"{name} {new[name] / 1000:.0f}" for name in LASTING if new[name])
    print(
        f"  one file sent again, a row shorter: {lasting:.0f} kB of files that stay (goal "
        f"{GOAL_FILES_KB:g}): {by_folder}; the draft until the next: "
        f"{sum(new[name] for name in DRAFT) / 1e6:.1f} MB"
    )
    return lasting > GOAL_FILES_KB


def _taken_in(folder: Path, size: _Size) -> Root:
    (code,) = chosen_authorities("1")
    write_samples(
        folder / "samples",
        authorities=(code,),
        first=Quarter.parse(size.first),
        last=LAST,
        children=size.children,
        seed=1,
        faults="realistic",
        year_end_only=True,
    )
    root = set_up(Root.at(folder / "root"), settle_seconds=0.0, authorities=(code,))
    shutil.copytree(folder / "samples" / "drop", root.drop, dirs_exist_ok=True)
    _through(root)
    return root


def _through(root: Root) -> None:
    sweep_once(root, wait=False, progress=_quiet)
    refresh_now(root, everything=False, progress=_quiet)
    publish_now(root, name="", is_final=False, cut="latest")


def _quiet(_words: str) -> None:
    pass


def _shorten(root: Root) -> None:
    """Take the last row from the file of care leavers of the newest year."""
    (path,) = root.drop.glob(f"*/{LAST}/ssda903/oc3.csv")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), "utf-8")


def _found(root: Root) -> Iterator[Path]:
    return (path for path in root.path.rglob("*") if path.is_file())


def _inodes(root: Root) -> set[int]:
    return {path.stat().st_ino for path in _found(root)}


def _new_bytes(root: Root, before: set[int]) -> Counter[str]:
    """Return the bytes of files whose bytes were not there before, by folder of the root."""
    new = Counter[str]()
    for path in _found(root):
        if path.stat().st_ino not in before:
            new[path.relative_to(root.path).parts[0]] += path.stat().st_size
    return new


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
