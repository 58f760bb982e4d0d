"""Rows at rest: what a later version brings again unchanged takes no room of its own."""

import os

import pyarrow as pa
import pytest

from schemas.quarter import Quarter
from schemas.submission import Submission
from warehouse.store import ACCEPTED, QUARANTINE, part_bytes, write_kind

ROWS, OTHERS = pa.table({"child_key": [1, 2]}), pa.table({"child_key": [1, 3]})


def version(number):
    quarter = Quarter.parse("2023-24Q4")
    return Submission(f"{number:016}", "E08000030", "ssda903", quarter, number, ())


def written(root, number, rows, *, kind=ACCEPTED, like=None):
    return write_kind(root, version(number), "oc3", rows, kind=kind, like=like)


def inode(root, part):
    return (root.path / part.path).stat().st_ino


def test_the_same_rows_share_their_bytes_with_the_version_before(root):
    first = written(root, 1, ROWS)
    second = written(root, 2, ROWS, like=first.path)
    assert (second.path == first.path, second.sha256 == first.sha256) == (False, True)
    assert inode(root, second) == inode(root, first)


def test_either_version_may_go_and_the_other_keeps_its_bytes(root):
    first = written(root, 1, ROWS)
    second = written(root, 2, ROWS, like=first.path)
    data = part_bytes(root, first.path)
    (root.path / first.path).unlink()
    assert part_bytes(root, second.path) == data


def test_other_rows_are_a_file_of_their_own(root):
    first = written(root, 1, ROWS)
    second = written(root, 2, OTHERS, like=first.path)
    assert inode(root, second) != inode(root, first)
    assert part_bytes(root, first.path) != part_bytes(root, second.path)


def test_an_earlier_file_that_was_damaged_is_not_shared(root):
    first = written(root, 1, ROWS)
    whole = part_bytes(root, first.path)
    (root.path / first.path).write_bytes(whole[:-1])
    assert part_bytes(root, written(root, 2, ROWS, like=first.path).path) == whole


def test_sealed_rows_are_never_shared(root):
    first = written(root, 1, ROWS, kind=QUARANTINE)
    second = written(root, 2, ROWS, kind=QUARANTINE, like=first.path)
    assert inode(root, second) != inode(root, first)


@pytest.mark.parametrize("error", [FileExistsError, PermissionError, OSError])
def test_where_no_second_name_can_be_given_the_rows_are_written(root, monkeypatch, error):
    def refuse(*_paths):
        raise error

    first = written(root, 1, ROWS)
    monkeypatch.setattr(os, "link", refuse)
    second = written(root, 2, ROWS, like=first.path)
    assert part_bytes(root, second.path) == part_bytes(root, first.path)
    assert inode(root, second) != inode(root, first)


def test_rows_that_a_killed_run_left_are_written_again(root):
    first = written(root, 1, ROWS)
    left = written(root, 2, OTHERS)
    assert written(root, 2, ROWS, like=first.path).path == left.path
    assert part_bytes(root, left.path) == part_bytes(root, first.path)
