"""`make bench`: every benchmark in turn; a budget that is not kept makes the whole fail."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import costs, coverage, intake, national, outcomes, publish, read, rules, truth


def refresh_of_effects() -> int:
    """Time a full refresh of the effects; the coverage study has a command of its own."""
    coverage.main(["--refresh"])
    return 0


BENCHMARKS: dict[str, Callable[[], int | None]] = {
    "readers": read.main,
    "rules": rules.main,
    "the way in": intake.main,
    "outcomes": outcomes.main,
    "national": lambda: national.main([]),
    "effects": refresh_of_effects,
    "costs": costs.main,
    "edition": lambda: publish.main([]),
    "the whole way against the truth": lambda: truth.main([]),
}


def main(asked: list[str]) -> int:
    """Run the benchmarks asked for, or all; 1 when one is over its budget."""
    failed = []
    for name, run in BENCHMARKS.items():
        if asked and name not in asked:
            continue
        print(f"\n== {name}", flush=True)
        if run():
            failed.append(name)
    print(f"\nover budget: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
