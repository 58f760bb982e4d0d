"""`make soak`: every fault proof in turn, or those asked for; 1 when one does not hold."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak import (
    database,
    editions,
    load,
    mishaps,
    power,
    privacy,
    processes,
    service,
    tampering,
)
from benchmarks.soak.twins import DEMO_SIZE, PROPER, TOY_SIZE, Ground, Size
from benchmarks.toy import TOY


@dataclass(frozen=True)
class Proof:
    """One proof.

    Attributes:
        run: what it does to a root.
        times: how often, where the command line does not say.
        toy_times: how often as a toy.
        size: how much is invented for it.
        toy_size: and as a toy.
    """

    run: Callable[[Path, int, random.Random, Ground], bool]
    times: int
    toy_times: int = 1
    size: Size = PROPER
    toy_size: Size = TOY_SIZE


PROOFS = {
    "processes": Proof(processes.prove, 1000, 2),
    "service": Proof(service.prove, 60),
    "database": Proof(database.prove, 100),
    "mishaps": Proof(mishaps.prove, 36),
    "power": Proof(power.prove, 100, 4),
    "privacy": Proof(privacy.prove, 100),
    "tampering": Proof(tampering.prove, 500, 40),
    "editions": Proof(editions.prove, 3, size=DEMO_SIZE),
    "load": Proof(load.prove, 1, size=load.BUSY, toy_size=Size("2", 12)),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the proofs; return 0 when all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=", ".join(PROOFS))
    parser.add_argument("--kills", type=int, help="how often, in place of each proof's own number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--ground", type=Path, help="folder that keeps what proofs of the same code share"
    )
    parser.add_argument(TOY, action="store_true", help="one small authority, a kill or two")
    asked = parser.parse_args(arguments)
    unknown = sorted({*asked.proofs} - {*PROOFS})
    if unknown:
        parser.error(f"no proof {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    with tempfile.TemporaryDirectory(prefix="sfpc-soak-") as folder:
        grounds = _grounds(asked.ground or Path(folder), asked)
        failed = [name for name in grounds if not _holds(name, asked, grounds[name])]
    print(f"\nproofs that do not hold: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _grounds(folder: Path, asked: argparse.Namespace) -> dict[str, Ground]:
    """Return per proof what it shares with the others of its size."""
    shared: dict[Size, Ground] = {}
    sizes = {name: _size(name, asked) for name in asked.proofs or PROOFS}
    for size in dict.fromkeys(sizes.values()):
        name = f"{size.authorities}-{size.children}-{size.first}-{size.faults}"
        shared[size] = Ground(folder / name, size)
    return {name: shared[size] for name, size in sizes.items()}


def _size(name: str, asked: argparse.Namespace) -> Size:
    return PROOFS[name].toy_size if asked.toy else PROOFS[name].size


def _holds(name: str, asked: argparse.Namespace, ground: Ground) -> bool:
    proof = PROOFS[name]
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"sfpc-soak-{name}-") as folder:
        times = asked.kills or (proof.toy_times if asked.toy else proof.times)
        return proof.run(Path(folder), times, random.Random(asked.seed), ground)


if __name__ == "__main__":
    sys.exit(main())
