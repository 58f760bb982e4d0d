"""The front door: exit codes, machine output, messages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
WALSALL = "E08000030-walsall"


def sfp(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", "sfp", *map(str, words)],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A root that took in one accepted and one rejected file."""
    path = tmp_path_factory.mktemp("cli") / "root"
    assert sfp("init", "--root", path, "--settle-seconds", "0").returncode == 0
    folder = path / "drop" / WALSALL / "2023-24Q1"
    folder.mkdir(parents=True)
    (folder / "pp.csv").write_text(
        "child_id,first_meeting_date,proceedings_issued_date,outcome\n007,03/05/2023,,\n"
    )
    (folder / "noise.csv").write_text("this is not a return\n")
    return path, sfp("sweep", "--root", path, "--json")


def test_a_sweep_with_a_rejection_ends_with_3_and_says_who_and_why(live):
    _, swept = live
    assert swept.returncode == 3
    rows = {row["return_name"]: row for row in json.loads(swept.stdout)}
    assert rows["pre_proceedings"]["state"] == "accepted"
    assert rows["unrecognised"]["state"] == "rejected"
    assert rows["unrecognised"]["reason_code"]
    assert "2 submissions judged" in swept.stderr


def test_nothing_of_a_child_is_printed(live):
    path, swept = live
    shown = sfp("status", "--root", path, "--json")
    assert "007" not in swept.stdout + swept.stderr
    assert '"007"' not in shown.stdout


def test_a_second_sweep_has_nothing_to_do_and_ends_with_0(live):
    path, _ = live
    again = sfp("sweep", "--root", path, "--json")
    assert (again.returncode, json.loads(again.stdout)) == (0, [])


def test_status_lists_submissions_and_what_is_missing(live):
    path, _ = live
    rows = json.loads(sfp("status", "--root", path, "--json").stdout)
    states = {row["state"] for row in rows}
    assert {"accepted", "rejected", "not received"} <= states
    overdue = json.loads(sfp("status", "--root", path, "--overdue", "--json").stdout)
    assert overdue
    assert all(row["overdue"] for row in overdue)


def test_findings_of_a_submission_name_rules_and_counts(live):
    path, swept = live
    (accepted,) = [r for r in json.loads(swept.stdout) if r["return_name"] == "pre_proceedings"]
    rows = json.loads(sfp("findings", accepted["submission_id"], "--root", path, "--json").stdout)
    assert {row["status"] for row in rows} >= {"passed"}


def test_the_ledger_and_the_files_agree(live):
    path, _ = live
    assert sfp("verify", "--root", path).returncode == 0


def test_a_file_altered_behind_the_ledgers_back_is_named(live):
    path, _ = live
    (part,) = (path / "warehouse").rglob("*.parquet")
    whole = part.read_bytes()
    part.write_bytes(whole[:-1])
    try:
        found = sfp("verify", "--root", path, "--json")
        assert found.returncode == 1
        assert [row["kind"] for row in json.loads(found.stdout)] == ["altered"]
    finally:
        part.write_bytes(whole)


def test_a_root_that_was_not_set_up_is_wrong_usage(tmp_path):
    found = sfp("sweep", "--root", tmp_path / "none")
    assert found.returncode == 2
    assert "sfp init" in found.stderr
    assert "Traceback" not in found.stderr


def test_an_option_that_does_not_exist_is_wrong_usage():
    assert sfp("sweep", "--nonsense").returncode == 2


def test_setting_up_again_changes_nothing(live):
    path, _ = live
    key = (path / "keys" / "pseudonym.key").read_bytes()
    assert sfp("init", "--root", path).returncode == 0
    assert (path / "keys" / "pseudonym.key").read_bytes() == key
    assert "settle_seconds = 0.0" in (path / "settings.toml").read_text()


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "samples",
        "templates",
        "sweep",
        "refresh",
        "publish",
        "run",
        "serve",
        "status",
        "demo",
    ],
)
def test_every_command_helps_with_an_example(command):
    found = sfp(command, "--help")
    assert found.returncode == 0
    assert f"Example: sfp {command}" in " ".join(found.stdout.split())


def test_help_and_rules_are_quick_because_the_engine_is_not_imported():
    code = "import sys, sfp, expectations.book; sys.exit('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, check=False)
    assert done.returncode == 0
