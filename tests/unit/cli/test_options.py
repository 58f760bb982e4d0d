"""A root is the operator's own: never one planted in the folder where a command is typed."""

import os
import shutil
from pathlib import Path

import pytest

from cli import demo
from tasks.cut import refresh
from tests.support.command import ending

HOME = Path(__file__).parents[3]


@pytest.fixture
def planted(root, tmp_path, monkeypatch):
    """A folder, where commands are typed, that holds a root as the defaults are named."""
    folder = tmp_path / "quarter"
    for name in ("root", "demo"):
        shutil.copytree(root.path, folder / "var" / name)
    monkeypatch.delenv("SFP_ROOT", raising=False)
    os.chdir(folder)
    return folder


@pytest.fixture
def worked_on(monkeypatch):
    """The folder of every root that a refresh or a demonstration is asked to work on."""
    folders = []

    def refreshed(root, **_):
        folders.append(root.path)
        return "refreshed"

    def shown(path, **_):
        folders.append(path)
        return 0

    monkeypatch.setattr(refresh, "refresh_now", refreshed)
    monkeypatch.setattr(demo, "run_demo", shown)
    return folders


@pytest.mark.parametrize(("command", "name"), [("refresh", "root"), ("demo", "demo")])
def test_a_root_planted_where_a_command_is_typed_is_not_the_default(
    planted, worked_on, command, name
):
    ending(command)
    os.chdir(planted)
    ending(command, "--root", f"var/{name}")
    assert worked_on == [HOME / "var" / name, planted / "var" / name]


@pytest.mark.parametrize("command", ["refresh", "demo"])
def test_a_root_that_every_user_may_write_is_refused(root, worked_on, command):
    kept = root.path.stat().st_mode
    root.path.chmod(kept | 0o002)
    ended = ending(command, "--root", root.path)
    assert ended.returncode == 2
    assert f"{root.path} may be written by every user" in ended.stderr
    root.path.chmod(kept)
    assert ending(command, "--root", root.path).returncode == 0
    assert worked_on == [root.path]
