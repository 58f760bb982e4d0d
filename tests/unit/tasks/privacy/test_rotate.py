"""Keys changed: everything opens, every join and figure is as it was, whenever a run was killed."""

import shutil

import pytest

from schemas.errors import KeyMissingError, LedgerError, UsageError
from tasks.cut.data_cut import make_cut
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.privacy.erase import erase
from tasks.privacy.rotate import rotate_pseudonym, rotate_storage
from tests.unit.tasks.privacy.conftest import (
    CHILDREN,
    GONE,
    WALSALL,
    meetings,
    opened,
    put,
    rows_in_force,
    sweep,
    two_ids,
)
from warehouse import removals, rotation
from warehouse.cuts import read_cut, why_lost
from warehouse.key import open_key
from warehouse.ledger import all_submissions, parts_of
from warehouse.pseudonyms import key_id
from warehouse.reconcile import discrepancies
from warehouse.removals import finish_removals
from warehouse.root import Root
from warehouse.sealed import key_name_of


class Killed(BaseException):
    """Stands for a process that is no more."""


def sealed_with(root):
    files = [path for path in root.landing.iterdir() if not path.name.startswith(".")]
    files += [path for path in root.quarantine.rglob("*.parquet")]
    return {key_name_of(path) for path in files}


def figures(root):
    refresh_now(root, everything=False, progress=lambda _: None)
    tables = tables_of_cut(root, "latest")
    return tables.outcomes.to_csv(), tables.conflicts.to_csv(), len(tables.cohort)


def shapes(rows):
    """What stands alongside each pseudonym, and which rows share one: all but the numbers."""
    names = ("child_key", "birth_mark", "alike_key", "census_child_id")
    numbers = {}
    return {
        table: [
            {
                name: numbers.setdefault(value, len(numbers)) if name in names else value
                for name, value in row.items()
            }
            for row in listed
        ]
        for table, listed in rows.items()
    }


def test_with_a_new_storage_key_everything_opens_and_nothing_else_is_different(filled, actor):
    before, rows = opened(filled), rows_in_force(filled)
    old = filled.storage_key_file.read_bytes()
    assert rotate_storage(filled, actor=actor) == 7
    assert filled.storage_key_file.read_bytes() != old
    assert sealed_with(filled) == {key_id(filled.storage_key_file.read_bytes())}
    assert {path.name for path in filled.storage_key_file.parent.iterdir()} == {
        "pseudonym.key",
        "storage.key",
        "tombstone.key",
    }
    assert (opened(filled), rows_in_force(filled)) == (before, rows)
    assert discrepancies(filled) == []
    put(filled, "more.csv", meetings(CHILDREN, first="07/02/2025"))
    assert sweep(filled) == {(WALSALL, "pre_proceedings"): "accepted with queries"}


def test_the_old_storage_key_opens_the_root_no_more(filled, actor):
    old = filled.storage_key_file.read_bytes()
    rotate_storage(filled, actor=actor)
    filled.storage_key_file.chmod(0o600)
    filled.storage_key_file.write_bytes(old)
    filled.storage_key_file.chmod(0o400)
    with pytest.raises(KeyMissingError, match="storage key is not the one"):
        open_key(filled)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("name", ["make_key", "_put_fact", "write_sealed", "_record"])
def test_a_change_of_the_storage_key_killed_anywhere_goes_on(
    filled, actor, monkeypatch, name, before
):
    contents = opened(filled)
    real, calls = getattr(rotation, name), []

    def step(*arguments, **more):
        calls.append(name)
        if before:
            raise Killed
        found = real(*arguments, **more)
        raise Killed(found)

    with monkeypatch.context() as patched:
        patched.setattr(rotation, name, step)
        with pytest.raises(Killed):
            rotate_storage(filled, actor=actor)
    assert opened(filled) == contents
    open_key(filled)
    put(filled, "more.csv", meetings(CHILDREN, first="07/02/2025"))
    assert sweep(filled) != {}
    rotate_storage(filled, actor=actor)
    assert sealed_with(filled) == {key_id(filled.storage_key_file.read_bytes())}
    assert discrepancies(filled) == []


def test_a_file_that_does_not_open_stops_the_change_and_both_keys_stay(filled, actor):
    path = min(filled.landing.iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LedgerError, match="cannot be opened"):
        rotate_storage(filled, actor=actor)
    assert filled.storage_key_file.with_name("storage.old.key").exists()


def test_with_a_new_pseudonym_key_every_join_and_figure_is_as_it_was(filled, actor):
    put(filled, "ids.csv", two_ids(CHILDREN))
    sweep(filled)
    before, rows = figures(filled), rows_in_force(filled)
    cut, old = read_cut(filled, "latest"), open_key(filled)
    rotate_pseudonym(filled, actor=actor)
    after = rows_in_force(filled)
    assert open_key(filled) != old
    assert shapes(after) == shapes(rows)
    assert after != rows
    assert figures(filled) == before
    newer = read_cut(filled, "latest")
    assert (cut.key_id, newer.key_id) == (key_id(old), key_id(open_key(filled)))
    assert tables_of_cut(filled, str(cut.number)).outcomes.to_csv() == before[0]
    assert why_lost(filled, cut) == ""
    assert discrepancies(filled) == []


def test_what_comes_after_a_change_of_key_joins_with_what_was_there(filled, actor):
    rotate_pseudonym(filled, actor=actor)
    put(filled, "more.csv", meetings(CHILDREN, first="07/02/2025"))
    sweep(filled)
    rows = rows_in_force(filled)
    meeting_keys = {row["child_key"] for row in rows["accepted", "pre_proceedings"]}
    assert meeting_keys == {row["child_key"] for row in rows["accepted", "cin_children"]}


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (rotation, "new_pseudonym_key"),
        (rotation, "swap_parts"),
        (rotation, "open_key"),
        (removals, "_finish"),
    ],
)
def test_a_change_of_the_pseudonym_key_killed_anywhere_goes_on(
    filled, actor, tmp_path, monkeypatch, module, name, before
):
    rows = shapes(rows_in_force(filled))
    real = getattr(module, name)

    def step(*arguments, **more):
        if not before:
            real(*arguments, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, name, step)
        with pytest.raises(Killed):
            rotate_pseudonym(filled, actor=actor)
    again = Root.at(tmp_path / "again")
    shutil.copytree(filled.path, again.path)
    open_key(again)
    assert shapes(rows_in_force(again)) == rows
    finish_removals(again)
    assert [one for one in discrepancies(again) if one.kind != "unfinished"] == []
    rotate_pseudonym(again, actor=actor)
    assert shapes(rows_in_force(again)) == rows
    assert discrepancies(again) == []


def test_a_tombstone_outlives_both_changes_of_key(filled, actor):
    erase(filled, WALSALL, [GONE], actor=actor)
    rotate_pseudonym(filled, actor=actor)
    rotate_storage(filled, actor=actor)
    put(filled, "again.csv", meetings(CHILDREN, first="07/02/2025"))
    sweep(filled)
    assert len(rows_in_force(filled)["accepted", "pre_proceedings"]) == 2
    assert discrepancies(filled) == []


def test_superseded_rows_whose_files_are_gone_go_and_their_cut_says_so(root, actor):
    put(root, "pre.csv", meetings(("KX1", "KX2")))
    sweep(root)
    cut, _ = make_cut(root, actor)
    (first,) = all_submissions(root)
    put(root, "pre.csv", meetings(("KX3", "KX4")))
    sweep(root)
    remove_landed(root, first.id)
    assert why_lost(root, cut) == ""
    rotate_pseudonym(root, actor=actor)
    assert parts_of(root, [first.id]) == []
    assert "pseudonym key was changed" in why_lost(root, cut)
    with pytest.raises(UsageError, match="cannot be computed again"):
        tables_of_cut(root, str(cut.number))


def remove_landed(root, submission_id):
    from warehouse.database import writing
    from warehouse.ledger import submission
    from warehouse.tables import submission_files

    for file in submission(root, submission_id).files:
        (root.landing / file.sha256).unlink()
    with writing(root) as connection:
        mine = submission_files.c.submission_id == submission_id
        connection.execute(submission_files.update().where(mine).values(removed=True))
