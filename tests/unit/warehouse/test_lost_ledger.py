"""A ledger that is gone, empty, older or another root's: every command refuses, nothing moves."""

import sys

import pytest
from sqlalchemy import create_engine, text

from cli.app import main
from schemas.errors import LedgerError, UsageError
from tasks.intake.sweep import sweep_once
from tasks.operate.reconcile import reconcile_files, verified
from tasks.operate.set_up import set_up
from tests.support.forms import LA_CODE
from tests.unit.warehouse.test_orphans import contents
from tests.unit.warehouse.test_reconcile import change, filled
from warehouse import database, tables
from warehouse.backup import back_up, back_up_keys, restore
from warehouse.database import ledger_file
from warehouse.landing import land_bytes
from warehouse.ledger import all_submissions
from warehouse.orphans import set_aside_folders
from warehouse.root import Root, write_bytes
from warehouse.unsealed import _enter

COMMANDS = (
    ("init",),
    ("sweep", "--no-wait"),
    ("status",),
    ("verify",),
    ("refresh",),
    ("cuts",),
    ("publish",),
    ("retain",),
    ("rotate", "storage"),
    ("serve",),
)
UNKNOWN = "0123456789abcdef"


def quiet(_):
    return


def forget_process():
    """Let this process look at every ledger again, as a new one does."""
    database.engine.cache_clear()
    database._opened_before.clear()


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run every command on a root; return what each said, having ended with 1."""

    def said(root, commands=COMMANDS):
        words = []
        for command in commands:
            forget_process()
            monkeypatch.setattr(sys, "argv", ["sfp", *command, "--root", str(root.path)])
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capsys.readouterr()
            assert ended.value.code == 1, command
            assert "(none)" not in captured.out, command
            words.append(captured.out + captured.err)
        return words

    return said


def drop_tables(root):
    ledger = create_engine(root.ledger_url)
    tables.metadata.drop_all(ledger)
    with ledger.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    ledger.dispose()


def empty_tables(root):
    for table in reversed(tables.metadata.sorted_tables):
        change(root, f"DELETE FROM {table.name}")


def lose(root):
    """Remove the file; a database that is a server's is emptied in its place."""
    file = ledger_file(root)
    if file is None:
        drop_tables(root)
        return
    for left in root.path.glob(f"{file.name}*"):
        left.unlink()


@pytest.mark.parametrize("loss", [lose, drop_tables, empty_tables])
def test_a_lost_ledger_is_refused_and_nothing_is_made_or_moved(any_ledger_root, loss, refused):
    root = filled(any_ledger_root)
    before = contents(root)
    loss(root)
    for words in refused(root):
        assert "is gone or empty, and 15 files or packs (2 in landing/" in words
        assert "sfp restore COPY" in words
    with pytest.raises(LedgerError, match="gone or empty"):
        reconcile_files.fn(str(root.path))
    assert contents(root) == before
    file = ledger_file(root)
    assert file is None or file.exists() is (loss is not lose)


def forget_newest(root):
    """Take the newest submission out of the ledger, as a copy from before it has none of it."""
    newest = max(all_submissions(root), key=lambda row: row.received_at).id
    for table in (
        "claims",
        "finding_counts",
        "parts",
        "in_force",
        "submission_states",
        "submission_files",
    ):
        change(root, f"DELETE FROM {table} WHERE submission_id = '{newest}'")
    change(root, f"DELETE FROM submissions WHERE id = '{newest}'")


def sign_later(root):
    write_bytes(root.heads / "0000009999.json", b"{}")


@pytest.mark.parametrize(
    ("age", "kind"), [(forget_newest, "1 in outbox/"), (sign_later, "1 in heads/")]
)
def test_an_older_ledger_is_refused_and_nothing_moves(any_ledger_root, age, kind, refused):
    root = filled(any_ledger_root)
    age(root)
    before = contents(root)
    for words in refused(root):
        assert kind in words
        assert "it is older than they are, or another root's" in words
    assert contents(root) == before


def test_the_database_of_another_root_is_refused(any_ledger_root, tmp_path, refused):
    root = filled(any_ledger_root)
    other = set_up(Root.at(tmp_path / "other"), settle_seconds=0.0)
    settings = root.settings_file.read_text().splitlines()
    named = [f'ledger_url = "{other.ledger_url}"' if "ledger_url =" in s else s for s in settings]
    root.settings_file.write_text("\n".join(named) + "\n")
    for words in refused(root):
        assert "or another root's" in words


def test_init_does_not_point_a_root_with_work_at_an_empty_database(root, tmp_path):
    filled(root)
    settings = root.settings_file.read_text()
    with pytest.raises(LedgerError, match="gone or empty"):
        set_up(root, ledger_url=f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert root.settings_file.read_text() == settings
    assert not (tmp_path / "new.sqlite").exists()


def test_a_root_that_was_never_used_may_lose_its_ledger(root):
    lose(root)
    forget_process()
    with pytest.raises(UsageError, match="Run `sfp init"):
        sweep_once(root, wait=False, progress=quiet)
    set_up(root)
    assert sweep_once(root, wait=False, progress=quiet).taken == ()


def test_what_a_process_killed_before_its_first_entry_left_is_not_refused(any_ledger_root):
    land_bytes(any_ledger_root, b"landed, and killed before it was registered")
    forget_process()
    assert sweep_once(any_ledger_root, wait=False, progress=quiet).taken == ()
    assert len(list(any_ledger_root.landing.iterdir())) == 1


def test_what_a_process_killed_between_verdict_and_pack_left_is_not_refused(root, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_arguments, **_more):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("tasks.validate.submission.put_pack", die)
        with pytest.raises(Killed):
            filled(root)
    forget_process()
    assert sweep_once(root, wait=False, progress=quiet).taken


def test_a_restored_copy_sets_aside_what_is_later_than_its_ledger(any_ledger_root, tmp_path):
    root = filled(any_ledger_root)
    copy = back_up(root, tmp_path / "copies").path
    back_up_keys(root, tmp_path / "keys")
    later = (
        f"outbox/{LA_CODE}/2025-26Q1/{UNKNOWN}/receipt.json",
        "heads/0000009999.json",
        f"warehouse/t/la_code={LA_CODE}/quarter=2025-26Q1/{UNKNOWN}.parquet",
    )
    for path in later:
        write_bytes(copy / "files" / path, b"later")
    again = Root.at(tmp_path / "restored")
    empty = any_ledger_root.settings().ledger_url and another_database(root)
    restore(again, copy, keys=tmp_path / "keys", ledger_url=empty)
    forget_process()
    assert verified(again) == []
    assert sweep_once(again, wait=False, progress=quiet).taken == ()
    moved = {
        str(path.relative_to(folder))
        for folder in set_aside_folders(again)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert moved == set(later)


def another_database(root):
    """Make an empty database next to the one of a root; return its address."""
    server = create_engine(root.ledger_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE restored"))
    server.dispose()
    return f"{root.ledger_url.rsplit('/', 1)[0]}/restored"


def test_a_lost_ledger_is_not_copied_over_the_good_copies(root, tmp_path):
    filled(root)
    lose(root)
    forget_process()
    with pytest.raises(LedgerError, match="gone or empty"):
        back_up(root, tmp_path / "copies")
    assert not (tmp_path / "copies").exists()


def test_sealing_an_older_root_leaves_what_belongs_to_no_submission(root):
    filled(root)
    path = root.restricted_text / "t" / f"{UNKNOWN}.parquet"
    write_bytes(path, b"sealed by someone")
    _enter(root)
    assert path.exists()
