"""Sentinels in every field that names or tells of anybody, through everything, found nowhere."""

import io
import shutil
import sys

import pytest

from cli.app import main
from tasks.read import child_process
from tests.flows.conftest import LANCASHIRE, WALSALL
from tests.support.canary import (
    BIRTHS,
    KID,
    MARK,
    NAMING,
    annex_a,
    assert_nowhere_but_with_the_authority,
    plant,
    plant_everywhere,
)
from tests.support.files import MEETINGS
from warehouse.ledger import all_submissions

BEFORE, QUARTER = "2022-23Q4", "2023-24Q1"


def planted(root, samples):
    """Fill the drop folder of one authority, every return planted; return the tables met.

    Those of the quarter before are planted in every table, and so may be refused.
    """
    folders = {}
    for quarter in (BEFORE, QUARTER):
        (source,) = (samples / "drop").glob(f"{LANCASHIRE}*/{quarter}")
        folders[quarter] = root.drop / source.parent.name / quarter
        shutil.copytree(source, folders[quarter])
    plant_everywhere(folders[BEFORE])
    return plant(folders[QUARTER])


def run(monkeypatch, root, *arguments):
    """Run one command as the command line does, in this process."""
    monkeypatch.setattr(sys, "argv", ["sfp", *arguments, "--root", str(root.path)])
    try:
        main()
    except SystemExit as ended:
        return ended.code
    return 0


def with_faults(monkeypatch, root, tmp_path):
    """A fault inside a rule, one inside a reader, and a reader's child process that crashes."""
    import tasks.validate.judge

    (folder,) = root.drop.glob(f"{WALSALL}*")
    (folder / QUARTER).mkdir(exist_ok=True)
    (folder / QUARTER / "one.csv").write_text(f"{MEETINGS}{KID}3,01/05/2023,,\n")

    def fail(*_arguments, **_more):
        raise ValueError(f"{NAMING}FAULT in row {KID}3 born {BIRTHS[0]}")

    codes = []
    for name in ("checked", "read_return"):
        with monkeypatch.context() as patched:
            patched.setattr(tasks.validate.judge, name, fail)
            codes.append(run(patched, root, "sweep", "--no-wait"))
    crash = tmp_path / "crash.py"
    crash.write_text(f"import os, sys\nsys.stderr.write('{NAMING}CRASH')\nos.abort()\n")
    (folder / QUARTER / "two.xlsx").write_bytes(annex_a())
    with monkeypatch.context() as patched:
        patched.setattr(child_process, "_WORKER", crash)
        codes.append(run(patched, root, "sweep", "--no-wait"))
    return codes


def loose_modes(root):
    return [
        f"{path.relative_to(root.path)} {path.stat().st_mode & 0o777:04o}"
        for path in root.path.rglob("*")
        if path.relative_to(root.path).parts[0] != "drop" and path.stat().st_mode & 0o077
    ]


@pytest.mark.slow
def test_h106_what_is_planted_in_any_field_is_found_nowhere_but_with_the_authority(
    root, two_authorities, monkeypatch, capfd, caplog, tmp_path
):
    met = planted(root, two_authorities)
    assert {"children", "episodes", "oc2", "pre_proceedings", "school_attendance"} <= met
    assert sum(str(name).startswith("training_") for name in met) >= 7
    assert run(monkeypatch, root, "sweep", "--no-wait") == 3
    assert with_faults(monkeypatch, root, tmp_path) == [1, 1, 3]
    states = {row.state for row in all_submissions(root)}
    assert {"rejected", "accepted with queries"} <= states
    commands = [
        ["refresh"],
        ["publish", "--edition", "first", "--final"],
        ["status"],
        ["outcomes"],
        ["training"],
        ["cuts"],
        ["retain", "--dry-run"],
        ["rotate", "storage"],
        ["verify"],
        *(["findings", row.id] for row in all_submissions(root)),
    ]
    for command in commands:
        assert run(monkeypatch, root, *command) == 0, command
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KID}1\n"))
    assert run(monkeypatch, root, "erase", "--authority", LANCASHIRE) == 0
    assert run(monkeypatch, root, "refresh") == 0
    assert run(monkeypatch, root, "verify") == 0

    told = capfd.readouterr()
    for text in (MARK, *BIRTHS):
        assert text not in told.out + told.err + caplog.text
    assert_nowhere_but_with_the_authority(root)
    assert loose_modes(root) == []
