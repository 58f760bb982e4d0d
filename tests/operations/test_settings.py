"""Settings that were emptied, cut short or misspelt are refused, with the way back."""

import pytest

from schemas.errors import UsageError
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tests.support.command import ending as sfp
from warehouse.cuts import all_cuts, record_cut
from warehouse.ledger import Actor
from warehouse.root import Root, write_settings
from warehouse.settings import Settings, settings_of

from .conftest import LANCASHIRE, SMALL, WALSALL

SILENT = "E08000021"
"""An adopter that sends nothing here."""


def quiet(_):
    return


@pytest.fixture(scope="module")
def taken(tmp_path_factory, put):
    """A root that took in returns of two authorities, and a cut of it."""
    root = set_up(Root.at(tmp_path_factory.mktemp("taken") / "root"), settle_seconds=0.0)
    for la_code in (WALSALL, LANCASHIRE):
        put(root, la_code, "2023-24Q1", SMALL[0])
    sweep_once(root, wait=False, progress=quiet)
    cut_of(root)
    return root


def cut_of(root):
    return record_cut(root, code_version="c", config_hash="h", key_id="k", actor=Actor("a", "b"))


@pytest.fixture
def root(taken):
    """The same root, its settings put back afterwards."""
    whole = taken.settings_file.read_bytes()
    yield taken
    taken.settings_file.write_bytes(whole)


def replaced(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


DAMAGED = {
    "empty": (lambda _: "", "it was emptied or cut short (needs 11 settings, found 0)"),
    "comments alone": (
        lambda text: text.split("\nsettle_seconds")[0],
        "found 0",
    ),
    "cut in a line": (lambda text: text[: text.index("authorities = ") + 20], "cannot be read"),
    "cut after a line": (lambda text: text[: text.index("workers = ")], "lacks dask_scheduler"),
    "no ledger": (lambda text: text.replace("ledger_url = ", "# "), "lacks ledger_url"),
    "unknown key": (lambda text: text + "notifi = 'x'\n", "notifi is no setting"),
    "seconds as text": (
        lambda text: text.replace("settle_seconds = 0.0", 'settle_seconds = "x"'),
        "settle_seconds must be a number",
    ),
    "negative seconds": (
        lambda text: text.replace("settle_seconds = 0.0", "settle_seconds = -1"),
        "settle_seconds must be a number",
    ),
    "one authority as text": (
        lambda text: text.replace("authorities = [", f'authorities = "{WALSALL}" # ['),
        "authorities must be a list",
    ),
    "no authority": (
        lambda text: text.replace("authorities = [", "authorities = [] # ["),
        "authorities must be a list",
    ),
    "no such authority": (
        lambda text: text.replace(WALSALL, "E99999999"),
        "authorities must be a list",
    ),
    "fewer authorities": (
        lambda text: text.replace("authorities = [", f'authorities = ["{WALSALL}"] # ['),
        "leaves out 16 that were registered or sent returns",
    ),
    "a ledger that is a number": (
        lambda text: text.replace('ledger_url = ""', "ledger_url = 1"),
        "ledger_url must be a text",
    ),
    "not text": (lambda _: "\udcff\udcfe", "cannot be read"),
}


@pytest.mark.parametrize("kind", sorted(DAMAGED))
def test_what_an_accident_leaves_of_the_settings_is_refused_and_changes_nothing(root, kind):
    change, words = DAMAGED[kind]
    text = root.settings_file.read_text()
    changed = change(text).encode("utf-8", "surrogateescape")
    assert changed != text.encode()
    root.settings_file.write_bytes(changed)
    for command in ("refresh", "sweep", "status"):
        done = sfp(command, "--root", root.path)
        assert done.returncode == 2, (command, done.stderr)
        assert f"sfp: {root.settings_file}" in done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert root.settings_file.read_bytes() == changed
    with pytest.raises(UsageError):
        cut_of(root)
    root.settings_file.write_text(text)
    assert len(all_cuts(root)) == 1


def test_init_does_not_make_good_what_was_emptied_in_silence(root):
    root.settings_file.write_bytes(b"")
    done = sfp("init", "--root", root.path)
    assert done.returncode == 2
    assert "Put the file back from its copy" in done.stderr
    assert root.settings_file.read_bytes() == b""


def test_the_way_back_without_a_copy_registers_everybody_again(root):
    root.settings_file.unlink()
    assert "lost its settings.toml" in sfp("sweep", "--root", root.path).stderr
    assert sfp("init", "--settle-seconds", "0", "--root", root.path).returncode == 0
    assert {WALSALL, LANCASHIRE} < {*root.settings().authorities}
    assert not cut_of(root)[1]


def test_init_does_not_write_defaults_over_lost_settings_of_a_root_with_work(root):
    root.settings_file.unlink()
    for more in ((), ("--ledger-url", f"sqlite:///{root.path / 'ledger.sqlite'}")):
        done = sfp("init", *more, "--root", root.path)
        assert done.returncode == 2
        assert "holds work and has lost its settings.toml. Nothing was changed." in done.stderr
        assert "Put the file back from its copy" in done.stderr
        assert "notify, heads_folder and heads_command are at their defaults" in done.stderr
        assert not root.settings_file.exists()


def test_a_root_without_work_gets_new_settings(tmp_path):
    root = set_up(Root.at(tmp_path / "root"))
    root.settings_file.unlink()
    assert sfp("init", "--root", root.path).returncode == 0
    assert root.settings() == Settings(authorities=root.settings().authorities)


def test_settings_that_are_a_folder_are_refused_in_words(root):
    root.settings_file.unlink()
    root.settings_file.mkdir()
    for command in ("init", "sweep", "status"):
        done = sfp(command, "--root", root.path)
        assert done.returncode == 2, (command, done.stderr)
        assert f"{root.settings_file} cannot be read: Is a directory. Put" in done.stderr
    root.settings_file.rmdir()


def test_init_puts_back_authorities_that_were_taken_out_by_hand(root):
    registered = root.settings().authorities
    replaced(root.settings_file, f'"{WALSALL}", ', "")
    assert WALSALL not in settings_of(root.settings_file).authorities
    assert sfp("init", "--root", root.path).returncode == 0
    assert root.settings().authorities == registered


def test_only_an_authority_that_never_sent_anything_is_taken_out(root, put):
    done = sfp("init", "--unregister", WALSALL, "--root", root.path)
    assert (done.returncode, "sent returns" in done.stderr) == (2, True)
    registered = root.settings().authorities
    assert SILENT in registered
    folder = next(root.drop.glob(f"{SILENT}*"))
    (folder / "note").touch()
    done = sfp("init", "--unregister", SILENT, "--root", root.path)
    assert (done.returncode, "is not empty" in done.stderr) == (2, True)
    assert root.settings().authorities == registered
    (folder / "note").unlink()
    for _ in range(2):
        done = sfp("init", "--unregister", SILENT, "--root", root.path)
        assert done.returncode == 0
        assert {*registered} - {*root.settings().authorities} == {SILENT}
    assert sfp("init", "--root", root.path).returncode == 0
    assert SILENT not in root.settings().authorities
    assert sfp("status", "--root", root.path).returncode == 0
    assert sfp("init", "--authorities", SILENT, "--root", root.path).returncode == 0
    assert root.settings().authorities == registered


def test_an_older_file_gets_the_keys_it_lacks_from_init(root):
    text = root.settings_file.read_text()
    root.settings_file.write_text("".join(text.partition("\nworkers = ")[:1]) + "\n")
    done = sfp("sweep", "--root", root.path)
    assert (done.returncode, "or run `sfp init`" in done.stderr) == (2, True)
    assert sfp("init", "--root", root.path).returncode == 0
    assert root.settings_file.read_text() == text


def test_what_is_written_is_what_is_read(tmp_path):
    root = set_up(Root.at(tmp_path / "root"))
    settings = root.settings()
    write_settings(root, settings)
    assert settings_of(root.settings_file) == settings
