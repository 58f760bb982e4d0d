"""The service as its users run it: a real server, worker and watcher, started by one command."""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from flows.service.serve import free_port
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.operate.set_up import set_up
from tests.support.canary import assert_nowhere_but_with_the_authority, plant
from tests.support.processes import processes_of
from warehouse.cuts import all_cuts, all_editions
from warehouse.ledger import all_in_force, all_submissions, unfinished
from warehouse.root import Root

HOME = Path(__file__).parents[2]
SETTLE = 1.0
SMALL = ("pre_proceedings.csv", "school_attendance.csv", "workforce.csv", "programme_delivery.csv")


@pytest.fixture(scope="module")
def ten_authorities(tmp_path_factory):
    out = tmp_path_factory.mktemp("ten")
    write_samples(
        out,
        authorities=chosen_authorities("12"),
        first=Quarter.parse("2023-24Q2"),
        last=Quarter.parse("2023-24Q2"),
        children=40,
        seed=3,
        faults="none",
        jobs=1,
    )
    return out / "drop"


class Served:
    """`sfp serve` in a process of its own."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        self.log = root.path / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "cli",
                    "serve",
                    "--root",
                    root.path,
                    "--port",
                    str(self.port),
                ],
                cwd=HOME,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def runs(self, flow):
        """Return the flow runs of one flow that no schedule set off, in order of creation."""
        body = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC"}
        url = f"http://127.0.0.1:{self.port}/api/flow_runs/filter"
        found = httpx.post(url, json=body, timeout=20.0).json()
        return [run for run in found if not run["auto_scheduled"]]

    def wait(self, ready, seconds=150.0):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.3)
        logs = sorted((self.root.path / "logs").glob("*.log"))
        tails = "\n".join(f"== {log.name}\n{log.read_text()[-2000:]}" for log in logs)
        pytest.fail(f"not ready in {seconds} s\n{self.log.read_text()}\n{tails}")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)


@pytest.fixture
def served(tmp_path):
    root = set_up(Root.at(tmp_path / "root"), settle_seconds=SETTLE)
    started = []

    def start():
        started.append(Served(root))
        return started[-1]

    yield root, start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
    for left in processes_of(root):
        left.kill()


def runs_left_after_retention(root, service):
    """Run the weekly flow as it is, then remove every run that has ended; return what is left."""
    script = (
        "import asyncio, sys; from datetime import UTC, datetime, timedelta;"
        "from flows.retain import retain; from tasks.privacy.retain import remove_old_runs;"
        "retain(sys.argv[1]);"
        "asyncio.run(remove_old_runs(moment=datetime.now(UTC) + timedelta(days=365)))"
    )
    url = f"http://127.0.0.1:{service.port}/api"
    environment = os.environ | {"PREFECT_API_URL": url}
    command = [sys.executable, "-c", script, str(root.path)]
    subprocess.run(command, env=environment, cwd=HOME, check=True, capture_output=True)
    return [run for flow in ("ingest-returns", "retain") for run in service.runs(flow)]


def files_of_others(root, service):
    """Files and folders that anybody but their owner may use; the tests' own and the drop aside."""
    return [
        str(path.relative_to(root.path))
        for path in root.path.rglob("*")
        if path != service.log
        and path.relative_to(root.path).parts[0] != "drop"
        and path.stat().st_mode & 0o077
    ]


def judged(root, return_names):
    return [
        row
        for row in all_submissions(root)
        if row.state != "landed" and row.return_name in return_names
    ]


@pytest.mark.server
@pytest.mark.slow
def test_a_burst_becomes_an_edition_by_events_and_stopping_leaves_nothing_behind(
    served, ten_authorities
):
    root, start = served
    planted, first, *others = sorted(ten_authorities.iterdir())
    for authority in (planted, first):
        shutil.copytree(authority / "2023-24Q2", root.drop / authority.name / "2023-24Q2")
    assert "children" in plant(root.drop / planted.name / "2023-24Q2")
    service = start()

    # What arrived while nothing was running is taken at the start, and becomes a draft edition.
    service.wait(lambda: len(all_editions(root)) == 1)
    assert {row.return_name for row in all_in_force(root)} >= {"ssda903", "cin_census"}
    ingests = len(service.runs("ingest-returns"))
    refreshes = len(service.runs("refresh-outcomes"))

    # Forty files of ten authorities at once.
    for authority in others:
        folder = root.drop / authority.name / "2023-24Q2"
        folder.mkdir(parents=True)
        for name in SMALL:
            shutil.copy(authority / "2023-24Q2" / name, folder / name)
    settled_at = time.time() + SETTLE
    count = len(others) * len(SMALL)
    small = {Path(name).stem for name in SMALL}
    service.wait(lambda: len(judged(root, small)) == count + 2 * len(SMALL))
    service.wait(lambda: len(all_cuts(root)) >= 2 and not unfinished(root))
    service.wait(lambda: all_editions(root)[-1].cut_id == all_cuts(root)[-1].id)
    new_runs = service.runs("ingest-returns")[ingests:]
    started = [run["start_time"] for run in new_runs if run["start_time"]]
    delay = datetime.fromisoformat(min(started)).timestamp() - settled_at
    print(f"from the end of the settle window to the flow run: {delay:.1f} s")
    # The goal is ten seconds on a quiet machine; one that is busy may take longer.
    assert delay < 30
    assert len(new_runs) <= 2
    assert len(service.runs("refresh-outcomes")) - refreshes <= 2
    assert len({row.id for row in all_submissions(root)}) == len(all_submissions(root))

    states = {
        run["state_type"]
        for flow in ("ingest-returns", "refresh-outcomes")
        for run in service.runs(flow)
    }
    assert states == {"COMPLETED"}
    assert runs_left_after_retention(root, service) == []
    assert service.stop() == 0
    assert_nowhere_but_with_the_authority(root)
    assert files_of_others(root, service) == []
    assert processes_of(root) == []
    assert not any(name.endswith(".part") for _, _, names in os.walk(root.path) for name in names)
