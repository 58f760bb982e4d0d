"""The secret of a root's server: made once, for its owner alone, refused when others saw it."""

import os
import stat
import subprocess
import sys

import pytest

from flows.service.serve import environment
from schemas.errors import KeyMissingError
from tasks.operate.server_secret import known_server_secret, server_secret
from warehouse.root import Root


@pytest.fixture
def bare(tmp_path):
    """A folder of a root that only its owner may enter."""
    tmp_path.chmod(0o700)
    return Root.at(tmp_path)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_once_and_only_its_owner_may_read_it(bare):
    assert known_server_secret(str(bare.path)) == ""
    made = server_secret(str(bare.path))
    name, _, word = made.partition(":")
    assert name == "sfp"
    assert len(word) == 43
    assert server_secret(str(bare.path)) == known_server_secret(str(bare.path)) == made
    assert mode(bare.server_secret_file) == 0o600
    assert [path.name for path in bare.path.iterdir()] == ["server.secret"]


def test_another_root_has_another(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert server_secret(str(first)) != server_secret(str(second))


def test_a_folder_that_lets_its_group_read_lets_it_read_the_secret_and_no_more(bare):
    bare.path.chmod(0o750)
    umask = os.umask(0o007)
    try:
        server_secret(str(bare.path))
    finally:
        os.umask(umask)
    assert mode(bare.server_secret_file) == 0o640


def test_processes_that_make_it_at_once_agree(bare):
    code = (
        "import sys; sys.stdin.read(1);"
        "from tasks.operate.server_secret import server_secret; print(server_secret(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(bare.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in started:
        process.stdin.write("x")
        process.stdin.flush()
    said = {process.communicate()[0].strip() for process in started}
    assert said == {server_secret(str(bare.path))}


@pytest.mark.parametrize("open_to", [0o604, 0o644, 0o620, 0o666])
def test_one_that_others_may_have_read_or_written_is_refused(bare, open_to):
    server_secret(str(bare.path))
    bare.server_secret_file.chmod(open_to)
    with pytest.raises(
        KeyMissingError, match=r"open to others .* found 0[0-7]{3}.*remove the file"
    ):
        server_secret(str(bare.path))


@pytest.mark.parametrize("text", ["", "sfp:", "sfp:short\n", "x" * 60, "é" * 60])
def test_one_that_was_emptied_or_cut_short_is_refused(bare, text):
    bare.server_secret_file.write_text(text)
    bare.server_secret_file.chmod(0o600)
    with pytest.raises(KeyMissingError, match=r"server\.secret .*remove the file"):
        known_server_secret(str(bare.path))


def test_server_and_clients_are_given_it_and_pages_of_other_addresses_are_not_let_in(bare):
    given = environment(str(bare.path), 4321)
    secret = server_secret(str(bare.path))
    assert given["PREFECT_API_AUTH_STRING"] == secret
    assert given["PREFECT_SERVER_API_AUTH_STRING"] == secret
    assert given["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4321"
    assert given["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
