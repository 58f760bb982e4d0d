"""What more than one folder of tests needs: a root of its own, and a real PostgreSQL."""

import os
import shutil
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from schemas.environment import EVERY_PROCESS, seek_cycles_less
from tasks.operate.set_up import set_up
from tests.support.postgres import NotInstalledError, running
from warehouse.database import make_ledger
from warehouse.ledger import Actor
from warehouse.root import PRIVATE_DIR, Root

_STARTED_WITH = {name: os.environ.get(name) for name in EVERY_PROCESS}
_STARTED_WITH_UMASK = os.umask(0o022)
os.umask(_STARTED_WITH_UMASK)
_IN_POOLS = ("tasks.validate.pool", "expectations.run", "tasks.cut.refresh", "tasks.cut.analysis")
"""Whatever any pool of the pipeline works on."""

seek_cycles_less()


def pytest_collection_modifyitems(items):
    """Begin with the files that have slow tests: at the end, idle workers share out quick ones."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _preloaded():
    """Let the fork server of this process preload what any pool works on, not the first one alone.

    It preloads once in its life. A pool that needs something else would import it in each of its
    processes, five seconds a time, as no process of the pipeline does: none makes so many pools.
    """
    given = ForkServerContext.set_forkserver_preload

    def all_of_them(self, names):
        given(self, [*dict.fromkeys((*names, *_IN_POOLS))])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ForkServerContext, "set_forkserver_preload", all_of_them)
        yield


@pytest.fixture(autouse=True)
def _as_before():
    """Leave folder, environment and umask as they were: the command line changes them all.

    A fixture of a wider scope that ran a command did so before this one could look.
    """
    for name, value in _STARTED_WITH.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    os.umask(_STARTED_WITH_UMASK)
    here, given = Path.cwd(), dict(os.environ)
    yield
    os.umask(_STARTED_WITH_UMASK)
    os.chdir(here)
    os.environ.clear()
    os.environ.update(given)


@pytest.fixture(scope="session")
def _empty_ledger(tmp_path_factory):
    """The file of a ledger that has its tables and no row: to make one takes longer than a copy."""
    root = Root.at(tmp_path_factory.mktemp("ledger") / "root")
    make_ledger(root, root.ledger_address(""))
    (file,) = root.path.glob("*.sqlite")
    return file


@pytest.fixture
def _ledger_placed(_empty_ledger, tmp_path):
    """A folder for a root in which nothing but an empty ledger lies."""
    path = tmp_path / "root"
    path.mkdir(mode=PRIVATE_DIR)
    shutil.copy(_empty_ledger, path)
    return path


@pytest.fixture
def root(_ledger_placed):
    """A root that one person runs, with an SQLite ledger, whose files settle at once."""
    return set_up(Root.at(_ledger_placed), settle_seconds=0.0, two_people=False)


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


@pytest.fixture(scope="session")
def _empty_postgres_ledger(postgres_server, tmp_path_factory):
    """Name of a database that has the tables of a ledger and no row."""
    url = postgres_server.new_database()
    make_ledger(Root.at(tmp_path_factory.mktemp("ledger") / "root"), url)
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_ledger_root(request, tmp_path):
    """The same root twice: with its ledger on SQLite, and on PostgreSQL."""
    if request.param == "sqlite":
        return request.getfixturevalue("root")
    server = request.getfixturevalue("postgres_server")
    url = server.new_database(like=request.getfixturevalue("_empty_postgres_ledger"))
    where = Root.at(tmp_path / "root")
    return set_up(where, settle_seconds=0.0, ledger_url=url, two_people=False)
