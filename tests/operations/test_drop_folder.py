"""A drop folder that is away, empty, another one or does not answer; and one authority's alone.

Everything that reads it says DROP_FOLDER_UNAVAILABLE, takes nothing in, calls nothing overdue, and
goes on by itself when the folder is back.
"""

import errno
import json
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

import warehouse.drop_place
from flows.service.watch import Memory, look
from schemas.errors import DropFolderError
from tasks.intake.sweep import sweep_once
from tasks.operate.chase import write_overdue
from tasks.operate.metrics import metrics_text
from tasks.operate.set_up import set_up
from tasks.operate.status import overdue
from tests.support.command import ending as sfp
from warehouse.backup import back_up
from warehouse.ledger import all_submissions
from warehouse.root import Root

from .conftest import LANCASHIRE, SMALL, WALSALL

TODAY = date(2026, 11, 28)
CODE = "DROP_FOLDER_UNAVAILABLE"


def quiet(_):
    return


@pytest.fixture
def root(tmp_path, put):
    """A root that took in one quarter of Walsall, with Lancashire's in the drop folder since."""
    made = set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)
    put(made, WALSALL, "2023-24Q1", SMALL[0])
    sweep_once(made, wait=False, progress=quiet)
    put(made, LANCASHIRE, "2023-24Q1", SMALL[0])
    return made


@contextmanager
def gone(root):
    away = root.drop.with_name("away")
    root.drop.rename(away)
    yield
    away.rename(root.drop)


@contextmanager
def empty_mount_point(root):
    with gone(root):
        root.drop.mkdir()
        yield
        root.drop.rmdir()


@contextmanager
def another_share(root):
    """What lies below the mount point looks the same, and is not what was marked."""
    with gone(root):
        root.drop.mkdir()
        for folder in root.drop.with_name("away").iterdir():
            if folder.is_dir():
                (root.drop / folder.name).mkdir()
        yield
        shutil.rmtree(root.drop)


@contextmanager
def a_file(root):
    with gone(root):
        root.drop.touch()
        yield
        root.drop.unlink()


AWAY = pytest.mark.parametrize("away", [gone, empty_mount_point, another_share, a_file])


@AWAY
def test_every_command_says_so_takes_nothing_in_and_goes_on_when_it_is_back(root, away, put):
    before = all_submissions(root)
    with away(root):
        for words in (("sweep", "--no-wait"), ("run",), ("status",), ("status", "--overdue")):
            done = sfp(*words, "--root", root.path)
            assert done.returncode == 1, words
            assert f"sfp: {CODE}: {root.drop}: " in done.stderr
            assert "--new-drop" in done.stderr
            assert "Traceback" not in done.stderr
        assert all_submissions(root) == before
        assert not (root.editions / "draft").exists()
    assert sfp("sweep", "--no-wait", "--root", root.path).returncode == 0
    assert len(all_submissions(root)) == len(before) + 1


@AWAY
def test_nothing_is_called_overdue_while_it_is_away(root, away):
    assert len(overdue(root, today=TODAY))
    with away(root):
        listed = sfp("status", "--overdue", "--json", "--root", root.path)
        assert json.loads(listed.stdout) == []
        with pytest.raises(DropFolderError, match=CODE):
            write_overdue(root, today=TODAY)
        assert "sfpc_drop_folder_there 0.0" in metrics_text(root, moment=datetime.now(UTC))
    assert list(root.notices.glob("overdue-*")) == []
    assert len(write_overdue(root, today=TODAY))


@AWAY
def test_neither_init_nor_a_copy_nor_an_erasure_takes_it_for_the_drop_folder(
    root, away, tmp_path, put
):
    ids = tmp_path / "ids"
    ids.write_text("1\n")
    with away(root):
        names = sorted(path.name for path in root.path.iterdir())
        for words in (
            ("init",),
            ("backup", tmp_path / "copies"),
            ("erase", "--authority", WALSALL, "--ids", ids),
        ):
            done = sfp(*words, "--root", root.path)
            assert (done.returncode, CODE in done.stderr) == (1, True), (words, done.stderr)
        assert sorted(path.name for path in root.path.iterdir()) == names
    assert not (tmp_path / "copies").exists()


def test_a_drop_folder_that_was_moved_for_good_is_taken_once_that_is_said(root, put):
    shutil.rmtree(root.drop)
    assert sfp("init", "--root", root.path).returncode == 1
    assert sfp("init", "--new-drop", "--root", root.path).returncode == 0
    put(root, LANCASHIRE, "2023-24Q1", SMALL[0])
    assert sfp("sweep", "--no-wait", "--root", root.path).returncode == 0
    assert len(all_submissions(root)) == 2


def test_what_lies_below_the_mount_point_does_not_pass_once_the_share_was_marked(root):
    local = root.drop.with_name("local")
    root.drop.rename(local)
    set_up(root, is_new_drop=True)
    sweep_once(root, wait=False, progress=quiet)
    root.drop.rename(root.drop.with_name("share"))
    local.rename(root.drop)
    with pytest.raises(DropFolderError, match="not the folder that was set up"):
        sweep_once(root, wait=False, progress=quiet)


def test_a_share_that_is_not_mounted_is_seen_as_that(root, put):
    if os.getuid() != 0:
        pytest.skip("needs root, to mount a share")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", root.drop], check=True)
    try:
        set_up(root, is_new_drop=True)
        put(root, LANCASHIRE, "2023-24Q2", SMALL[0])
    finally:
        subprocess.run(["umount", root.drop], check=True)
    done = sfp("sweep", "--no-wait", "--root", root.path)
    assert (done.returncode, CODE in done.stderr) == (1, True)
    assert len(all_submissions(root)) == 1


def test_the_watcher_sends_nothing_while_it_is_away(root, monkeypatch):
    sent = []
    monkeypatch.setattr("flows.service.watch.emit_event", lambda *_, **found: sent.append(found))
    with empty_mount_point(root), pytest.raises(DropFolderError, match=CODE):
        look(str(root.path), Memory(), moment=1e12, tick=0.0, say=quiet)
    assert sent == []
    look(str(root.path), Memory(), moment=1e12, tick=0.0, say=quiet)
    assert len(sent) == 1


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES, errno.ENOTCONN])
def test_a_share_that_refuses_is_named_with_its_reason(root, monkeypatch, code):
    def refuse(_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(warehouse.drop_place, "_looked_at", refuse)
        with pytest.raises(DropFolderError, match=os.strerror(code).lower()):
            sweep_once(root, wait=False, progress=quiet)
    assert len(sweep_once(root, wait=False, progress=quiet).taken) == 1


def test_a_share_that_does_not_answer_is_given_up_and_tried_again(root, monkeypatch):
    answers = threading.Event()
    real = warehouse.drop_place._looked_at

    def hang(drop):
        answers.wait(60)
        return real(drop)

    monkeypatch.setattr(warehouse.drop_place, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(warehouse.drop_place, "_looked_at", hang)
    for _ in range(2):
        with pytest.raises(DropFolderError, match="does not answer"):
            sweep_once(root, wait=False, progress=quiet)
    assert threading.active_count() < 10
    answers.set()
    assert len(sweep_once(root, wait=False, progress=quiet).taken) == 1


def folder_of(root, la_code):
    (found,) = root.drop.glob(f"{la_code}*")
    return found


def test_the_folder_of_one_authority_that_is_gone_is_named_and_the_others_are_taken_in(root):
    folder_of(root, WALSALL).rename(root.path / "taken away")
    done = sfp("sweep", "--no-wait", "--root", root.path)
    assert done.returncode == 1
    assert f"not taken: {WALSALL}: {CODE}" in done.stderr
    assert [row.la_code for row in all_submissions(root)] == [WALSALL, LANCASHIRE]
    listed = sfp("status", "--overdue", "--json", "--root", root.path)
    assert listed.returncode == 1
    assert f"{CODE}: {root.drop}: the folders of {WALSALL} are gone" in listed.stderr
    codes = {row["la_code"] for row in json.loads(listed.stdout)}
    assert WALSALL not in codes
    assert LANCASHIRE in codes
    assert sfp("init", "--root", root.path).returncode == 0
    assert sfp("sweep", "--no-wait", "--root", root.path).returncode == 0


def test_a_quarter_that_cannot_be_read_is_named_and_the_others_are_taken_in(root, put, monkeypatch):
    put(root, WALSALL, "2023-24Q2", SMALL[0])
    real = os.open

    def refuse(path, flags, *given, **named):
        if path == "2023-24Q1" and named:
            raise OSError(errno.EIO, "Input/output error")
        return real(path, flags, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        swept = sweep_once(root, wait=False, progress=quiet)
    assert {code for _, code in swept.refused} == {CODE}
    assert [found.quarter for found in swept.taken] == ["2023-24Q2"]
    assert swept.has_unavailable
    assert len(sweep_once(root, wait=False, progress=quiet).taken) == 1


def test_a_copy_brings_the_mark_with_it(root, tmp_path):
    copy = back_up(root, tmp_path / "copies").path
    for words in (("restore", copy, "--keys", root.key_file.parent), ("init",), ("status",)):
        done = sfp(*words, "--root", tmp_path / "restored")
        assert done.returncode == 0, done.stderr
