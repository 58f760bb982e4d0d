import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from samples.write import slug, write_samples
from schemas.errors import UsageError
from schemas.quarter import Quarter

FIRST, LAST = Quarter.parse("2021-22Q4"), Quarter.parse("2022-23Q3")
ROOT = Path(__file__).parents[3]
TWO = ("E10000003", "E08000030")


def write(out: Path, authorities=TWO, **changes):
    settings = {"first": FIRST, "last": LAST, "children": 60, "seed": 7, "faults": "none"}
    write_samples(out, authorities=authorities, **(settings | {"jobs": 1} | changes))
    return out


def contents(folder: Path):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(written, tmp_path):
    assert contents(write(tmp_path)) == contents(written)


def test_another_seed_gives_other_lives(written, tmp_path):
    assert contents(write(tmp_path, seed=8)) != contents(written)


def test_the_number_of_processes_changes_nothing(written, tmp_path):
    assert contents(write(tmp_path, jobs=2)) == contents(written)


def test_the_order_in_which_python_keeps_sets_changes_nothing(written, tmp_path):
    """Sets of text are kept in an order that differs from one start of Python to the next."""
    program = (
        "import sys; from pathlib import Path; from tests.unit.samples.test_write import write; "
        "write(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        out = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", program, str(out)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
        )
        assert contents(out) == contents(written)


def test_an_authority_is_the_same_whoever_is_beside_it(written, tmp_path):
    write(tmp_path, authorities=("E08000030", "E08000021"))
    folder = "drop/E08000030-walsall"
    assert contents(tmp_path / folder) == contents(written / folder)


def test_an_earlier_quarter_does_not_change_when_later_ones_are_added(written, tmp_path):
    """Training covers the last quarters only, so it moves with them."""
    write(tmp_path, last=Quarter.parse("2023-24Q1"))
    folder = "drop/E08000030-walsall/2022-23Q2"
    later, earlier = contents(tmp_path / folder), contents(written / folder)
    for name in earlier:
        assert name.startswith("training/") or later[name] == earlier[name], name


def test_returns_lie_in_a_drop_folder_by_authority_and_quarter(written):
    folders = {str(f.relative_to(written)) for f in (written / "drop").glob("*/*")}
    assert "drop/E10000003-cambridgeshire/2021-22Q4" in folders
    assert "drop/E08000030-walsall/2022-23Q3" in folders
    assert len(folders) == 8
    truth = {file.name for file in (written / "truth").iterdir()}
    assert truth == {
        *("outcomes.csv", "outcomes_with_faults.csv", "cohort.csv", "planted.json", "faults.csv")
    }


def test_year_ends_only_leave_out_the_other_quarters_but_the_last(tmp_path):
    write(tmp_path, authorities=["E08000030"], year_end_only=True)
    quarters = {folder.name for folder in (tmp_path / "drop").glob("*/*")}
    assert quarters == {"2021-22Q4", "2022-23Q3"}


def test_year_ends_say_the_same_of_what_they_cover(written, tmp_path):
    """A fourth quarter tells of its whole year; only returns of one quarter are missed."""
    write(tmp_path, year_end_only=True)

    def statutory(out):
        with (out / "truth" / "outcomes.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return [r for r in rows if r["outcome"].startswith(("cla", "cpp", "rereferral", "days"))]

    assert statutory(tmp_path) == statutory(written)


def test_an_authority_keeps_its_lasting_code_and_its_number_over_a_recode(tmp_path):
    write(
        tmp_path,
        authorities=["E06000065"],
        first=Quarter.parse("2022-23Q4"),
        last=Quarter.parse("2023-24Q1"),
    )
    (folder,) = (tmp_path / "drop").iterdir()
    assert folder.name == "E06000065-north-yorkshire"
    census = (folder / "2022-23Q4" / "cin_census.xml").read_text()
    assert "<LEA>815</LEA>" in census


def test_an_authority_sends_nothing_from_before_it_existed(tmp_path):
    write(
        tmp_path,
        authorities=["E06000063"],
        first=Quarter.parse("2022-23Q3"),
        last=Quarter.parse("2023-24Q1"),
    )
    quarters = {folder.name for folder in (tmp_path / "drop").glob("*/*")}
    assert quarters == {"2023-24Q1"}


def test_what_was_planted_is_written_down(written):
    planted = json.loads((written / "truth" / "planted.json").read_text())
    assert planted["odds_ratio_of_becoming_looked_after"]["family_safeguarding"] == 0.75
    assert planted["settings"]["seed"] == 7


def test_progress_is_told_for_each_authority(tmp_path):
    told = []
    write(tmp_path, progress=told.append)
    assert told == ["1 of 2: E10000003 written", "2 of 2: E08000030 written"]


@pytest.mark.parametrize(
    "changes",
    [{"faults": "some"}, {"children": 0}, {"first": LAST, "last": FIRST}],
)
def test_what_cannot_be_written_is_refused(tmp_path, changes):
    with pytest.raises(UsageError):
        write(tmp_path, **changes)


def test_a_name_becomes_a_folder_name():
    assert slug("Bristol, City of") == "bristol-city-of"
    assert slug("Newcastle upon Tyne") == "newcastle-upon-tyne"


def test_at_year_ends_each_return_is_written_for_the_quarters_it_is_owed_for(tmp_path):
    write(tmp_path, authorities=["E08000030"], cadence="year_ends")
    sent = {
        folder.name: {file.relative_to(folder).parts[0] for file in folder.rglob("*.*")}
        for folder in (tmp_path / "drop").glob("*/*")
    }
    small = {"workforce.csv", "programme_delivery.csv"}
    assert sent.pop("2021-22Q4") > {"ssda903", "cin_census.xml", "school_attendance.csv", *small}
    assert set(map(frozenset, sent.values())) == {frozenset(small)}


def test_a_cadence_that_is_none_is_refused_and_so_are_faults_with_gaps(tmp_path):
    with pytest.raises(UsageError, match="no cadence"):
        write(tmp_path, cadence="monthly")
    with pytest.raises(UsageError, match="Faults are planted in returns of every quarter"):
        write(tmp_path, cadence="year_ends", faults="realistic")
