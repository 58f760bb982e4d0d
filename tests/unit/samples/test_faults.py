import csv

import pytest

from samples.chance import Chance
from samples.desk import FAULT_COLUMNS, HARMFUL, HARMLESS, Desk
from samples.faults import KINDS, asked_rates, rates_of
from samples.forms import Occasion, all_files
from samples.history import told
from samples.settings import setting
from samples.write import write_samples
from schemas.errors import UsageError
from schemas.outcomes.reason import (
    SET_ASIDE_ROWS,
    SET_ASIDE_SHARE,
    TOO_MANY_ROWS,
    FigureReason,
)
from schemas.quarter import Quarter
from schemas.quarter_spelling import spelled_quarter
from schemas.returns import RETURNS

QUARTER, LATER = Quarter.parse("2021-22Q4"), Quarter.parse("2022-23Q2")


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def of_quarter(quarter, *, children=600):
    """Return an authority that writes ids with leading zeros, the year before sent already."""
    first = Quarter(quarter.year - 1, quarter.number)
    own = setting("E10000003", first=first, last=LATER, children=children, seed=4)
    kept = {"files": {}}
    history = told(own)
    kept["files"][str(first)] = dict(all_files(Occasion(history, first, kept)))
    return Occasion(history, quarter, kept)


@pytest.fixture(scope="module")
def occasion():
    return of_quarter(QUARTER)


def desk_of(occasion):
    occasion.kept.pop("gone", None)
    files = dict(all_files(occasion))
    before = occasion.kept["files"]
    return Desk(occasion, Chance(1, "test"), files, [], folder=str(QUARTER), before=before)


@pytest.fixture
def desk(occasion):
    return desk_of(occasion)


OF_FEW = "starts_unreadable"
"""Of a larger return, what makes no figure would have the return refused."""


@pytest.fixture(scope="module")
def few():
    return of_quarter(QUARTER, children=100)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_spoils_a_file_and_says_where(desk, few, name):
    if name == OF_FEW:
        desk = desk_of(few)
    before = dict(desk.files)
    desk.reason = KINDS[name].reason
    KINDS[name].plant(desk)
    assert desk.faults
    assert {fault.fault for fault in desk.faults} == {name}
    assert all(fault.must_find.endswith(".") for fault in desk.faults)
    assert {fault.effect for fault in desk.faults} == {HARMFUL if desk.reason else HARMLESS}
    if name == "folder_spelled":
        assert spelled_quarter(desk.folder) == QUARTER
        assert desk.folder != str(QUARTER)
        return
    every = {*before, *desk.files}
    spoiled = {file for file in every if desk.files.get(file) != before.get(file)}
    noted = {fault.file for fault in desk.faults}
    assert noted <= spoiled
    # A workbook takes the place of files that are named; a child is left out of every file.
    unnamed = {file for file in spoiled - noted if not file.endswith(".xlsx")}
    assert not unnamed or name == "child_gone"


def test_starts_are_unreadable_where_that_makes_no_figure_and_refuses_no_return(desk, few):
    small = desk_of(few)
    for one in (desk, small):
        KINDS[OF_FEW].plant(one)
    rows = small.rows("ssda903/episodes.csv")[1:]
    spoiled = sum("see file" in row for row in rows)
    assert max(SET_ASIDE_ROWS, SET_ASIDE_SHARE * len(rows)) <= spoiled < TOO_MANY_ROWS
    assert not desk.faults
    assert SET_ASIDE_SHARE * len(desk.rows("ssda903/episodes.csv")) >= TOO_MANY_ROWS


def test_a_fault_that_takes_figures_away_names_a_reason_and_is_rarer():
    for kind in KINDS.values():
        is_reason = kind.reason in {*FigureReason, "episodes_gone_with_child", "unforeseen"}
        assert is_reason or kind.reason == ""
        assert kind.return_name in {*RETURNS, ""}
    harmful = {kind.rate for kind in KINDS.values() if kind.reason}
    assert max(harmful) < min(kind.rate for kind in KINDS.values() if not kind.reason)


def test_rates_are_those_asked_for_and_of_kinds_that_there_are():
    asked = rates_of(asked_rates(["litter=0.5", " zeros_lost = 0"]))
    assert (asked["litter"], asked["zeros_lost"]) == (0.5, 0.0)
    assert asked["file_missing"] == KINDS["file_missing"].rate
    for wrong in ("litters=0.5", "litter=1.5", "litter=-1", "litter=nan", "litter", "litter=a"):
        with pytest.raises(UsageError):
            rates_of(asked_rates([wrong]))


def test_a_row_is_counted_as_the_authority_sees_it(desk):
    KINDS["unknown_sex_spelling"].plant(desk)
    rows = desk.rows("ssda903/header.csv")
    column = rows[0].index("SEX")
    found = [rows[int(fault.row) - 1][column] for fault in desk.faults]
    assert found == ["U", "Unknown", "unk", "Not known", "N/K", "?", "X", "9", "0"]


def written(out, *authorities, first, last, **changes):
    write_samples(
        out,
        authorities=authorities,
        first=Quarter.parse(first),
        last=Quarter.parse(last),
        **{"children": 30, "seed": 2, "faults": "realistic", "jobs": 1} | changes,
    )
    return rows_of(out / "truth" / "faults.csv")


def test_faults_are_written_beside_the_returns_and_are_not_everywhere(tmp_path):
    three = ("E08000030", "E10000003", "E06000020")
    rates = {"folder_spelled": 0.0}
    found = written(tmp_path, *three, first="2019-20Q1", last="2022-23Q4", fault_rates=rates)
    assert tuple(found[0]) == FAULT_COLUMNS
    assert {row["effect"] for row in found} == {HARMLESS, HARMFUL}
    assert len({row["fault"] for row in found}) > len(KINDS) / 2
    assert "folder_spelled" not in {row["fault"] for row in found}
    gone = ("file_missing", "left_out", "in_a_workbook", "rows_hidden")
    for row in found:
        (folder,) = (tmp_path / "drop").glob(f"{row['la_code']}-*")
        exists = (folder / row["quarter"] / row["file"]).exists()
        assert exists == (not any(word in row["fault"] for word in gone)), row


def test_one_authority_and_two_quarters_get_a_fault_unless_every_rate_is_zero(tmp_path):
    for seed in range(3):
        asked = {"first": "2022-23Q1", "last": "2022-23Q2", "seed": seed, "children": 12}
        assert written(tmp_path / f"{seed}", "E08000030", **asked)
        rare = dict.fromkeys(KINDS, 0.0) | {"litter": 1e-9}
        (*_, last) = written(tmp_path / f"{seed}a", "E08000030", **asked, fault_rates=rare)
        assert (last["quarter"], last["fault"]) == ("2022-23Q2", "litter")
    none = dict.fromkeys(KINDS, 0.0)
    assert written(tmp_path / "none", "E08000030", **asked, fault_rates=none) == []


def test_the_rate_of_one_kind_moves_no_other(tmp_path):
    asked = {"first": "2021-22Q1", "last": "2022-23Q4"}
    first = {"litter": 0.5, "note_alongside": 0.5, "folder_spelled": 0.0}
    several = written(tmp_path / "a", "E08000030", **asked, fault_rates=first)
    more = written(tmp_path / "b", "E08000030", **asked, fault_rates=first | {"litter": 1.0})
    assert [row for row in several if row["fault"] != "litter"] == [
        row for row in more if row["fault"] != "litter"
    ]
    assert len({row["quarter"] for row in more if row["fault"] == "litter"}) == 8


def test_rates_without_faults_are_refused(tmp_path):
    asked = {"first": "2022-23Q1", "last": "2022-23Q2", "faults": "none"}
    with pytest.raises(UsageError, match="--faults realistic"):
        written(tmp_path, "E08000030", **asked, fault_rates={"litter": 1.0})


def figures(out, name):
    with (out / "truth" / f"{name}.csv").open(newline="") as file:
        return {tuple(row.values())[:4]: row for row in csv.DictReader(file)}


def only(name):
    return dict.fromkeys(KINDS, 0.0) | {name: 1.0}


def differing(out):
    true, expected = figures(out, "outcomes"), figures(out, "outcomes_with_faults")
    return {key: expected[key] for key in true if true[key] != expected[key]}


def test_with_faults_that_are_understood_the_figures_are_those_without(tmp_path):
    asked = {"first": "2022-23Q1", "last": "2022-23Q4"}
    assert written(tmp_path, "E08000030", **asked, fault_rates=only("rows_repeated"))
    assert differing(tmp_path) == {}


def test_a_refused_return_takes_away_the_quarters_that_no_other_speaks_for(tmp_path):
    asked = {"first": "2021-22Q4", "last": "2022-23Q2", "year_end_only": True}
    written(tmp_path, "E08000030", **asked, fault_rates=only("older_workforce"))
    assert differing(tmp_path) == {}, "no return of the year before was sent"
    asked = {"first": "2021-22Q4", "last": "2022-23Q4"}
    written(tmp_path / "b", "E08000030", **asked, fault_rates=only("older_workforce"))
    lost = differing(tmp_path / "b")
    assert {key[3] for key in lost} == {"2022-23Q4"}
    assert {row["reason"] for row in lost.values()} == {"PERIOD_MISMATCH"}
    assert {key[0] for key in lost} == {
        *("sickness_absence", "turnover", "agency_rate", "direct_work_share", "caseload")
    }


def test_a_return_without_episodes_takes_away_what_is_made_of_them(tmp_path):
    asked = {"first": "2021-22Q1", "last": "2022-23Q4"}
    written(tmp_path, "E08000030", **asked, fault_rates=only("file_missing"))
    lost = differing(tmp_path)
    assert {row["reason"] for row in lost.values()} == {"RETURN_REFUSED"}
    assert {key[3] for key in lost if key[0] == "cla_rate"} == {
        f"{year}Q{number}" for year in ("2021-22", "2022-23") for number in range(1, 5)
    }
    assert not any(key[0].startswith(("cpp_start", "rereferral_12m")) for key in lost)


def test_a_child_left_out_changes_the_figures_by_the_declared_rule(tmp_path):
    asked = {"first": "2021-22Q1", "last": "2022-23Q4", "children": 120}
    planted = written(tmp_path, "E08000030", **asked, fault_rates=only("child_gone"))
    assert [row["quarter"] for row in planted] == ["2022-23Q1"]
    true, lost = figures(tmp_path, "outcomes"), differing(tmp_path)
    assert {row["status"] for row in lost.values()} <= {"ok", "z"}
    key = ("cla_rate", "all", "E08000030", "2022-23Q1")
    assert int(lost[key]["numerator"]) == int(true[key]["numerator"]) - 1
    assert ("cla_rate", "all", "E08000030", "2021-22Q4") not in lost
