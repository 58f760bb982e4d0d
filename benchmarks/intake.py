"""The whole way in: from settled files in a drop folder to in force with the pack written.

    python -m benchmarks.intake [--toy]

Sizes and budgets are those of issue 3, in CPU seconds after imports, with the share of each stage
and the peak memory of the process. Each case runs in a process of its own, which first takes in the
return of the quarter before: the comparisons between returns run as they do in earnest, and every
import and cache is warm. One row in fifty has a fault. Beside each stands how often the bare
reading of the same bytes (Arrow's CSV reader, expat) would have fitted into the time. The ledger
knows what every other authority sent, for this quarter and the one before: what it costs to find
out whose children a return is about is held against everything else in the same run.
"""

from __future__ import annotations

import functools
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.faulty import FAULTY, LA_CODE, SHARES, texts_of
from benchmarks.national_root import submission, write_ledger
from benchmarks.toy import TOY
from samples.choose import chosen_authorities
from schemas.claims import MARKS
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.submission import State
from warehouse.claims import MARK_TYPE, ChildMarks, note_settled, record_claim
from warehouse.database import writing
from warehouse.root import Root

ADOPTED = {
    "adoption_decision_date": "2023-06-01",
    "adoption_match_date": "2023-07-01",
    "placed_date": "2023-07-01",
    "foster_carer_adopts_code": "0",
    "adopter_count": "2",
    "adopter_sex_code": "MF",
    "adopter_status_code": "L11",
}
EVERYONE = chosen_authorities("152")
BEFORE, QUARTER = Quarter(2023, 3), Quarter(2023, 4)
STAGES = {
    "land": ("tasks.intake.sweep", ("receive",)),
    "read": ("tasks.validate.judge", ("read_return",)),
    "keys": ("tasks.validate.judge", ("keyed",)),
    "compared with": ("tasks.validate.submission", ("read_frame",)),
    "rules": ("tasks.validate.judge", ("checked",)),
    "claims": ("tasks.validate.submission", ("child_marks", "objection_to")),
    "claims read": ("warehouse.submission_facts", ("claims_before", "rival_claims")),
    "claims settled": ("tasks.validate.batches", ("settle_claims",)),
    "at rest": ("tasks.validate.submission", ("tables_to_keep", "write_kind")),
    "ledger": ("tasks.validate.submission", ("submission_facts", "decide", "mark_answered")),
    "pack": ("tasks.validate.submission", ("pack_files", "put_pack")),
}
CLAIMS = ("claims", "claims read")
CLAIMS_SHARE = 0.05
"""What claims may cost with each return, of everything else; all are settled once a sweep, which is
shown apart. At toy size next to nothing else costs anything."""
CENSUS = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>"
    "</CollectionDetails><Source><LEA>335</LEA></Source></Header><Children>\n{children}"
    "</Children></Message>"
)
CHILD = """<Child><ChildIdentifiers><LAchildID>{number:07d}</LAchildID>
<PersonBirthDate>2013-{month:02d}-14</PersonBirthDate><UPNunknown>UN3</UPNunknown>
<GenderCurrent>1</GenderCurrent></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>NONE</Disability></Disabilities></ChildCharacteristics>
<CINdetails><CINreferralDate>2023-06-{day:02d}</CINreferralDate>
<ReferralSource>1A</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments><AssessmentActualStartDate>2023-06-{day:02d}</AssessmentActualStartDate>
<AssessmentAuthorisationDate>{authorised}</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors>
<AssessmentFactors>2B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>
<ReferralNFA>{nfa}</ReferralNFA>
{plan}</CINdetails></Child>
"""
PLAN = """<ChildProtectionPlans><CPPstartDate>2023-08-01</CPPstartDate>
<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>
<NumberOfPreviousCPP>0</NumberOfPreviousCPP></ChildProtectionPlans>
"""
WITH_PLAN, WITHOUT_ACTION = 5, 3
"""Of ten children, those with a plan, and the place of the one whose referral led to nothing."""


@dataclass(frozen=True)
class Case:
    """One return to take in: what to call it, how large, and what it may cost."""

    title: str
    kind: str
    size: int
    seconds: float
    megabytes: float


CASES = (
    Case("SSDA903 set", "ssda903", 50_000, 5, 800),
    Case("SSDA903 set, 100,000 rows", "ssda903", 100_000, 10, 800),
    Case("SSDA903 set, ten times", "ssda903", 500_000, 25, 800),
    Case("CIN census, 10,000 children", "census", 10_000, 8, 400),
)


TOYS = (
    Case("SSDA903 set, toy", "ssda903", 500, 60, 800),
    Case("CIN census, 20 children", "census", 20, 60, 800),
)


def write_ssda903(folder: Path, rows: int) -> None:
    """Write an SSDA903 set of eleven files."""
    children = int(rows * SHARES["children"])
    for table in (t for t in RETURNS["ssda903"].tables if t.name in SHARES):
        count = max(int(rows * SHARES[table.name]), 2)
        sent = ssda903_cells(table.name, count, children)
        columns = [c for c in table.columns if c.holds_in(QUARTER.collection_year) and c.sent_as]
        cells = {
            str(c.sent_as): pa.array(
                [_as_written(text) for text in sent.get(c.name, [None] * count)], pa.string()
            )
            for c in columns
        }
        pa_csv.write_csv(
            pa.table(cells),
            folder / f"{table.sent_as}.csv",
            pa_csv.WriteOptions(quoting_style="none"),
        )


def ssda903_cells(table: str, count: int, children: int) -> dict[str, Any]:
    """Return the columns of one file: every child in turn, further rows of a child later on."""
    cells = texts_of(table, count)
    if table == "episodes":
        return cells
    number = np.arange(count)
    cells["child_id"] = np.array([f"{each % children:08d}" for each in number], dtype=object)
    months = np.array([f"2023-{4 + each // children:02d}" for each in number], dtype=object)
    if table == "reviews":
        cells["review_date"] = months + "-20"
        cells["review_date"][::FAULTY] = "2024-05-01"
    if table == "missing_episodes":
        cells["missing_start"], cells["missing_end"] = months + "-03", months + "-05"
        cells["missing_end"][::FAULTY] = "2023-04-01"
    if table == "social_worker_episodes":
        cells["social_worker_start"] = months + "-01"
        cells["social_worker_change_reason"] = np.full(count, "FCONTA", dtype=object)
    if table in ("adoptions", "placed_for_adoption"):
        cells |= {name: np.full(count, text, dtype=object) for name, text in ADOPTED.items()}
    return cells


def _as_written(text: str | None) -> str:
    """Return a cell as the return's guide has it: days first."""
    if text is None:
        return ""
    parts = text.split("-")
    return "/".join(reversed(parts)) if len(parts) == len("dmy") else text


def write_census(folder: Path, children: int) -> None:
    """Write a census."""
    whole = "".join(_child(number) for number in range(children))
    (folder / "census.xml").write_text(CENSUS.format(children=whole), encoding="utf-8")


def _child(number: int) -> str:
    is_nothing = number % 10 == WITHOUT_ACTION
    return CHILD.format(
        number=number,
        month=number % 12 + 1,
        day=number % 20 + 5,
        authorised="2023-06-01" if number % FAULTY == 0 else "2023-07-10",
        nfa=int(is_nothing),
        plan="" if is_nothing or number % 10 > WITH_PLAN else PLAN,
    )


_HERE = (sys.executable, "-m", "benchmarks.intake")
WRITERS = {"ssda903": write_ssda903, "census": write_census}


def cpu_seconds() -> float:
    """Return the CPU seconds this process and the children it has waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)


def bare_seconds(folder: Path) -> float:
    """Return the CPU seconds of reading the same bytes and doing nothing with them."""
    begun = cpu_seconds()
    for path in folder.iterdir():
        if path.suffix == ".xml":
            parser = expat.ParserCreate()
            parser.StartElementHandler = lambda name, attributes: None
            parser.CharacterDataHandler = lambda text: None
            parser.Parse(path.read_bytes(), True)
        else:
            pa_csv.read_csv(path, pa_csv.ReadOptions(use_threads=False))
    return cpu_seconds() - begun


class Meter:
    """What each stage costs, and the peak memory of this process and of those it starts."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.peaks: dict[str, float] = {}
        self.children = 0.0
        self._within = 0.0
        threading.Thread(target=self._watch_children, daemon=True).start()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, adding what each call costs to its stage and to none around it."""

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            begun, outside, self._within = cpu_seconds(), self._within, 0.0
            try:
                return function(*args, **kwargs)
            finally:
                spent = cpu_seconds() - begun
                self.seconds[stage] += spent - self._within
                self._within = outside + spent
                self.peaks.setdefault(stage, peak_megabytes())

        return run

    def _watch_children(self) -> None:
        # getrusage counts what a child inherits before it becomes another program.
        while True:
            for task in Path("/proc/self/task").iterdir():
                with suppress(OSError):
                    for child in (task / "children").read_text().split():
                        self.children = max(self.children, _peak_of(Path("/proc", child)))
            time.sleep(0.01)


def _peak_of(process: Path) -> float:
    if b"worker.py" not in (process / "cmdline").read_bytes():
        return 0.0
    lines = (process / "status").read_text().splitlines()
    return max(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def peak_megabytes() -> float:
    """Return the most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write_neighbours(root: Root) -> None:
    """Let the ledger know of every other authority's returns, each with as many marks as fit."""
    given = [
        submission(code, name, quarter)
        for code in EVERYONE
        if code != LA_CODE
        for name in RETURNS
        for quarter in (BEFORE, QUARTER)
    ]
    write_ledger(root, {"others": [(one, []) for one in given]})
    marks = np.random.default_rng(len(given))
    with writing(root) as connection:
        for one in given:
            some = np.unique(marks.integers(0, 1 << 32, MARKS, dtype=MARK_TYPE))
            record_claim(connection, one.id, ChildMarks("births", some, frozenset({one.id})))
        note_settled(connection, [one.id for one in given])


def taken_in(kind: str, size: int) -> dict[str, Any]:
    """Take in one return beside the one before it, and return what that cost.

    Returns:
        cpu and wall seconds, stages, bare (CPU seconds of reading alone), rows, bytes, findings,
        state, peak (megabytes, after imports, after each stage, and of the parsing process).
    """
    import importlib

    from tasks.operate.set_up import set_up
    from warehouse.ledger import submission_row

    meter = Meter()
    for stage, (module, names) in STAGES.items():
        held = importlib.import_module(module)
        for name in names:
            setattr(held, name, meter.timed(stage, getattr(held, name)))
    from tasks.intake.sweep import sweep_once

    imported = peak_megabytes()
    with tempfile.TemporaryDirectory() as place:
        root = set_up(Root.at(Path(place) / "root"), settle_seconds=0.0, authorities=EVERYONE)
        _write_neighbours(root)
        for quarter in (BEFORE, QUARTER):
            folder = root.drop / LA_CODE / str(quarter)
            folder.mkdir(parents=True)
            # Elsewhere: what it takes to invent a return is not to be measured.
            subprocess.run([*_HERE, "write", kind, str(size), str(folder)], check=True)
            meter.seconds.clear()
            begun, clock = cpu_seconds(), time.monotonic()
            (taken,) = sweep_once(root, wait=False, progress=lambda _: None).taken
            spent, wall = cpu_seconds() - begun, time.monotonic() - clock
        stages, peaks = dict(meter.seconds), meter.peaks
        counts = submission_row(root, taken.submission_id).row_counts
        return {
            "cpu": spent,
            "wall": wall,
            "stages": stages,
            "bare": bare_seconds(folder),
            "rows": sum(
                json.loads(counts).values() if isinstance(counts, str) else counts.values()
            ),
            "bytes": sum(path.stat().st_size for path in folder.iterdir()),
            "findings": taken.error_count + taken.query_count,
            "state": str(taken.state),
            "peak": {"imports": imported, **peaks, "parsing process": meter.children},
        }


def measured(case: Case) -> bool:
    """Run a case in a process of its own and print what it cost."""
    command = [*_HERE, "ingest", case.kind, str(case.size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    cost = json.loads(done.stdout.splitlines()[-1])
    peak, told_peaks = _peaks(cost["peak"])
    claims = sum(cost["stages"].get(name, 0.0) for name in CLAIMS)
    share = claims / (cost["cpu"] - claims - cost["stages"].get("claims settled", 0.0))
    within = (
        cost["cpu"] <= case.seconds
        and peak <= case.megabytes
        and (share <= CLAIMS_SHARE or case in TOYS)
        and State(cost["state"]).is_accepted
    )
    told = sum(cost["stages"].values())
    shares = ", ".join(f"{name} {spent:.2f} s" for name, spent in cost["stages"].items())
    print(
        f"intake: {case.title}: {cost['rows']:,} rows, {cost['bytes'] / 1e6:.1f} MB, "
        f"{cost['findings']:,} findings, {cost['state']}: {cost['cpu']:.2f} s CPU "
        f"({cost['wall']:.1f} s by the clock), {cost['cpu'] / case.seconds:.0%} of "
        f"{case.seconds:g} s; {shares}, rest {cost['cpu'] - told:.2f} s; "
        f"claims {share:.1%} of everything else (at most {CLAIMS_SHARE:.0%}); "
        f"{cost['cpu'] / cost['bare']:.0f} times the bare reading ({cost['bare']:.3f} s); "
        f"peak {peak:.0f} MB of {case.megabytes:g} MB ({told_peaks}); "
        f"{'within' if within else 'OVER'}",
        flush=True,
    )
    return within


def _peaks(found: dict[str, float]) -> tuple[float, str]:
    """Return the peak of the larger process, and the stages at which the peak rose, in words."""
    rises, last = [], 0.0
    for stage, peak in sorted(found.items(), key=lambda item: item[1]):
        if stage == "parsing process" or peak > last + 1:
            rises.append(f"{stage} {peak:.0f}")
        last = peak if stage != "parsing process" else last
    return max(found.values()), ", ".join(rises)


def main(asked: Sequence[str] = ()) -> int:
    """Run every case; asked for one part of one, do that here, for the process that asks."""
    match list(asked):
        case ["write", kind, size, folder]:
            WRITERS[kind](Path(folder), int(size))
            return 0
        case ["ingest", kind, size]:
            print(json.dumps(taken_in(kind, int(size))))
            return 0
        case [option] if option == TOY:
            return 0 if all([measured(case) for case in TOYS]) else 1
    return 0 if all([measured(case) for case in CASES]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
