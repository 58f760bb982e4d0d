"""Two roots served side by side: each is answered, and neither lets a command or run cross over."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from flows.service.serve import environment
from tasks.operate.identity import root_identity
from tasks.operate.set_up import set_up
from tests.flows.conftest import LANCASHIRE, WALSALL
from tests.support.processes import processes_of
from tests.support.served import HOME, Served
from warehouse.ledger import all_submissions
from warehouse.root import Root

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(1800)]

START = 300.0
"""Seconds for two services that start together; alone on two cores they take forty."""
QUARTER = "2023-24Q1"
FILE = "pre_proceedings.csv"
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@pytest.fixture(scope="module")
def side_by_side(tmp_path_factory):
    """Two services, started together on ports of their own."""
    folder = tmp_path_factory.mktemp("two")
    roots = [set_up(Root.at(folder / name), settle_seconds=1.0) for name in ("first", "second")]
    services = [Served(root) for root in roots]
    yield services
    for one in services:
        one.stop()
        for left in processes_of(one.root):
            left.kill()


@pytest.fixture(scope="module")
def first(side_by_side):
    service = side_by_side[0]
    service.wait(lambda: "ready" in service.log.read_text(), START)
    return service


@pytest.fixture(scope="module")
def second(side_by_side):
    service = side_by_side[1]
    service.wait(lambda: "ready" in service.log.read_text(), START)
    return service


def sfp(*arguments, url=""):
    """Run one command to its end; return its code and what it said, warnings left out.

    What it warns of depends on the Python and the libraries of the machine.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PREFECT_API_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=HOME,
        env=environment | ({"PREFECT_API_URL": url} if url else {}),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    said = [line for line in done.stderr.splitlines(True) if not line.startswith("warning: ")]
    return done.returncode, "".join(said)


def ended(service, answer):
    """Return the run that an answer of the server speaks of, once it has ended."""
    path = f"flow_runs/{answer.json()['id']}"
    service.wait(lambda: service.ask("GET", path).json()["state_type"] in ENDED)
    return service.ask("GET", path).json()


def deployment(service, name):
    found = service.ask("POST", "deployments/filter").json()
    return next(one for one in found if one["name"] == name)


def test_each_answers_its_own_authority_and_knows_nothing_of_the_other(
    first, second, two_authorities
):
    for service, la_code in ((first, WALSALL), (second, LANCASHIRE)):
        (source,) = (two_authorities / "drop").glob(f"{la_code}*/{QUARTER}")
        (folder,) = service.root.drop.glob(f"{la_code}*")
        (folder / QUARTER).mkdir()
        shutil.copy(source / FILE, folder / QUARTER / FILE)
    for service, la_code in ((first, WALSALL), (second, LANCASHIRE)):
        answers = service.root.outbox / la_code / QUARTER
        service.wait(lambda found=answers: [*found.glob("*/receipt.json")])
        assert {row.la_code for row in all_submissions(service.root)} == {la_code}
        (pool,) = (one["name"] for one in service.ask("POST", "work_pools/filter").json())
        assert pool == f"sfpc-{root_identity(str(service.root.path))[:8]}"
        assert deployment(service, "sweep")["tags"] == [pool]


def test_a_root_that_is_served_is_not_served_again(first):
    code, said = sfp("serve", "--root", first.root.path, "--port", "0")
    assert (code, said.count("\n")) == (1, 1)
    assert f"another `sfp serve` serves {first.root.path} already" in said


def test_a_port_on_which_another_root_is_served_is_refused(first, tmp_path):
    root = set_up(Root.at(tmp_path / "third"), settle_seconds=1.0)
    code, said = sfp("serve", "--root", root.path, "--port", str(first.port))
    assert (code, said.count("\n")) == (1, 1)
    assert f"port {first.port} cannot be used" in said
    assert f"--port {first.port + 1}" in said
    assert processes_of(root) == []


@pytest.mark.parametrize("command", ["deploy", "worker", "watch"])
def test_no_part_of_a_root_joins_the_server_of_another(first, second, command):
    before = deployment(first, "sweep")["updated"]
    url = f"http://127.0.0.1:{first.port}/api"
    code, said = sfp(command, "--root", second.root.path, url=url)
    assert code == 1
    assert f"{command}: the Prefect server at {url} belongs to another root" in said
    assert deployment(first, "sweep")["updated"] == before


def test_the_pool_of_earlier_versions_goes_and_nothing_runs_twice(second):
    def held(kind):
        return sorted(one["name"] for one in second.ask("POST", f"{kind}/filter").json())

    before = held("work_pools"), held("deployments"), held("automations")
    sweep = deployment(second, "sweep")
    earlier = {
        "name": "sweep",
        "flow_id": sweep["flow_id"],
        "work_pool_name": "sfpc",
        "work_queue_name": "intake",
        "parameters": {"root": str(second.root.path)},
    }
    assert second.ask("POST", "work_pools/", name="sfpc", type="process").is_success
    assert second.ask("POST", "deployments/", **earlier).is_success
    url = f"http://127.0.0.1:{second.port}/api"
    code, said = sfp("deploy", "--root", second.root.path, url=url)
    assert code == 0, said
    assert (held("work_pools"), held("deployments"), held("automations")) == before
    after = deployment(second, "sweep")
    assert (after["id"], after["work_pool_name"], after["parameters"]) == (
        sweep["id"],
        sweep["work_pool_name"],
        {},
    )


def test_a_run_may_set_nothing_about_its_process(first, tmp_path):
    mark = tmp_path / "mark"
    hostile = {"command": f"touch {mark}", "env": {"SFP_ROOT": "/x"}, "working_dir": "/tmp"}
    chase = deployment(first, "chase")
    path = f"deployments/{chase['id']}/create_flow_run"
    for name, value in hostile.items():
        answer = first.ask("POST", path, job_variables={name: value})
        assert (answer.status_code, name in answer.text) == (422, True)
    # A run of no deployment is held to no template by the server: the worker does not look.
    loose = {
        "flow_id": chase["flow_id"],
        "work_pool_name": chase["work_pool_name"],
        "work_queue_name": "intake",
        "state": {"type": "SCHEDULED"},
    }
    answer = first.ask("POST", "flow_runs/", **loose, job_variables=hostile)
    assert ended(first, answer)["state_type"] == "COMPLETED"
    # Nor does it where the template was opened.
    opened = {"job_configuration": {"command": f"touch {mark}"}, "variables": {"type": "object"}}
    pool = f"work_pools/{chase['work_pool_name']}"
    assert first.ask("PATCH", pool, base_job_template=opened).is_success
    assert ended(first, first.ask("POST", path))["state_type"] == "COMPLETED"
    assert not mark.exists()


def test_a_deployment_may_name_no_code_but_ours(first, tmp_path):
    mark = tmp_path / "mark"
    code = tmp_path / "code.py"
    code.write_text(f"from pathlib import Path\n\nPath({str(mark)!r}).touch()\n")
    chase = deployment(first, "chase")
    hostile = {
        "work_pool_name": chase["work_pool_name"],
        "work_queue_name": "intake",
        "path": str(tmp_path),
        "entrypoint": f"{code}:chase",
        "pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": f"touch {mark}"}}],
    }
    other = first.ask("POST", "flows/", name="other").json()["id"]
    for flow_id, state in ((chase["flow_id"], "COMPLETED"), (other, "FAILED")):
        made = first.ask("POST", "deployments/", name="hostile", flow_id=flow_id, **hostile).json()
        run = ended(first, first.ask("POST", f"deployments/{made['id']}/create_flow_run"))
        assert run["state_type"] == state
    assert "flows of its own checkout alone" in run["state"]["message"]
    assert not mark.exists()


class Planted:
    """Makes a file when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_the_result_of_a_run_is_never_loaded(first, tmp_path):
    mark, planted = tmp_path / "mark", tmp_path / "planted"
    record = {"metadata": {"storage_key": str(planted), "serializer": {"type": "pickle"}}}
    packed = b64encode(pickle.dumps(Planted(mark))).decode()
    planted.write_text(json.dumps(record | {"result": packed}))
    body = {"flow_id": deployment(first, "chase")["flow_id"], "state": {"type": "PENDING"}}
    run = first.ask("POST", "flow_runs/", **body).json()
    data = record["metadata"] | {"type": "ResultRecordMetadata"}
    path = f"flow_runs/{run['id']}/set_state"
    forged = {"type": "COMPLETED", "data": data}
    assert first.ask("POST", path, state=forged, force=True).is_success
    done = subprocess.run(
        [sys.executable, "-P", "-m", "flows.service.engine", "chase"],
        env=os.environ
        | environment(str(first.root.path), first.port)
        | {"PREFECT__FLOW_RUN_ID": run["id"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_a_run_may_name_no_root(first, second):
    chase = deployment(first, "chase")
    before = sorted(second.root.path.rglob("overdue-*.csv"))
    answer = first.ask(
        "POST",
        f"deployments/{chase['id']}/create_flow_run",
        parameters={"root": str(second.root.path)},
    )
    run = ended(first, answer)
    assert run["state_type"] == "FAILED"
    assert "A run names no root" in run["state"]["message"]
    assert str(second.root.path) not in run["state"]["message"]
    assert sorted(second.root.path.rglob("overdue-*.csv")) == before
