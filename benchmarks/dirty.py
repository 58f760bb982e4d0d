"""Invented returns as dirty as life, through the whole pipeline: no wrong figure with status ok.

Every figure of the outcome table either equals the truth, is `x` with the reason that was planted,
or says that rows were set aside. What is not given though it could be is counted and fails nothing.

python -m benchmarks.dirty --seeds 1,2,3,4,5 --authorities 17 --from 2019-20Q1 --to 2023-24Q4
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.toy import TOY
from samples.choose import chosen_authorities
from samples.faults import KINDS
from samples.write import REALISTIC, write_samples
from schemas.outcomes import OUTCOMES
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from tasks.cut.refresh import outcomes_of_cut, refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.outcomes.authority import outcome_csv
from warehouse.root import Root

TOY_ARGUMENTS = (
    *("--seeds", "1", "--authorities", "2", "--children", "24", "--rate", "0.1"),
    *("--from", "2021-22Q4", "--to", "2022-23Q4"),
)
_Row = Mapping[str, str]
_KEY = ("outcome", "model", "la_code", "quarter")


@dataclass(frozen=True)
class Difference:
    """A figure that neither equals the truth nor is `x` with a reason that was planted.

    Attributes:
        found, true: its row as the pipeline has it, and as the samples imply it.
        planted: kinds of harmful faults in returns it is made of.
    """

    found: _Row
    true: _Row
    planted: tuple[str, ...]

    @property
    def words(self) -> str:
        """The figure, what was found and what is true."""
        key = " ".join(self.found[name] for name in _KEY)
        values = " instead of ".join(
            f"{row['numerator']}/{row['denominator']} {row['status']} {row['reason']}".strip()
            for row in (self.found, self.true)
        )
        return f"{key}: {values}; planted: {', '.join(self.planted) or 'nothing harmful'}"


@dataclass(frozen=True)
class Compared:
    """What a comparison came to.

    Attributes:
        counts: figures by how they compare.
        different: figures with a wrong value.
        unexplained: figures that are not given for a reason that was not planted.
    """

    counts: Mapping[str, int]
    different: Sequence[Difference]
    unexplained: Sequence[Difference]


def compared(
    found: Iterable[_Row], true: Iterable[_Row], expected: Iterable[_Row], faults: Iterable[_Row]
) -> Compared:
    """Hold the outcome table against the truth without faults and that with them.

    All as read from CSV; `faults` are those of `truth/faults.csv`.

    Raises:
        ValueError: the outcome table has other rows than the truth.
    """
    planted = _planted(faults)
    figures, trues, with_faults = _by_key(found), _by_key(true), _by_key(expected)
    if figures.keys() != trues.keys():
        raise ValueError(f"The outcome table has {len(figures)} rows, needs {len(trues)}.")
    counts: Counter[str] = Counter()
    bad: dict[str, list[Difference]] = defaultdict(list)
    for row in figures.values():
        key = _key(row)
        verdict = _verdict(row, trues[key], with_faults[key], planted)
        counts[verdict] += 1
        harmful = planted.get(row["la_code"], ())
        bad[verdict].append(Difference(row, trues[key], tuple(sorted({f[2] for f in harmful}))))
    return Compared(counts, bad["wrong"], bad["not explained"])


def _planted(faults: Iterable[_Row]) -> dict[str, set[tuple[str, str, str]]]:
    """Return per authority the return, reason and kind of every harmful fault."""
    planted = defaultdict(set)
    for row in faults:
        if row["reason"]:
            planted[row["la_code"]].add((row["return"], row["reason"], row["fault"]))
    return planted


def _verdict(
    found: _Row, true: _Row, expected: _Row, planted: Mapping[str, set[tuple[str, str, str]]]
) -> str:
    if _figure(found) == _figure(expected):
        return "equal" if _figure(found) == _figure(true) else "as planted"
    if _figure(found) == _figure(true):
        return "given in spite of a fault"
    if found["reason"] == FigureReason.ROWS_SET_ASIDE:
        return "given with a word"
    if found["status"] != "x":
        return "wrong"
    outcome = OUTCOMES[found["outcome"]]
    behind = {*outcome.reads, *outcome.joins}
    reasons = {r for name, r, _ in planted.get(found["la_code"], ()) if name in behind}
    return "not given because of a fault" if found["reason"] in reasons else "not explained"


def _figure(row: _Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("numerator", "denominator", "value", "status", "reason"))


def _key(row: _Row) -> tuple[str, ...]:
    return tuple(row[name] for name in _KEY)


def _by_key(rows: Iterable[_Row]) -> dict[tuple[str, ...], _Row]:
    return {_key(row): row for row in rows}


def main(arguments: Sequence[str] = ()) -> int:
    """Return 0 when no figure of any seed is wrong, or missing without a reason planted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--authorities", default="17")
    parser.add_argument("--from", dest="first", default="2019-20Q1")
    parser.add_argument("--to", dest="last", default="2023-24Q4")
    parser.add_argument("--children", type=int, default=150)
    parser.add_argument(
        "--rate", type=float, help="of each kind that has a rate of its own, instead of that"
    )
    parser.add_argument("--kinds", default="", help="only these kinds, with commas")
    parser.add_argument("--keep", type=Path, help="folder to keep samples and root in")
    parser.add_argument(TOY, action="store_true", help="two authorities, five quarters")
    asked = parser.parse_args(arguments)
    if asked.toy:
        asked = parser.parse_args(TOY_ARGUMENTS)
    return max(_seed(int(seed), asked) for seed in asked.seeds.split(","))


def _seed(seed: int, asked: argparse.Namespace) -> int:
    if asked.keep:
        return _told(seed, through(asked.keep / str(seed), seed, asked))
    with tempfile.TemporaryDirectory(prefix="sfpc-dirty-") as name:
        return _told(seed, through(Path(name), seed, asked))


def _told(seed: int, result: Compared) -> int:
    counts = ", ".join(f"{count} {name}" for name, count in sorted(result.counts.items()))
    print(f"  seed {seed}: {counts}", flush=True)
    for one in (*result.different, *result.unexplained):
        print(f"    {one.words}")
    return int(bool(result.different or result.unexplained))


def through(folder: Path, seed: int, asked: argparse.Namespace) -> Compared:
    """Return how the figures of one seed compare, all the way from samples to outcomes."""
    write_samples(
        folder / "samples",
        authorities=chosen_authorities(asked.authorities),
        first=Quarter.parse(asked.first),
        last=Quarter.parse(asked.last),
        children=asked.children,
        seed=seed,
        faults=REALISTIC,
        fault_rates=_rates(asked),
    )
    drop, truth = folder / "samples" / "drop", folder / "samples" / "truth"
    codes = tuple(path.name.split("-")[0] for path in drop.iterdir())
    root = set_up(Root.at(folder / "root"), settle_seconds=0.0, authorities=codes)
    shutil.copytree(drop, root.drop, dirs_exist_ok=True)
    swept = sweep_once(root, wait=False, progress=lambda _: None)
    print(f"  {swept.summary()}")
    refresh_now(root, everything=False, progress=lambda _: None)
    found = outcome_csv(outcomes_of_cut(root, "latest"))
    names = ("outcomes", "outcomes_with_faults", "faults")
    true, expected, faults = (list(_rows(truth / f"{name}.csv")) for name in names)
    return compared(csv.DictReader(found.splitlines()), true, expected, faults)


def _rates(asked: argparse.Namespace) -> dict[str, float]:
    drawn = [name for name, kind in KINDS.items() if kind.rate]
    kinds = asked.kinds.split(",") if asked.kinds else drawn
    rates = dict.fromkeys(KINDS, 0.0) if asked.kinds else {}
    return rates | ({} if asked.rate is None else dict.fromkeys(kinds, asked.rate))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
