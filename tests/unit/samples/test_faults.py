import csv

import pytest

from samples.chance import Chance
from samples.faults import FAULT_COLUMNS, KINDS, Desk
from samples.forms import Occasion, all_files
from samples.history import told
from samples.settings import setting
from samples.write import write_samples
from schemas.quarter import Quarter

QUARTER = Quarter.parse("2021-22Q4")


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def occasion():
    """Return an authority that writes ids with leading zeros."""
    own = setting("E10000003", first=QUARTER, last=QUARTER, children=600, seed=4)
    return Occasion(told(own), QUARTER)


@pytest.fixture
def desk(occasion):
    return Desk(occasion, Chance(1, "test"), dict(all_files(occasion)), [])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_each_kind_spoils_a_file_and_says_where(desk, kind):
    before = dict(desk.files)
    kind(desk)
    assert desk.faults
    spoiled = {name for name in before if desk.files.get(name) != before[name]}
    assert {fault.file for fault in desk.faults} == spoiled
    assert all(fault.must_find.endswith(".") for fault in desk.faults)


def test_a_row_is_counted_as_the_authority_sees_it(desk):
    kind = next(kind for kind in KINDS if "spellings" in kind.__name__)
    kind(desk)
    rows = desk.rows("ssda903/header.csv")
    column = rows[0].index("SEX")
    found = [rows[int(fault.row) - 1][column] for fault in desk.faults]
    assert found == ["U", "Unknown", "unk", "Not known", "N/K", "?", "X", "9", "0"]


def test_faults_are_written_beside_the_returns_and_are_not_everywhere(tmp_path):
    write_samples(
        tmp_path,
        authorities=("E08000030", "E10000003", "E06000020"),
        first=Quarter.parse("2019-20Q1"),
        last=Quarter.parse("2022-23Q4"),
        children=30,
        seed=2,
        faults="realistic",
        jobs=1,
    )
    found = rows_of(tmp_path / "truth" / "faults.csv")
    assert tuple(found[0]) == FAULT_COLUMNS
    quarters = {(row["la_code"], row["quarter"]) for row in found}
    assert 2 <= len(quarters) <= 16
    for row in found:
        (folder,) = (tmp_path / "drop").glob(f"{row['la_code']}-*")
        exists = (folder / row["quarter"] / row["file"]).exists()
        assert exists == (row["fault"] != "file_missing")
