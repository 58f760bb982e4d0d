"""A disk that refuses, by the ids in the list of hostile cases."""

import errno
from pathlib import Path

import pytest

from tests.support.dropped import LANCASHIRE, WALSALL
from tests.support.files import MEETINGS

QUARTER = "2024-25Q4"


def rows(count):
    return MEETINGS + "".join(f"W{n},2024-05-06,,none\n" for n in range(count))


def whole_files(root):
    """Return every finished file of the tables, by name, with its bytes."""
    return {path.name: path.read_bytes() for path in root.tables.rglob("*.parquet")}


@pytest.mark.parametrize("code", [errno.EACCES, errno.EXDEV, errno.ENOSPC])
def test_h095_where_the_last_rename_fails_the_old_version_stays_and_the_fault_is_named(
    root, dropped, monkeypatch, code
):
    dropped.put("m.csv", rows(3))
    (first,) = dropped.sweep()
    assert str(first.state) == "accepted"
    before, files = dropped.in_force(), whole_files(root)
    real = Path.replace

    def refused(self, target):
        if f"la_code={WALSALL}" in str(target):
            raise OSError(code, "child 12345 born 01/02/2010")
        return real(self, target)

    dropped.put("m.csv", rows(4))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refused)
        (second,) = dropped.sweep()
    assert str(second.state) == "landed"
    named = "DISK_FULL: " if code == errno.ENOSPC else "INTERNAL_ERROR IO_ERROR "
    assert second.reason_code.startswith(named)
    assert "12345" not in second.reason_code
    key = (WALSALL, "pre_proceedings", QUARTER)
    assert dropped.in_force()[key] == before[key]
    mine = {name: data for name, data in whole_files(root).items() if name in files}
    assert mine == files
    (third,) = dropped.sweep()
    assert (str(third.state), third.submission_id) == ("accepted", second.submission_id)
    assert dropped.in_force()[key] == before[key] + 1
    assert (LANCASHIRE, "pre_proceedings", QUARTER) in dropped.in_force()
    assert list(root.tables.rglob("*draft*")) == []
