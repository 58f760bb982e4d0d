"""Every kind of damage is named, and an undamaged root has none."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tests.support.forms import LA_CODE, QUARTER, form_file, form_row
from warehouse.database import reading, writing
from warehouse.landing import landed_path
from warehouse.ledger import all_submissions, parts_of
from warehouse.orphans import orphans, set_aside_folders, set_orphans_aside
from warehouse.reconcile import discrepancies
from warehouse.root import Root, write_bytes
from warehouse.store import ACCEPTED, QUARANTINE, RESTRICTED_TEXT

HOME = Path(__file__).parents[3]
PRE = "child_id,first_meeting_date,proceedings_issued_date,outcome\n"
KINDS = (ACCEPTED, QUARANTINE, RESTRICTED_TEXT)


def filled(root):
    """A root with accepted rows, one row in quarantine and one text, in one sweep."""
    folder = next(root.drop.glob(f"{LA_CODE}*")) / str(QUARTER)
    folder.mkdir()
    row = form_row("session", 2, helped_text="Quiet room")
    (folder / "session.csv").write_text(form_file([form_row("session", 1), row]), newline="")
    dates = QUARTER.year_start.strftime("%d/%m/%Y")
    (folder / "pre.csv").write_text(f"{PRE}A1,{dates},,\nA2,99/99/2023,,\n")
    states = {
        (found.return_name, str(found.state))
        for found in sweep_once(root, wait=False, progress=lambda _: None).taken
    }
    assert states == {
        ("training_feedback", "accepted"),
        ("pre_proceedings", "accepted with queries"),
    }
    return root


@pytest.fixture
def whole(root):
    return filled(root)


def part(root, kind):
    ids = [row.id for row in all_submissions(root)]
    return root.path / parts_of(root, ids, kind=kind)[0].path


def found(root):
    return {(one.kind, one.subject) for one in discrepancies(root)}


def name(root, path):
    return str(path.relative_to(root.path))


def flip(path):
    data = path.read_bytes()
    place = len(data) // 2
    write_bytes(path, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def change(root, statement):
    with writing(root) as connection:
        connection.execute(text(statement))


def test_the_ledger_knows_accepted_rows_quarantine_and_texts(any_ledger_root):
    root = filled(any_ledger_root)
    for kind in KINDS:
        assert part(root, kind).exists()
    assert discrepancies(root) == []
    assert orphans(root, older_than_seconds=-1.0) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_part_is_named(whole, kind):
    path = part(whole, kind)
    path.unlink()
    assert found(whole) == {("missing", name(whole, path))}


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_of_a_part_is_named(whole, kind):
    path = part(whole, kind)
    flip(path)
    assert found(whole) == {("altered", name(whole, path))}


def test_a_missing_or_changed_landed_file_is_named(whole):
    one, other = sorted(whole.landing.iterdir())
    one.unlink()
    flip(other)
    assert found(whole) == {("missing", name(whole, one)), ("altered", name(whole, other))}


@pytest.mark.parametrize("folder", ["landing", "warehouse", "quarantine", "restricted_text"])
def test_a_file_that_nothing_names_is_named_and_set_aside_when_it_is_old(whole, folder):
    path = whole.path / folder / "x.parquet"
    write_bytes(path, b"x")
    assert found(whole) == {("extra", name(whole, path))}
    assert orphans(whole, older_than_seconds=60.0) == []
    assert set_orphans_aside(whole, older_than_seconds=-1.0) == ""
    assert found(whole) == set()
    (aside,) = set_aside_folders(whole)
    assert (aside / name(whole, path)).read_bytes() == b"x"


def test_an_altered_audit_entry_is_named(whole):
    change(whole, "UPDATE audit SET counts = '[]' WHERE number = 2")
    assert ("chain", "audit entry 2") in found(whole)


@pytest.mark.parametrize("number", ["1", "2", "(SELECT max(number) FROM audit)"])
def test_a_removed_audit_entry_is_named(whole, number):
    change(whole, f"DELETE FROM audit WHERE number = {number}")
    assert any(kind == "chain" for kind, _ in found(whole))


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE submissions SET row_counts = '{"pre_proceedings": 7}'""",
        "UPDATE submissions SET error_count = error_count + 1",
        "UPDATE submissions SET state = 'rejected'",
        "UPDATE parts SET row_count = row_count + 1",
    ],
)
def test_an_altered_count_or_verdict_in_the_ledger_is_named(whole, statement):
    change(whole, statement)
    assert any(kind == "count" for kind, _ in found(whole))


def test_a_submission_removed_from_the_ledger_is_missed(whole):
    given = next(row for row in all_submissions(whole) if row.return_name == "pre_proceedings")
    tables = (
        "claims",
        "finding_counts",
        "parts",
        "in_force",
        "submission_states",
        "submission_files",
    )
    for table in tables:
        change(whole, f"DELETE FROM {table} WHERE submission_id = '{given.id}'")
    change(whole, f"DELETE FROM submissions WHERE id = '{given.id}'")
    assert ("count", f"submission {given.id}") in found(whole)


def test_verify_exits_with_1_and_names_what_does_not_agree(whole):
    path = part(whole, QUARANTINE)
    flip(path)
    command = [sys.executable, "-m", "cli", "verify", "--root", str(whole.path)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=HOME)
    assert ended.returncode == 1
    assert name(whole, path) in ended.stdout


def test_a_root_from_before_sealing_is_sealed_by_init_and_read_by_nothing_before(root):
    from schemas.errors import KeyMissingError

    filled(root)
    opened = {
        path: data for path, data in ((p, plain(root, p)) for p in sealed_files(root)) if data
    }
    for path, data in opened.items():
        write_bytes(path, data)
    change(root, "DELETE FROM facts WHERE name IN ('storage_key_id', 'tombstone_key_id')")
    change(root, "DELETE FROM parts WHERE kind <> 'accepted'")
    root.storage_key_file.unlink()
    root.tombstone_key_file.unlink()
    with pytest.raises(KeyMissingError, match="storage key cannot be read"):
        sweep_once(root, wait=False, progress=lambda _: None)
    set_up(root)
    assert {plain(root, path) for path in opened} == set(opened.values())
    assert not any(data in path.read_bytes() for path, data in opened.items())
    assert discrepancies(root) == []
    with reading(root) as connection:
        kinds = connection.execute(text("SELECT DISTINCT kind FROM parts")).scalars()
        assert set(kinds) == set(KINDS)


def sealed_files(root):
    folders = (root.landing, root.quarantine, root.restricted_text)
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def plain(root, path):
    from warehouse.landing import landed_chunks
    from warehouse.store import part_bytes

    if path.parent == root.landing:
        assert path == landed_path(root, path.name)
        return b"".join(landed_chunks(root, path.name))
    return part_bytes(root, name(root, path))


def test_sealing_a_root_that_was_killed_half_way_goes_on(root, monkeypatch):
    from warehouse import unsealed

    filled(root)
    files = sealed_files(root)
    opened = {path: plain(root, path) for path in files}
    for path, data in opened.items():
        write_bytes(path, data)
    change(root, "DELETE FROM facts WHERE name = 'storage_key_id'")
    real, calls = unsealed.write_sealed, []

    def die_at_the_third(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(unsealed, "write_sealed", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        set_up(Root.at(root.path))
    monkeypatch.undo()
    set_up(Root.at(root.path))
    assert {path: plain(root, path) for path in files} == opened
    assert discrepancies(root) == []
