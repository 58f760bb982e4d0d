"""Whose a root must be before any process works on it."""

import os
from pathlib import Path

import pytest

from flows import own_root
from schemas.errors import UsageError
from tasks.operate import trusted_root as trust
from tasks.operate.trusted_root import trusted_root

DECISIVE = ("", "settings.toml", "keys", "signing", "drop")
STRANGER = 64_999


@pytest.mark.parametrize("name", DECISIVE)
@pytest.mark.parametrize(("bit", "who"), [(0o002, "every user"), (0o020, "its group")])
def test_what_others_may_write_is_refused(root, name, bit, who):
    path = root.path / name
    kept = path.stat().st_mode
    path.chmod(kept | bit)
    with pytest.raises(UsageError, match=rf"{path} may be written by .*{who}"):
        trusted_root(root.path)
    path.chmod(kept)
    assert trusted_root(root.path) == root


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give a file to another user")
@pytest.mark.parametrize("name", DECISIVE)
def test_what_belongs_to_another_user_is_refused(root, name):
    os.chown(root.path / name, STRANGER, -1)
    with pytest.raises(UsageError, match=f"written by the user with number {STRANGER}"):
        trusted_root(root.path)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give a file to another user")
def test_a_root_of_the_productions_intake_is_that_of_every_service(root, monkeypatch):
    for name in DECISIVE:
        os.chown(root.path / name, STRANGER, -1)
    # The account of that name, where production has made it.
    intake = trust.pwd.struct_passwd(("sfp-intake", "x", STRANGER, 0, "", "", ""))
    monkeypatch.setattr(trust.pwd, "getpwnam", {"sfp-intake": intake}.__getitem__)
    assert trusted_root(root.path) == root


def test_a_drop_folder_that_is_mounted_is_another_machines(root, monkeypatch):
    root.drop.chmod(0o777)
    real = Path.is_mount
    monkeypatch.setattr(Path, "is_mount", lambda path: path == root.drop or real(path))
    assert trusted_root(root.path) == root


def test_a_root_that_is_not_there_yet_is_as_good_as_any(tmp_path):
    assert trusted_root(tmp_path / "new").path == tmp_path / "new"


def test_a_run_of_a_flow_asks_the_same(root, monkeypatch):
    monkeypatch.setenv("SFP_ROOT", str(root.path))
    assert own_root() == str(root.path)
    root.settings_file.chmod(0o660)
    with pytest.raises(UsageError, match="every user of its group"):
        own_root()
