"""The production profile on one machine: PostgreSQL, Prefect server, workers and watcher.

Every process is started as the units in `deploy/` start it, from the same environment files, with
addresses and folders of the test.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from flows.service.pool import pool_name
from flows.service.serve import _listening
from tasks.operate.server_secret import server_secret
from tests.support.processes import processes_of
from warehouse.root import write_bytes

HOME = Path(__file__).parents[2]
DEPLOY = HOME / "deploy"


def settings_of(name):
    """Return the variables of one environment file."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {key: value for key, value in pairs}


def set_notify(root, to):
    """Let a root's notices go to a file, or through a Prefect block."""
    text = root.settings_file.read_text()
    write_bytes(root.settings_file, re.sub(r'notify = ".*"', f'notify = "{to}"', text).encode())


class Production:
    """Services of one root, each a process group of its own."""

    def __init__(self, root, postgres):
        self.root = root
        # In place of the socket unit: held whether the server runs or not.
        self.door = _listening(0)
        self.port = self.door.getsockname()[1]
        self.postgres = postgres
        self.logs = root.path / "logs"
        self.logs.mkdir(exist_ok=True, mode=0o700)
        self.processes = {}
        database = postgres.new_database().replace("+psycopg", "+asyncpg")
        secret = server_secret(str(root.path))
        self.auth = tuple(secret.split(":"))
        self.environment = {
            **os.environ,
            **settings_of("sfp.env"),
            **settings_of("sfp-server.env"),
            "SFP_ROOT": str(root.path),
            "SFP_HOME": str(HOME),
            "PREFECT_HOME": str(root.path / "prefect"),
            "PREFECT_API_URL": f"http://127.0.0.1:{self.port}/api",
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_UI_STATIC_DIRECTORY": "",
            "PREFECT_API_AUTH_STRING": secret,
            "PREFECT_SERVER_API_AUTH_STRING": secret,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
        }

    def start(self, workers=2, patience=None):
        """Start everything; `patience` holds seconds in place of those of `Patience`."""
        self.start_server()
        self.deploy(patience or {})
        for number in range(1, workers + 1):
            self.start_worker(f"worker-{number}")
        self.start_watcher()

    def deploy(self, patience):
        if not patience:
            self.command("-m", "cli", "deploy")
            return
        seconds = ", ".join(
            f"{name}=timedelta(seconds={value})" for name, value in patience.items()
        )
        code = (
            "from datetime import timedelta; from flows.service.deploy import Patience, deploy; "
            f"deploy({str(self.root.path)!r}, say=print, patience=Patience({seconds}))"
        )
        self.command("-c", code)

    def start_server(self):
        number = self.door.fileno()
        self._spawn("server", "-m", "flows.service.server", str(number), listens_on=(number,))
        self.wait(self._is_healthy, 90, "the server")

    def start_worker(self, name):
        self._spawn(name, "-m", "cli", "worker", "--name", name)

    def start_watcher(self, name="watcher"):
        self._spawn(name, "-m", "cli", "watch")

    def command(self, *arguments):
        """Run one command of the set-up to its end."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=HOME,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _spawn(self, name, *arguments, listens_on=()):
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=HOME,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=listens_on,
            )

    def _is_healthy(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/api/health", timeout=2.0).is_success
        except httpx.HTTPError:
            return False

    def api(self, path, **body):
        url = f"http://127.0.0.1:{self.port}/api/{path}"
        answer = httpx.post(url, json=body, auth=self.auth, timeout=20.0)
        answer.raise_for_status()
        return answer.json()

    def workers_online(self):
        """Return the workers that take runs from the root's pool now."""
        found = self.api(f"work_pools/{pool_name(str(self.root.path))}/workers/filter")
        return [worker["name"] for worker in found if worker["status"] == "ONLINE"]

    def runs(self, flow):
        """Return the runs of one flow that no schedule set off, in order."""
        found = self.api(
            "flow_runs/filter",
            flows={"name": {"any_": [flow]}},
            sort="EXPECTED_START_TIME_ASC",
        )
        return [run for run in found if not run["auto_scheduled"]]

    def states(self, flow):
        return [run["state_name"] for run in self.runs(flow)]

    def run_process(self, flow):
        """Return the process that executes the newest run of a flow; None when there is none."""
        ids = {run["id"] for run in self.runs(flow)}
        for process in psutil.process_iter():
            try:
                environment = process.environ()
            except psutil.Error:
                continue
            is_ours = environment.get("SFP_ROOT") == str(self.root.path)
            if is_ours and environment.get("PREFECT__FLOW_RUN_ID") in ids:
                return process
        return None

    def kill_with_all_it_started(self, name):
        """Kill one service and everything below it, as the control group of its unit does."""
        process = psutil.Process(self.processes[name].pid)
        for one in [*process.children(recursive=True), process]:
            one.kill()
        self.processes[name].wait()

    def wait(self, ready, seconds=120.0, what="what the test waits for"):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := ready():
                return found
            time.sleep(0.3)
        tails = "\n".join(
            f"== {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.logs.glob("*.log"))
        )
        raise AssertionError(f"{what}: not ready in {seconds} s\n{tails}")

    def stop(self):
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for left in processes_of(self.root):
            left.kill()
        self.door.close()
