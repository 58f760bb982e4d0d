"""Small samples, written once for all tests of this folder."""

import pytest

from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Return two authorities, four quarters over a change of year, 60 referrals a year."""
    out = tmp_path_factory.mktemp("samples")
    write_samples(
        out,
        authorities=chosen_authorities("2"),
        first=Quarter.parse("2021-22Q4"),
        last=Quarter.parse("2022-23Q3"),
        children=60,
        seed=7,
        faults="none",
        jobs=1,
    )
    return out
