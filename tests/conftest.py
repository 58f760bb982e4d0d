"""What more than one folder of tests needs: a root of its own, and a real PostgreSQL."""

import pytest

from tasks.operate.set_up import set_up
from tests.support.postgres import NotInstalledError, running
from warehouse.ledger import Actor
from warehouse.root import Root


@pytest.fixture
def root(tmp_path):
    """A root with folders, key and an SQLite ledger, whose files settle at once."""
    return set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)


@pytest.fixture
def actor():
    return Actor("tester", "test")


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL server on loopback, started for this session."""
    try:
        with running() as server:
            yield server
    except NotInstalledError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_ledger(postgres_server):
    """Address of an empty database on that server."""
    return postgres_server.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_ledger_root(request, tmp_path):
    """The same root twice: with its ledger on SQLite, and on PostgreSQL."""
    url = request.getfixturevalue("postgres_ledger") if request.param == "postgresql" else ""
    return set_up(Root.at(tmp_path / "root"), settle_seconds=0.0, ledger_url=url)
