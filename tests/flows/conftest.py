"""Invented returns for the stories: small, seeded, made once for a session."""

import shutil

import pytest

from benchmarks.soak.twins import Size, calm, invented
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.intake.sweep import sweep_once

WALSALL = "E08000030"
LANCASHIRE = "E10000017"


@pytest.fixture(scope="session")
def two_authorities(tmp_path_factory):
    """Drop folder and truth of two authorities over a year and a quarter, by quarters."""
    out = tmp_path_factory.mktemp("samples")
    write_samples(
        out,
        authorities=chosen_authorities(f"{WALSALL},{LANCASHIRE}"),
        first=Quarter.parse("2022-23Q1"),
        last=Quarter.parse("2023-24Q1"),
        children=60,
        seed=7,
        faults="none",
        jobs=1,
    )
    return out


@pytest.fixture(scope="session")
def four_years(tmp_path_factory):
    """Year-end returns of two authorities, long enough for outcomes to be mature."""
    out = tmp_path_factory.mktemp("years")
    write_samples(
        out,
        authorities=chosen_authorities(f"{WALSALL},{LANCASHIRE}"),
        first=Quarter.parse("2019-20Q1"),
        last=Quarter.parse("2022-23Q4"),
        children=80,
        seed=5,
        faults="none",
        year_end_only=True,
        jobs=1,
    )
    return out


@pytest.fixture
def drop(root, two_authorities):
    """Put returns of an authority and quarter into the drop folder, all or some of them."""

    def dropped(la_code, quarter, *names, into=""):
        (source,) = (two_authorities / "drop").glob(f"{la_code}*/{quarter}")
        target = root.drop / source.parent.name / quarter / into
        for path in sorted(source.rglob("*")):
            if path.is_file() and (not names or path.name in names):
                place = target / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)
        return target

    return dropped


@pytest.fixture
def sweep(root):
    """Take in what lies there; return (return, quarter) to state of what was judged."""

    def swept():
        taken = sweep_once(root, wait=False, progress=lambda _: None).taken
        return {(found.return_name, found.quarter): str(found.state) for found in taken}

    return swept


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """A root left alone from drop to edition, and the folders that were dropped into it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    folders = invented(folder, Size("2", 40))
    return calm(folder / "calm", folders), folders
