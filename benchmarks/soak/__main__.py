"""`make soak`: every fault proof in turn, or those asked for; 1 when one does not hold."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak import database, load, mishaps, privacy, processes, service


@dataclass(frozen=True)
class Proof:
    """One proof: what it does to a root, and how often unless told otherwise."""

    run: Callable[[Path, int, random.Random], bool]
    times: int


PROOFS = {
    "processes": Proof(processes.prove, 1000),
    "service": Proof(service.prove, 60),
    "database": Proof(database.prove, 100),
    "mishaps": Proof(mishaps.prove, 36),
    "privacy": Proof(privacy.prove, 100),
    "load": Proof(load.prove, 1),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the proofs; return 0 when all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=", ".join(PROOFS))
    parser.add_argument("--kills", type=int, help="how often, in place of each proof's own number")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    unknown = sorted({*asked.proofs} - {*PROOFS})
    if unknown:
        parser.error(f"no proof {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    failed = [name for name in asked.proofs or PROOFS if not _holds(name, asked)]
    print(f"\nproofs that do not hold: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _holds(name: str, asked: argparse.Namespace) -> bool:
    proof = PROOFS[name]
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"sfpc-soak-{name}-") as folder:
        return proof.run(Path(folder), asked.kills or proof.times, random.Random(asked.seed))


if __name__ == "__main__":
    sys.exit(main())
