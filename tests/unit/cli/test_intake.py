"""Sweeps and findings: exit codes, machine output, messages."""

import json

from tests.support.command import ending as sfp


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


def test_findings_of_a_submission_name_rules_and_counts(live):
    path, swept = live
    (accepted,) = [r for r in json.loads(swept.stdout) if r["return_name"] == "pre_proceedings"]
    rows = json.loads(sfp("findings", accepted["submission_id"], "--root", path, "--json").stdout)
    assert {row["status"] for row in rows} >= {"passed"}


def test_a_root_that_was_not_set_up_is_wrong_usage(tmp_path):
    found = sfp("sweep", "--root", tmp_path / "none")
    assert found.returncode == 2
    assert "sfp init" in found.stderr
    assert "Traceback" not in found.stderr


def test_kinds_of_faults_that_were_planted_nowhere_are_said(tmp_path):
    asked = ("--fault", "zeros_lost=1", "--fault", "wellbeing_left_out=1", "--fault", "litter=0")
    one_quarter = ("--from", "2022-23Q2", "--to", "2022-23Q2", "--children", 20)
    told = sfp(
        *("samples", tmp_path / "out", "--authorities", 1, *one_quarter),
        *("--faults", "realistic", *asked),
    ).stderr
    planted = (tmp_path / "out" / "truth" / "faults.csv").read_text()
    for kind in ("zeros_lost", "wellbeing_left_out"):
        assert (f",{kind}," in planted) is not (f"no {kind} was planted" in told)
    assert "no wellbeing_left_out was planted" in told
    assert "litter" not in told
