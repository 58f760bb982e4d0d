"""A full disk and a damaged file are called that wherever they are met, with the way back."""

import errno
import os
import resource
import sqlite3
import subprocess
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
import xlsxwriter
from sqlalchemy.exc import DatabaseError, DataError, OperationalError

from schemas.errors import OutageError
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.runtime.faults import redact_exceptions, words_for
from tests.support.command import ending
from warehouse.database import engine
from warehouse.ledger import all_submissions
from warehouse.outage import is_outage, outage_words
from warehouse.root import Root, write_bytes

from .conftest import LANCASHIRE, SMALL, WALSALL

CHILD = "child 12345 born 01/02/2010"


def quiet(_):
    return


@pytest.fixture
def root(tmp_path, put):
    made = set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)
    put(made, WALSALL, "2023-24Q1", SMALL[0])
    return made


def of_sqlite(code, kind=sqlite3.OperationalError):
    error = kind("words")
    error.sqlite_errorcode = code
    return error


FULL = {
    "no room": OSError(errno.ENOSPC, CHILD),
    "quota": OSError(errno.EDQUOT, CHILD),
    "a limit on files": OSError(errno.EFBIG, CHILD),
    "arrow": OSError("[Errno 28] Error writing bytes to file. Detail: No space left on device"),
    "workbook": xlsxwriter.exceptions.FileCreateError(OSError(errno.ENOSPC, CHILD)),
    "sqlite": OperationalError("INSERT", {}, of_sqlite(13)),
    "postgresql": OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend")),
}


@pytest.mark.parametrize("kind", sorted(FULL))
def test_a_full_disk_is_called_that_whoever_says_it(kind):
    words = outage_words(FULL[kind])
    assert words.startswith("DISK_FULL: no room is left on ")
    assert "sfp retain" in words
    assert CHILD not in words
    assert is_outage(FULL[kind])
    assert words_for(FULL[kind]) == words
    with pytest.raises(OutageError, match="receive: DISK_FULL"), redact_exceptions("receive"):
        raise FULL[kind]


DAMAGED = {
    "malformed": DatabaseError("SELECT", {}, of_sqlite(11, sqlite3.DatabaseError)),
    "an extended code": DatabaseError("SELECT", {}, of_sqlite(267, sqlite3.DatabaseError)),
    "not a database": DatabaseError("SELECT", {}, of_sqlite(26, sqlite3.DatabaseError)),
    "postgresql": DatabaseError("SELECT", {}, psycopg.errors.DataCorrupted("invalid page")),
}


@pytest.mark.parametrize("kind", sorted(DAMAGED))
def test_a_damaged_ledger_is_called_that_and_restore_is_named(kind):
    words = outage_words(DAMAGED[kind])
    assert words.startswith("LEDGER_DAMAGED: ")
    assert "sfp restore COPY --keys KEYS" in words


@pytest.mark.parametrize(
    "error", [ValueError(CHILD), DataError("s", {}, None), pa.ArrowInvalid(CHILD), OSError(CHILD)]
)
def test_what_is_neither_stays_an_internal_error_without_its_text(error):
    assert outage_words(error) == ""
    assert words_for(error).startswith("internal error: ")
    assert CHILD not in words_for(error)


def test_the_disk_is_named_with_its_room_and_no_name_of_a_file(tmp_path):
    error = OSError(errno.ENOSPC, "No space", str(tmp_path / f"{CHILD}.csv"))
    words = outage_words(error)
    assert CHILD not in words
    assert " MB free of " in words


def test_a_file_that_vanished_is_said_by_its_folder_alone():
    error = FileNotFoundError(errno.ENOENT, "gone", f"/srv/sfp/cache/{CHILD}")
    assert outage_words(error).startswith(
        "FILE_UNAVAILABLE: a file or folder in /srv/sfp/cache cannot be read or written (no such"
    )
    assert CHILD not in outage_words(error)


def test_a_disk_that_fills_while_files_are_landed_refuses_none_of_them(tmp_path, put, root):
    if os.getuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    put(root, LANCASHIRE, "2023-24Q1", SMALL[0])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", root.landing], check=True)
    ballast = root.landing / ".ballast.draft"
    try:
        with pytest.raises(OSError, match="No space"):
            fill(ballast)
        done = ending("sweep", "--no-wait", "--root", root.path)
        assert done.returncode == 1
        assert f"DISK_FULL: no room is left on the disk of {root.landing} (0.0 MB" in done.stderr
        assert all_submissions(root) == []
        assert [path.name for path in root.landing.iterdir()] == [ballast.name]
        ballast.unlink()
        assert ending("sweep", "--no-wait", "--root", root.path).returncode == 0
        assert {row.state for row in all_submissions(root)} == {"accepted"}
    finally:
        subprocess.run(["umount", "--lazy", root.landing], check=True)


@pytest.mark.parametrize("command", ["sweep", "init", "publish", "backup", "status"])
def test_a_full_disk_is_called_that_when_the_ledger_is_opened(full_root, command):
    more = {"sweep": ["--no-wait"], "backup": [full_root.path.parent / "copies"]}.get(command, [])
    done = ending(command, *more, "--root", full_root.path)
    assert done.returncode == 1
    assert f"DISK_FULL: no room is left on the disk of {full_root.path.parent}" in done.stderr
    assert "cannot be opened" not in done.stderr


@pytest.fixture(scope="module")
def full_root(tmp_path_factory):
    """A new root on a small disk without room."""
    if os.getuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    disk = tmp_path_factory.mktemp("full")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=True)
    try:
        made = set_up(Root.at(disk / "root"), settle_seconds=0.0)
        with pytest.raises(OSError, match="No space"):
            fill(disk / "ballast")
        yield made
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("code", [10, 14, 4874])
def test_a_ledger_that_cannot_be_opened_is_a_full_disk_only_where_one_is(code, monkeypatch):
    error = OperationalError("PRAGMA", {}, of_sqlite(code))
    for disks, kind in (([], "LEDGER_UNAVAILABLE"), ([Path("/srv")], "DISK_FULL")):
        monkeypatch.setattr("warehouse.outage._full_disks", lambda found=disks: found)
        assert outage_words(error).startswith(kind)


def fill(path):
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def test_a_limit_on_the_size_of_files_is_met_in_words_and_leaves_no_draft(tmp_path):
    given = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, given[1]))
    try:
        with pytest.raises(OSError, match="File too large") as met:
            write_bytes(tmp_path / "made" / "file", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, given)
    assert outage_words(met.value).startswith("DISK_FULL")
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.parametrize("change", ["zeroes", "short", "other"])
def test_a_ledger_whose_pages_are_damaged_is_said_by_every_command(root, change):
    sweep_once(root, wait=False, progress=quiet)
    engine.cache_clear()
    file = root.path / "ledger.sqlite"
    data = bytearray(file.read_bytes())
    if change == "zeroes":
        data[4096:] = bytes(len(data) - 4096)
    elif change == "short":
        del data[len(data) // 3 :]
    else:
        data[:4096] = b"not a database at all " * 200
    file.write_bytes(data)
    for words in (("sweep", "--no-wait"), ("status",), ("verify",)):
        done = ending(*words, "--root", root.path)
        assert done.returncode == 1, words
        assert "sfp restore COPY --keys KEYS" in done.stderr, (words, done.stderr)
        assert "internal error" not in done.stderr


def one_landed(root):
    (found,) = root.landing.iterdir()
    return found


def test_a_landed_file_that_was_lost_comes_back_from_the_drop_folder(root, monkeypatch):
    landed_and_not_judged(root, monkeypatch)
    one_landed(root).unlink()
    done = ending("sweep", "--no-wait", "--root", root.path)
    assert done.returncode == 0, done.stderr
    assert [row.state for row in all_submissions(root)] == ["accepted"]


def test_a_landed_file_that_no_one_has_is_asked_for_again_in_words(root, put, monkeypatch):
    landed_and_not_judged(root, monkeypatch)
    path = one_landed(root)
    path.write_bytes(path.read_bytes()[:-7])
    sent = next(root.drop.glob(f"{WALSALL}*/2023-24Q1/*"))
    sent.unlink()
    done = ending("sweep", "--no-wait", "--root", root.path)
    assert done.returncode == 1
    assert (
        f"FILE_DAMAGED: pre_proceedings from {WALSALL} for 2023-24Q1: 1 of 1 files cannot be read "
        "from landing." in done.stdout
    )
    assert "ask the authority to send the return again" in done.stdout
    assert "INTERNAL_ERROR" not in done.stdout
    put(root, WALSALL, "2023-24Q1", SMALL[0])
    assert ending("sweep", "--no-wait", "--root", root.path).returncode == 0
    assert [row.state for row in all_submissions(root)] == ["accepted"]


def landed_and_not_judged(root, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("tasks.intake.sweep.judge_batches", lambda *_, **__: ())
        patched.setattr("tasks.intake.sweep.unfinished_batches", lambda _: [])
        sweep_once(root, wait=False, progress=quiet)
    assert [row.state for row in all_submissions(root)] == ["landed"]
