"""Everything at once on one machine: server, work pool, deployments, worker and watcher.

The parts are separate processes, as in production, with this one above them: it starts them in
order, starts again what dies, and leaves none behind when it stops.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from flows.service import HOME, START_SECONDS
from schemas.environment import EVERY_PROCESS
from schemas.errors import PipelineError
from tasks.operate.server_secret import server_secret

STOP_SECONDS = 20.0
_RESTART_PAUSE = 2.0
_RESTARTS = 20
_RESTART_WINDOW = 120.0
"""A part that ends so often in so many seconds will not recover by being started again."""
_BACKLOG = 2048
"""Requests that wait in the kernel while the server is started again."""
_LOG_BYTES = 50_000_000
_SUBREAPER = 36
_PARENT_DEATH = 1

Say = Callable[[str], None]


@dataclass
class _Part:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    log: Path
    listens_on: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)


@dataclass
class Service:
    """The running whole.

    Attributes:
        url: address of the Prefect server's pages.
        parts: its processes, in the order in which they were started.
    """

    url: str
    environment: Mapping[str, str]
    parts: list[_Part] = field(default_factory=list)


def environment(root: str, port: int) -> dict[str, str]:
    """Return the environment of every part: this root's own Prefect, no telemetry, no stored rows.

    The worker looks for work every second, because an officer waits for the answer. The server
    lets in who knows the root's secret, which the environment alone hands on: no other user can
    see it there, and Prefect records it nowhere.
    """
    secret = server_secret(root)
    return {
        **os.environ,
        **EVERY_PROCESS,
        "SFP_ROOT": root,
        "SFP_HOME": str(HOME),
        "PREFECT_HOME": str(Path(root) / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        # No page of another address may talk to it from an operator's browser.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
        # Its own pages ask the address they came from, through a tunnel from any port as well.
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        # Kept on disk, so that a server started again still knows whose places expire when.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
            "prefect.server.concurrency.lease_storage.filesystem"
        ),
        "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        # Runs and events of the orchestrator are history, not truth: they go after 90 and 30 days.
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P30D",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "7776000",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_TASKS_DISABLE_CACHING": "true",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_WORKER_PREFETCH_SECONDS": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_COLORS": "false",
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def serving(root: str, *, port: int | None, say: Say) -> Iterator[Service]:
    """Start everything, hand over the running whole, and leave no process behind.

    Raises:
        PipelineError: the root is served already, something else listens on the port, or a part
            did not start; its log is named.
    """
    with _served_once(root), _listening(port or 0) as door:
        chosen = door.getsockname()[1]
        own = frozenset(child.pid for child in psutil.Process().children(recursive=True))
        _adopt_orphans()
        _allow_files()
        service = Service(f"http://127.0.0.1:{chosen}", environment(root, chosen))
        logs = Path(root) / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        try:
            _start_all(service, logs, root, door, say)
            yield service
        finally:
            _stop_all(service, say, own=own)


def serve(root: str, *, port: int | None, say: Say) -> None:
    """Run until interrupted or terminated, starting again any part that dies."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with serving(root, port=port, say=say) as service:
        say(f"ready: put files in {root}/drop; runs are shown at {service.url}; Ctrl-C stops")
        say(f"its pages ask for the secret in {root}/server.secret")
        while not stopping.wait(1.0):
            _restart_ended(service, say)
            _bound_logs(service)


def free_port() -> int:
    """Return a port nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(port: int) -> socket.socket:
    """Return a socket that listens on the port, 0 meaning any unused one.

    It is this process's for the life of the service, and the server is handed it: were the port the
    server's own, another user could take it while the server is down, and be sent the secret.

    Raises:
        PipelineError: something else listens on the port.
    """
    door = socket.socket()
    # What an ended service left behind is no hindrance.
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(_BACKLOG)
    except OSError as error:
        door.close()
        raise PipelineError(
            f"serve: port {port} cannot be used ({error.strerror}). Stop what listens there, "
            f"or choose another: `sfp serve --port {port + 1}`."
        ) from None
    return door


@contextmanager
def _served_once(root: str) -> Iterator[None]:
    """Hold the root for one service; the kernel gives it back when the process ends, however.

    Raises:
        PipelineError: another process serves the root.
    """
    descriptor = os.open(Path(root) / "prefect" / "served", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(descriptor, root)
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int, root: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PipelineError(
            f"serve: another `sfp serve` serves {root} already. Use that one, or stop it first."
        ) from None


def _start_all(service: Service, logs: Path, root: str, door: socket.socket, say: Say) -> None:
    python = (sys.executable, "-P", "-m")
    say("starting the Prefect server")
    number = door.fileno()
    _start(service, "server", (*python, "flows.service.server", str(number)), logs, (number,))
    _await_server(service, logs)
    say("work pool, deployments and automations")
    _run(service, (*python, "cli", "deploy"), logs)
    say("worker and watcher")
    _start(service, "worker", (*python, "cli", "worker"), logs)
    _start(service, "watcher", (*python, "cli", "watch", "--root", root), logs)


def _start(
    service: Service,
    name: str,
    command: Sequence[str],
    logs: Path,
    listens_on: tuple[int, ...] = (),
) -> None:
    part = _Part(name, command, logs / f"{name}.log", listens_on)
    service.parts.append(part)
    part.process = _spawn(part, service.environment)


def _spawn(part: _Part, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with part.log.open("ab") as log:
        return subprocess.Popen(
            part.command,
            cwd=HOME,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=part.listens_on,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def _run(service: Service, command: Sequence[str], logs: Path) -> None:
    """Run one command of the set-up to its end.

    Raises:
        PipelineError: it failed; its log is named.
    """
    log = logs / "setup.log"
    with log.open("ab") as out:
        code = subprocess.call(
            command,
            cwd=HOME,
            env=service.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    if code:
        raise PipelineError(f"serve: `{' '.join(command[3:])}` failed (code {code}). See {log}.")


def _await_server(service: Service, logs: Path) -> None:
    """Wait until the server just started answers; no other can, on a port this process holds.

    Raises:
        PipelineError: the server ended, or does not answer.
    """
    server = service.parts[0]
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not _ended(server):
        if _is_healthy(service.url):
            return
        time.sleep(0.2)
    raise PipelineError(
        f"serve: the Prefect server did not start at {service.url}. See {logs / 'server.log'}."
    )


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=2.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _ended(part: _Part) -> bool:
    return part.process is not None and part.process.poll() is not None


def _restart_ended(service: Service, say: Say) -> None:
    """Start every part again that has ended.

    Raises:
        PipelineError: a part keeps dying.
    """
    for part in service.parts:
        if not _ended(part):
            continue
        moment = time.monotonic()
        recent = [at for at in part.restarts if moment - at < _RESTART_WINDOW]
        part.restarts = [*recent, moment]
        if len(part.restarts) > _RESTARTS:
            raise PipelineError(f"serve: {part.name} keeps ending. See {part.log}.")
        say(f"{part.name} ended; starting it again")
        time.sleep(_RESTART_PAUSE)
        part.process = _spawn(part, service.environment)


def _bound_logs(service: Service) -> None:
    """Empty every log that has grown too long; what stood in it is kept once, as `NAME.log.1`."""
    for part in service.parts:
        if part.log.stat().st_size > _LOG_BYTES:
            # On a full disk the copy is given up, and room made.
            with suppress(OSError):
                shutil.copyfile(part.log, part.log.with_suffix(".log.1"))
            os.truncate(part.log, 0)


def _stop_all(service: Service, say: Say, *, own: frozenset[int]) -> None:
    say("stopping")
    for part in reversed(service.parts):
        _stop(part)
    _end_orphans(own)


def _stop(part: _Part) -> None:
    process = part.process
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_orphans(own: frozenset[int]) -> None:
    """End whatever the parts started and left behind; it was adopted by this process.

    What this process had started before any part, as the pools of a sweep, is its own.
    """
    found = psutil.Process().children(recursive=True)
    left = [process for process in found if process.pid not in own]
    for process in left:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(left, timeout=STOP_SECONDS)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=STOP_SECONDS)


def _quietly(act: Callable[[], None]) -> None:
    try:
        act()
    except psutil.NoSuchProcess:
        return


def _adopt_orphans() -> None:
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def _allow_files() -> None:
    """Let the parts open as many files and connections as the machine allows.

    A server out of them answers no one, and anyone on the machine may open a thousand connections.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _die_with_parent() -> None:
    """Ask the kernel to end this part when the one above it dies, however it dies."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGTERM, 0, 0, 0)
