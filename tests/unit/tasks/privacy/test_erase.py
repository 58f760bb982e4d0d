"""Erasure, step by step (hostile case H107), and after a kill at any of them."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.errors import UsageError
from tasks.intake.receive import receive
from tasks.operate.set_up import set_up
from tasks.privacy.erase import erase
from tasks.privacy.retain import retained
from tasks.privacy.rotate import rotate_pseudonym, rotate_storage
from tests.support.files import MEETINGS, zipped
from tests.unit.tasks.privacy.conftest import (
    CHILDREN,
    GONE,
    LANCASHIRE,
    LAST,
    QUARTER,
    STAYS,
    WALSALL,
    attendance,
    census_of,
    fill,
    meetings,
    opened,
    put,
    rows_in_force,
    sweep,
)
from warehouse import erasure, landing
from warehouse.database import reading
from warehouse.ledger import all_arrivals, all_in_force, all_submissions
from warehouse.reconcile import discrepancies
from warehouse.root import Root
from warehouse.tables import audit, tombstones

HOME = Path(__file__).parents[4]


def erased(root, actor, **how):
    return erase(root, WALSALL, [GONE], actor=actor, **how)


def states(root):
    return sorted(
        (row.la_code, row.return_name, row.version, row.state) for row in all_submissions(root)
    )


def never_sent(root, path):
    """A root with the same keys to which the child was never sent."""
    other = Root.at(path)
    shutil.copytree(root.key_file.parent, other.key_file.parent)
    set_up(other, settle_seconds=0.0)
    lines = meetings(CHILDREN).splitlines(keepends=True)
    put(other, "pre.csv", "".join(line for line in lines if GONE not in line))
    put(other, "attendance.xlsx", attendance((STAYS, LAST)))
    put(other, "census.zip", zipped([("census.xml", census_of((STAYS, LAST)))]))
    put(other, "pre.csv", meetings((GONE, STAYS)), la_code=LANCASHIRE)
    sweep(other)
    return other


def holding(root):
    """Files under the root that hold the identifier in the open, but for the drop folder."""
    return [
        str(path.relative_to(root.path))
        for path in root.path.rglob("*")
        if path.is_file()
        and path.relative_to(root.path).parts[0] != "drop"
        and f"/{LANCASHIRE}/" not in str(path)
        and GONE.encode() in path.read_bytes()
    ]


def test_h107_what_rests_is_what_would_rest_had_the_child_never_been_sent(filled, actor, tmp_path):
    neighbour = rows_in_force(filled, LANCASHIRE)
    done = erased(filled, actor)
    assert rows_in_force(filled) == rows_in_force(never_sent(filled, tmp_path / "never"))
    assert rows_in_force(filled, LANCASHIRE) == neighbour
    assert discrepancies(filled) == []
    assert holding(filled) == []
    assert done.counts["submissions"] == 3
    lancashires = {f.sha256 for f in erasure.known_files(filled, LANCASHIRE)}
    assert not any(
        GONE.encode() in data for name, data in opened(filled).items() if name not in lancashires
    )


def test_the_ledger_says_erased_and_a_copy_counts(filled, actor):
    erased(filled, actor)
    names = ("cin_census", "pre_proceedings", "school_attendance")
    assert [(v, s.split()[0]) for la, name, v, s in states(filled) if la == WALSALL] == [
        (version, state) for _ in names for version, state in ((1, "erased"), (2, "accepted"))
    ]
    with reading(filled) as connection:
        (stone,) = connection.execute(tombstones.select()).all()
        entries = connection.execute(audit.select()).all()
    assert stone.la_code == WALSALL
    assert GONE not in str(stone) + str(entries)
    subjects = [entry.subject for entry in entries if entry.action == "erase"]
    assert (subjects[0], subjects[-1]) == (f"{WALSALL} begun", f"{WALSALL} finished")
    assert sum(subject.endswith("withdrawn") for subject in subjects) == 3
    assert sum(subject.endswith("cleared") for subject in subjects) == 3


def test_the_drop_folder_is_named_and_left_alone(fresh, actor):
    done = erased(fresh, actor)
    (folder,) = fresh.drop.glob(f"{WALSALL}*")
    names = ("attendance.xlsx", "census.zip", "pre.csv")
    assert done.left_in_drop == tuple(f"{folder.name}/{QUARTER}/{name}" for name in names)
    assert all((folder / QUARTER / name).exists() for name in names)
    assert sweep(fresh) == {}


def test_a_file_in_no_quarters_folder_is_named_as_well(fresh, actor):
    (folder,) = fresh.drop.glob(f"{WALSALL}*")
    (folder / "loose.csv").write_text("child_id\n")
    assert f"{WALSALL}/loose.csv" in erased(fresh, actor).left_in_drop
    assert (folder / "loose.csv").exists()


def test_a_file_of_the_drop_folder_that_cannot_be_read_is_named_as_well(fresh, actor, monkeypatch):
    import tasks.privacy.erase

    real = tasks.privacy.erase.opened_file

    def refused(drop, folder, file):
        if file.name == "pre.csv":
            raise PermissionError
        return real(drop, folder, file)

    monkeypatch.setattr(tasks.privacy.erase, "opened_file", refused)
    assert any(name.endswith("/pre.csv") for name in erased(fresh, actor).left_in_drop)


def test_a_dry_run_counts_and_changes_nothing(filled, actor):
    before = (states(filled), sorted(opened(filled)), rows_in_force(filled))
    planned = erased(filled, actor, dry_run=True)
    assert planned.counts["tombstones"] == 1
    assert planned.counts["submissions in force"] == 3
    assert planned.counts["landing files"] == 3
    assert planned.counts["quarantine rows"] == 1
    assert planned.counts["outbox packs"] == 3
    assert (states(filled), sorted(opened(filled)), rows_in_force(filled)) == before


def test_a_child_sent_again_is_left_out_and_the_pack_says_how_many_rows(filled, actor):
    erased(filled, actor)
    put(filled, "again.csv", meetings((GONE, STAYS, "KX90417")))
    assert sweep(filled) == {(WALSALL, "pre_proceedings"): "accepted"}
    assert holding(filled) == []
    rows = rows_in_force(filled)["accepted", "pre_proceedings"]
    assert len(rows) == 2
    newest = max(all_submissions(filled), key=lambda row: row.received_at)
    folder = filled.outbox / WALSALL / QUARTER / newest.id
    told = json.loads((folder / "receipt.json").read_text())
    assert "ERASED_ROWS" in json.dumps(told)
    assert discrepancies(filled) == []


def test_the_very_bytes_from_before_are_a_duplicate_of_the_copy(filled, actor):
    erased(filled, actor)
    put(filled, "old.csv", meetings(CHILDREN))
    put(filled, "old.zip", zipped([("other.xml", census_of(CHILDREN))]))
    put(filled, "old.xlsx", attendance(CHILDREN))
    assert sweep(filled) == {}
    assert {row.outcome for row in all_arrivals(filled) if row.name.startswith("old")} == {
        "duplicate"
    }
    assert holding(filled) == []
    assert discrepancies(filled) == []


def test_superseded_and_rejected_versions_go_too(root, actor):
    put(root, "pre.csv", meetings(CHILDREN))
    sweep(root)
    put(root, "pre.csv", meetings(CHILDREN, first="06/02/2025"))
    sweep(root)
    put(root, "pre.csv", f"{MEETINGS}{GONE},06/02/2025\n")
    assert sweep(root) == {(WALSALL, "pre_proceedings"): "rejected"}
    erased(root, actor)
    found = [state.split()[0] for *_, state in states(root)]
    # What came last has a copy too, refused as it was: a later part may be joined to it.
    assert found == ["erased", "erased", "erased", "accepted", "rejected"]
    assert [row.version for row in all_in_force(root)] == [4]
    assert not any(GONE.encode() in data for data in opened(root).values())
    assert len(list(root.outbox.glob(f"{WALSALL}/{QUARTER}/*"))) == 2
    assert discrepancies(root) == []


def test_a_return_of_which_nothing_is_left_counts_no_more_and_that_is_told(root, actor):
    put(root, "pre.csv", f"{MEETINGS}{GONE},05/02/2025,,none\n")
    sweep(root)
    done = erased(root, actor)
    assert done.without_force == (f"pre_proceedings for {QUARTER}",)
    assert all_in_force(root) == []
    assert discrepancies(root) == []


def test_an_unknown_authority_is_wrong_usage(root, actor):
    with pytest.raises(UsageError, match="not the code"):
        erase(root, "X1", [GONE], actor=actor)


def test_erasing_twice_changes_nothing_the_second_time(filled, actor):
    erased(filled, actor)
    before = (states(filled), sorted(opened(filled)))
    done = erased(filled, actor)
    assert done.counts["submissions"] == 0
    assert (states(filled), sorted(opened(filled))) == before


def test_either_ledger_bears_erasure_changes_of_key_and_retention(any_ledger_root, actor):
    root = fill(any_ledger_root)
    erased(root, actor)
    assert rotate_pseudonym(root, actor=actor) > 0
    assert rotate_storage(root, actor=actor) > 0
    put(root, "again.csv", meetings((GONE, STAYS, "KX90417")))
    sweep(root)
    moment = datetime.now(UTC) + timedelta(days=10_000)
    assert retained(root, moment=moment, dry_run=False, actor=actor)
    assert discrepancies(root) == []
    assert holding(root) == []


STEPS = (
    (erasure, "flag"),
    (erasure, "register_copy"),
    (landing, "write_sealed"),
    (erasure, "mark_erased"),
    (erasure, "clear"),
    (erasure, "_remove_parts"),
    (erasure, "_remove_pack"),
    (erasure, "unland"),
    (erasure, "_forget"),
    (erasure, "forget_arrivals"),
    (erasure, "empty_folder"),
    (erasure, "record_finished"),
)


class Killed(BaseException):
    """Stands for a process that is no more."""


@pytest.mark.parametrize("before", [True, False])
def test_a_kill_before_or_after_any_step_leaves_what_running_again_finishes(
    tmp_path, actor, monkeypatch, before
):
    whole = set_up(Root.at(tmp_path / "whole"), settle_seconds=0.0)
    put(whole, "pre.zip", zipped([("pre.csv", meetings(CHILDREN))]))
    sweep(whole)
    start = tmp_path / "start"
    shutil.copytree(whole.path, start)
    erased(whole, actor)
    for module, name in STEPS:
        one = Root.at(tmp_path / name.strip("_"))
        shutil.copytree(start, one.path)
        real = getattr(module, name)

        def step(*arguments, real=real, **more):
            if not before:
                real(*arguments, **more)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(module, name, step)
            with pytest.raises(Killed):
                erased(one, actor)
        begun = erasure.unfinished_erasures(one)
        assert ({f"erasure {la_code}" for la_code in begun}) <= {
            found.subject for found in discrepancies(one)
        }
        # The next sweep finishes it, without knowing the identifier.
        receive(one, settle_seconds=0.0, actor=actor)
        erased(one, actor)
        assert states(one) == states(whole), name
        assert sorted(opened(one)) == sorted(opened(whole)), name
        assert rows_in_force(one) == rows_in_force(whole), name
        assert holding(one) == [], name
        assert discrepancies(one) == [], name


def test_the_identifier_comes_from_standard_input_and_is_nowhere_in_the_output(fresh):
    command = [sys.executable, "-m", "cli", "erase", "--authority", WALSALL]
    ended = subprocess.run(
        [*command, "--root", str(fresh.path), "--json"],
        input=f"{GONE}\n\n",
        capture_output=True,
        text=True,
        cwd=HOME,
    )
    assert ended.returncode == 0, ended.stderr
    counts = {row["place"]: row["count"] for row in json.loads(ended.stdout)}
    assert counts["submissions"] == 3
    assert "1 workbook, 1 zip file: names a child or cannot be read" in ended.stderr
    assert GONE not in ended.stdout + ended.stderr
