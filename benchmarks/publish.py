"""Time of making an edition: the demo's 17 authorities, and all of England over ten years.

    python -m benchmarks.publish            both
    python -m benchmarks.publish demo       17 authorities x 20 quarters
    python -m benchmarks.publish national   152 authorities x 40 quarters
    python -m benchmarks.publish --toy      2 authorities x 4 quarters

Budgets: 30 s and 180 s, from the outcome table to the bytes of every file, disclosure control, the
attack and the checks of the form included, on two cores.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from pandas import DataFrame

from benchmarks.toy import TOY
from tasks.publish.edition import edition_files
from tasks.publish.inputs import EditionInputs
from tests.support.editions import (
    ADOPTERS,
    edition_inputs,
    invented_completeness,
    invented_outcomes,
    national_authorities,
)

BUDGETS = {"demo": 30.0, "national": 180.0}
TOY_BUDGET = 600.0
# Too few children for a return of their own: they share one (Isles of Scilly, City of London).
WITHOUT_RETURN = {"E06000053", "E09000001"}


def inputs(size: str) -> EditionInputs:
    """Return the inputs of an edition of that size, every outcome in it."""
    if size == "demo":
        las, first, last, scale = ADOPTERS, "2019-20Q1", "2023-24Q4", 1.0
    elif size == TOY:
        las, first, last, scale = ADOPTERS[:2], "2022-23Q1", "2022-23Q4", 1.0
    else:
        las = tuple(la for la in national_authorities() if la not in WITHOUT_RETURN)
        first, last, scale = "2014-15Q1", "2023-24Q4", 3.0
    return replace(
        edition_inputs(),
        outcomes=invented_outcomes(la_codes=las, first=first, last=last, size=scale),
        completeness=invented_completeness(la_codes=las, first=first, last=last),
        cut_quarter=last,
        submissions=DataFrame(columns=["submission_id", "la_code", "return_name", "quarter"]),
    )


def measured(size: str) -> bool:
    """Print the time of one edition; return whether it keeps to its budget."""
    given = inputs(size)
    budget = BUDGETS.get(size, TOY_BUDGET)
    start, cpu = time.perf_counter(), time.process_time()
    files = edition_files(given)
    took, work = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    published = sum(len(content) for content in files.public.values()) / 1e6
    print(
        f"{size}: {len(given.outcomes):,} outcome rows, {published:,.0f} MB published: "
        f"{took:.1f} s ({work:.1f} s of processor, budget {budget:.0f} s, {peak:,.0f} MB)"
    )
    return took <= budget


def main(sizes: Sequence[str] = ()) -> int:
    """Measure the sizes asked for; 1 when one is over its budget."""
    kept = [measured(size) for size in sizes or list(BUDGETS)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
