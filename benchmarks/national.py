"""The whole country: every outcome of 152 authorities over ten years, and one of them again.

    python -m benchmarks.national
    python -m benchmarks.national --authorities 17 --quarters 40 --children 400
    python -m benchmarks.national --toy

The warehouse is made once and kept (`benchmarks/national_root.py` says what is in it). Times are
seconds of processor, all processes together, imports included: the machine may be busy.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from benchmarks import outcomes
from benchmarks.measured import Cost, cost_of
from benchmarks.national_root import Size, national_roots
from benchmarks.toy import TOY
from schemas.rows import AuthorityRows
from schemas.submission import State, Submission
from tasks.cut.data_cut import authority_rows, make_cut
from tasks.histories.history import dated
from tasks.histories.persons import persons
from warehouse import database, ledger, tables
from warehouse.cuts import Cut
from warehouse.ledger import Actor, Decision
from warehouse.root import Root
from warehouse.store import read_part, write_part

GOAL_CPU, GOAL_MB, GOAL_RATIO, GOAL_ONE, GOAL_GROWTH = 90.0, 4096.0, 3.0, 60.0, 1.2
STEPS = (17, 76)
AGAIN = "E08000030"
ACTOR = Actor("benchmark", "national")
CORE = ("episodes", "referrals", "cp_plans")
MEASURED_FOR_RATIO = 12
TOY_ARGUMENTS = (
    *("--authorities", "17", "--quarters", "4", "--children", "60"),
    *("--distinct", "1", "--jobs", "1"),
)


def main(arguments: Sequence[str] = ()) -> int:
    """Return 1 when a goal is missed; at toy size none is judged."""
    asked = _asked(arguments)
    if not asked.toy:
        return int(_is_missed(asked))
    with tempfile.TemporaryDirectory(prefix="sfpc-national-") as folder:
        _is_missed(_asked((*TOY_ARGUMENTS, "--folder", folder)))
    return 0


def _is_missed(asked: argparse.Namespace) -> bool:
    size = Size(asked.authorities, asked.quarters, asked.children, asked.distinct)
    sizes = [*(step for step in STEPS if step < size.authorities), size.authorities]
    folder = Path(asked.folder) / size.name
    print(f"national: {_described(size)}", flush=True)
    roots = national_roots(folder, size, sizes=sizes, jobs=asked.jobs, progress=_say)
    missed = [_full(roots), _core(roots[size.authorities]), _again(roots)]
    return any(missed)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authorities", type=int, default=152)
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--children", type=int, default=4000, help="referrals a year, each")
    parser.add_argument("--distinct", type=int, default=12, help="authorities simulated")
    parser.add_argument("--folder", default="var/national")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(TOY, action="store_true", help="17 authorities over a year")
    return parser.parse_args(arguments)


def _described(size: Size) -> str:
    return (
        f"{size.authorities} authorities x {size.quarters} quarters, about "
        f"{size.authorities * size.children * size.quarters // 4:,} referrals; lives of "
        f"{min(size.distinct, size.authorities)} authorities, the others re-keyed from them; "
        "rows at rest and ledger written directly"
    )


def _say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)


def _full(roots: dict[int, Root]) -> bool:
    """Print a full refresh at each size, and DuckDB over the same files.

    Return whether one missed.
    """
    costs = {}
    for count, root in roots.items():
        costs[count] = cost_of("benchmarks.national_refresh", str(root.path), "--all")
        print(f"  full refresh of {count}: {_told(costs[count])}", flush=True)
    whole = costs[max(costs)]
    scan = cost_of("benchmarks.national_scan", str(roots[max(roots)].path))
    print(
        f"  DuckDB, rows and largest values of the same columns: {scan.cpu:.1f} CPU s "
        f"({scan.told['rows']:,} rows); the refresh takes {whole.cpu / scan.cpu:.1f} times that"
    )
    each = {count: cost.cpu / count for count, cost in costs.items()}
    print(f"  growth: {', '.join(f'{n}: {one * 1000:.0f} ms each' for n, one in each.items())}")
    print(
        f"  goals: {whole.cpu:.1f} of {GOAL_CPU:.0f} CPU s, "
        f"{whole.peak_mb:,.0f} of {GOAL_MB:,.0f} MB"
    )
    return whole.cpu > GOAL_CPU or whole.peak_mb > GOAL_MB


def _told(cost: Cost) -> str:
    spent = cost.told["spent"]
    return (
        f"{cost.cpu:.1f} CPU s ({cost.wall:.0f} s by the clock), peak {cost.peak_mb:,.0f} MB; "
        f"of it imports {spent['imports']:.1f}, cut {spent['cut']:.1f}, gathering "
        f"{spent['gather']:.1f}, as text {spent['text']:.1f}; {cost.told['rows']:,} "
        f"figures, {cost.told['ok']:,} known; {cost.told['computed']} authorities worked out"
    )


def _core(root: Root) -> bool:
    """Print five measures against numpy on the rows of some authorities.

    Return whether it missed.
    """
    cut, _ = make_cut(root, ACTOR)
    ours = theirs = 0.0
    for la_code in cut.authorities[:MEASURED_FOR_RATIO]:
        found = _core_tables(authority_rows(root, la_code, _given(cut, la_code)))
        if outcomes.pipeline(found) != outcomes.by_hand(found):
            sys.exit(f"national: pipeline and numpy disagree on {la_code}")
        ours += outcomes.fastest(lambda given=found: outcomes.pipeline(given))
        theirs += outcomes.fastest(lambda given=found: outcomes.by_hand(given))
    print(
        f"  five measures of {MEASURED_FOR_RATIO} authorities: {ours * 1000:.0f} ms, numpy "
        f"{theirs * 1000:.0f} ms, ratio {ours / theirs:.2f} (goal {GOAL_RATIO:g})"
    )
    return ours / theirs > GOAL_RATIO


def _given(cut: Cut, la_code: str) -> list:
    return [found for found in cut.submissions if found.la_code == la_code]


def _core_tables(rows: AuthorityRows) -> outcomes.Tables:
    sent, _ = persons(rows.frames)
    found = dated(sent)
    return outcomes.Tables(*(found[name] for name in CORE))


def _again(roots: dict[int, Root]) -> bool:
    """Print the refresh after one authority resubmits, at the least and the most authorities."""
    costs = {}
    for count in (min(roots), max(roots)):
        resubmit(roots[count])
        costs[count] = cost_of("benchmarks.national_refresh", str(roots[count].path))
        print(f"  one of {count} again: {_told(costs[count])}", flush=True)
    few, many = (_without_gathering(costs[count]) for count in (min(costs), max(costs)))
    most = costs[max(costs)].cpu
    print(
        f"  without final aggregation: {few:.2f} and {many:.2f} CPU s, {many / few:.2f} times "
        f"(goal {GOAL_GROWTH:g}); with it {most:.1f} of {GOAL_ONE:.0f} CPU s"
    )
    return many > few * GOAL_GROWTH or most > GOAL_ONE


def _without_gathering(cost: Cost) -> float:
    return cost.cpu - cost.told["spent"]["gather"] - cost.told["spent"]["text"]


def resubmit(root: Root) -> None:
    """Put a further version of one return in force, one episode shorter than the one before."""
    with database.reading(root) as connection:
        before = ledger.latest_submission(
            connection, la_code=AGAIN, return_name="ssda903", quarter=_last_quarter(root)
        )
    if before is None:
        sys.exit("national: nothing to send again")
    facts = f"{before.id}/{before.version + 1}"
    name = hashlib.sha256(facts.encode()).hexdigest()[:16]
    given = Submission(
        name, AGAIN, before.return_name, before.quarter, before.version + 1, before.files
    )
    rows = {
        part.table_name: read_part(root, part.path) for part in ledger.parts_of(root, [before.id])
    }
    rows["episodes"] = rows["episodes"].slice(1)
    parts = tuple(write_part(root, given, table, found) for table, found in rows.items())
    with database.writing(root) as connection:
        ledger.register(connection, given, ACTOR)
    counts = {part.table_name: part.row_count for part in parts}
    ledger.decide(root, given, Decision(State.ACCEPTED, parts=parts, row_counts=counts), ACTOR)


def _last_quarter(root: Root) -> str:
    rows = tables.submissions.c
    with database.reading(root) as connection:
        return str(
            connection.execute(
                select(rows.quarter).where(rows.la_code == AGAIN).order_by(rows.quarter.desc())
            ).scalar()
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
