import os
import socket

import pytest

from warehouse.drop import MAX_FILES, is_safe, opened_file, safe_name, scan

WALSALL = "E08000030-walsall"


@pytest.fixture
def quarter(root):
    folder = root.drop / WALSALL / "2023-24Q1"
    folder.mkdir(parents=True)
    return folder


def refused(root):
    seen = scan(root.drop)
    below = [found for folder in seen.folders for found in folder.refusals]
    return {found.name.rsplit("/", 1)[-1]: found.code for found in (*seen.refusals, *below)}


def taken(root):
    return [file.name for folder in scan(root.drop).folders for file in folder.files]


def test_files_below_sub_folders_are_found_in_order_of_name(root, quarter):
    (quarter / "b.csv").write_text("x")
    (quarter / "sub").mkdir()
    (quarter / "sub" / "a.csv").write_text("x")
    assert taken(root) == ["b.csv", "sub/a.csv"]


def test_h025_a_link_is_never_followed(root, quarter, tmp_path):
    target = tmp_path / "secret"
    target.write_text("x")
    (quarter / "x.csv").symlink_to(target)
    assert taken(root) == []
    assert refused(root) == {"x.csv": "NOT_REGULAR_FILE"}


def test_h026_a_linked_authority_folder_is_not_entered(root, tmp_path):
    elsewhere = tmp_path / "other" / "2023-24Q1"
    elsewhere.mkdir(parents=True)
    (elsewhere / "a.csv").write_text("x")
    (root.drop / WALSALL).rmdir()
    (root.drop / WALSALL).symlink_to(tmp_path / "other")
    assert taken(root) == []
    assert refused(root) == {WALSALL: "NOT_REGULAR_DIR"}


def test_h027_a_pipe_or_a_socket_neither_blocks_nor_is_read(root, quarter, monkeypatch):
    os.mkfifo(quarter / "pipe.csv")
    monkeypatch.chdir(quarter)  # the address of a socket holds 108 characters
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.csv")
        assert taken(root) == []
        assert refused(root) == {"pipe.csv": "NOT_REGULAR_FILE", "s.csv": "NOT_REGULAR_FILE"}


def test_h029_a_folder_with_the_name_of_a_file_is_named(root, quarter):
    (quarter / "x.csv").mkdir()
    assert refused(root) == {"x.csv": "NOT_REGULAR_FILE"}


@pytest.mark.parametrize(
    "name",
    [
        "-rf.csv",
        "a\nb.csv",
        "evil\u202efdp.csv",
        "a\\b.csv",
        " x.csv",
        "x.csv ",
        "a\x00.csv"[:1] + "\t",
    ],
)
def test_h022_a_name_that_could_deceive_is_refused(name):
    assert not is_safe(name)


def test_h023_a_name_that_is_not_utf8_is_refused_and_can_still_be_shown(root, quarter):
    (quarter / os.fsdecode(b"a\xff.csv")).write_bytes(b"x")
    (found,) = [found for folder in scan(root.drop).folders for found in folder.refusals]
    assert found.code == "NAME_UNSAFE"
    assert found.name.encode("utf-8").isascii()


@pytest.mark.parametrize("name", ["a\nINFO forged line", "x\u202ey", "\x1b[31mred", "z" * 300])
def test_a_safe_rendering_stays_on_one_line_and_is_short(name):
    shown = safe_name(name)
    assert shown.isprintable()
    assert len(shown) <= 120


def test_an_unknown_authority_folder_is_listed_and_not_read(root):
    (root.drop / "E99999999-nowhere" / "2023-24Q1").mkdir(parents=True)
    assert refused(root)["E99999999-nowhere"] == "AUTHORITY_UNKNOWN"


def test_a_folder_that_names_no_quarter_is_listed(root):
    (root.drop / WALSALL / "June").mkdir(parents=True)
    assert refused(root) == {"June": "QUARTER_UNKNOWN"}


def test_h030_too_many_files_stop_at_the_bound(root, quarter):
    for number in range(MAX_FILES + 1):
        (quarter / f"{number}.csv").touch()
    assert taken(root) == []
    assert refused(root) == {"2023-24Q1": "TOO_MANY_FILES"}


def test_folders_nested_too_deeply_stop_at_the_bound(root, quarter):
    deep = quarter
    for _ in range(30):
        deep = deep / "d"
    deep.mkdir(parents=True)
    assert refused(root) == {"2023-24Q1": "TOO_MANY_FILES"}


def test_h003_a_file_swapped_for_a_link_after_the_scan_is_not_opened(root, quarter, tmp_path):
    (quarter / "x.csv").write_text("x")
    (folder,) = scan(root.drop).folders
    (quarter / "x.csv").unlink()
    (tmp_path / "secret").write_text("x")
    (quarter / "x.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError), opened_file(root.drop, folder, folder.files[0]):
        pass
