"""`sfp serve` as its users run it, and what its server says of the runs."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from flows.service.serve import free_port

HOME = Path(__file__).parents[2]


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

    @property
    def auth(self):
        return tuple(self.root.server_secret_file.read_text().strip().split(":"))

    def ask(self, method, path, /, **body):
        """Return the server's answer to one request; asked again where its database was locked."""
        url = f"http://127.0.0.1:{self.port}/api/{path}"
        for _ in range(5):
            answer = httpx.request(method, url, json=body, auth=self.auth, timeout=20.0)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(1)
        return answer

    def runs(self, flow):
        """Return the flow runs of one flow that no schedule set off, in order of creation."""
        body = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC"}
        found = self.ask("POST", "flow_runs/filter", **body).json()
        return [run for run in found if not run["auto_scheduled"]]

    def wait(self, ready, seconds=300.0):
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
