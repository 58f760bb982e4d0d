"""`make soak`: the kill loop at length. Sweeps are killed outright at random points, many times.

python -m benchmarks.soak --kills 200
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.sweep import sweep_once
from tests.flows.test_kill import settled_state, sweep_and_kill, twin_roots
from warehouse.ledger import unfinished
from warehouse.reconcile import discrepancies

SHORTEST, LONGEST = 0.3, 14.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when the killed root ends as the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sfpc-soak-") as name:
        return _soak(Path(name), asked.kills, random.Random(asked.seed))


def _soak(folder: Path, wanted: int, chance: random.Random) -> int:
    write_samples(
        folder / "samples",
        authorities=chosen_authorities("3"),
        first=Quarter.parse("2022-23Q1"),
        last=Quarter.parse("2023-24Q4"),
        children=100,
        seed=1,
        faults="none",
    )
    folders = sorted((folder / "samples" / "drop").glob("*/*"))
    calm, killed = twin_roots(folder, folders)
    sweep_once(calm, wait=False, progress=lambda _: None)
    kills = rounds = 0
    while kills < wanted and (unfinished(killed) or rounds == 0 or kills == rounds):
        rounds += 1
        kills += sweep_and_kill(killed, chance.uniform(SHORTEST, LONGEST))
    sweep_once(killed, wait=False, progress=lambda _: None)
    equal = settled_state(killed) == settled_state(calm)
    found = discrepancies(killed)
    print(f"{kills} kills in {rounds} sweeps; state equal: {equal}; discrepancies: {len(found)}")
    return 0 if equal and not found else 1


if __name__ == "__main__":
    sys.exit(main())
