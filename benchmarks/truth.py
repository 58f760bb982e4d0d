"""The whole way, from invented files to the outcome table, held against the truth cell by cell.

python -m benchmarks.truth --authorities 17 --from 2019-20Q1 --to 2023-24Q4 --children 1500
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.toy import TOY
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.intake.sweep import Swept, sweep_once
from tasks.operate.set_up import set_up
from tasks.outcomes.authority import outcome_csv
from warehouse.root import Root

TOY_ARGUMENTS = (
    *("--authorities", "1", "--children", "12"),
    *("--from", "2022-23Q3", "--to", "2022-23Q4"),
)


def main(arguments: Sequence[str] = ()) -> int:
    """Return 0 when every cell is equal and nothing was rejected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authorities", default="17")
    parser.add_argument("--from", dest="first", default="2019-20Q1")
    parser.add_argument("--to", dest="last", default="2023-24Q4")
    parser.add_argument("--children", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(TOY, action="store_true", help="one authority, two quarters")
    asked = parser.parse_args(arguments)
    if asked.toy:
        asked = parser.parse_args(TOY_ARGUMENTS)
    with tempfile.TemporaryDirectory(prefix="sfpc-truth-") as name:
        return _compare(Path(name), asked)


def _compare(folder: Path, asked: argparse.Namespace) -> int:
    with _timed("samples"):
        write_samples(
            folder / "samples",
            authorities=chosen_authorities(asked.authorities),
            first=Quarter.parse(asked.first),
            last=Quarter.parse(asked.last),
            children=asked.children,
            seed=asked.seed,
            faults="none",
        )
    codes = tuple(path.name.split("-")[0] for path in (folder / "samples" / "drop").iterdir())
    root = set_up(Root.at(folder / "root"), settle_seconds=0.0, authorities=codes)
    shutil.copytree(folder / "samples" / "drop", root.drop, dirs_exist_ok=True)
    with _timed("sweep"):
        swept = sweep_once(root, wait=False, progress=lambda _: None)
    print(f"  {swept.summary()}")
    with _timed("refresh"):
        refresh_now(root, everything=False, progress=lambda _: None)
    computed = outcome_csv(tables_of_cut(root, "latest").outcomes).splitlines()
    truth = (folder / "samples" / "truth" / "outcomes.csv").read_text().splitlines()
    return _told(swept, computed, truth)


@contextmanager
def _timed(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)


def _told(swept: Swept, computed: list[str], truth: list[str]) -> int:
    differing = sorted({line.split(",")[0] for line in set(computed) ^ set(truth)})
    known = sum(line.endswith(",ok,") for line in truth)
    print(f"  {len(truth) - 1} rows, {known} with a value; outcomes that differ: {differing}")
    return int(bool(differing) or swept.has_rejections or swept.has_internal_errors)


if __name__ == "__main__":
    sys.exit(main())
