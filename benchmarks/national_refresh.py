"""One refresh of a root of its own process, whose time and memory `benchmarks.national` measures.

    python -m benchmarks.national_refresh ROOT --all

Prints one line of JSON: seconds of processor this process spent on each phase, and what was done.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.cut.data_cut import make_cut
from tasks.cut.refresh import collect, compute
from tasks.outcomes.authority import outcome_csv
from warehouse.ledger import Actor
from warehouse.root import Root


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=None)
    asked = parser.parse_args()
    root, spent = Root.at(asked.root), {"imports": time.process_time()}
    with timed(spent, "cut"):
        cut, _ = make_cut(root, Actor("benchmark", "benchmark"))
    with timed(spent, "work out"):
        computed = compute(root, cut, everything=asked.all, jobs=asked.jobs)
    with timed(spent, "gather"):
        tables = collect(root, cut, computed=computed)
    with timed(spent, "text"):
        text = outcome_csv(tables.outcomes)
    print(
        json.dumps(
            {
                "spent": spent,
                "computed": len(tables.computed),
                "rows": len(tables.outcomes),
                "ok": int((tables.outcomes["status"] == "ok").sum()),
                "cohort": len(tables.cohort),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        )
    )


@contextmanager
def timed(spent: dict[str, float], name: str) -> Iterator[None]:
    began = time.process_time()
    yield
    spent[name] = time.process_time() - began


if __name__ == "__main__":
    main()
