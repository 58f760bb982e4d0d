"""Invented returns for the operations tests: small, seeded, made once for a session."""

import shutil

import pytest
from prefect.testing.utilities import prefect_test_harness

from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter

WALSALL = "E08000030"
LANCASHIRE = "E10000017"
SMALL = ("pre_proceedings.csv", "school_attendance.csv", "workforce.csv", "programme_delivery.csv")


@pytest.fixture(scope="module")
def prefect():
    """A Prefect server of its own, once for a file: one takes seconds to start."""
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture(scope="session")
def two_quarters(tmp_path_factory):
    """Drop folder of two authorities over two quarters."""
    out = tmp_path_factory.mktemp("operations")
    write_samples(
        out,
        authorities=chosen_authorities(f"{WALSALL},{LANCASHIRE}"),
        first=Quarter.parse("2023-24Q1"),
        last=Quarter.parse("2023-24Q2"),
        children=40,
        seed=3,
        faults="none",
        jobs=1,
    )
    return out / "drop"


@pytest.fixture(scope="session")
def put(two_quarters):
    """Put returns of an authority and quarter into a root's drop folder, all or some of them."""

    def placed(root, la_code, quarter, *names):
        (source,) = two_quarters.glob(f"{la_code}*/{quarter}")
        target = root.drop / source.parent.name / quarter
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.iterdir()):
            if not names or path.name in names:
                if path.is_dir():
                    shutil.copytree(path, target / path.name, dirs_exist_ok=True)
                else:
                    shutil.copy(path, target / path.name)
        return target

    return placed
