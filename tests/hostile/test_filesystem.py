"""What a file system can hold besides files, in one sweep beside an authority that did no wrong."""

import os

import tasks.validate.batches
import warehouse.drop
from tests.support.dropped import LANCASHIRE, QUARTER
from tests.support.files import MEETINGS

MOST = 12
ROWS = MEETINGS + "{},2024-05-06,,none\n"


def folder_of(root, la_code, quarter=QUARTER):
    folder = root.drop / la_code / quarter
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put_everything_odd(root):
    """Fill the drop folder with odd things; return which folder must get which reason code."""
    others = [la for la in root.settings().authorities if la != LANCASHIRE]
    expected = {}

    def place(code):
        la_code = others[len(expected)]
        expected[la_code] = code
        return folder_of(root, la_code)

    collision = place("NAME_COLLISION")
    (collision / "DR2.csv").write_text(ROWS.format(1))
    (collision / "dr2.CSV").write_text(ROWS.format(2))
    for name in (b"-rf.csv", b"a\nb.csv", "a\u202eb.csv".encode(), b"a\xff.csv"):
        odd = place("NAME_UNSAFE")
        with open(os.path.join(os.fsencode(odd), name), "wb") as file:  # noqa: PTH118, PTH123 (bytes)
            file.write(ROWS.format(3).encode())
    (place("NOT_REGULAR_FILE") / "x.csv").symlink_to("/etc/passwd")
    os.mkfifo(place("NOT_REGULAR_FILE") / "x.csv")
    huge = place("FILE_TOO_LARGE") / "huge.csv"
    huge.touch()
    os.truncate(huge, 5_000_000_000)
    many = place("TOO_MANY_FILES")
    for number in range(MOST * 3):
        (many / f"{number}.csv").touch()
    return expected


def put_odd_folders(root, elsewhere):
    """Put folders that are no authority's own into the drop folder."""
    inside = elsewhere / QUARTER
    inside.mkdir(parents=True)
    (inside / "x.csv").write_text(ROWS.format(9))
    registered = root.settings().authorities[-1]
    for made in root.drop.glob(f"{registered}*"):
        made.rmdir()
    (root.drop / registered).symlink_to(elsewhere)
    (folder_of(root, "E09000001") / "x.csv").write_text(ROWS.format(8))
    return {registered: "NOT_REGULAR_DIR", f"E09000001/{QUARTER}": "AUTHORITY_UNKNOWN"}


def test_every_odd_thing_is_refused_by_its_code_and_nothing_else_moves(
    root, dropped, monkeypatch, tmp_path
):
    monkeypatch.setattr(tasks.validate.batches, "ONE_BY_ONE", 1_000)
    monkeypatch.setattr(warehouse.drop, "MAX_FILES", MOST)
    expected = put_everything_odd(root)
    folders = put_odd_folders(root, tmp_path / "elsewhere")
    told = {la_code: set() for la_code in expected}
    for taken in dropped.sweep():
        assert str(taken.state) in ("rejected", "held")
        told[taken.la_code].add(taken.reason_code)
    assert {la for la, code in expected.items() if code not in told[la]} == set()
    assert {la for la in told if len(told[la]) > 1 and expected[la] != "TOO_MANY_FILES"} == set()
    refused = dict(dropped.swept.refused)
    assert {name: refused.get(name) for name in folders} == folders
    assert list(dropped.in_force()) == [(LANCASHIRE, "pre_proceedings", QUARTER)]
