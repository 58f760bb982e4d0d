"""A small root in which every kind of file names the same three children."""

import shutil

import pytest

from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tests.support.files import MEETINGS, as_bytes, census, child, workbook, zipped
from warehouse.landing import landed_chunks
from warehouse.ledger import all_in_force, parts_of
from warehouse.root import Root
from warehouse.store import read_part

WALSALL, LANCASHIRE = "E08000030", "E10000017"
QUARTER = "2024-25Q4"
GONE = "KX90411"
STAYS = "KX90412"
LAST = "KX90413"
CHILDREN = (GONE, STAYS, LAST)
ATTENDANCE = (
    "child_id",
    "academic_year",
    "term",
    "sessions_possible",
    "sessions_authorised_absence",
    "sessions_unauthorised_absence",
)


def meetings(children, *, first="05/02/2025"):
    """Rows of which one has a date that is none and is set aside."""
    rows = "".join(f"{child_id},{first},,none\n" for child_id in children)
    return f"{MEETINGS}{rows}{children[0]},31/02/2025,,none\n"


def attendance(children):
    rows = [[found, "2024/25", "autumn", 130, 3, 1] for found in children]
    return workbook(("school_attendance", [list(ATTENDANCE), *rows]))


def census_of(children):
    return census("\n".join(child(child_id=found) for found in children), la="335")


def two_ids(children):
    """A list of children by their ids in SSDA903 and in the census."""
    rows = "".join(f"L{found},{found}\n" for found in children)
    return f"ssda903_child_id,census_child_id\n{rows}"


def put(root, name, content, *, la_code=WALSALL):
    (folder,) = root.drop.glob(f"{la_code}*")
    path = folder / QUARTER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(content))
    return path


def sweep(root):
    taken = sweep_once(root, wait=False, progress=lambda _: None).taken
    return {(found.la_code, found.return_name): str(found.state) for found in taken}


def fill(root, children=CHILDREN):
    """Drop and take in a CSV file, a workbook, and XML inside a zip; and a neighbour's file."""
    put(root, "pre.csv", meetings(children))
    put(root, "attendance.xlsx", attendance(children))
    put(root, "census.zip", zipped([("census.xml", census_of(children))]))
    put(root, "pre.csv", meetings((GONE, STAYS)), la_code=LANCASHIRE)
    states = sweep(root)
    assert set(states) == {
        (WALSALL, "pre_proceedings"),
        (WALSALL, "school_attendance"),
        (WALSALL, "cin_census"),
        (LANCASHIRE, "pre_proceedings"),
    }
    assert set(states.values()) <= {"accepted", "accepted with queries"}
    return root


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory):
    return fill(set_up(Root.at(tmp_path_factory.mktemp("filled") / "root"), settle_seconds=0.0))


@pytest.fixture
def filled(filled_once, tmp_path):
    """A copy of the small root, for one test alone."""
    return copied(filled_once, tmp_path / "root")


@pytest.fixture
def fresh(root):
    """The small root with what was dropped still lying there."""
    return fill(root)


def copied(root, path):
    """A copy without what was dropped, which would be looked at again: it is on other inodes."""
    shutil.copytree(root.path, path)
    for folder in (path / "drop").glob("*/*"):
        shutil.rmtree(folder)
    return Root.at(path)


def rows_in_force(root, la_code=WALSALL):
    """Everything at rest that counts, by table, without what tells where a row stood."""
    ids = [row.id for row in all_in_force(root, la_code=la_code)]
    found = {}
    for kind in ("accepted", "quarantine"):
        for part in parts_of(root, ids, kind=kind):
            rows = read_part(root, part.path).drop_columns(["source_file", "source_row"])
            found[kind, part.table_name] = rows.to_pylist()
    return found


def opened(root):
    """Every byte in landing, by hash."""
    return {path.name: b"".join(landed_chunks(root, path.name)) for path in root.landing.iterdir()}
