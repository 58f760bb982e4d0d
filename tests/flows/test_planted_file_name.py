"""A child's name in the name of a file or folder is shown to the authority, never to operators."""

import zipfile

import pytest
from typer.testing import CliRunner

from cli.app import app
from schemas.file_kinds import counted_files
from tasks.operate.status_page import write_status
from tests.flows.conftest import WALSALL
from warehouse.ledger import all_submissions

NAME = "Persephone-Quill"
QUARTER = "2022-23Q1"
HOLD_IT = ("drop", "outbox", "ledger")
"""The authority's own, and the ledger, which knows every file by its name."""


@pytest.fixture
def planted(root, drop):
    """Files whose names hold a name: accepted, refused, unreadable, unfinished, in a folder."""
    folder = drop(WALSALL, QUARTER, "pre_proceedings.csv")
    (folder / "pre_proceedings.csv").rename(folder / f"{NAME} proceedings.csv")
    (folder / f"{NAME}.csv").write_text("this is not a return\n")
    (folder / f"{NAME} broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    (folder / f"{NAME} twin.xlsx").write_bytes(b"PK\x03\x04 broken too")
    (folder / f"{NAME}.xml").write_text("<Message>")
    (folder / NAME).mkdir()
    (folder / NAME / f"{NAME}.csv").write_text("nor is this\n")
    with zipfile.ZipFile(folder / f"{NAME}.zip", "w") as archive:
        archive.writestr(f"{NAME} inside.csv", "neither\n")
    (folder.parent / NAME).mkdir()
    (root.drop / f"{NAME}.csv").write_text("lost\n")
    return folder


def said(*words):
    shown = CliRunner().invoke(app, [str(word) for word in words])
    assert shown.exit_code in (0, 3), shown.output
    return shown.output


def holding(root):
    return {
        str(path.relative_to(root.path))
        for path in root.path.rglob("*")
        if path.is_file()
        and not path.relative_to(root.path).parts[0].startswith(HOLD_IT)
        and NAME.encode() in path.read_bytes()
    }


def test_operators_see_a_number_and_the_kind_and_the_authority_its_own_names(
    root, planted, tmp_path
):
    at = ("--root", root.path)
    (planted / f"{NAME} later.csv.part").write_text("half")
    waiting = said("sweep", "--no-wait", *at) + said("status", *at)
    assert f"waiting: {WALSALL}/{QUARTER}: 1 unfinished upload: FILE_STILL_ARRIVING" in waiting
    (planted / f"{NAME} later.csv.part").unlink()
    swept = said("sweep", "--no-wait", *at)
    assert f"not taken: {WALSALL}/{QUARTER}: 2 workbooks: ZIP_TRUNCATED" in swept
    assert f"not taken: {WALSALL}: 1 other file or folder: QUARTER_UNKNOWN" in swept
    shown = said("status", *at)
    assert f"refused: {WALSALL}/{QUARTER}: 2 workbooks: ZIP_TRUNCATED" in shown
    write_status.fn(str(root.path))
    (tmp_path / "ids").write_text("this\n")
    everything = [waiting, swept, shown]
    everything += [said("status", *at, *more) for more in (["--json"], ["--metrics"])]
    everything += [said("findings", row.id, *at) for row in all_submissions(root)]
    everything.append(
        said("erase", "--authority", WALSALL, "--ids", tmp_path / "ids", "--dry-run", *at)
    )
    assert [text for text in everything if NAME in text] == []
    assert (root.notices / "status.html").exists()
    assert holding(root) == set()
    packs = [path.read_text("utf-8", "replace") for path in root.outbox.rglob("*.html")]
    assert any(NAME in text for text in packs)


def test_files_are_counted_by_place_kind_and_code():
    found = [
        (f"{WALSALL}-walsall/{QUARTER}/a.xlsx", "A"),
        (f"{WALSALL}-walsall/{QUARTER}/deep/b.XLSX", "A"),
        (f"{WALSALL}/{QUARTER}/c.csv", "A"),
        (f"{WALSALL}/{QUARTER}/c.csv", "B"),
        (f"{WALSALL}/summer/c.csv", "A"),
        (WALSALL, "C"),
        ("lost.doc", "A"),
    ]
    assert counted_files(found) == (
        (WALSALL, "1 CSV file", "A"),
        (WALSALL, "", "C"),
        (f"{WALSALL}/{QUARTER}", "1 CSV file, 2 workbooks", "A"),
        (f"{WALSALL}/{QUARTER}", "1 CSV file", "B"),
        ("drop folder", "1 other file or folder", "A"),
    )
