"""A real PostgreSQL server on loopback, for tests and for `make soak`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text


class NotInstalledError(Exception):
    """There is no PostgreSQL server on this machine."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        home: its folder; `home / "data"` is the database cluster, `home / "log"` its log.
        port: on loopback.
        programs: where `pg_ctl` and the others are.
        is_durable: whether it forces its writes to disk, as a real one does; tests do not ask.
    """

    home: Path
    port: int
    programs: Path
    is_durable: bool = False

    @property
    def url(self) -> str:
        """SQLAlchemy address of its first database."""
        return f"postgresql+psycopg://sfpc@127.0.0.1:{self.port}/postgres"

    def new_database(self, like: str = "template1") -> str:
        """Make an empty database, or a copy of another; return its SQLAlchemy address."""
        name = f"ledger_{os.urandom(6).hex()}"
        server = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
        server.dispose()
        return f"{self.url.rsplit('/', 1)[0]}/{name}"

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` with arguments, as the user the server runs as."""
        options = f"-p {self.port} -k {self.home} -h 127.0.0.1{'' if self.is_durable else ' -F'}"
        command = [
            self.programs / "pg_ctl",
            "-D",
            self.home / "data",
            "-w",
            "-l",
            self.home / "log",
        ]
        self._run([*command, "-o", options, *arguments])

    def _run(self, command: list[str | Path]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.home, **_as_user())

    def initialise(self) -> None:
        """Make the database cluster."""
        cluster = ["-D", self.home / "data", "-U", "sfpc", "-A", "trust", "--no-sync"]
        self._run([self.programs / "initdb", *cluster])


@contextmanager
def running(*, is_durable: bool = False) -> Iterator[Server]:
    """Start a server in a folder of its own, and leave nothing of it behind.

    Raises:
        NotInstalledError: there is none to start.
    """
    programs = _programs()
    if programs is None:
        raise NotInstalledError("PostgreSQL is not installed (Debian package postgresql)")
    home = Path(tempfile.mkdtemp(prefix="sfpc-postgres-"))
    user = _as_user()
    if user:
        os.chown(home, user["user"], user["group"])
    server = Server(home, _free_port(), programs, is_durable)
    try:
        server.initialise()
        server.control("start")
        yield server
    finally:
        server.control("-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_user() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then its own user, or nobody, runs it."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}
