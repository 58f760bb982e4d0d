"""Copies of a living root: taken while it works, restored, verified, and the same figures."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from benchmarks.soak.twins import differing, settled_state, twin
from schemas.errors import UsageError
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.intake.sweep import sweep_once
from tasks.operate.reconcile import verified
from tasks.operate.set_up import set_up
from tasks.outcomes.authority import outcome_csv
from warehouse import database
from warehouse.backup import back_up, back_up_keys, restore
from warehouse.ledger import unfinished
from warehouse.root import Root

from .conftest import LANCASHIRE, SMALL, WALSALL

HOME = Path(__file__).parents[2]
STATUTORY = ("ssda903", "cin_census.xml")
MIGRATIONS = HOME / "warehouse" / "migrations"


def quiet(_):
    return


@pytest.fixture(scope="module")
def filled(tmp_path_factory, put):
    """A root with two returns of one authority taken in and refreshed."""
    root = set_up(Root.at(tmp_path_factory.mktemp("filled") / "root"), settle_seconds=0.0)
    put(root, WALSALL, "2023-24Q1", *STATUTORY)
    sweep_once(root, wait=False, progress=quiet)
    refresh_now(root, everything=False, progress=quiet)
    return root


def test_a_restored_root_verifies_and_gives_the_same_figures(filled, tmp_path):
    figures = outcome_csv(tables_of_cut(filled, "latest").outcomes)
    state = settled_state(filled)
    made = back_up(filled, tmp_path / "copies")
    assert back_up_keys(filled, tmp_path / "keys") == len(
        [
            path
            for folder in (filled.key_file.parent, filled.head_key_file.parent)
            for path in folder.rglob("*")
            if path.is_file()
        ]
    )
    again = Root.at(tmp_path / "restored")
    restore(again, made.path, keys=tmp_path / "keys")
    assert verified(again) == []
    assert differing(state, settled_state(again)) == []
    assert "unchanged" in refresh_now(again, everything=True, progress=quiet)
    assert outcome_csv(tables_of_cut(again, "latest").outcomes) == figures
    # And it goes on working where the other left off.
    assert sweep_once(again, wait=False, progress=quiet).taken == ()


def test_a_copy_holds_no_key_and_the_next_copy_shares_what_did_not_change(filled, tmp_path, put):
    first = back_up(filled, tmp_path / "copies")
    keys = {path.read_bytes() for path in filled.key_file.parent.rglob("*") if path.is_file()}
    held = [path.read_bytes() for path in first.path.rglob("*") if path.is_file()]
    assert keys
    assert [key for key in keys if any(key in found for found in held)] == []
    put(filled, LANCASHIRE, "2023-24Q1", SMALL[0])
    second = back_up(filled, tmp_path / "copies")
    assert second.copied == 1
    assert second.kept == first.copied
    one = next((second.path / "files" / "warehouse").rglob("*.parquet"))
    assert one.stat().st_nlink == 2
    assert one.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_copy_taken_in_the_middle_of_a_sweep_can_be_finished(tmp_path, put):
    calm = set_up(Root.at(tmp_path / "calm"), settle_seconds=0.0)
    busy = twin(calm, tmp_path / "busy")
    for root in (calm, busy):
        put(root, WALSALL, "2023-24Q1", *SMALL)
        put(root, LANCASHIRE, "2023-24Q1", *SMALL)
    sweep_once(calm, wait=False, progress=quiet)
    back_up_keys(busy, tmp_path / "keys")
    sweep = subprocess.Popen(
        [sys.executable, "-m", "cli", "sweep", "--root", str(busy.path), "--no-wait"],
        cwd=HOME,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    copies = []
    while sweep.poll() is None:
        copies.append(back_up(busy, tmp_path / "copies").path)
    assert sweep.returncode == 0
    counts = [parquet_files_of(copy) for copy in copies]
    middle = next(
        (copy for copy, count in zip(copies, counts, strict=True) if 0 < count < counts[-1]),
        copies[len(copies) // 2],
    )
    again = Root.at(tmp_path / "restored")
    restore(again, middle, keys=tmp_path / "keys")
    # What came after the ledger was copied is not in it; nothing it names is missing or altered.
    assert {found.kind for found in verified(again)} <= {"extra", "unfinished"}
    sweep_once(again, wait=False, progress=quiet)
    assert unfinished(again) == ()
    assert differing(settled_state(calm), settled_state(again)) == []


def parquet_files_of(copy):
    return len(list((copy / "files" / "warehouse").rglob("*.parquet")))


def test_an_interrupted_copy_is_none_and_is_cleared_by_the_next(filled, tmp_path):
    copies = tmp_path / "copies"
    left = copies / "20260101T000000.000000Z.draft"
    (left / "files").mkdir(parents=True)
    with pytest.raises(UsageError, match="not a whole copy"):
        restore(Root.at(tmp_path / "new"), left, keys=tmp_path)
    made = back_up(filled, copies)
    assert [path.name for path in copies.iterdir()] == [made.path.name]


def test_a_root_that_holds_anything_is_not_restored_over(filled, tmp_path):
    made = back_up(filled, tmp_path / "copies")
    with pytest.raises(UsageError, match="not empty"):
        restore(filled, made.path, keys=tmp_path)


@pytest.mark.postgres
def test_a_ledger_on_postgresql_is_dumped_and_restored_into_another_database(
    tmp_path, put, postgres_server
):
    root = set_up(
        Root.at(tmp_path / "root"), settle_seconds=0.0, ledger_url=postgres_server.new_database()
    )
    put(root, WALSALL, "2023-24Q1", *SMALL)
    sweep_once(root, wait=False, progress=quiet)
    state = settled_state(root)
    made = back_up(root, tmp_path / "copies")
    back_up_keys(root, tmp_path / "keys")
    root.path.rename(tmp_path / "lost")
    again = Root.at(tmp_path / "restored")
    restore(again, made.path, keys=tmp_path / "keys", ledger_url=postgres_server.new_database())
    assert verified(again) == []
    assert differing(state, settled_state(again)) == []


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_init_brings_a_ledger_of_an_earlier_revision_up_to_date(tmp_path, revision):
    root = Root.at(tmp_path / "root")
    root.path.mkdir(mode=0o700)
    old = create_engine(root_url := f"sqlite:///{root.path / 'ledger.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('planted', 'kept')"))
    old.dispose()
    done = subprocess.run(
        [sys.executable, "-m", "cli", "init", "--root", str(root.path)],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with create_engine(root_url).connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        kept = connection.execute(text("SELECT value FROM facts WHERE name = 'planted'")).scalar()
    assert found == database.HEAD
    assert kept == "kept"


def test_the_same_root_gives_the_same_copy(filled, tmp_path):
    first, second = (back_up(filled, tmp_path / name).path for name in ("one", "two"))
    assert digests(first) == digests(second)


def digests(copy):
    return {
        str(path.relative_to(copy)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((copy / "files").rglob("*"))
        if path.is_file()
    }
