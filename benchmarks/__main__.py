"""`make bench`: every benchmark in turn; a budget that is not kept makes the whole fail.

python -m benchmarks                      all, at their size proper
python -m benchmarks rules costs          these
python -m benchmarks --toy                all at toy size, through the same code
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from benchmarks import (
    costs,
    coverage,
    dirty,
    growth,
    intake,
    national,
    outcomes,
    publish,
    read,
    rules,
    truth,
)
from benchmarks.toy import TOY


def refresh_of_effects(arguments: Sequence[str]) -> int:
    """Time a full refresh of the effects; the coverage study has a command of its own."""
    return coverage.main(arguments or ["--refresh"])


BENCHMARKS: dict[str, Callable[[Sequence[str]], int]] = {
    "readers": read.main,
    "rules": rules.main,
    "the way in": intake.main,
    "outcomes": outcomes.main,
    "national": national.main,
    "growth": growth.main,
    "effects": refresh_of_effects,
    "costs": costs.main,
    "edition": publish.main,
    "the whole way against the truth": truth.main,
    "returns as dirty as life": dirty.main,
}


def main(asked: Sequence[str]) -> int:
    """Run the benchmarks asked for, or all; 1 when one is over its budget, 2 for an unknown one."""
    names = [name for name in asked if name != TOY] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
        return 2
    failed = [name for name in names if _fails(name, [TOY] if TOY in asked else [])]
    print(f"\nover budget: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _fails(name: str, arguments: Sequence[str]) -> bool:
    print(f"\n== {name}", flush=True)
    return BENCHMARKS[name](arguments) != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
