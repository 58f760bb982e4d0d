"""Nothing in the folder a command is typed in is run or read, unless the command names it."""

import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from flows.service.work import _ENGINE
from schemas.environment import EVERY_PROCESS
from tests.flows.conftest import LANCASHIRE, WALSALL
from tests.support.opened import opened_in

HOME = Path(__file__).parents[2]
SFP = (str(Path(sys.executable).with_name("sfp")),)
MODULE = (sys.executable, "-P", "-m", "cli")
NAMES = {
    name
    for name in {*sys.stdlib_module_names, *packages_distributions()}
    | {path.name for path in HOME.iterdir() if path.is_dir()}
    if name.isidentifier()
}
"""Every module Python, what is installed and the checkout have, whether or not it is used today."""
PLANTED = "open({trace!r}, 'a').write(__name__ + '\\n')\n"
SETTINGS = {
    "matplotlibrc": "savefig.dpi: 7\nfont.size: 99\n",
    ".env": "PREFECT_LOGGING_LEVEL=DEBUG\nPREFECT_API_URL=http://127.0.0.1:9/api\n",
    "prefect.toml": '[api]\nurl = "http://127.0.0.1:9/api"\n',
    "pyproject.toml": '[tool.prefect.api]\nurl = "http://127.0.0.1:9/api"\n',
    "prefect.yaml": "deployments: []\n",
    "profiles.toml": "",
    "great_expectations.yml": "config_version: nonsense\n",
    "dask.yaml": "temporary-directory: /nowhere\n",
    "alembic.ini": "[alembic]\nscript_location = nowhere\n",
    "settings.toml": "nonsense\n",
    "prices.yaml": "nonsense\n",
    "setup.cfg": "[nonsense\n",
    ".netrc": "nonsense\n",
    ".pgpass": "nonsense\n",
    "pg_service.conf": "nonsense\n",
    "pyvenv.cfg": "home = /nowhere\n",
    "fonts.conf": "nonsense\n",
}
CELLS = "cells.csv"
ROWS = "cluster,period,exposed,children,events\n" + "".join(
    f"{cluster},{period},{int(period > cluster)},50,{10 + cluster - period}\n"
    for cluster in range(4)
    for period in range(6)
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A folder with modules and settings of every name; and the file modules leave a trace in."""
    folder = tmp_path_factory.mktemp("planted")
    trace = tmp_path_factory.mktemp("trace") / "ran"
    for name in NAMES:
        (folder / f"{name}.py").write_text(PLANTED.format(trace=str(trace)))
    for name, text in SETTINGS.items():
        (folder / name).write_text(text)
    (folder / "gx").mkdir()
    (folder / "gx" / "great_expectations.yml").write_text("config_version: nonsense\n")
    (folder / CELLS).write_text(ROWS)
    return folder, trace


def said(folder, *words, start=SFP, home):
    """Return what a command prints, typed in a folder, by a person who has set nothing."""
    given = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [*start, *map(str, words)],
        cwd=folder,
        env=given | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def taken_in(folder, root, home):
    """Return what commands typed in a folder say of a root's returns, and of a table of cells."""
    taken = said(folder, "sweep", "--root", root, "--json", home=home)
    said(folder, "refresh", "--root", root, home=home)
    outcomes = said(folder, "outcomes", "--root", root, home=home)
    return taken, outcomes, said(folder, "estimate", CELLS, home=home)


def published_from_threads(folder, root, taken, home):
    """Do what is left: refresh in threads, publish, look a submission up."""
    settings = root / "settings.toml"
    settings.write_text(settings.read_text().replace('"processes"', '"threads"'))
    said(folder, "refresh", "--root", root, "--all", home=home)
    said(folder, "publish", "--root", root, "--edition", "first", "--final", home=home)
    one = taken.split('"submission_id": "')[1].split('"')[0]
    assert said(folder, "findings", one, "--root", root, "--json", start=MODULE, home=home)


@pytest.mark.slow
def test_nothing_planted_in_the_working_directory_is_run_or_read(root, drop, tmp_path, planted):
    folder, trace = planted
    for la_code in (WALSALL, LANCASHIRE):
        drop(la_code, "2022-23Q4", "cin_census.xml", "workforce.csv", "pre_proceedings.csv")
    clean = tmp_path / "clean"
    clean.mkdir()
    (clean / CELLS).write_text(ROWS)
    twin = tmp_path / "twin"
    subprocess.run(["cp", "-a", root.path, twin], check=True)
    assert 'workers = "processes"' in root.settings_file.read_text()
    with opened_in(folder, folder / "gx") as opened:
        shown = taken_in(folder, root.path, tmp_path / "home")
        published_from_threads(folder, root.path, shown[0], tmp_path / "home")
        assert not trace.exists(), trace.read_text()
        assert opened() == {CELLS}
    assert shown == taken_in(clean, twin, tmp_path / "home")


def test_the_process_of_a_flow_run_takes_no_module_from_where_it_stands(planted, tmp_path):
    folder, trace = planted
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **EVERY_PROCESS}
    done = subprocess.run([*_ENGINE, "sweep"], cwd=folder, env=given, capture_output=True)
    assert b"KeyError: 'PREFECT__FLOW_RUN_ID'" in done.stderr
    assert not trace.exists(), trace.read_text()


def test_a_module_that_is_run_leaves_its_trace(planted):
    """The check can fail: without the switch one that is planted is run."""
    folder, trace = planted
    subprocess.run([sys.executable, "-c", "import numpy"], cwd=folder, env={}, check=True)
    assert trace.read_text() == "numpy\n"
    trace.unlink()
