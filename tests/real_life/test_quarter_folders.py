"""Quarter folders as people name them: case R013 of real life."""

import json
import time
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from cli.app import app
from tasks.intake.settle import DropSnapshot
from tasks.intake.unplaced import answer_unplaced
from tasks.operate.chase import overdue_words
from tasks.operate.set_up import set_up
from tasks.operate.status import files_in_no_quarter, overdue
from warehouse.drop import scan, unplaced_files
from warehouse.root import write_settings

WALSALL = "E08000030"
QUARTER = "2024-25Q1"
MEETINGS = "child_id,first_meeting_date,proceedings_issued_date,outcome\n"
ONE = f"{MEETINGS}1,05/05/2024,,\n"
TWO = f"{MEETINGS}1,05/05/2024,,\n2,06/05/2024,,\n"


def put(root, *steps, content=ONE):
    path = root.drop.joinpath(WALSALL, *steps)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def said(root, *words):
    return CliRunner().invoke(app, [*words, "--root", str(root.path)])


def swept(root):
    done = said(root, "sweep", "--json")
    assert done.exit_code in (0, 3), done.output
    return json.loads(done.stdout)


def notify_into(root, path):
    write_settings(root, replace(root.settings(), notify=str(path)))
    set_up(root)


def unplaced_pack(root):
    folder = root.outbox / WALSALL / "unplaced"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


@pytest.mark.parametrize("name", ["2024-25 Q1", "2024-25q1", "Q1 2024-25", "Q1 24-25"])
def test_r013_a_spelling_with_one_meaning_is_understood_and_reported(root, name):
    put(root, name, "a.csv")
    (found,) = swept(root)
    assert (found["quarter"], found["state"]) == (QUARTER, "accepted")
    pack = root.outbox / WALSALL / QUARTER / found["submission_id"]
    receipt = json.loads((pack / "receipt.json").read_text())
    assert receipt["tolerances"] == [{"code": "QUARTER_SPELLING", "file": name, "count": 1}]
    assert f"understood as {QUARTER}" in (pack / "report.html").read_text()
    assert not unplaced_pack(root)
    assert swept(root) == []


def test_r013_a_folder_that_may_be_the_calendar_quarter_and_a_loose_file_get_a_pack(root, tmp_path):
    notices = tmp_path / "notices"
    notify_into(root, notices)
    put(root, "2024Q1", "Persephone.csv")
    put(root, "loose.csv")
    assert swept(root) == []
    pack = unplaced_pack(root)
    assert set(pack) == {"receipt.json", "findings.csv", "report.html"}
    receipt = json.loads(pack["receipt.json"])
    assert [file["name"] for file in receipt["files"]] == ["2024Q1/Persephone.csv", "loose.csv"]
    assert b"Persephone.csv" in pack["report.html"]
    shown = said(root, "status")
    line = f"not placed: {WALSALL}: 2 CSV files in no folder of a quarter: QUARTER_UNKNOWN"
    assert line in shown.output
    assert "Persephone" not in shown.output + notices.read_text()
    assert f"{WALSALL} files not placed: 2 CSV files" in notices.read_text()
    assert said(root, "verify").exit_code == 0


def test_r013_the_same_files_get_no_second_pack_and_the_line_goes_when_they_are_moved(
    root, tmp_path
):
    notices = tmp_path / "notices"
    notify_into(root, notices)
    loose = put(root, "loose.csv")
    swept(root)
    before = (root.outbox / WALSALL / "unplaced" / "report.html").stat().st_ino
    swept(root)
    assert (root.outbox / WALSALL / "unplaced" / "report.html").stat().st_ino == before
    assert notices.read_text().count("files not placed") == 1
    (loose.parent / QUARTER).mkdir()
    loose.rename(loose.parent / QUARTER / "loose.csv")
    (found,) = swept(root)
    assert found["state"] == "accepted"
    assert not unplaced_pack(root)
    assert files_in_no_quarter(root) == {}


def test_r013_an_answer_stays_while_the_authoritys_folder_cannot_be_read(root):
    loose = put(root, "loose.csv")
    swept(root)
    loose.parent.rename(root.path / "away")
    look = DropSnapshot.at(root, 0.0, time.time())
    answer_unplaced(look, away=[WALSALL])
    assert unplaced_pack(root)
    answer_unplaced(look)
    assert not unplaced_pack(root)


def test_r013_the_line_of_what_is_overdue_says_that_files_lie_in_no_quarters_folder(root):
    put(root, "2023-24Q4", "a.csv", content=f"{MEETINGS}1,05/05/2023,,\n")
    swept(root)
    put(root, "loose.csv")
    table = overdue(root, today=date(2024, 9, 1))
    own = table[table["la_code"] == WALSALL]
    assert set(own["reason_code"]) == {"QUARTER_UNKNOWN"}
    assert set(table["reason_code"]) == {"QUARTER_UNKNOWN", "RETURN_MISSING"}
    words = overdue_words(own, files_in_no_quarter(root))
    assert words.endswith("; 1 CSV file in no folder of a quarter")


def test_two_folders_of_one_quarter_are_one_arrival(root):
    put(root, QUARTER, "a.csv")
    put(root, "Q1 2024-25", "a.csv", content=TWO)
    (folder,) = scan(root.drop).folders
    assert [file.name for file in folder.files] == ["a.csv", "Q1 2024-25/a.csv"]
    (found,) = swept(root)
    assert (found["state"], found["reason_code"]) == ("held", "PART_TWICE")
    (root.drop / WALSALL / QUARTER / "a.csv").unlink()
    (found,) = swept(root)
    assert (found["state"], found["quarter"]) == ("accepted", QUARTER)


def test_the_same_file_in_two_folders_of_one_quarter_counts_once(root):
    put(root, QUARTER, "a.csv")
    put(root, "Q1 2024-25", "b.csv")
    (found,) = swept(root)
    assert found["state"] == "accepted"
    assert swept(root) == []


def test_a_folder_renamed_as_we_spell_it_changes_nothing(root):
    put(root, "Q1 2024-25", "a.csv")
    swept(root)
    (root.drop / WALSALL / "Q1 2024-25").rename(root.drop / WALSALL / QUARTER)
    assert swept(root) == []


def test_a_folder_with_another_word_is_not_the_quarters(root):
    put(root, "2024-25Q1 old", "a.csv")
    assert swept(root) == []
    ((_, files),) = unplaced_files(root.drop).items()
    assert [file.name for file in files] == ["2024-25Q1 old/a.csv"]


def test_what_still_arrives_outside_of_a_quarters_folder_waits(root):
    put(root, "loose.csv.part")
    swept(root)
    assert not unplaced_pack(root)
