"""Signed heads: a chain that was rewritten no longer agrees with what was left of it before."""

import json
import os
import shutil
import subprocess
import sys
from threading import Thread

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from cli.app import app
from tasks.operate.reconcile import reconcile_files
from tasks.operate.set_up import set_up
from tasks.runtime.heads import leave_signed_head
from warehouse import tables
from warehouse.adoption import record_settings
from warehouse.audit import append, breaks, seal
from warehouse.backup import back_up, back_up_keys, restore
from warehouse.cuts import record_cut
from warehouse.database import reading, writing
from warehouse.heads import (
    key_folder,
    leave_head,
    make_head_key,
    newest_head,
    public_key,
    stored_heads,
)
from warehouse.ledger import Actor
from warehouse.reconcile import discrepancies
from warehouse.root import Root


def cut(root, actor, code):
    record_cut(root, code_version=code, config_hash="p", key_id="k", actor=actor)
    return leave_head(root)


def found(root, place=None):
    return {(one.kind, one.subject) for one in discrepancies(root, heads=place)}


def set_up_places(root, folder="", command=""):
    kept = [
        line
        for line in root.settings_file.read_text().splitlines()
        if not line.startswith("heads_")
    ]
    kept += [f'heads_folder = "{folder}"', f"heads_command = {json.dumps(command)}"]
    root.settings_file.write_text("\n".join(kept) + "\n")
    record_settings(root, Actor("tester", "test"))


def rewrite(root, number, **changed):
    """Change one entry and seal every later one again: the chain hangs together as before."""
    with writing(root) as connection:
        rows = connection.execute(select(tables.audit).order_by("number")).mappings().all()
        previous = "0" * 64
        for row in rows:
            entry = dict(row) | {"previous": previous}
            if row["number"] == number:
                entry |= changed
            entry["sha256"] = previous = seal(entry)
            connection.execute(
                tables.audit.update().where(tables.audit.c.number == row["number"]).values(entry)
            )
        head = f"{rows[-1]['number']} {previous}"
        connection.execute(
            text("UPDATE facts SET value = :h WHERE name = 'audit_head'"), {"h": head}
        )
        assert breaks(connection) == []


@pytest.fixture
def place(root, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    set_up_places(root, folder)
    return folder


def carried(root, place):
    return stored_heads(key_folder(place, public_key(root)))[0]


def test_every_cut_leaves_a_head_that_says_what_the_chain_says(any_ledger_root, actor):
    root = any_ledger_root
    assert cut(root, actor, "one") == "" == cut(root, actor, "two")
    heads, unreadable = stored_heads(root.heads)
    assert unreadable == []
    with reading(root) as connection:
        rows = connection.execute(select(tables.audit).where(tables.audit.c.action == "cut"))
        assert [(row.number, row.sha256, row.at) for row in rows] == [
            (head.number, head.sha256, head.at) for head in heads
        ]
    assert all(head.is_signed and head.key == public_key(root) for head in heads)
    assert discrepancies(root) == []


def test_a_rewritten_chain_is_found_by_any_head_before_it(any_ledger_root, actor):
    root = any_ledger_root
    cut(root, actor, "one")
    cut(root, actor, "two")
    rewrite(root, 1, actor="someone else")
    assert found(root) == {
        ("chain", f"heads, head of audit entry {one.number}") for one in stored_heads(root.heads)[0]
    }


def test_a_rewritten_chain_with_heads_signed_again_is_found_from_the_second_place(
    root, actor, place
):
    cut(root, actor, "one")
    rewrite(root, 1, actor="someone else")
    shutil.rmtree(root.heads)
    set_up_places(root)
    assert leave_head(root) == ""
    assert found(root) == set()
    first = carried(root, place)[0].number
    assert ("chain", f"{place}, head of audit entry {first}") in found(root, place)


def test_another_key_does_not_help_who_rewrites(root, actor, place):
    cut(root, actor, "one")
    rewrite(root, 1, actor="someone else")
    shutil.rmtree(root.heads)
    root.head_key_file.unlink()
    set_up_places(root)
    leave_head(root)
    (old,) = place.iterdir()
    assert found(root, place) >= {("missing", str(place)), ("chain", f"{place}/{old.name}")}


def test_the_key_changed_and_every_head_removed_is_found_before_and_after_new_heads(
    root, actor, place
):
    cut(root, actor, "one")
    rewrite(root, 1, actor="someone else", action="answer")
    shutil.rmtree(root.heads)
    root.head_key_file.write_bytes(b"x" * 32)
    assert ("missing", str(place)) in found(root)
    old = key_folder(place, next(iter(_heads_below(place))).key)
    cut(root, actor, "two")
    assert ("chain", f"{place}/{old.name}") in found(root)
    set_up_places(root)
    assert ("chain", f"{place}/{old.name}") in found(root, place)


def _heads_below(place):
    return [head for folder in place.iterdir() for head in stored_heads(folder)[0]]


def test_two_roots_may_share_a_second_place(root, actor, place, tmp_path):
    other = set_up(Root.at(tmp_path / "other"), settle_seconds=0.0)
    set_up_places(other, place)
    assert cut(root, actor, "one") == "" == cut(other, actor, "one")
    assert found(root, place) == set() == found(other, place)


def test_an_older_ledger_is_found(root, actor, place, tmp_path):
    cut(root, actor, "one")
    older = back_up(root, tmp_path / "copies").path / "ledger.sqlite"
    cut(root, actor, "two")
    for path in root.path.glob("ledger.sqlite-*"):
        path.unlink()
    shutil.copy(older, root.path / "ledger.sqlite")
    newest = newest_head(root)
    assert ("chain", f"{place}, head of audit entry {newest.number}") in found(root)
    (words,) = {one.words for one in discrepancies(root) if one.subject.startswith("heads,")}
    assert "restore its newest copy" in words


@pytest.mark.parametrize("name", ["number", "previous", "sha256", "at", "key", "signature"])
def test_an_altered_head_is_found(root, actor, name):
    cut(root, actor, "one")
    *_, path = sorted(root.heads.glob("*.json"))
    head = json.loads(path.read_text())
    head[name] = head[name] + 1 if isinstance(head[name], int) else head[name][::-1]
    path.write_text(json.dumps(head))
    assert {kind for kind, _ in found(root)} & {"altered"}


def test_a_head_that_is_no_head_is_found(root, actor, place):
    cut(root, actor, "one")
    *_, path = sorted(root.heads.glob("*.json"))
    for damaged in (b"{", path.read_bytes() + b"\n", path.read_bytes()[:-1]):
        path.write_bytes(damaged)
        assert ("altered", f"heads/{path.name}") in found(root)


def test_removed_heads_are_found_here_and_there(root, actor, place):
    cut(root, actor, "one")
    cut(root, actor, "two")
    *_, newest = sorted(root.heads.glob("*.json"))
    newest.unlink()
    assert found(root) == {("unfinished", "heads"), ("missing", "heads")}


def test_a_removed_head_is_missed_by_the_one_after_it(root, actor):
    for code in ("one", "two", "three"):
        cut(root, actor, code)
    *_, second, _ = sorted(root.heads.glob("*.json"))
    second.unlink()
    assert found(root) == {("missing", f"heads, head of audit entry {int(second.stem)}")}


def test_the_nightly_sweep_leaves_the_head_a_killed_cut_did_not(root, actor, monkeypatch):
    record_cut(root, code_version="one", config_hash="p", key_id="k", actor=actor)
    assert found(root) == {("unfinished", "heads")}
    monkeypatch.setattr("tasks.operate.reconcile.create_table_artifact", lambda **_: None)
    reconcile_files.fn(str(root.path))
    assert found(root) == set()


def test_a_place_that_is_not_mounted_gets_them_later(root, actor, tmp_path, capsys):
    away = tmp_path / "away"
    set_up_places(root, away)
    words = cut(root, actor, "one")
    assert str(away) in words
    assert "it is not there" in words
    assert not away.exists()
    leave_signed_head(root)
    assert str(away) in capsys.readouterr().err
    assert {kind for kind, _ in found(root)} == {"missing"}
    away.mkdir()
    assert cut(root, actor, "two") == ""
    assert carried(root, away) == stored_heads(root.heads)[0]
    assert found(root) == set()


def test_a_place_that_lacks_one_is_named_until_it_is_carried(root, actor, place):
    cut(root, actor, "one")
    cut(root, actor, "two")
    next(key_folder(place, public_key(root)).glob("*.json")).unlink()
    assert found(root) == {("unfinished", str(place))}
    assert leave_head(root) == ""
    assert found(root) == set()


def test_what_lies_at_the_second_place_is_never_written_over(root, actor, place):
    cut(root, actor, "one")
    *_, path = sorted(key_folder(place, public_key(root)).glob("*.json"))
    path.write_bytes(b"as it was")
    cut(root, actor, "two")
    assert path.read_bytes() == b"as it was"


def test_a_command_takes_each_head_once_and_in_order(root, actor, tmp_path):
    log = tmp_path / "log"
    program = tmp_path / "take"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(log)!r}, 'a').write(sys.stdin.read())\n"
    )
    program.chmod(0o755)
    set_up_places(root, command=str(program))
    assert cut(root, actor, "one") == "" == cut(root, actor, "two") == leave_head(root)
    numbers = [json.loads(line)["number"] for line in log.read_text().splitlines()]
    assert numbers == [head.number for head in stored_heads(root.heads)[0]]


@pytest.mark.parametrize("command", ["false", "/nowhere/to/be/found", "'unclosed"])
def test_a_command_that_fails_is_named_and_asked_again(root, actor, tmp_path, command):
    set_up_places(root, command=command)
    words = cut(root, actor, "one")
    assert "heads_command" in words
    assert "settings.toml" in words
    log = tmp_path / "log"
    set_up_places(root, command=f"tee -a {log}")
    assert leave_head(root) == ""
    numbers = [json.loads(line)["number"] for line in log.read_text().splitlines()]
    assert numbers == [head.number for head in stored_heads(root.heads)[0]]


def test_a_key_that_is_gone_is_not_made_again_while_heads_stand(root, actor):
    cut(root, actor, "one")
    root.head_key_file.unlink()
    assert "Restore it from the copy of the keys" in cut(root, actor, "two")
    make_head_key(root)
    assert not root.head_key_file.exists()
    assert ("missing", "signing key") in found(root)


def test_two_processes_make_one_key_and_the_same_head(root, actor):
    cut(root, actor, "one")
    shutil.rmtree(root.heads)
    root.head_key_file.unlink()
    threads = [Thread(target=leave_head, args=(root,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in root.head_key_file.parent.iterdir()] == ["head.key"]
    assert found(root) == set()


def test_the_key_is_read_by_its_owner_alone_and_by_its_group_where_the_folder_says_so(root):
    assert root.head_key_file.stat().st_mode & 0o777 == 0o600
    root.head_key_file.unlink()
    shutil.rmtree(root.heads)
    root.head_key_file.parent.chmod(0o750)
    make_head_key(root)
    assert root.head_key_file.stat().st_mode & 0o777 == 0o640


def test_the_signing_key_is_copied_with_the_keys_and_never_with_the_files(root, actor, tmp_path):
    cut(root, actor, "one")
    made = back_up(root, tmp_path / "copies")
    back_up_keys(root, tmp_path / "keys")
    key = root.head_key_file.read_bytes()
    assert not any(
        key in path.read_bytes() for path in (tmp_path / "copies").rglob("*") if path.is_file()
    )
    again = Root.at(tmp_path / "again")
    restore(again, made.path, keys=tmp_path / "keys")
    assert again.head_key_file.read_bytes() == key
    assert discrepancies(again) == []


def verify(root, *more):
    return CliRunner().invoke(app, ["verify", "--root", str(root.path), *more])


def test_the_command_names_what_it_was_held_against(root, actor, place):
    cut(root, actor, "one")
    done = verify(root, "--heads", str(place))
    assert done.exit_code == 0
    number = newest_head(root).number
    assert f"in {place} agree; the newest is of entry {number}" in done.output
    rewrite(root, 1, actor="someone else")
    done = verify(root, "--heads", str(place), "--json")
    assert done.exit_code == 1
    assert {one["kind"] for one in json.loads(done.stdout)} == {"chain"}


def test_the_command_says_what_no_head_vouches_for_yet(root, actor):
    cut(root, actor, "one")
    assert "recorded since" not in verify(root).output
    record_cut(root, code_version="two", config_hash="p", key_id="k", actor=actor)
    assert verify(root).exit_code == 1
    leave_head(root)
    set_up(root, authorities=("E09000030",))
    said = " ".join(verify(root).output.split())
    assert "of `settings`" in said
    assert "no head vouches for them yet" in said


def test_the_command_asks_for_a_place_that_is_there(root, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cli", "verify", "--root", root.path, "--heads", tmp_path / "no"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == 2
    assert "Mount it" in done.stderr


def test_entries_after_the_newest_head_need_none(root, actor):
    cut(root, actor, "one")
    with writing(root) as connection:
        append(connection, actor="a", run="r", action="retain", subject="s", counts={})
    assert not any("head" in subject for _, subject in found(root))
