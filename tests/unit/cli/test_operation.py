"""Set-up, status and verification: exit codes, machine output, messages."""

import json

from tests.support.command import ending as sfp


def test_status_lists_submissions_and_what_is_missing(live):
    path, _ = live
    rows = json.loads(sfp("status", "--root", path, "--json").stdout)
    states = {row["state"] for row in rows}
    assert {"accepted", "rejected", "not received"} <= states
    overdue = json.loads(sfp("status", "--root", path, "--overdue", "--json").stdout)
    assert overdue == [row for row in rows if row["overdue"]]
    assert overdue


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


def test_setting_up_again_changes_nothing(live):
    path, _ = live
    key = (path / "keys" / "pseudonym.key").read_bytes()
    assert sfp("init", "--root", path).returncode == 0
    assert (path / "keys" / "pseudonym.key").read_bytes() == key
    assert "settle_seconds = 0.0" in (path / "settings.toml").read_text()


def test_what_did_not_fit_in_the_histories_is_not_said_where_overdue_is_asked_for(
    root, monkeypatch
):
    told = [{"la_code": "E08000030", "kind": "episodes_merged", "count": 2}]
    monkeypatch.setattr("tasks.operate.status.history_conflicts", lambda _: told)
    line = "histories: E08000030: episodes_merged: 2"
    assert line in sfp("status", "--root", root.path).stderr
    assert line not in sfp("status", "--overdue", "--root", root.path).stderr
