"""CPU time and memory of recognising and reading, children's processes included.

    python -m benchmarks.read [--toy]

Sizes are those of issue 3: SSDA903 sets of 50,000 and 500,000 rows over eleven files, a census of
10,000 children (66,000 rows, 8 MB) and a workbook of 60,000 rows. Budgets are this stage's share of
the whole way in.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from benchmarks.toy import TOY
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.table import Column, Table
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise

QUARTER = Quarter(2024, 4)
TOY_PART = 500
SHARES = {"children": 2, "episodes": 2, "reviews": 3, "missing_episodes": 1, "oc2": 1}
CENSUS_CASE = """<CINdetails>
<CINreferralDate>{day}</CINreferralDate>
<ReferralSource>1A</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments><AssessmentActualStartDate>{day}</AssessmentActualStartDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors>
<AssessmentFactors>2B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>
<ReferralNFA>0</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>{day}</CPPstartDate>
<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>
<NumberOfPreviousCPP>0</NumberOfPreviousCPP></ChildProtectionPlans>
</CINdetails>
"""
CENSUS_CHILD = """<Child><ChildIdentifiers><LAchildID>{number:07d}</LAchildID>
<PersonBirthDate>{day}</PersonBirthDate><Sex>M</Sex></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>
{case}</Child>
"""
CENSUS = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
    "</CollectionDetails><Source><LEA>335</LEA></Source></Header><Children>\n{children}"
    "</Children></Message>"
)


@dataclass(frozen=True)
class Case:
    """One thing to read: what to call it, its files, and the CPU seconds it may take."""

    title: str
    files: tuple[Path, ...]
    budget: float


def some_day(chance: Random, form: str = "%d/%m/%Y") -> str:
    return (date(2008, 1, 1) + timedelta(chance.randrange(6000))).strftime(form)


def cell(column: Column, number: int, chance: Random) -> str:
    if column.name == "child_id":
        return f"{number:07d}"
    if "date32" in str(column.type):
        return some_day(chance)
    return chance.choice(column.codes).value if column.codes else "1"


def table_file(folder: Path, table: Table, rows: int, children: int) -> Path:
    chance = Random(table.name)
    lines = [",".join(str(column.sent_as) for column in table.columns)]
    lines += (
        ",".join(cell(column, number % children, chance) for column in table.columns)
        for number in range(rows)
    )
    path = folder / f"{table.name}-{rows}.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def ssda903_set(folder: Path, rows: int) -> tuple[Path, ...]:
    tables = RETURNS["ssda903"].tables_in(QUARTER.collection_year)
    parts = sum(SHARES.get(table.name, 0.2) for table in tables)
    return tuple(
        table_file(folder, table, int(rows * SHARES.get(table.name, 0.2) / parts), rows // 5)
        for table in tables
    )


def census_file(folder: Path, children: int) -> tuple[Path]:
    chance = Random(1)
    case = CENSUS_CASE.format(day=some_day(chance, "%Y-%m-%d"))
    whole = "".join(
        CENSUS_CHILD.format(number=n, day=some_day(chance, "%Y-%m-%d"), case=case)
        for n in range(children)
    )
    path = folder / "census.xml"
    path.write_text(CENSUS.format(children=whole))
    return (path,)


def workbook_file(folder: Path, rows: int) -> tuple[Path]:
    chance = Random(1)
    path = folder / "meetings.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, [c.sent_as for c in RETURNS["pre_proceedings"].tables[0].columns])
        for number in range(1, rows + 1):
            sheet.write_row(number, 0, [f"{number:07d}", some_day(chance), None, "none"])
    return (path,)


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)


def measured(case: Case) -> bool:
    begun = cpu_seconds()
    known = [recognise(path, path.name, limits=LIMITS) for path in case.files]
    files = [
        FileToRead(path.name, path, found.part)
        for path, found in zip(case.files, known, strict=True)
    ]
    recognised = cpu_seconds() - begun
    read = read_return(known[0].return_name, files, QUARTER, limits=LIMITS)
    spent = cpu_seconds() - begun
    rows = sum(map(len, read.frames.values()))
    size = sum(path.stat().st_size for path in case.files) / 1e6
    verdict = "within" if spent <= case.budget else "OVER"
    print(
        f"read: {case.title}: {rows:,} rows, {size:.1f} MB: {spent:.2f} s CPU "
        f"(recognising {recognised:.2f} s), {spent / case.budget:.0%} of {case.budget:g} s, "
        f"{verdict}"
    )
    return spent <= case.budget


def cases(folder: Path, part: int) -> tuple[Case, ...]:
    """Return what to read, as files of one part in so many of the size proper."""
    return (
        Case("SSDA903 set", ssda903_set(folder, 50_000 // part), 0.5),
        Case("SSDA903 set, ten times", ssda903_set(folder, 500_000 // part), 3),
        Case("CIN census, 10,000 children", census_file(folder, 10_000 // part), 1.5),
        Case("workbook", workbook_file(folder, 60_000 // part), 3),
    )


def main(arguments: Sequence[str] = ()) -> int:
    is_toy = TOY in arguments
    with tempfile.TemporaryDirectory() as name:
        within = [measured(case) for case in cases(Path(name), TOY_PART if is_toy else 1)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"read: peak memory {peak:.0f} MB, the parsing process aside")
    return 0 if is_toy or all(within) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
