"""Final editions one after another, a child and a price apart: what they tell of each other.

Each resubmission leaves out one child: of the looked-after return, of the census, of school
attendance, in turn; at the end a price changes. Every edition is published and released, and its
disclosure report is read. Then the files of each pair are held against each other by what stands in
them alone: no count of children that is printed in both may have moved by few.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pandas import DataFrame

from benchmarks.soak.twins import EDITION, Ground
from schemas.outcomes import OUTCOME_TABLES
from schemas.outcomes.publication import THRESHOLD
from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.publish.ees import IDENTIFIERS, MODEL_FILTER, OUTCOME_FILTER
from tasks.publish.publish_cut import publish_now
from tasks.publish.record import REPORT_FILE
from warehouse.cuts import stored_edition_files
from warehouse.ledger import all_in_force
from warehouse.root import Root

NEWEST: Final = "2023-24Q4"
"""Quarter whose returns are sent again."""
_STAFF: Final = "workforce"
"""What is printed however small: posts and hours are of staff (docs/disclosure.md)."""
_COUNTS: Final = ("numerator", "denominator")
_SAME: Final = (*IDENTIFIERS, OUTCOME_FILTER, MODEL_FILTER, "authorities_counted")
"""What makes two figures the same one."""
_CHILD: Final = re.compile(r"<Child>.*?</Child>\s*", re.DOTALL)
_EXAMPLE: Final = Path(__file__).parents[2] / "schemas" / "cost_overrides_example.yaml"


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Publish after so many resubmissions and a price; return whether nothing is given away."""
    shutil.copytree(ground.undisturbed.path, folder / "root")
    root = Root.at(folder / "root")
    names, odd = [EDITION], _odd_in_report(root, EDITION)
    began = time.monotonic()
    kinds = list(_WITHOUT_A_CHILD)
    for number in range(times):
        _resubmit(root, kinds[number % len(kinds)], chance)
        names.append(_published(root, f"resubmission-{number + 1}"))
        odd += _odd_in_report(root, names[-1])
    shutil.copy2(_EXAMPLE, root.prices_file)
    names.append(_published(root, "prices"))
    odd += _odd_in_report(root, names[-1])
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    files = {name: stored_edition_files(root, name) for name in names}
    moved = {pair: moved_by_few(files[pair[0]], files[pair[1]]) for pair in pairs}
    for (one, other), places in moved.items():
        for place in places:
            print(f"  {one} and {other}: {place}", flush=True)
    odd += sum(map(len, moved.values()))
    print(
        f"{len(names)} final editions ({', '.join(names)}), {time.monotonic() - began:.0f} s; "
        f"targets known too narrowly, leaks, counts of children that moved by few between any "
        f"two: {odd}"
    )
    return not odd


def moved_by_few(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> list[str]:
    """Return where a count that two editions print moved by few: file, column and how often."""
    found = []
    for table in OUTCOME_TABLES:
        path = f"data/{table.name}.csv"
        if table.holds == _STAFF or not (path in first and path in second):
            continue
        both = _side_by_side(first[path], second[path])
        for name in _COUNTS:
            change = (both[f"{name}_x"] - both[f"{name}_y"]).abs()
            count = int(((change > 0) & (change <= THRESHOLD)).sum())
            if count:
                found.append(f"{path}, {name}: {count}")
    return found


def _side_by_side(first: bytes, second: bytes) -> DataFrame:
    one, other = (pd.read_csv(io.BytesIO(content), dtype=str) for content in (first, second))
    for table in (one, other):
        table[list(_COUNTS)] = table[list(_COUNTS)].apply(pd.to_numeric, errors="coerce")
    return one.merge(other, on=list(_SAME))


def _published(root: Root, name: str) -> str:
    refresh_now(root, everything=False, progress=lambda _: None)
    publish_now(root, name=name, is_final=True, cut="latest")
    return name


def _odd_in_report(root: Root, name: str) -> int:
    """Return how much an edition's own report says is known too narrowly."""
    report: dict[str, Any] = json.loads((root.restricted / name / REPORT_FILE).read_bytes())
    return int(report["attack"]["unsafe"])


def _resubmit(root: Root, kind: str, chance: random.Random) -> None:
    """Send a return again without one child, and take it in.

    Raises:
        RuntimeError: the new version does not count: there would be nothing to look for.
    """
    before = {row.id for row in all_in_force(root)}
    _WITHOUT_A_CHILD[kind](chance.choice(sorted(root.drop.glob(f"*/{NEWEST}"))), chance)
    sweep_once(root, wait=True, progress=lambda _: None)
    if before == {row.id for row in all_in_force(root)}:
        raise RuntimeError(f"editions: a {kind} sent again was not accepted")


def _off_looked_after(sent: Path, chance: random.Random) -> None:
    files = sorted((sent / "ssda903").glob("*.csv"))
    child = chance.choice(
        sorted({row["CHILD"] for row in _rows(sent / "ssda903" / "episodes.csv")})
    )
    for path in files:
        _keep(path, lambda row: row.get("CHILD") != child)


def _off_census(sent: Path, chance: random.Random) -> None:
    path = sent / "cin_census.xml"
    text = path.read_text("utf-8")
    child = chance.choice(list(_CHILD.finditer(text)))
    path.write_text(text[: child.start()] + text[child.end() :], "utf-8")


def _off_attendance(sent: Path, chance: random.Random) -> None:
    path = sent / "school_attendance.csv"
    child = chance.choice(sorted({row["child_id"] for row in _rows(path)}))
    _keep(path, lambda row: row["child_id"] != child)


_WITHOUT_A_CHILD: Final[Mapping[str, Callable[[Path, random.Random], None]]] = {
    "looked-after return": _off_looked_after,
    "census": _off_census,
    "attendance": _off_attendance,
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _keep(path: Path, is_kept: Callable[[dict[str, str]], bool]) -> None:
    rows = _rows(path)
    kept = [row for row in rows if is_kept(row)]
    if len(kept) == len(rows):
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
