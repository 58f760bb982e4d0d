"""A root that took in one accepted and one rejected file."""

import pytest

from tests.support.command import ending as sfp


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """The root's folder, and the sweep that took the files in."""
    path = tmp_path_factory.mktemp("cli") / "root"
    assert sfp("init", "--root", path, "--settle-seconds", "0").returncode == 0
    folder = path / "drop" / "E08000030-walsall" / "2023-24Q1"
    folder.mkdir(parents=True)
    (folder / "pp.csv").write_text(
        "child_id,first_meeting_date,proceedings_issued_date,outcome\n007,03/05/2023,,\n"
    )
    (folder / "noise.csv").write_text("this is not a return\n")
    return path, sfp("sweep", "--root", path, "--json")
