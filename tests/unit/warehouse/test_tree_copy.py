"""A copy follows no link that an authority leaves, and says what it could not read."""

import errno
import os

import pytest

from schemas.errors import UsageError
from tests.support.command import ending
from warehouse import tree_copy
from warehouse.backup import back_up, restore
from warehouse.root import Root

WALSALL = "E08000030"


@pytest.fixture
def quarter(root):
    """A quarter of one authority in the drop folder, with two files."""
    folder = root.drop / WALSALL / "2023-24Q1"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("first")
    (folder / "b.csv").write_text("second")
    return folder


def after_listing(monkeypatch, change):
    """Let something happen after the quarter's folder was listed and before its files are read."""
    real = tree_copy._listed

    def listed(folder, steps):
        names = real(folder, steps)
        if steps[-1] == "2023-24Q1":
            change()
        return names

    monkeypatch.setattr(tree_copy, "_listed", listed)


def held(made):
    """Return everything a copy holds of files, by path."""
    files = made.path / "files"
    return {
        str(path.relative_to(files)): path.read_bytes()
        for path in files.rglob("*")
        if path.is_file()
    }


def test_a_file_swapped_for_a_link_while_the_copy_is_made_leads_nowhere(
    root, quarter, tmp_path, monkeypatch
):
    first = back_up(root, tmp_path / "copies")
    assert f"drop/{WALSALL}/2023-24Q1/a.csv" in held(first)

    def swap():
        (quarter / "a.csv").unlink()
        (quarter / "a.csv").symlink_to(root.key_file)

    after_listing(monkeypatch, swap)
    made = back_up(root, tmp_path / "copies")
    assert f"drop/{WALSALL}/2023-24Q1/a.csv" not in held(made)
    assert held(made)[f"drop/{WALSALL}/2023-24Q1/b.csv"] == b"second"
    assert root.key_file.read_bytes() not in held(made).values()
    assert made.left_out == {}


def test_a_folder_swapped_for_a_link_or_a_pipe_leads_nowhere_and_holds_nothing_up(
    root, quarter, tmp_path, monkeypatch
):
    (quarter / "a.csv").unlink()
    (quarter / "a.csv").mkdir()
    (quarter / "c").mkdir()

    def swap():
        (quarter / "a.csv").rmdir()
        (quarter / "a.csv").symlink_to(root.key_file.parent)
        (quarter / "c").rmdir()
        os.mkfifo(quarter / "c")

    after_listing(monkeypatch, swap)
    names = {path for path in held(back_up(root, tmp_path / "copies")) if WALSALL in path}
    assert names == {f"drop/{WALSALL}/2023-24Q1/b.csv"}


def test_what_is_swapped_for_a_file_of_the_same_size_and_time_is_looked_at_as_opened(
    root, quarter, tmp_path, monkeypatch
):
    back_up(root, tmp_path / "copies")
    other = tmp_path / "other"
    other.write_text("THIRD")
    times = (quarter / "a.csv").stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))

    def swap():
        (quarter / "a.csv").unlink()
        (quarter / "a.csv").symlink_to(other)

    after_listing(monkeypatch, swap)
    assert f"drop/{WALSALL}/2023-24Q1/a.csv" not in held(back_up(root, tmp_path / "copies"))


def test_a_copy_of_a_file_that_runs_as_its_owner_does_not(root, quarter, tmp_path):
    (quarter / "a.csv").chmod(0o4755)
    made = back_up(root, tmp_path / "copies")
    copy = made.path / "files" / "drop" / WALSALL / "2023-24Q1" / "a.csv"
    assert copy.stat().st_mode & 0o7777 == 0o755


def refuse_opening(monkeypatch, *names):
    """Refuse files and folders of these names to code that opens them below another."""
    real = os.open

    def opened(path, flags, *given, **named):
        if path in names and named:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *given, **named)

    monkeypatch.setattr(os, "open", opened)


def test_what_cannot_be_read_is_left_out_and_counted_and_all_else_is_copied(
    root, quarter, tmp_path, monkeypatch
):
    for name in ("2023-24Q2", "2023-24Q3"):
        (quarter.parent / name).mkdir()
        (quarter.parent / name / "c.csv").write_text("third")
    with monkeypatch.context() as patched:
        refuse_opening(patched, "a.csv", "2023-24Q2")
        ended = ending("backup", tmp_path / "copies", "--root", root.path)
    assert ended.returncode == 1
    assert f"drop/{WALSALL}: 2 files or folders could not be read" in ended.stderr
    assert "a.csv" not in ended.stderr
    (copy,) = (tmp_path / "copies").iterdir()
    assert ended.stdout.strip() == str(copy)
    quarters = copy / "files" / "drop" / WALSALL
    found = {str(path.relative_to(quarters)) for path in quarters.rglob("*.csv")}
    assert found == {"2023-24Q1/b.csv", "2023-24Q3/c.csv"}
    assert ending("backup", tmp_path / "copies", "--root", root.path).returncode == 0


def test_a_file_that_fails_while_it_is_read_leaves_no_part_of_it(
    root, quarter, tmp_path, monkeypatch
):
    real = os.read

    def read(descriptor, size):
        data = real(descriptor, 2)
        if data == b"se":
            return data
        if data == b"co":
            raise OSError(errno.EIO, "Input/output error")
        return data + real(descriptor, size)

    monkeypatch.setattr(tree_copy.os, "read", read)
    made = back_up(root, tmp_path / "copies")
    monkeypatch.undo()
    assert made.left_out == {f"drop/{WALSALL}": 1}
    assert {path for path in held(made) if WALSALL in path} == {f"drop/{WALSALL}/2023-24Q1/a.csv"}


def test_folders_in_folders_are_left_out_from_a_depth_on(root, quarter, tmp_path):
    quarter.joinpath(*["x"] * 300).mkdir(parents=True)
    made = back_up(root, tmp_path / "copies")
    assert made.left_out == {f"drop/{WALSALL}": 1}


def test_a_copy_that_cannot_be_read_whole_is_not_restored(root, quarter, tmp_path, monkeypatch):
    made = back_up(root, tmp_path / "copies")
    refuse_opening(monkeypatch, "a.csv")
    again = Root.at(tmp_path / "again")
    with pytest.raises(UsageError, match=r"restore: 1 files or folders of .* cannot be read"):
        restore(again, made.path, keys=root.key_file.parent)
    assert not (again.path / "ledger.sqlite").exists()
