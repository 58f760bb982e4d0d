"""Files that no ledger row names are set aside; many or old ones stay, and stop the work."""

import hashlib
import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from cli.app import app
from schemas.calendar import ORPHANS
from schemas.errors import LedgerError
from tasks.operate.reconcile import reconcile_files
from tasks.privacy.erase import erase
from tasks.privacy.retain import retained
from tasks.privacy.rotate import rotate_storage
from tests.support.forms import LA_CODE
from tests.unit.warehouse.test_reconcile import filled
from warehouse import orphans as orphans_file
from warehouse.backup import back_up
from warehouse.landing import PURPOSE, land_bytes
from warehouse.orphans import (
    DRAFT,
    MANIFEST,
    MOST_SET_ASIDE,
    orphan_alarm,
    orphans,
    remove_abandoned_drafts,
    set_aside_files,
    set_aside_folders,
    set_orphans_aside,
)
from warehouse.root import write_bytes
from warehouse.sealed import opened_chunks, storage_ring

AT_ONCE = -1.0
PART = f"warehouse/t/la_code={LA_CODE}/quarter=2025-26Q1/0123456789abcdef.parquet"


def in_process(*arguments):
    """Run the command line within this process, where a day is over at once."""
    return CliRunner().invoke(app, arguments)


def plant(root, count):
    for number in range(count):
        write_bytes(root.path / "warehouse" / "t" / f"{number}.parquet", b"rows")


def contents(root):
    folders = (root.landing, root.tables, root.quarantine, root.restricted_text)
    return {
        str(path.relative_to(root.path)): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def aside(root):
    (folder,) = set_aside_folders(root)
    return folder


def test_an_orphan_is_moved_with_a_manifest_and_closed_to_everyone_else(any_ledger_root):
    root = filled(any_ledger_root)
    before = contents(root)
    write_bytes(root.path / PART, b"rows")
    assert set_orphans_aside(root, older_than_seconds=AT_ONCE) == ""
    assert contents(root) == before
    folder = aside(root)
    assert (folder / PART).read_bytes() == b"rows"
    (row,) = json.loads((folder / MANIFEST).read_text())
    assert (row["path"], row["size"]) == (PART, 4)
    assert row["sha256"] == hashlib.sha256(b"rows").hexdigest()
    written = datetime.fromisoformat(row["modified_at"])
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=5)
    for path in (root.set_aside, folder, (folder / PART).parent):
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_file_that_may_still_be_written_stays(root):
    plant(root, 1)
    assert set_orphans_aside(root, older_than_seconds=60.0) == ""
    assert set_aside_folders(root) == []


@pytest.mark.parametrize(("count", "moved"), [(MOST_SET_ASIDE, True), (MOST_SET_ASIDE + 1, False)])
def test_more_than_a_few_orphans_stay_where_they_are(any_ledger_root, count, moved):
    root = filled(any_ledger_root)
    plant(root, count)
    before = contents(root)
    words = set_orphans_aside(root, older_than_seconds=AT_ONCE)
    assert (words == "") is moved
    assert (contents(root) != before) is moved
    assert moved or f"{count} in warehouse/" in words


def test_on_a_large_root_a_hundredth_of_the_named_files_is_few(root, monkeypatch):
    monkeypatch.setattr(orphans_file, "named_files", lambda _: {str(n) for n in range(3_000)})
    plant(root, 31)
    found = orphans(root, older_than_seconds=AT_ONCE)
    assert orphan_alarm(root, found[:30]) == ""
    assert "31 files" in orphan_alarm(root, found)


@pytest.mark.parametrize(("days", "moved"), [(0.9, True), (1.1, False)])
def test_an_orphan_older_than_the_ledger_stays(root, days, moved):
    filled(root)
    plant(root, 1)
    then = time.time() - days * 86_400
    os.utime(root.path / "warehouse/t/0.parquet", (then, then))
    words = set_orphans_aside(root, older_than_seconds=AT_ONCE)
    assert (words == "") is moved
    assert moved or "older than its first entry" in words


def test_a_run_killed_between_manifest_and_move_is_finished_by_the_next(root, monkeypatch):
    class Killed(BaseException):
        pass

    plant(root, 3)
    real, calls = orphans_file.make_folder, []

    def die_at_the_second(path):
        calls.append(path)
        if len(calls) == 2:
            raise Killed
        real(path)

    with monkeypatch.context() as patched:
        patched.setattr(orphans_file, "make_folder", die_at_the_second)
        with pytest.raises(Killed):
            set_orphans_aside(root, older_than_seconds=AT_ONCE)
    assert set_orphans_aside(root, older_than_seconds=AT_ONCE) == ""
    assert orphans(root, older_than_seconds=AT_ONCE) == []
    moved = [path.name for path in root.set_aside.rglob("*.parquet")]
    assert sorted(moved) == ["0.parquet", "1.parquet", "2.parquet"]


def test_drafts_of_ours_go_and_what_an_authority_called_a_draft_stays(root):
    ours = root.path / "warehouse" / f".x{DRAFT}"
    theirs = next(root.drop.glob("E*")) / f".x{DRAFT}"
    for path in (ours, theirs):
        path.write_bytes(b"x")
    assert remove_abandoned_drafts(root, older_than_seconds=60.0) == 0
    assert remove_abandoned_drafts(root, older_than_seconds=AT_ONCE) == 1
    assert theirs.exists()
    assert not ours.exists()


def test_retention_alone_empties_what_was_set_aside(any_ledger_root, actor):
    root = any_ledger_root
    plant(root, 2)
    set_orphans_aside(root, older_than_seconds=AT_ONCE)
    held = datetime.now(UTC) + timedelta(days=ORPHANS.days - 1)
    assert retained(root, moment=held, dry_run=False, actor=actor) == []
    past = held + timedelta(days=2)
    (found,) = retained(root, moment=past, dry_run=True, actor=actor)
    assert (found.retention, found.path) == (ORPHANS.name, f"set_aside/{aside(root).name}")
    retained(root, moment=past, dry_run=False, actor=actor)
    assert set_aside_folders(root) == []


def test_erasing_a_child_reaches_what_was_set_aside(any_ledger_root, actor):
    root = any_ledger_root
    other = PART.replace(LA_CODE, "E10000017")
    for path in (PART, other):
        write_bytes(root.path / path, b"rows")
    naming = land_bytes(root, b"child_id,first_meeting_date\nA17,03/05/2023\n").path
    free = land_bytes(root, b"child_id,first_meeting_date\nB18,03/05/2023\n").path
    set_orphans_aside(root, older_than_seconds=AT_ONCE)
    dry = erase(root, LA_CODE, ["A17"], actor=actor, dry_run=True)
    assert dry.counts["set_aside files"] == 2
    assert erase(root, LA_CODE, ["A17"], actor=actor).counts["set_aside"] == 2
    left = {one.path for one in set_aside_files(aside(root))}
    assert left == {other, f"landing/{free.name}"}
    manifest = (aside(root) / MANIFEST).read_text()
    assert naming.name not in manifest
    there = {p.name for p in aside(root).rglob("*") if p.is_file()}
    assert there == {MANIFEST, free.name, other.rsplit("/", 1)[1]}


def test_a_changed_storage_key_opens_what_was_set_aside(root, actor):
    landed = land_bytes(root, b"as it came")
    set_orphans_aside(root, older_than_seconds=AT_ONCE)
    assert rotate_storage(root, actor=actor) == 1
    path = aside(root) / "landing" / landed.sha256
    assert b"as it came" not in path.read_bytes()
    ring = storage_ring(root)
    assert b"".join(opened_chunks(ring, path, PURPOSE, name="x")) == b"as it came"


def test_what_was_set_aside_is_in_the_copy(root, tmp_path):
    plant(root, 1)
    set_orphans_aside(root, older_than_seconds=AT_ONCE)
    copy = back_up(root, tmp_path / "copies").path / "files" / "set_aside"
    assert [path.name for path in copy.rglob("*.parquet")] == ["0.parquet"]


def test_many_orphans_stop_the_nightly_run_and_every_command_says_so(root, monkeypatch):
    filled(root)
    plant(root, MOST_SET_ASIDE + 1)
    before = contents(root)
    monkeypatch.setattr("tasks.operate.reconcile._OLD", AT_ONCE)
    monkeypatch.setattr("tasks.operate.reconcile.create_table_artifact", lambda **_: None)
    with pytest.raises(LedgerError, match="Nothing was moved or removed"):
        reconcile_files.fn(str(root.path))
    assert contents(root) == before
    for command in (("sweep",), ("status",), ("verify",)):
        ended = in_process(*command, "--root", str(root.path))
        assert ended.exit_code == 1, command
        assert "the ledger names none of 21 files" in ended.stderr
    assert contents(root) == before
