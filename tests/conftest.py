"""What more than one folder of tests needs: a root of its own, and a real PostgreSQL."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tasks.set_up import set_up
from warehouse.ledger import Actor
from warehouse.root import Root

POSTGRES_PORT_TRIES = 3


@pytest.fixture
def root(tmp_path):
    """A root with folders, key and an SQLite ledger, whose files settle at once."""
    return set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)


@pytest.fixture
def actor():
    return Actor("tester", "test")


def _postgres_bin():
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _as_user():
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


@pytest.fixture(scope="session")
def postgres():
    """Address of a real PostgreSQL server on loopback, started for this session."""
    programs = _postgres_bin()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    home = Path(tempfile.mkdtemp(prefix="sfpc-postgres-"))
    user = _as_user()
    if user:
        os.chown(home, user["user"], user["group"])
    data, port = home / "data", _free_port()
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home, **user}
    initdb = [programs / "initdb", "-D", data, "-U", "sfpc", "-A", "trust", "--no-sync"]
    subprocess.run(initdb, **run)
    options = f"-p {port} -k {home} -h 127.0.0.1 -F"
    start = [programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"]
    subprocess.run(start, **run)
    yield f"postgresql+psycopg://sfpc@127.0.0.1:{port}/postgres"
    subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_ledger(postgres):
    """Address of an empty database on that server."""
    from sqlalchemy import create_engine, text

    name = f"ledger_{os.urandom(6).hex()}"
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return f"{postgres.rsplit('/', 1)[0]}/{name}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_ledger_root(request, tmp_path):
    """The same root twice: with its ledger on SQLite, and on PostgreSQL."""
    url = request.getfixturevalue("postgres_ledger") if request.param == "postgresql" else ""
    return set_up(Root.at(tmp_path / "root"), settle_seconds=0.0, ledger_url=url)
