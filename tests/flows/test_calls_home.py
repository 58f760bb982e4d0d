"""No command looks up another host, typed in a terminal by a person who has set nothing."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.environment import EVERY_PROCESS
from tests.flows.conftest import WALSALL

HOME = Path(__file__).parents[2]
SFP = str(Path(sys.executable).with_name("sfp"))
FORBID = """
import os, sys

def forbid(event, args):
    if event not in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect"):
        return
    place = args[1] if event == "socket.connect" else args[0]
    host = place[0] if isinstance(place, tuple) else place
    host = host.decode() if isinstance(host, bytes) else host
    if host and host not in ("localhost", "127.0.0.1", "::1") and not host.startswith(("/", "\\0")):
        with open({trace!r}, "a") as file:
            file.write(f"{{host}} {{sys.argv[:3]}}\\n")
        raise OSError("forbidden")

sys.addaudithook(forbid)
"""
"""What every Python process of a test runs first: it writes down every look-up and lets none be."""
VIEW = """
import asyncio
from flows.service.server import _ask_no_other_host
{first}
from prefect.server.api.collections import get_collection_view
print(sorted(asyncio.run(get_collection_view("aggregate-worker-metadata")))[0])
"""


@pytest.fixture
def terminal(tmp_path):
    """Run a command in a terminal with a fresh home; return its code, and what was looked up."""
    site, trace = tmp_path / "site", tmp_path / "looked-up"
    site.mkdir()
    (site / "sitecustomize.py").write_text(FORBID.format(trace=str(trace)))
    (tmp_path / "home").mkdir()
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "TERM": "xterm"}

    def run(*words):
        upper, lower = pty.openpty()
        with subprocess.Popen(
            [str(word) for word in words],
            stdin=lower,
            stdout=lower,
            stderr=lower,
            env=given | {"PYTHONPATH": str(site)},
            cwd=HOME,
            start_new_session=True,
        ) as process:
            os.close(lower)
            shown = b"".join(iter(lambda: _read(upper), b""))
        os.close(upper)
        looked_up = trace.read_text().split("\n")[:-1] if trace.exists() else []
        return process.returncode, looked_up, shown.decode()

    return run


def _read(terminal):
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # every process at the other end has gone
        return b""


def test_no_command_looks_up_another_host(terminal, root, drop):
    drop(WALSALL, "2022-23Q1", "pre_proceedings.csv")
    at = ("--root", root.path)
    for words, code in (((), 2), (("--help",), 0), (("status", *at), 0), (("sweep", *at), 0)):
        ended, looked_up, shown = terminal(SFP, *words)
        assert (ended, looked_up) == (code, []), shown


def test_the_server_takes_its_lists_from_itself(terminal):
    for first, hosts in (("_ask_no_other_host()", 0), ("", 1)):
        ended, looked_up, shown = terminal(sys.executable, "-c", VIEW.format(first=first))
        assert (ended, "prefect" in shown) == (0, True), shown
        assert len([one for one in looked_up if "githubusercontent" in one]) == hosts


def test_without_the_switches_prefect_looks_up_another_host(terminal):
    """The check can fail: imported as it comes, in a terminal, Prefect reports to its makers."""
    _, looked_up, _ = terminal(sys.executable, "-c", "import prefect, time; time.sleep(12)")
    assert looked_up != []


def test_production_says_what_every_process_is_told():
    told = (HOME / "deploy" / "sfp.env").read_text("utf-8").splitlines()
    assert [f"{name}={value}" for name, value in EVERY_PROCESS.items()] == [
        line for line in told if line.split("=")[0] in EVERY_PROCESS
    ]
