"""What systems and office programs leave in a drop folder, by the ids in the list of real cases."""

import pytest

from tasks.intake.settle import still_arriving
from tests.support.dropped import QUARTER, WALSALL
from tests.support.files import HEADER, MEETINGS, ONE_CHILD, zipped
from tests.unit.warehouse.test_drop import refused, taken
from warehouse.drop import MAX_FILES, scan
from warehouse.ledger import all_arrivals, all_submissions

ROW = "C1,2025-01-15,,none\n"
DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"
LITTER = {
    ".DS_Store": b"\x00\x00\x00\x01Bud1",
    "Thumbs.db": b"\xd0\xcf\x11\xe0",
    "THUMBS.DB": b"",
    "desktop.ini": b"[.ShellClassInfo]\r\n",
    "~$Return.xlsx": b"\x05Siobhan" + b" " * 157,
    "~$NOTE.DOCX": b"\x05Siobhan" + b" " * 154,
    ".~lock.return.csv#": b",siobhan,pc12,28.11.2026 09:12,file:///home/siobhan;",
    "._return.csv": DOUBLE,
    "__MACOSX/return.csv": MEETINGS + ROW,
    "__macosx/deep/x.csv": b"x",
    ".Spotlight-V100/Store-V2/index": b"x",
    ".Trashes/501/return.csv": MEETINGS + ROW,
    ".fseventsd/0000": b"x",
    "$RECYCLE.BIN/desktop.ini": b"x",
    "sub/.DS_Store": b"x",
    "only/__MACOSX/._x.csv": DOUBLE,
}


@pytest.mark.parametrize("name", LITTER)
def test_r070_litter_alongside_a_return_neither_delays_it_nor_is_answered(dropped, name):
    dropped.put(name, LITTER[name])
    assert not still_arriving(dropped.root, settle_seconds=60.0, moment=0.0)
    dropped.put("return.csv", MEETINGS + ROW)
    (found,) = dropped.sweep()
    assert (str(found.state), found.return_name) == ("accepted", "pre_proceedings")
    assert (dropped.swept.refused, dropped.swept.waiting) == ((), ())
    mine = [row for row in all_submissions(dropped.root) if row.la_code == WALSALL]
    assert [(row.return_name, row.version) for row in mine] == [("pre_proceedings", 1)]
    assert [r.name for r in all_arrivals(dropped.root) if r.la_code == WALSALL] == ["return.csv"]
    assert len(list((dropped.root.outbox / WALSALL / QUARTER).iterdir())) == 1


@pytest.mark.parametrize("name", LITTER)
def test_r070_the_same_litter_inside_a_zip_is_passed_over_alike(dropped, name):
    dropped.put("sent.zip", zipped([("return.csv", MEETINGS + ROW), (name, LITTER[name])]))
    (found,) = dropped.sweep()
    assert (str(found.state), found.return_name) == ("accepted", "pre_proceedings")


def test_r070_litter_alone_and_empty_folders_make_nothing_at_all(dropped):
    for name, content in LITTER.items():
        dropped.put(name, content)
    (dropped.root.drop / WALSALL / QUARTER / "empty").mkdir()
    assert dropped.sweep() == []
    assert not [row for row in all_submissions(dropped.root) if row.la_code == WALSALL]
    assert dropped.swept.refused == ()


def test_r070_litter_above_the_quarters_is_no_unknown_folder(root):
    for place in (root.drop, root.drop / WALSALL):
        place.mkdir(exist_ok=True)
        (place / ".DS_Store").write_bytes(b"x")
        (place / "._2024-25Q4").write_bytes(DOUBLE)
        (place / ".Trashes").mkdir()
        (place / "Thumbs.db").write_bytes(b"x")
    assert refused(root) == {}


def test_r070_litter_is_not_counted_among_the_files_of_a_folder(root):
    folder = root.drop / WALSALL / QUARTER
    folder.mkdir(parents=True)
    for number in range(MAX_FILES + 1):
        (folder / f"~${number}.xlsx").write_bytes(b"x")
    assert (refused(root), taken(root)) == ({}, [])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("~$Return.xlsx", MEETINGS + ROW * 40, "NAME_UNSAFE"),
        ("~$return.csv", MEETINGS, "NAME_UNSAFE"),
    ],
)
def test_r070_a_return_named_like_an_owner_file_is_answered(dropped, name, content, code):
    dropped.put(name, content)
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", code)
    assert (dropped.pack(found) / "report.html").exists()


@pytest.mark.parametrize("name", [".~lock.csv", "._return.csv", ".~lock.return.csv"])
def test_r070_a_return_under_a_hidden_name_waits_as_an_upload_and_is_not_passed_over(root, name):
    folder = root.drop / WALSALL / QUARTER
    folder.mkdir(parents=True)
    (folder / name).write_text(HEADER + ONE_CHILD)
    (seen,) = scan(root.drop).folders
    assert [file.name for file in seen.files] == [name]
    assert [found.name for found in still_arriving(root, settle_seconds=0.0, moment=0.0)] == [
        f"{WALSALL}/{QUARTER}/{name}"
    ]


@pytest.mark.parametrize("name", ["thumbs.csv", "desktop.ini.csv", "MACOSX/x.csv", "DS_Store.csv"])
def test_r070_a_return_whose_name_only_resembles_litter_is_read(dropped, name):
    dropped.put(name, MEETINGS + ROW)
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted"
