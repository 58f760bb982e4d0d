"""What is refused before anything starts: another root's server, a port in use, a served root."""

import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from flows import own_root
from flows.service import serve
from flows.service.pool import pool_name, roots_held
from flows.service.serve import serving
from flows.service.work import refusal_of
from schemas.errors import PipelineError, UsageError
from tasks.operate.identity import root_identity
from tasks.operate.set_up import set_up
from warehouse.root import Root

OWN, OTHER = "/srv/own", "/srv/other"


class Holder:
    """A Prefect server as far as it is asked which roots it holds."""

    def __init__(self, *pools, parameters=None):
        self.pools = [SimpleNamespace(name=name) for name in pools]
        self.deployments = [
            SimpleNamespace(work_pool_name="sfpc", parameters=parameters or {}),
            SimpleNamespace(work_pool_name="elsewhere", parameters={"root": OTHER}),
        ]

    def read_work_pools(self, limit):
        return self.pools[:limit]

    def read_deployments(self, limit):
        return self.deployments[:limit]


def test_the_identity_of_a_root_lasts_and_is_its_own(any_ledger_root, tmp_path):
    path = str(any_ledger_root.path)
    first = root_identity(path)
    assert len(first) == 16
    assert pool_name(path) == f"sfpc-{first[:8]}"
    set_up(any_ledger_root)
    assert root_identity(path) == first
    other = set_up(Root.at(tmp_path / "other"), settle_seconds=0.0)
    assert root_identity(str(other.path)) != first


def test_a_root_whose_ledger_does_not_know_it_has_no_pool(root, monkeypatch):
    monkeypatch.setattr("tasks.operate.identity.known_facts", lambda _root: {})
    with pytest.raises(UsageError, match=r"does not know its own root\. Run `sfp init"):
        pool_name(str(root.path))


def test_a_server_holds_the_roots_whose_pools_it_has():
    held = roots_held(Holder("sfpc-1111aaaa", "default", "sfpc-2222bbbb"), OWN)
    assert held == {"sfpc-1111aaaa", "sfpc-2222bbbb"}


def test_the_pool_of_earlier_versions_is_known_by_the_root_its_runs_work_on():
    assert roots_held(Holder("sfpc", parameters={"root": OWN}), OWN) == set()
    assert roots_held(Holder("sfpc"), OWN) == set()
    assert roots_held(Holder("sfpc", parameters={"root": OTHER}), OWN) == {"sfpc"}


@pytest.mark.parametrize("flow", ["sweep", "ingest-returns", "notify"])
def test_the_worker_begins_the_flows_of_its_checkout(flow):
    assert refusal_of(flow, {"flow_name"}) == ""


@pytest.mark.parametrize("flow", ["", "other", "service", "__init__", "sweep.py", "../sweep", "os"])
def test_the_worker_begins_nothing_else(flow):
    assert "flows of its own checkout alone" in refusal_of(flow, ())


def test_a_run_that_names_a_root_is_not_begun():
    assert "names no root" in refusal_of("sweep", {"root"})


def test_a_process_that_was_started_for_no_root_works_on_none(monkeypatch):
    monkeypatch.delenv("SFP_ROOT", raising=False)
    with pytest.raises(UsageError, match="SFP_ROOT does not say"):
        own_root()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])
def test_a_port_that_anything_listens_on_is_refused(root, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        said = rf"port {port} cannot be used .*or choose another: `sfp serve --port {port + 1}`"
        with (
            pytest.raises(PipelineError, match=said),
            serving(str(root.path), port=port, say=print),
        ):
            pytest.fail("served on a port that another process listens on")


HOLD = """
import sys
from flows.service import serve
serve._start_all = lambda *_: None
with serve.serving(sys.argv[1], port=None, say=lambda _: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def held(root):
    """Start a process that serves the root, as far as that needs no server."""
    command = [sys.executable, "-c", HOLD, str(root.path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_root_is_served_once_and_free_again_when_its_service_is_killed(root):
    said = f"another `sfp serve` serves {root.path} already"
    with held(root) as first:
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(PipelineError, match=said), serving(str(root.path), port=0, say=print):
            pytest.fail("served twice")
        first.kill()
    with held(root) as second:
        assert second.communicate()[0] == b"held\n"


ALLOWED = """
import resource, subprocess, sys
from flows.service import serve
serve._start_all = lambda *_: None
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (200, most))
with serve.serving(sys.argv[1], port=None, say=lambda _: None):
    subprocess.check_call(["prlimit", "--nofile", "--noheadings", "--raw", "--output=SOFT,HARD"])
"""


def test_the_parts_may_open_as_many_files_as_the_machine_allows(root):
    command = [sys.executable, "-c", ALLOWED, str(root.path)]
    soft, hard = subprocess.run(command, capture_output=True, check=True).stdout.split()
    assert soft == hard


def test_a_log_that_grows_too_long_is_kept_once_and_emptied(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "_LOG_BYTES", 10)
    logs = {name: tmp_path / f"{name}.log" for name in ("server", "worker")}
    parts = [serve._Part(name, (), log) for name, log in logs.items()]
    logs["worker"].write_text("x" * 10)
    for kept in ("first of it", "second of it"):
        with logs["server"].open("a") as writer:
            writer.write(kept)
            writer.flush()
            serve._bound_logs(serve.Service("", {}, parts))
            writer.write("later")
        assert logs["server"].read_text() == "later"
        assert (tmp_path / "server.log.1").read_text() == kept
        logs["server"].write_text("")
    assert logs["worker"].read_text() == "x" * 10
    assert not (tmp_path / "worker.log.1").exists()
